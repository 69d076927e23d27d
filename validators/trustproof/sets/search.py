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
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from trustproof.sets.automaton import Automaton, bits
from trustproof.sets.patterns import Pattern
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
#: So many positions make a state cost as much again, and so many clauses: each is asked for its letters by itself.
_WIDE, _MANY = 4_000, 10
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


class _Machine:
    """
    The automaton of one search: which states follow one another, and which accept.
    """

    def __init__(self, require: Sequence[Sequence[Pattern]], forbid: Iterable[Pattern]) -> None:
        automaton = Automaton()
        #: Accepting bits, absorbing bits and all bits of each clause.
        self.clauses: list[tuple[int, int, int]] = []
        #: For each clause of many patterns, its positions by how many characters are still to come, the fewest first.
        self._nearest: list[list[tuple[int, int]]] = []
        for clause in require:
            accept = absorb = span = 0
            before = len(automaton.takes)
            for pattern in clause:
                bits = automaton.add(pattern)
                accept, absorb, span = accept | bits[0], absorb | bits[1], span | bits[2]
            self.clauses.append((accept, absorb, span))
            lefts = set(automaton.left[before:])
            self._nearest.append(_by_distance(automaton.left, before) if len(lefts) < len(clause) else [])
        self._rejected = self._doomed = outside = 0
        for pattern in forbid:
            accept, absorb, span = automaton.add(pattern)
            self._rejected, self._doomed, outside = self._rejected | accept, self._doomed | absorb, outside | span
        self._spans = (*(span for _, _, span in self.clauses), outside)
        self._stars = automaton.stars
        self._left = automaton.left
        self._first = automaton.first
        self.start = self._settle(automaton.start)
        self._letters = automaton.alphabet()
        self._taken = automaton.taken(self._letters)
        self._every = (1 << len(self._letters)) - 1
        parting = {taken: min(taken, self._every & ~taken, key=int.bit_count) for taken in set(self._taken)}
        self._parting = [parting[taken] for taken in self._taken]
        #: Positions within one clause to the letters that one of them takes, to those that they tell from the others,
        #: and to what is left to come.
        self._known: dict[int, int] = {}
        self._apart: dict[int, int] = {}
        self._distances: dict[int, int] = {}
        self._tried: set[int] = set()

    @property
    def positions(self) -> int:
        """How wide a state is."""
        return len(self._taken)

    def cost(self, states: int) -> int:
        """What it costs to visit so many states, in such as have few positions and clauses."""
        return states + states * self.positions // _WIDE + states * len(self.clauses) // _MANY

    def states_for(self, most: int) -> int:
        """So many states that they surely cost more, and little more."""
        return most * _WIDE * _MANY // (_WIDE * _MANY + self.positions * _MANY + len(self.clauses) * _WIDE) + 3

    def _settle(self, state: int) -> int | None:
        while True:
            wider = state | (state & self._stars) << 1
            if wider == state:
                break
            state = wider
        if state & self._doomed:
            # A forbidden pattern in its trailing run matches whatever follows.
            return None
        for _, absorb, span in self.clauses:
            met = state & absorb
            if met:
                # Met for good: forgetting the rest of the clause merges states.
                state = state & ~span | met & -met
        return state

    def accepts(self, state: int) -> bool:
        """Whether the text so far is a member."""
        return not state & self._rejected and all(state & (accept | absorb) for accept, absorb, _ in self.clauses)

    def following(self, state: int) -> Iterator[tuple[int, str]]:
        """The states after one more character, those that have been given before left out."""
        # Mostly the next letter of a literal is the only one that all clauses take.
        leading = self._every
        for _, _, span in self.clauses:
            leading &= self._leading(state & span)
        # All letters that no position tells apart lead to one state: the first of them stands for the others.
        apart = 0
        for span in self._spans:
            apart |= self._told_apart(state & span)
        alike = leading & ~apart
        leading = leading & apart | alike & -alike
        while leading:
            char, move, stay = self._letters[(leading & -leading).bit_length() - 1]
            leading &= leading - 1
            moved = (state & move) << 1 | state & stay
            if moved in self._tried:
                continue
            self._tried.add(moved)
            settled = self._settle(moved)
            if settled is not None:
                yield settled, char

    def _leading(self, live: int) -> int:
        """The letters that some positions of one clause take, as the bits of an integer."""
        found = self._known.get(live)
        if found is None:
            found, rest = 0, live
            if live.bit_count() < len(self._letters):
                while rest:
                    found |= self._taken[(rest & -rest).bit_length() - 1]
                    rest &= rest - 1
            else:
                for number, (_, move, stay) in enumerate(self._letters):
                    found |= bool(live & (move | stay)) << number
            self._known[live] = found
        return found

    def _told_apart(self, live: int) -> int:
        """Letters without which all others are the same to some positions of one clause: the fewest, or all."""
        found = self._apart.get(live)
        if found is None:
            found, rest = 0, live
            if live.bit_count() >= len(self._letters):
                found, rest = self._every, 0
            while rest:
                found |= self._parting[(rest & -rest).bit_length() - 1]
                rest &= rest - 1
            self._apart[live] = found
        return found

    def distances(self, state: int) -> list[int]:
        """For each clause, how many characters have to come at least until it is met."""
        clauses = zip(self.clauses, self._nearest, strict=True)
        return [self._distance(state & span, absorb, nearest) for (_, absorb, span), nearest in clauses]

    def _distance(self, live: int, absorb: int, nearest: Sequence[tuple[int, int]]) -> int:
        if live & absorb:
            return 0
        found = self._distances.get(live)
        if found is not None:
            return found
        if nearest:
            found = next((left for left, positions in nearest if live & positions), _FAR)
        else:
            found, rest = _FAR, live
            while rest:
                # The last position of a pattern has the fewest characters to come: one look at each pattern.
                last = rest.bit_length() - 1
                found = min(found, self._left[last])
                rest &= (1 << self._first[last]) - 1
        self._distances[live] = found
        return found


