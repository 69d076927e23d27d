"""
Roles without what other inputs may take away of what stops them: a Deny or a boundary that may go is there, and is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trustproof.analysis.holders.holdings import Holding
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW
from trustproof.model.query import is_concrete
from trustproof.properties.question import Subject
from trustproof.properties.shared.regions import may_allow


def may_deny(document: Document) -> bool:
    """Whether a policy denies anything."""
    return any(statement.effect != ALLOW for statement in document.policy.statements)


def allowing(document: Document) -> Document | None:
    """
    What a policy allows, without what it denies; None where it allows no step, or is not known as a whole: then it may
    be read again, with what it denies.
    """
    if document.guards or not is_concrete(document.policy) or not may_allow(document.policy, ASSUME_ROLE):
        return None
    statements = tuple(one for one in document.policy.statements if one.effect == ALLOW)
    return document._replace(policy=document.policy._replace(statements=statements))


def left_open(document: Document) -> bool:
    """Whether a policy may allow a step, and what it allows cannot be told from what it denies."""
    return allowing(document) is None and may_allow(document.policy, ASSUME_ROLE)


def without_removed(
    holding: Holding, policies: Sequence[Subject], controls: Sequence[Document]
) -> tuple[Holding, tuple[Subject, ...], tuple[str, ...], tuple[str, ...]] | None:
    """
    What a role has without what others may take away of what stops it; None where nothing that stops it may go.

    What others may take away and allows something stays: with it more is allowed.

    Args:
        policies: those of the holding, in its order.
        controls: what else denies something to the role.

    Returns:
        The holding, its policies, why something may be gone, and the logical ids of policies of which it is not known
        what they allow then.
    """
    gone = {at: why for at, why in holding.removed.items() if may_deny(policies[at].document)}
    is_bounded = holding.permissions_boundary is not None or bool(holding.unknown_boundary)
    reasons = tuple(dict.fromkeys((*gone.values(), *([holding.removed_boundary] if is_bounded else ()))))
    if not any(reasons):
        return None
    unknown = tuple(policies[at].document.logical_id for at in gone if left_open(policies[at].document))
    if holding.removed_boundary:
        holding = holding._replace(permissions_boundary=None, unknown_boundary="")
    kept = _kept((one.document for one in policies), gone)
    subjects = tuple(
        policies[at]._replace(
            document=document,
            others=(*(other for place, other in kept.items() if place != at), *controls),
            permissions_boundary=holding.permissions_boundary,
        )
        for at, document in kept.items()
    )
    return holding, subjects, tuple(filter(None, reasons)), unknown


def _kept(documents: Iterable[Document], gone: Mapping[int, str]) -> dict[int, Document]:
    """Documents by their places, without what some of them deny."""
    found: dict[int, Document] = {}
    for at, document in enumerate(documents):
        left = allowing(document) if at in gone else document
        if left is not None:
            found[at] = left
    return found
