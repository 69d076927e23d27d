"""
The product of the automata of all patterns of a search: which states follow one another, which accept, and what they
cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustproof.sets.automaton import Automaton, bits
from trustproof.sets.patterns import Pattern

#: So many positions make a state cost as much again, and so many clauses: each is asked for its letters by itself.
_WIDE, _MANY = 4_000, 10
#: Further than any text is long.
FAR = 1 << 40


class ProductAutomaton:
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
            found = next((left for left, positions in nearest if live & positions), FAR)
        else:
            found, rest = FAR, live
            while rest:
                # The last position of a pattern has the fewest characters to come: one look at each pattern.
                last = rest.bit_length() - 1
                found = min(found, self._left[last])
                rest &= (1 << self._first[last]) - 1
        self._distances[live] = found
        return found


def _by_distance(left: Sequence[int], first: int) -> list[tuple[int, int]]:
    """The positions from one on, as the bits of an integer, by how many characters are still to come after them."""
    found: dict[int, list[int]] = {}
    for position in range(first, len(left)):
        found.setdefault(left[position], []).append(position)
    return [(distance, bits(found[distance])) for distance in sorted(found)]
