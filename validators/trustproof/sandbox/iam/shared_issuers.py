"""
What IAM asks of a trust policy for an issuer that many customers share: that it looks at the claim with the customer.

In the words that are reported of IAM. Of several values of a condition it is reported to look at the first one only.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.aws.oidc_required_claims import required_keys
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.sandbox.errors import Undecided

_WEB_IDENTITY = "sts:assumerolewithwebidentity"
_OPERATORS = ("stringequals", "stringlike", "stringequalsignorecase")
_PROVIDER = ":oidc-provider/"


def refusals(policy: Policy) -> Iterator[str]:
    """
    What IAM would say of the statements of a trust policy that trust shared issuers.

    Yields:
        each message.

    Raises:
        Undecided: whether the operator of a condition counts is not known.
    """
    for statement in policy.statements:
        if statement.effect != ALLOW or not _gives_tokens(statement):
            continue
        for kind, value in statement.principals or ():
            trusted = str(value)
            host = trusted.partition(_PROVIDER)[2] or trusted
            keys = required_keys(host) if kind == "Federated" else ()
            if keys and not _evaluates(statement, keys):
                yield (
                    f"Trust policy with trusted principal {trusted} must evaluate, using StringEquals, StringLike or"
                    f" StringEqualsIgnoreCase, {' or '.join(keys)} which is not scoped to all."
                )


def check_decided(text: str) -> None:
    """
    See that it is known whether IAM takes a trust policy; what is none, IAM refuses itself.

    Raises:
        Undecided: it is not.
    """
    try:
        policy = parse_policy(text, kind=TRUST)
    except PolicySyntaxError:
        return
    next(refusals(policy), None)


def _gives_tokens(statement: Statement) -> bool:
    actions = [str(action).lower() for action in statement.actions or ("*",)]
    return any(one == _WEB_IDENTITY or "*" in one or "?" in one for one in actions)


def _evaluates(statement: Statement, keys: tuple[str, ...]) -> bool:
    """Whether a statement looks at one of the keys, and does not take everything."""
    unclear = ""
    for condition in statement.conditions:
        if condition.key.lower() not in {key.lower() for key in keys}:
            continue
        operator = condition.operator.lower()
        first = str(condition.operands[0]) if condition.operands else ""
        if not first.strip("*?"):
            continue
        if operator in _OPERATORS:
            return True
        if operator.removesuffix("ifexists").rpartition(":")[2] in _OPERATORS:
            unclear = condition.operator
    if unclear:
        raise Undecided(f"whether IAM takes {unclear} of {' or '.join(keys)} for this issuer is not known here")
    return False
