"""
Words for guests of identity pools of Cognito: those who have not signed in.
"""

from __future__ import annotations

from collections.abc import Collection

from trustproof.model.document import CLOSED_TO_GUESTS, GUESTS, IDENTITY_POOLS, SIGNED_IN
from trustproof.model.policy import Path, Statement
from trustproof.properties.edits import as_written, demand
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.results.result import ERROR, HARDENING, NOTE, WARNING, Remedy


def guests_finding(subject: Subject, refutation: Refutation, host: str, path: Path, why: tuple[str, ...]) -> Finding:
    """
    Word that guests get in.

    Args:
        host: of the provider.
        path: of what tells who has signed in, or does not.
    """
    role, key = subject.document.logical_id, f"{host}:amr"
    given = {one.logical_id for one in subject.document.sources if one.service == IDENTITY_POOLS} & {SIGNED_IN, GUESTS}
    is_closed = GUESTS not in given and _is_of_closed_pools(subject, refutation.statement, f"{host}:aud")
    if is_closed:
        why = (*why, "the pool takes no guests as it is (AllowUnauthenticatedIdentities is false)")
    elif GUESTS in given:
        why = (*why, "the template gives guests of an identity pool this role")
    return Finding(
        f"guests, who have not signed in, may get credentials of {role}{' once its pool takes any' * is_closed}",
        "does not ask for an authenticated identity",
        path,
        why,
        _for_guests(subject, refutation.statement, key, given),
        severity=NOTE if is_closed else WARNING if GUESTS in given else ERROR,
        reach=HARDENING if is_closed else None,
    )


def _is_of_closed_pools(subject: Subject, statement: Statement, key: str) -> bool:
    """Whether a statement lets in tokens only of pools of the template that take no guests."""
    closed = {one.arn for one in subject.document.sources if one.logical_id == CLOSED_TO_GUESTS}
    for condition in as_written(subject, statement).conditions:
        if condition.operator == "StringEquals" and condition.key.lower() == key.lower():
            return bool(condition.operands) and all(operand in closed for operand in condition.operands)
    return False


def _for_guests(subject: Subject, statement: Statement, key: str, given: Collection[str]) -> Remedy:
    """
    What says whether guests are meant: as a diff where the template says it, and nobody else is given the role.

    Args:
        key: the claim that says how somebody has signed in.
        given: whom the identity pools of the template give the role to.
    """
    if len(given) == 1:
        (kind,) = given
        text = "say that guests are meant" if kind == GUESTS else "admit only identities that have signed in"
        return Remedy(text, demand(subject, statement, ("ForAnyValue:StringLike", key, (kind,))))
    if given:
        return Remedy(f"give guests a role of their own, which asks for {key} {GUESTS}, and ask here for {SIGNED_IN}")
    return Remedy(
        f"admit only identities that have signed in, with ForAnyValue:StringLike {key} {SIGNED_IN}; "
        f"the role that a pool gives its guests asks for {GUESTS}, and says so that they are meant"
    )
