"""
Which account is most likely the template's own, by what a resource policy says of itself: a hint, and never a proof.

What a policy says may be wrong, and the deployment of such a template fails: so nothing is decided by it.
"""

from __future__ import annotations

from trustproof.aws.resource_policies import OWN_ARNS
from trustproof.model.arn import Arn, is_account
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.sets.patterns import like, matches

_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
#: Nobody calls it across accounts, and KMS refuses a key whose policy its creator may not change:
#: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
_CHANGING = "kms:putkeypolicy"


def likely_own_account(subject: Subject) -> tuple[str, str]:
    """An account, and the reason to say; empty texts where the policy points to none."""
    type_ = subject.document.resource_type
    if type_ in _KEYS:
        account = _of_key(subject.policy)
        reason = "nobody else may change the policy of the key, and nobody can from outside the account of the key"
    else:
        account = _of_resource(subject.policy, OWN_ARNS[type_][0]) if type_ in OWN_ARNS else ""
        reason = "that is the account of what the policy stands on, by its Resource"
    if not account or subject.account_known:
        return "", ""
    return account, f"{reason}: most likely {account} is the account of the template, which --account {account} says"


def _of_key(policy: Policy) -> str:
    """The account that alone may change a key policy; empty where there is none, or several."""
    accounts: set[str] = set()
    for statement in policy.statements:
        actions = statement.actions
        if statement.effect != ALLOW:
            continue
        if actions is None or statement.principals is None:
            return ""
        if any(matches(like(str(action).lower()), _CHANGING) for action in actions):
            accounts |= {_account(entry.value) if entry.kind == "AWS" else "" for entry in statement.principals}
    return accounts.pop() if len(accounts) == 1 else ""


def _of_resource(policy: Policy, service: str) -> str:
    """The account in all ARNs of Resource; empty where these name none, or several."""
    accounts: set[str] = set()
    for statement in policy.statements:
        for entry in statement.resources or ():
            found = Arn.parse(entry) if isinstance(entry, str) else None
            if entry != "*":
                accounts.add(found.account if found is not None and found.service == service else "")
    account = accounts.pop() if len(accounts) == 1 else ""
    return account if is_account(account) else ""


def _account(principal: Text) -> str:
    """The account of a principal that is written out."""
    if not isinstance(principal, str):
        return ""
    found = Arn.parse(principal)
    account = principal if found is None else found.account
    return account if is_account(account) else ""
