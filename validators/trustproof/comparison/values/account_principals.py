"""
An account that a parameter names as a principal: its id and the ARN of its root user are one principal.

Where one side makes an ARN of a parameter, nothing but the id of an account can be given for it, and both sides are
deployed with the same value.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.model.policy import Policy, Principal, Statement
from trustproof.model.text import Symbol, Symbolic, Text


def accounts_by_arn(policies: Iterable[Policy]) -> dict[str, Symbolic]:
    """What stands for accounts of which a policy makes the ARN of the root user, to that ARN."""
    found: dict[str, Symbolic] = {}
    for policy in policies:
        for statement in policy.statements:
            for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
                account = _account_in(entry.value)
                if account is not None and isinstance(entry.value, Symbolic):
                    found.setdefault(account.name, entry.value)
    return found


def with_arns(policy: Policy, accounts: Mapping[str, Symbolic]) -> Policy:
    """A policy that names each of these accounts by that ARN."""
    if not accounts:
        return policy
    return policy._replace(statements=tuple(_with_arns(one, accounts) for one in policy.statements))


def _with_arns(statement: Statement, accounts: Mapping[str, Symbolic]) -> Statement:
    named, others = (
        None if entries is None else tuple(_by_arn(one, accounts) for one in entries)
        for entries in (statement.principals, statement.not_principals)
    )
    if (named, others) == (statement.principals, statement.not_principals):
        return statement
    return statement._replace(principals=named, not_principals=others)


def _by_arn(entry: Principal, accounts: Mapping[str, Symbolic]) -> Principal:
    value = entry.value
    if entry.kind != "AWS" or not isinstance(value, Symbolic):
        return entry
    account = _account_in(value) or (value.symbols[0] if len(value.parts) == 1 else None)
    if account is None or account.name not in accounts:
        return entry
    # What may be given for it is what its own side says.
    arn = accounts[account.name].parts
    parts = (account if isinstance(one, Symbol) and one.name == account.name else one for one in arn)
    return entry._replace(value=Symbolic(tuple(parts)))


def _account_in(value: Text) -> Symbol | None:
    """What stands for the account in the ARN of its root user; None where it is not that."""
    if not isinstance(value, Symbolic) or value.parts[-1] != ":root" or not isinstance(value.parts[-2], Symbol):
        return None
    start = "".join(one if isinstance(one, str) else "-" for one in value.parts[:-2])
    is_arn = start.startswith("arn:") and start.endswith(":iam::") and start.count(":") == 4
    return value.parts[-2] if is_arn and not value.parts[-2].is_list else None
