"""
What keeps a request out on the other side, where that lets it in otherwise: a Deny, or the limit of a user or role.

Where one of these is gone, the statement that lets in is what it was, and whoever reads a change looks for it in vain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.pairs.control_policies import stopping
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.document import Document
from trustproof.model.policy import DENY, Path, Policy, Statement
from trustproof.model.query import is_concrete
from trustproof.results.difference import DENIED, LIMITED, StopKind
from trustproof.spec.decision import EXPLICIT_DENY, decide


class Place(NamedTuple):
    """
    Where something of the other side stands that keeps a request out.
    """

    kind: StopKind
    subject: Subject
    path: Path
    #: The control policy that it is in; None for what the subject has itself.
    control: Document | None = None


def stops(given: StatementGain) -> Iterator[Place]:
    """What keeps the request of a change out on the other side; nothing where that would not let it in anyway."""
    other = given.other
    if other is None or not _is_let_in_otherwise(given):
        return
    limit = other.permissions_boundary
    controls = tuple(stopping(other, given.request)) if other.is_controlled else ()
    yield from (Place(DENIED, other, (), one) for one in controls)
    of_controls = {statement for one in controls for statement in one.policy.statements}
    for document, policy in zip(other.all_documents, given.others or given.denied, strict=False):
        denying = [*_denying(given, policy)]
        for statement in denying:
            if statement not in of_controls:
                yield Place(DENIED, other, statement.path or document.path)
        if document is limit and not denying and _is_outside(given, policy, is_whole=bool(given.others)):
            yield Place(LIMITED, other, _path_of(document))


def _is_let_in_otherwise(given: StatementGain) -> bool:
    """Whether an Allow of the other side is about the request; of what it denies elsewhere, the change says so."""
    if not given.others:
        return bool(given.denied)
    limited = given.other is not None and given.other.permissions_boundary is not None
    allowing = given.others[:-1] if limited else given.others
    return any(
        decide(allow, given.request).allowed
        for policy in allowing
        if is_concrete(
            allow := policy._replace(statements=tuple(one for one in policy.statements if one.effect != DENY))
        )
    )


def _denying(given: StatementGain, policy: Policy) -> Iterator[Statement]:
    for statement in policy.statements:
        alone = policy._replace(statements=(statement,))
        if statement.effect != DENY or not is_concrete(alone):
            continue
        if decide(alone, given.request).outcome == EXPLICIT_DENY:
            yield statement


def _is_outside(given: StatementGain, limit: Policy, *, is_whole: bool) -> bool:
    """Whether a limit does not allow it: of what it denies alone, that says nothing."""
    is_whole = is_whole or any(one.effect != DENY for one in limit.statements)
    return is_whole and is_concrete(limit) and not decide(limit, given.request).allowed


def _path_of(document: Document) -> Path:
    first = next((one.path for one in document.policy.statements if one.path), ())
    return first if document.is_foreign and first else document.path
