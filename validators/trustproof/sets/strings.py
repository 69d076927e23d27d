"""
Sets of strings: patterns required and patterns forbidden, decided by the search for a member.

A complement is never built: negation moves patterns from one side to the other. A union never arises, because every
condition of a policy is one literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from trustproof.sets.clauses import (
    beginning_of,
    clause_width,
    has_match,
    in_order,
    only_shortest,
    pattern_order,
    pattern_width,
    texts_matched_by,
    texts_of,
)
from trustproof.sets.patterns import EVERYTHING, Pattern, after, may_begin, plainly_within
from trustproof.sets.remembered_searches import RememberedSearches
from trustproof.sets.search import BudgetReached, CostsMore, member

_T = TypeVar("_T")

#: How many patterns the searches that are remembered may have together. A run over many templates asks the same
#: questions again and again.
_MAX_PATTERNS = 1_000_000
#: How many patterns those may have whose common beginning is set aside: these are made for each.
_MAX_SEARCHED = 500_000

#: From how many names on it pays to remember which ones match.
_LONG = 8

#: How many times a pattern is asked whether it matches a text that reads well, before any other text will do; and how
#: many such texts are tried in any case.
_MAX_ASKED, _LEAST_TRIED = 50_000, 8

#: What it costs to see that a pattern is out of the question, in positions.
_GLANCE = 2


#: Looks for a string that matches a pattern of every clause and none of the forbidden patterns, with so many states at
#: most; also tells its work.
Search: TypeAlias = (
    "Callable[[tuple[tuple[Pattern, ...], ...], tuple[Pattern, ...], int | None], tuple[str | None, int]]"
)


#: A member, None without one; how many states were visited, and how many positions of patterns were looked at.
Answer: TypeAlias = "tuple[str | None, int, int]"


class StringSet:
    """
    The strings that match some pattern of every clause, and no forbidden pattern.

    Build one with `full()`, `empty()`, `of()` or `outside()`; combine with ``&``; test membership with ``in``.

    >>> from trustproof.sets.patterns import exact, like
    >>> people = StringSet.of([like("user/*")]) & StringSet.outside([exact("user/")])
    >>> "user/bo" in people, "user/" in people
    (True, False)
    >>> (people & StringSet.outside([like("user/*")])).sample() is None
    True
    """

    __slots__ = ("_member", "clauses", "forbidden")

    #: Each clause is an alternative of patterns; all clauses must be met. A clause without patterns is never met.
    clauses: Final[frozenset[frozenset[Pattern]]]
    forbidden: Final[frozenset[Pattern]]

    def __init__(
        self, clauses: frozenset[frozenset[Pattern]], forbidden: frozenset[Pattern], member: str | None = None
    ) -> None:
        self.clauses = clauses
        self.forbidden = forbidden
        #: What a search would find, where that is known of a wider set; it makes no difference to what the set is.
        self._member = member

    @classmethod
    def full(cls) -> StringSet:
        """Every string."""
        return _FULL

    @classmethod
    def empty(cls) -> StringSet:
        """No string."""
        return _EMPTY

    @classmethod
    def of(cls, patterns: Iterable[Pattern]) -> StringSet:
        """The strings that match one of the patterns."""
        found = frozenset(patterns)
        return _FULL if EVERYTHING in found else cls(frozenset((found,)), frozenset())

    @classmethod
    def outside(cls, patterns: Iterable[Pattern]) -> StringSet:
        """The strings that match none of the patterns."""
        found = frozenset(patterns)
        if not found:
            return _FULL
        return _EMPTY if EVERYTHING in found else cls(frozenset(), found)

    def __and__(self, other: StringSet) -> StringSet:
        if self is _FULL or self is other:
            return other
        if other is _FULL:
            return self
        return StringSet(_together(self.clauses, other.clauses), _together(self.forbidden, other.forbidden))

    def with_member(self) -> StringSet:
        """
        The same strings, with what a search for one of them finds.

        Raises:
            BudgetReached: as `sample` does.
        """
        return self if self._member is not None else StringSet(self.clauses, self.forbidden, self._recall()[0])

    def with_member_of(self, wider: StringSet) -> StringSet | None:
        """
        The same strings, with what was found of a set that has all of them; None where that is not one of them.

        A search finds the first of the shortest, which is the first of fewer as well; of some names that are listed it
        takes another one. Letters that are taken where all usual ones are spoken of depend on what is.
        """
        found = wider._member
        if found is None or not found.isascii() or found not in self or self._named() is not None:
            return None
        return StringSet(self.clauses, self.forbidden, found)

    @property
    def beginning(self) -> str:
        """What every member begins with, as far as a quick look says it."""
        return max(map(beginning_of, self.clauses), key=lambda part: (len(part), part), default="")

    def begins_otherwise(self, other: StringSet) -> bool:
        """Whether the strings of one surely begin in another way than those of the other: a quick look."""
        mine, others = list(map(beginning_of, self.clauses)), list(map(beginning_of, other.clauses))
        return any(not one.startswith(two) and not two.startswith(one) for one in mine for two in others)

    def __contains__(self, text: str) -> bool:
        return all(has_match(clause, text) for clause in self.clauses) and not self._is_forbidden(text)

    def _is_forbidden(self, text: str) -> bool:
        return has_match(self.forbidden, text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StringSet) and self.clauses == other.clauses and self.forbidden == other.forbidden

    def __hash__(self) -> int:
        return hash((self.clauses, self.forbidden))

    def sample(self, preferred: Iterable[str] = ()) -> str | None:
        """
        A member; None iff there is none.

        Args:
            preferred: tried first, in order; of many patterns only some.

        Raises:
            BudgetReached: when the search has visited `MAX_STATES` states, or done `MAX_WORK`.
        """
        for text in islice(preferred, max(_LEAST_TRIED, _MAX_ASKED // max(1, self.width))):
            if text in self:
                return text
        return self._recall()[0] if self._member is None else self._member

    @property
    def glance(self) -> int:
        """What a first look at all forbidden patterns costs, in positions."""
        return _GLANCE * len(self.forbidden)

    @property
    def width(self) -> int:
        """How many patterns it is made of."""
        return len(self.forbidden) + sum(map(len, self.clauses))

    @property
    def cost(self) -> tuple[int, int]:
        """
        What the answer costs where it is not remembered: how many states the search for a member visits, and what a
        first look costs; with a search besides how many positions the patterns have that are not out of the question.

        Raises:
            BudgetReached: as `sample` does.
        """
        return self._recall()[1:]

    def cost_within(self, units: int, state: int) -> tuple[int, int]:
        """
        The same where it is no more than so many units, of which a position is one.

        Args:
            state: the units of a state.

        Raises:
            BudgetReached: as `sample` does, where coming to that end costs no more either.
            CostsMore: it costs more, whether or not the answer is remembered.
        """
        return self._recall((units, state))[1:]

    @property
    def positions(self) -> int:
        """What a first look costs, and how many positions the patterns have that are not out of the question."""
        return sum(map(pattern_width, self._in_question())) + sum(map(clause_width, self.clauses)) + self.glance

    def _in_question(self) -> list[Pattern]:
        """Where all members begin in the same way, most patterns say something else there."""
        start = self.beginning
        return [pattern for pattern in self.forbidden if may_begin(pattern, start)]

    def _recall(self, within: tuple[int, int] | None = None) -> Answer:
        key = (self.clauses, self.forbidden)
        found = _remembered.get(key)
        if found is None:
            try:
                found = self._look(_remembering, within)
            except BudgetReached as reached:
                found = reached
            # What ended at what was left for it is no answer, and is not remembered.
            _remembered.put(key, found, self.width)
        if within is not None:
            units, state = within
            states, width = (found.visited, self.positions) if isinstance(found, BudgetReached) else found[1:]
            if state * states + width > units:
                raise CostsMore
        if isinstance(found, BudgetReached):
            raise BudgetReached(found.name, found.limit, found.visited)
        return found

    def search(self) -> str | None:
        """
        A member, looked for anew; None iff there is none.

        Raises:
            BudgetReached: as `sample` does.
        """
        return self._look(member)[0]

    def _look(self, search: Search, within: tuple[int, int] | None = None) -> Answer:
        start = self.beginning
        forbidden = self._in_question()
        # All of them count, whichever says first that there is no member: the order of clauses is that of no two runs.
        clauses = sum(map(clause_width, self.clauses))
        glance = clauses + self.glance
        if within is not None and glance > within[0]:
            raise CostsMore
        if self._is_plainly_empty(forbidden):
            return None, 0, glance
        named = self._named()
        if named is not None:
            return self._first_of(named), 0, glance
        for text in map(only_shortest, self.clauses):
            # No member is shorter, and no other one is as short: mostly it is one, and no automaton has to be made.
            if text is not None and text in self:
                return text, 1, glance
        width = sum(map(pattern_width, forbidden)) + glance
        most = None
        if within is not None:
            units, state = within
            if width > units:
                # Patterns that are too many already are not put in order.
                raise CostsMore
            most = (units - width) // state
        forbidden.sort(key=pattern_order)
        require = in_order(self.clauses)
        if start:
            require = [[p for pattern in clause for p in after(pattern, start)] for clause in require]
            forbidden = [p for pattern in forbidden for p in after(pattern, start)]
        found, states = search(tuple(map(tuple, require)), tuple(forbidden), most)
        return None if found is None else start + found, states, width

    def _is_plainly_empty(self, forbidden: Sequence[Pattern]) -> bool:
        """Whether each pattern of a clause is one of those that are forbidden, or written like one that is wider."""
        alike: dict[tuple[str, ...], list[Pattern]] = {}
        for clause in self.clauses:
            if len(clause) > _LONG and not alike:
                # Hundreds are not compared with hundreds, one by one.
                for pattern in forbidden:
                    alike.setdefault(_written(pattern), []).append(pattern)
            for pattern in clause:
                wider = alike.get(_written(pattern), []) if alike else forbidden
                if pattern not in self.forbidden and not any(plainly_within(pattern, one) for one in wider):
                    break
            else:
                return True
        return False

    def _named(self) -> frozenset[Pattern] | None:
        """The clause that names finitely many strings, the shortest; the usual case, and it needs no automaton."""
        found = [clause for clause in self.clauses if texts_of(clause) is not None]
        return min(found, key=len, default=None)

    def _first_of(self, named: frozenset[Pattern]) -> str | None:
        """The first member of those that a clause names."""
        texts = texts_of(named) or ()
        if len(texts) < _LONG:
            return next((text for text in texts if text in self), None)
        left = set(texts)
        for clause in self.clauses:
            left &= texts_matched_by(named, clause)
        return next((text for text in sorted(left) if not self._is_forbidden(text)), None)


def _written(pattern: Pattern) -> tuple[str, ...]:
    """The text in a pattern, and where its wild parts are; it is within none that is written otherwise."""
    return tuple(part if isinstance(part, str) else "" for part in pattern)


def _together(some: frozenset[_T], others: frozenset[_T]) -> frozenset[_T]:
    """The union; where one of them is empty, the other itself, which is large at times and knows its hash."""
    if not others or some is others:
        return some
    return some | others if some else others


_FULL = StringSet(frozenset(), frozenset())
_EMPTY = StringSet(frozenset((frozenset(),)), frozenset())


_remembered: RememberedSearches[tuple[frozenset[frozenset[Pattern]], frozenset[Pattern]], Answer | BudgetReached] = (
    RememberedSearches(_MAX_PATTERNS)
)
#: Searches too: once a common beginning is set aside, what is asked of one account is asked of all.
_searched: RememberedSearches[tuple[tuple[tuple[Pattern, ...], ...], tuple[Pattern, ...]], tuple[str | None, int]] = (
    RememberedSearches(_MAX_SEARCHED)
)


def _remembering(
    require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...], most: int | None
) -> tuple[str | None, int]:
    found = _searched.get((require, forbid))
    if found is None:
        found = member(require, forbid, most)
        _searched.put((require, forbid), found, len(forbid) + sum(map(len, require)))
    return found
