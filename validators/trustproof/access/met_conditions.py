"""
What policies of a caller say of a call that is made as they ask: from where, when, with MFA, with which tags.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustproof.access.grants import Grant, grant
from trustproof.model.policy import ALLOW, Condition, Policy
from trustproof.model.request import Request
from trustproof.proving.sides import Side
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import decide

#: Keys of which whoever calls has a say; not who that is, nor what is called. What a service forwards is not among
#: them: nobody assumes a role that way (assumed).
_OF_THE_CALL = frozenset(
    "aws:currenttime aws:epochtime aws:multifactorauthage aws:multifactorauthpresent aws:referer aws:requestedregion"
    " aws:securetransport aws:sourceip aws:sourcevpc aws:sourcevpce aws:tagkeys aws:tokenissuetime aws:useragent"
    " aws:vpcsourceip sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys".split()
)
_REQUEST_TAG = "aws:requesttag/"


def grant_where_met(side: Side, request: Request) -> Grant:
    """
    Whether policies allow a call where it is made as they ask; what they ask for besides is what has to be so.

    Raises:
        ValueError: something in them is known only when it is deployed.
    """
    given = grant(side, request)
    if given.is_given or given.missing:
        return given
    policies = tuple(_met(policy, request) for policy in side.policies)
    limit = None if side.permissions_boundary is None else _met(side.permissions_boundary, request)
    found = grant(side._replace(policies=policies, permissions_boundary=limit), request)
    if not found.is_given:
        return given
    asked = [*_asked_for(side.policies, policies, request)]
    if side.permissions_boundary is not None and limit is not None:
        asked += _asked_for((side.permissions_boundary,), (limit,), request)
    return found._replace(provided=tuple(dict.fromkeys((*found.provided, *asked))))


def _met(policy: Policy, request: Request) -> Policy:
    """A policy whose Allow statements ask for nothing that a call has not, and whose Deny ones look at none."""
    return policy._replace(
        statements=tuple(
            one._replace(conditions=tuple(c for c in one.conditions if not _is_unmet(c, policy, request)))
            for one in policy.statements
            if one.effect == ALLOW or not any(map(_is_of_the_call, one.conditions))
        )
    )


def _asked_for(written: Sequence[Policy], met: Sequence[Policy], request: Request) -> Iterator[str]:
    """What a call has to be, by policies of which one has to allow it and none to deny it: any Allow is enough."""
    allowed: dict[str, None] = {}
    for policy, other in zip(written, met, strict=True):
        allowing = {one.statement.path for one in decide(other, request).deciding}
        denying = {one.statement.path for one in decide(policy, request).deciding if one.statement.effect != ALLOW}
        for statement in policy.statements:
            if statement.effect == ALLOW and statement.path in allowing:
                allowed[_shown(one for one in statement.conditions if _is_unmet(one, policy, request))] = None
            elif statement.effect != ALLOW and statement.path in denying:
                yield f"not {_shown(statement.conditions)}"
    if allowed and "" not in allowed:
        yield " or ".join(allowed)


def _is_of_the_call(condition: Condition) -> bool:
    key = condition.key.lower()
    return key in _OF_THE_CALL or key.startswith(_REQUEST_TAG)


def _is_unmet(condition: Condition, policy: Policy, request: Request) -> bool:
    return (
        _is_of_the_call(condition) and not evaluate(condition, request.context, variables=policy.has_variables).matched
    )


def _shown(conditions: Iterable[Condition]) -> str:
    return " and ".join(f"{one.operator} {one.key} {' or '.join(map(str, one.operands))}" for one in conditions)
