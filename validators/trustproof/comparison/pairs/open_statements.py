"""
Statements of which a condition cannot be read before deployment, as far as they decide whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.proving.sides import Side

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


def without_same_denies(first: Side, others: Side) -> tuple[Side, Side] | None:
    """
    Two sides without the Denies that both write alike; None where there are none.

    What one side then allows, and the other does not, is no less than with them.
    """
    limits = [() if one.permissions_boundary is None else (one.permissions_boundary,) for one in (first, others)]
    both = _denies(first.policies) & _denies(others.policies)
    of_both_limits = _denies(limits[0]) & _denies(limits[1])
    if not both and not of_both_limits:
        return None
    sides = [
        Side(
            tuple(_without(policy, both) for policy in side.policies),
            None if side.permissions_boundary is None else _without(side.permissions_boundary, of_both_limits),
        )
        for side in (first, others)
    ]
    return sides[0], sides[1]


def _denies(policies: Iterable[Policy]) -> frozenset[Statement]:
    """The Denies of which all is read and that no condition decides about, wherever they stand."""
    return frozenset(
        _placeless(one)
        for policy in policies
        for one in policy.statements
        if one.effect == DENY and not one.unreadable and not one.guards
    )


def _without(policy: Policy, statements: frozenset[Statement]) -> Policy:
    left = tuple(one for one in policy.statements if one.effect != DENY or _placeless(one) not in statements)
    return policy._replace(statements=left)


def _placeless(statement: Statement) -> Statement:
    return statement._replace(path=(), sid=None)


def _in_any_case(statement: Statement) -> Statement:
    """The statement without its conditions, where nothing else of it is not read."""
    if not statement.unreadable or not all(one.startswith(_OF_CONDITIONS) for one in statement.unreadable):
        return statement
    return statement._replace(conditions=(), unreadable=())
