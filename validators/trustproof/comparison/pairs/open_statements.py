"""
Statements of which a condition cannot be read before deployment, as far as they decide whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.open_keys import without_left_over
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.proving.sides import Side

#: How reasons begin that are about a condition alone: the other elements are read.
_OF_CONDITIONS = "Condition: "
#: How reasons begin that are about all of a statement, or of several.
_WHOLE = "the statement is the value of "


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


class SameUnread(NamedTuple):
    """
    Two sides without the statements that are one unknown value on both.

    Where both deny the same besides, what one side gives and the other does not is the same without them, whatever that
    value is, but for what it allows or denies itself.
    """

    first: Side
    others: Side
    #: What they are, in words, and with which effect they may be.
    left_out: frozenset[tuple[str, str]]

    @property
    def note(self) -> str:
        """What is left open of a request that only one of the sides allows."""
        names = sorted({without_left_over(what.removeprefix(_WHOLE)) for what, _ in self.left_out})
        return f"unless {' or '.join(names)}, which both sides have and which is not known, allows or denies it"

    def without(self, side: Side) -> Side:
        """Policies without these statements."""
        return side._replace(policies=tuple(_read(policy, self.left_out) for policy in side.policies))


def without_same_unread(first: Side, others: Side) -> SameUnread | None:
    """
    Two sides without the statements of which nothing is read and that both have; None where there are none, or one side
    denies or limits what the other does not.
    """
    mine, theirs = (
        {_placeless(one) for policy in side.policies for one in policy.statements if _is_unread(one)}
        for side in (first, others)
    )
    if not mine or mine != theirs or first.permissions_boundary != others.permissions_boundary:
        return None
    left_out = frozenset((one.unreadable[0], one.effect) for one in mine)
    sides = [
        side._replace(policies=tuple(_read(policy, left_out) for policy in side.policies)) for side in (first, others)
    ]
    denials = [
        {_placeless(one) for policy in side.policies for one in policy.statements if one.effect == DENY}
        for side in sides
    ]
    return SameUnread(sides[0], sides[1], left_out) if denials[0] == denials[1] else None


def _read(policy: Policy, left_out: frozenset[tuple[str, str]]) -> Policy:
    return policy._replace(
        statements=tuple(
            one for one in policy.statements if not (_is_unread(one) and (one.unreadable[0], one.effect) in left_out)
        )
    )


def _is_unread(statement: Statement) -> bool:
    """Whether nothing of a statement is read, since all of it is one unknown value."""
    said = (statement.principals, statement.not_principals, statement.actions, statement.not_actions)
    about = (statement.resources, statement.not_resources)
    is_whole = bool(statement.unreadable) and statement.unreadable[0].startswith(_WHOLE)
    return is_whole and not statement.conditions and all(one is None for one in (*said, *about))


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
