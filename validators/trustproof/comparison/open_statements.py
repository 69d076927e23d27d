"""
Statements of which a condition cannot be read before deployment, as far as they decide whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.comparison.subjects import Subject
from trustproof.model.policy import ALLOW, DENY, Policy, Statement

#: How reasons begin that are about a condition alone: the other elements are read.
_OF_CONDITIONS = "Condition: "


def decided_anyway(policy: Policy, *, gives: bool) -> Policy:
    """
    A policy that gives no more than the policy itself does, or no less, whatever is in a condition that is not read.

    Args:
        gives: whether it is to give no more; else no less.
    """
    surely, at_most = (DENY, ALLOW) if gives else (ALLOW, DENY)
    statements = tuple(
        _in_any_case(one) if one.effect == surely else one
        for one in policy.statements
        if not (one.unreadable and one.effect == at_most)
    )
    return policy._replace(statements=statements)


def is_open(subjects: Iterable[Subject | None]) -> bool:
    """Whether one of them has a statement of which something is not read."""
    documents = (document for one in subjects if one is not None for document in one.all_documents)
    return any(statement.unreadable for document in documents for statement in document.policy.statements)


def _in_any_case(statement: Statement) -> Statement:
    """The statement without its conditions, where nothing else of it is not read."""
    if not statement.unreadable or not all(one.startswith(_OF_CONDITIONS) for one in statement.unreadable):
        return statement
    return statement._replace(conditions=(), unreadable=())