#: Further than any text is long.
_FAR = 1 << 40


def _by_distance(left: Sequence[int], first: int) -> list[tuple[int, int]]:
    """The positions from one on, as the bits of an integer, by how many characters are still to come after them."""
    found: dict[int, list[int]] = {}
    for position in range(first, len(left)):
        found.setdefault(left[position], []).append(position)
    return [(distance, bits(found[distance])) for distance in sorted(found)]


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
    machine = _Machine(require, forbid)
    found, visited, limit = _breadth_first(machine, most)
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
            machine = _Machine(*without_tails(turned, outside))
            visited += machine.positions // _MADE
            found, more, limit = _likeliest_first(machine, order, None if most is None else _left(most, visited))
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


def _limit(machine: _Machine, most: int) -> int:
    return min(most, MAX_WORK // max(1, machine.positions))


#: A search in one way: the word that was found, how many states were visited, and the cap where that was reached.
_Outcome: TypeAlias = "tuple[str | None, int, int | None]"


def _breadth_first(machine: _Machine, most: int | None) -> _Outcome:
    """A shortest member."""
    if machine.start is None:
        return None, 1, None
    limit = _limit(machine, PATIENCE)
    end = limit if most is None else min(limit, machine.states_for(most))
    came: dict[int, tuple[int, str] | None] = {machine.start: None}
    queue = deque([machine.start])
    while queue:
        state = queue.popleft()
        if machine.accepts(state):
            return _word(came, state), machine.cost(len(came)), None
        for following, char in machine.following(state):
            if following not in came:
                came[following] = (state, char)
                queue.append(following)
        if len(came) > end:
            if end < limit:
                raise CostsMore
            return None, machine.cost(len(came)), limit
    return None, machine.cost(len(came)), None


def _in_all(length: int, distances: Sequence[int]) -> tuple[int, int]:
    """By how long a text has to be at least: where the clauses can be met side by side."""
    return length + max(distances, default=0), sum(distances)


def _of_each(length: int, distances: Sequence[int]) -> tuple[int, int]:
    """By what is left of all clauses together: where they have to be met one after the other."""
    return sum(distances), length


def _likeliest_first(
    machine: _Machine, order: Callable[[int, Sequence[int]], tuple[int, int]], most: int | None
) -> _Outcome:
    """Any member; of states that are equally likely, the latest first."""
    if machine.start is None:
        return None, 1, None
    limit = _limit(machine, MAX_STATES)
    end = limit if most is None else min(limit, machine.states_for(most))
    came: dict[int, tuple[int, str] | None] = {machine.start: None}
    waiting: list[tuple[tuple[int, int], int, int, int]] = [((0, 0), 0, 0, machine.start)]
    while waiting:
        _, _, length, state = heapq.heappop(waiting)
        if machine.accepts(state):
            return _word(came, state), machine.cost(len(came)), None
        for following, char in machine.following(state):
            if following in came:
                continue
            came[following] = (state, char)
            distances = machine.distances(following)
            if _FAR not in distances:
                heapq.heappush(waiting, (order(length + 1, distances), -len(came), length + 1, following))
        if len(came) > end:
            if end < limit:
                raise CostsMore
            return None, machine.cost(len(came)), limit
    return None, machine.cost(len(came)), None


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
