"""
What is written in a statement, piece by piece: each principal, action, resource and value that lets somebody in.

A statement that lets in more than before may do so by one value or by many, of which a single request shows one. A
piece is what somebody could have written by itself: one of each list, and each exception that is gone from a list of
what a statement is not about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from trustproof.model.operators import FOR_ALL_VALUES, parse_operator
from trustproof.model.policy import ALLOW, Condition, Policy, Statement
from trustproof.model.request import Request
from trustproof.proving.units import Unit
from trustproof.spec.decision import decide

_T = TypeVar("_T")

#: So many pieces of a statement are asked about that have something written in them of which nothing is shown, and so
#: many of what is written is shown in other combinations.
_ASKED, _COMBINATIONS = 96, 24
#: So many are told apart at all, to ask first about those with values that no request has shown.
_MAX_PIECES = 2_048
#: A negated operator to the one that its operands meet.
_OPPOSITE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}


class Piece(NamedTuple):
    """
    A part of an Allow statement, and of what stops it on the other side.
    """

    allow: Statement
    #: Of a Deny of the other side, as an Allow; None where the other side does not let it in at all.
    stop: Statement | None
    #: Of which question about the statement it is.
    source: int

    @property
    def values(self) -> frozenset[object]:
        """What is written in it: who, what, on what, and under which values of conditions."""
        found: set[object] = set()
        for place, statement in enumerate((self.allow, self.stop)):
            if statement is not None:
                found |= {(place, "principal", one) for one in statement.principals or statement.not_principals or ()}
                found |= {(place, "action", one) for one in statement.actions or statement.not_actions or ()}
                found |= {(place, "resource", one) for one in statement.resources or statement.not_resources or ()}
                found |= {(place, one.operator, one.key, one.operands) for one in statement.conditions}
        return frozenset(found)

    def admits(self, request: Request, versions: tuple[str | None, str | None]) -> bool:
        """
        Whether a request is one that the piece is about, by the evaluator.

        Args:
            versions: of the policies that both parts are of.

        Raises:
            ValueError: something in it is known only when it is deployed.
        """
        there = [(one, version) for one, version in zip(self[:2], versions, strict=True) if one is not None]
        return all(decide(Policy((one._replace(effect=ALLOW),), version), request).allowed for one, version in there)


def pieces(
    source: int,
    allows: Iterable[Unit],
    stops: Iterable[Unit] | None,
    exempt: Sequence[Unit],
    exempt_stops: Sequence[Unit],
) -> Iterator[Piece]:
    """
    The pieces of a statement.

    Args:
        source: which question it is.
        allows: units of the statement.
        stops: those of what stops it on the other side; None where the other side does not let it in.
        exempt: Allow units of the other side: what these are not about, and the statement is.
        exempt_stops: Deny units of its own side, likewise.
    """
    stopping = None if stops is None else [one for unit in stops for one in _apart(unit.statement, exempt_stops)]
    for unit in allows:
        for allow in _apart(unit.statement, exempt):
            if stopping is None:
                yield Piece(allow, None, source)
            else:
                yield from (Piece(allow, stop, source) for stop in stopping)


def _apart(statement: Statement, others: Sequence[Unit]) -> Iterator[Statement]:
    """A statement at each exception that others have and it does not, then the whole."""
    for other in (one.statement for one in others):
        for who in _gone(statement.not_principals, other.not_principals):
            yield statement._replace(not_principals=None, principals=(who,))
        for action in _gone(statement.not_actions, other.not_actions):
            yield statement._replace(not_actions=None, actions=(action,))
        for resource in _gone(statement.not_resources, other.not_resources):
            yield statement._replace(not_resources=None, resources=(resource,))
        for condition in statement.conditions:
            for only in _at_exceptions(condition, other.conditions):
                yield statement._replace(
                    conditions=tuple(only if one is condition else one for one in statement.conditions)
                )
    for condition in statement.conditions:
        for one_operand in _at_each_operand(condition):
            yield statement._replace(
                conditions=tuple(one_operand if one is condition else one for one in statement.conditions)
            )
    yield from _by_value(statement)
    yield statement


def _at_each_operand(condition: Condition) -> Iterator[Condition]:
    """A condition on all values of a key, which no single operand stands for, with each operand alone."""
    operator = parse_operator(condition.operator)
    if operator is not None and operator.quantifier == FOR_ALL_VALUES and not operator.negated:
        yield from (condition._replace(operands=(one,)) for one in condition.operands if len(condition.operands) > 1)


def _by_value(statement: Statement) -> Iterator[Statement]:
    """A statement that is too large to be taken apart, at each value of its lists."""
    named, actions, resources = statement.principals or (), statement.actions or (), statement.resources or ()
    yield from (statement._replace(principals=(one,)) for one in named if len(named) > 1)
    yield from (statement._replace(actions=(one,)) for one in actions if len(actions) > 1)
    yield from (statement._replace(resources=(one,)) for one in resources if len(resources) > 1)


def _at_exceptions(condition: Condition, others: Iterable[Condition]) -> Iterator[Condition]:
    """A negated condition at what others of its kind except and it does not."""
    operator = parse_operator(condition.operator)
    positive = None if operator is None else _OPPOSITE.get(operator.base)
    for other in others:
        if positive is not None and (other.operator, other.key) == (condition.operator, condition.key):
            for operand in _gone(condition.operands, other.operands):
                yield condition._replace(operator=positive, operands=(operand,))


def _gone(here: tuple[_T, ...] | None, there: tuple[_T, ...] | None) -> list[_T]:
    return [] if here is None or there is None else [one for one in there if one not in here]


class Agenda:
    """
    Pieces in the order in which they are asked about: first those that have something written in them of which nothing
    is shown, so that everything is looked at, and then the other combinations.
    """

    def __init__(self, found: Iterable[Piece]) -> None:
        there = list(islice(dict.fromkeys(found), _MAX_PIECES))
        self._left = {piece: piece.values for piece in there}
        self._shown: set[object] = set()
        self._asked = 0
        #: How often pieces with a value were asked about, and how often a request was found.
        self._tried: Counter[object] = Counter()
        self._found: Counter[object] = Counter()

    def __len__(self) -> int:
        return len(self._left)

    @property
    def goes_on(self) -> bool:
        """Whether there is one that is asked about."""
        if self._asked < _COMBINATIONS:
            return bool(self._left)
        return self._asked < _ASKED and any(values - self._shown for values in self._left.values())

    def show(self, piece: Piece) -> None:
        """Say that a request shows what a piece gives."""
        self._shown |= piece.values
        self._found.update(piece.values)
        self._left.pop(piece, None)

    def next(self) -> Piece:
        """The one to ask about; it is not asked about again."""
        piece = max(self._left, key=self._promise)
        self._tried.update(self._left.pop(piece))
        self._asked += 1
        return piece

    def _promise(self, piece: Piece) -> float:
        """How much a piece may show that is not shown, less where a value of it has shown nothing so far."""
        values = self._left[piece]
        return len(values - self._shown) * min((self._found[one] + 1) / (self._tried[one] + 1) for one in values)

    def first_where(self, is_so: Callable[[Piece], bool]) -> Piece | None:
        """The first of those that are left of which something is so."""
        return next((one for one in self._left if is_so(one)), None)
