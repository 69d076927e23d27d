"""
The search for a string that matches some patterns and no others: automata whose states are sets of positions.

A few thousand states are enough for what people write. What is written to be hard is looked at from several sides:
what must stand at both ends, a string that is put together of what the patterns ask for, and the automaton forwards
and backwards, the likeliest states first. Each side is exact where it answers.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeAlias

from trustproof.sets.patterns import Pattern
from trustproof.sets.product_automaton import FAR, ProductAutomaton
from trustproof.sets.puzzles import put_together, reversed_pattern, simplify, without_tails

#: How many states one way of searching may visit. ``*a`` followed by k ``?`` has 2**(k+1) of them forwards; ordinary
#: policies need a few hundred.
MAX_STATES = 20_000

#: How many states are visited breadth first, before other ways are tried.
PATIENCE = 500

#: How many positions all patterns of one search may have: a character of a literal is one, and so is a wildcard. The
#: longest policy that AWS takes has some twenty thousand characters.
MAX_POSITIONS = 50_000
#: How many those of several searches may have together, which are made of one that is longer.
_MOST_TOGETHER = 20 * MAX_POSITIONS
#: What that is called where it is reached, before anything is searched.
TOO_LONG = "characters of a string search"

#: How many states a search may visit, times the positions: a state is a set of positions, and costs as much as it is
#: wide. It leaves `MAX_STATES` to all patterns that together are shorter than a trust policy may be.
MAX_WORK = 200_000_000
#: How many pairs of characters of patterns are compared at the cost of one state.
_COMPARED = 100
#: So many positions cost what a state does where they are made an automaton of once more.
_MADE = 10


class BudgetReached(Exception):
    """
    A named cap was reached; the question stays undecided.

    Args:
        name: of the cap.
        limit: its value, in steps.
        visited: the work of the string search that reached it, in states.
    """

    def __init__(self, name: str, limit: int, visited: int = 0) -> None:
        super().__init__(name)
        self.name = name
        self.limit = limit
        self.visited = visited


class CostsMore(Exception):
    """
    A search visits more states than are left for it; whoever has more left may ask again.
    """


def member(
    require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...], most: int | None = None
) -> tuple[str | None, int]:
    """
    A string that matches a pattern of every clause of `require` and none of `forbid`, None without one, and how many
    states the search has visited, wide ones counted as several; a shortest one, unless the patterns are hard.

    It knows nothing of policies.

    Args:
        most: how many states it may visit, in whichever way; what answers without ending there is the same as without.

    Raises:
        BudgetReached: when `MAX_STATES` states have been visited, or `MAX_WORK` has been done, in every way.
        CostsMore: when more than `most` have been.
    """
    if _weight(chain(forbid, *require)) > MAX_POSITIONS:
        return _member_of_each(require, forbid, most)
    automaton = ProductAutomaton(require, forbid)
    found, visited, limit = _breadth_first(automaton, most)
    if limit is None:
        return found, visited
    simple, compared = simplify(require, forbid, None if most is None else (_left(most, visited) + 1) * _COMPARED)
    visited += compared // _COMPARED
    _left(most, visited)
    if simple is None:
        return None, visited
    clauses, forbidden = simple
    text = put_together(clauses, forbidden)
    if text is not None:
        return text, visited
    for backwards in (False, True):
        turned = [[reversed_pattern(p) for p in clause] for clause in clauses] if backwards else clauses
        outside = [reversed_pattern(p) for p in forbidden] if backwards else forbidden
        for order in (_in_all, _of_each):
            automaton = ProductAutomaton(*without_tails(turned, outside))
            visited += automaton.positions // _MADE
            found, more, limit = _likeliest_first(automaton, order, None if most is None else _left(most, visited))
            visited += more
            if limit is None:
                return (found[::-1] if found is not None and backwards else found), visited
    raise BudgetReached("states of a string search", limit or MAX_STATES, visited)


def _left(most: int | None, visited: int) -> int:
    """
    How many states are left where so many have been visited.

    Raises:
        CostsMore: none are.
    """
    if most is None:
        return 0
    if visited > most:
        raise CostsMore
    return most - visited


def _limit(automaton: ProductAutomaton, most: int) -> int:
    return min(most, MAX_WORK // max(1, automaton.positions))


#: A search in one way: the word that was found, how many states were visited, and the cap where that was reached.
_Outcome: TypeAlias = "tuple[str | None, int, int | None]"


def _breadth_first(automaton: ProductAutomaton, most: int | None) -> _Outcome:
    """A shortest member."""
    if automaton.start is None:
        return None, 1, None
    limit = _limit(automaton, PATIENCE)
    end = limit if most is None else min(limit, automaton.states_for(most))
    came: dict[int, tuple[int, str] | None] = {automaton.start: None}
    queue = deque([automaton.start])
    while queue:
        state = queue.popleft()
        if automaton.accepts(state):
            return _word(came, state), automaton.cost(len(came)), None
        for following, char in automaton.following(state):
            if following not in came:
                came[following] = (state, char)
                queue.append(following)
        if len(came) > end:
            if end < limit:
                raise CostsMore
            return None, automaton.cost(len(came)), limit
    return None, automaton.cost(len(came)), None


def _in_all(length: int, distances: Sequence[int]) -> tuple[int, int]:
    """By how long a text has to be at least: where the clauses can be met side by side."""
    return length + max(distances, default=0), sum(distances)


def _of_each(length: int, distances: Sequence[int]) -> tuple[int, int]:
    """By what is left of all clauses together: where they have to be met one after the other."""
    return sum(distances), length


def _likeliest_first(
    automaton: ProductAutomaton, order: Callable[[int, Sequence[int]], tuple[int, int]], most: int | None
) -> _Outcome:
    """Any member; of states that are equally likely, the latest first."""
    if automaton.start is None:
        return None, 1, None
    limit = _limit(automaton, MAX_STATES)
    end = limit if most is None else min(limit, automaton.states_for(most))
    came: dict[int, tuple[int, str] | None] = {automaton.start: None}
    waiting: list[tuple[tuple[int, int], int, int, int]] = [((0, 0), 0, 0, automaton.start)]
    while waiting:
        _, _, length, state = heapq.heappop(waiting)
        if automaton.accepts(state):
            return _word(came, state), automaton.cost(len(came)), None
        for following, char in automaton.following(state):
            if following in came:
                continue
            came[following] = (state, char)
            distances = automaton.distances(following)
            if FAR not in distances:
                heapq.heappush(waiting, (order(length + 1, distances), -len(came), length + 1, following))
        if len(came) > end:
            if end < limit:
                raise CostsMore
            return None, automaton.cost(len(came)), limit
    return None, automaton.cost(len(came)), None


def _member_of_each(
    require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...], most: int | None
) -> tuple[str | None, int]:
    """
    The same of patterns that are too many for one search: of the longest clause, one pattern after the other, with
    those alone that may match a text that begins like it.

    Raises:
        BudgetReached: none of those was found with which all together are too many as well.
        CostsMore: as `member` does.
    """
    longest = max(require, key=_weight, default=())
    others = [_ByStart(clause) for clause in require if clause is not longest]
    outside = _ByStart(forbid)
    # All of them are put in order first.
    least = _weight(chain(forbid, *require))
    visited = together = 0
    is_left = not longest
    for pattern in longest:
        start = _start(pattern)
        clauses = (*(clause.that_may_begin(start) for clause in others), (pattern,))
        forbidden = outside.that_may_begin(start)
        weight = _weight(chain(forbidden, *clauses))
        if together + weight > _MOST_TOGETHER:
            is_left = True
            break
        together += weight
        if weight > MAX_POSITIONS:
            # A text that one of the others matches is as good.
            is_left = True
            continue
        left = None if most is None else _left(most, max(least, together) // _COMPARED + visited)
        try:
            found, more = member(clauses, forbidden, left)
        except BudgetReached as reached:
            looked_at = max(least, together) // _COMPARED + visited + reached.visited
            raise BudgetReached(reached.name, reached.limit, looked_at) from None
        visited += more
        if found is not None:
            return found, max(least, together) // _COMPARED + visited
    visited += max(least, together) // _COMPARED
    if is_left:
        raise BudgetReached(TOO_LONG, MAX_POSITIONS, visited)
    return None, visited


def _start(pattern: Pattern) -> str:
    """What each text begins with that a pattern matches."""
    return pattern[0] if pattern and isinstance(pattern[0], str) else ""


class _ByStart:
    """
    Patterns, looked up by what the texts begin with that they match.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self._starts = sorted((_start(pattern), number) for number, pattern in enumerate(patterns))
        self._numbers: dict[str, list[int]] = {}
        for start, number in self._starts:
            self._numbers.setdefault(start, []).append(number)
        self._lengths = sorted(set(map(len, self._numbers)))

    def that_may_begin(self, start: str) -> tuple[Pattern, ...]:
        """Those that may match a text which begins so, in their order."""
        found: list[int] = []
        for length in self._lengths:
            if length >= len(start):
                break
            found += self._numbers.get(start[:length], ())
        at = bisect_left(self._starts, (start, -1))
        while at < len(self._starts) and self._starts[at][0].startswith(start):
            found.append(self._starts[at][1])
            at += 1
        return tuple(self._patterns[number] for number in sorted(found))


def _weight(patterns: Iterable[Pattern]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for pattern in patterns for part in pattern)


def _word(came: dict[int, tuple[int, str] | None], state: int) -> str:
    word: list[str] = []
    step = came[state]
    while step is not None:
        state, char = step
        word.append(char)
        step = came[state]
    return "".join(reversed(word))
