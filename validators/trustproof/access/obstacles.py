"""
Why a request is not let in: by the policy of what it asks for, and by its caller's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.model.document import Document
from trustproof.model.policy import Policy
from trustproof.model.query import is_concrete
from trustproof.model.request import Request
from trustproof.properties.wording.sentences import deny_name, sentence
from trustproof.proving.excess import Side, denies
from trustproof.spec.decision import EXPLICIT_DENY, Decision, decide


def stopping(policy: Policy, index: int, request: Request) -> Iterator[str]:
    """What stops a request, condition by condition."""
    decision = decide(policy, request)
    mine = decision.explanations[index]
    if not mine.principal:
        yield "Principal does not name the caller"
    if not mine.action:
        yield f"Action does not name {request.action}"
    if not mine.resource:
        yield f"Resource does not name {request.resource}"
    for finding in mine.conditions:
        if not finding.matched:
            yield sentence(finding)
    yield from _denials(decision, "")


def _denials(decision: Decision, whose: str) -> Iterator[str]:
    if decision.outcome == EXPLICIT_DENY:
        for found in decision.deciding:
            said = "; ".join(sentence(finding) for finding in found.conditions)
            yield f"{deny_name(found.statement)}{whose} applies{f': {said}' if said else ''}"


def denied(own: Sequence[Document], request: Request) -> Iterator[str]:
    """What of a caller's own policies denies a request."""
    for document in own:
        if is_concrete(document.policy):
            yield from _denials(decide(document.policy, request), f" of the policies of {document.logical_id}")


def is_denied(own: Sequence[Document], request: Request) -> bool:
    return denies(Side(tuple(one.policy for one in own if is_concrete(one.policy))), request)
