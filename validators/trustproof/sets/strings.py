"""
Sets of strings: patterns required and patterns forbidden, decided by the search for a member.

A complement is never built: negation moves patterns from one side to the other. A union never arises, because every
condition of a policy is one literal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from typing import Final, TypeAlias

from trustproof.sets.automaton import Automaton
from trustproof.sets.patterns import EVERYTHING, Pattern, after, literal_text, matches, plainly_within

#: How many states one search for a member may visit. ``*a`` followed by k ``?`` needs 2**(k+1); ordinary policies need
#: a few hundred.
MAX_STATES = 20_000

#: How many positions all patterns of one search may have: a character of a literal is one, and so is a wildcard. The
#: longest policy that AWS takes has some twenty thousand characters.
MAX_POSITIONS = 50_000

#: How many states a search may visit, times the positions: a state is a set of positions, and costs as much as it is
#: wide. It leaves `MAX_STATES` to all patterns that together are shorter than a trust policy may be.
MAX_WORK = 200_000_000

#: How many searches are remembered. A run over many templates asks the same questions again and again.
_MAX_REMEMBERED = 50_000


class BudgetReached(Exception):
    """
    A named cap was reached; the question stays undecided.

    Args:
        name: of the cap.
        limit: its value, in steps.
    """

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(name)
        self.name = name
        self.limit = limit


#: Looks for a string that matches a pattern of every clause and none of the forbidden patterns; also tells its work.
Search: TypeAlias = "Callable[[tuple[tuple[Pattern, ...], ...], tuple[Pattern, ...]], tuple[str | None, int]]"


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

    __slots__ = ("clauses", "forbidden")

    #: Each clause is an alternative of patterns; all clauses must be met. A clause without patterns is never met.
    clauses: Final[frozenset[frozenset[Pattern]]]
    forbidden: Final[frozenset[Pattern]]

    def __init__(self, clauses: frozenset[frozenset[Pattern]], forbidden: frozenset[Pattern]) -> None:
        self.clauses = clauses
        self.forbidden = forbidden

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
        return StringSet(self.clauses | other.clauses, self.forbidden | other.forbidden)

    def __contains__(self, text: str) -> bool:
        return all(any(matches(p, text) for p in clause) for clause in self.clauses) and not any(
            matches(p, text) for p in self.forbidden
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StringSet) and self.clauses == other.clauses and self.forbidden == other.forbidden

    def __hash__(self) -> int:
        return hash((self.clauses, self.forbidden))

    def sample(self, preferred: Iterable[str] = ()) -> str | None:
        """
        A member; None iff there is none.

        Args:
            preferred: tried first, in order.

        Raises:
            BudgetReached: when the search has visited `MAX_STATES` states, or done `MAX_WORK`.
        """
        for text in preferred:
            if text in self:
                return text
        return self._recall()[0]

    @property
    def states(self) -> int:
        """
        How many states the search for a member visits: what the answer costs where it is not remembered.

        Raises:
            BudgetReached: as `sample` does.
        """
        return self._recall()[1]

    def _recall(self) -> tuple[str | None, int]:
        key = (self.clauses, self.forbidden)
        found = _remembered.get(key)
        if found is None:
            if len(_remembered) >= _MAX_REMEMBERED:
                _remembered.clear()
            found = _remembered[key] = self._look(_remembering)
        return found

    def search(self) -> str | None:
        """
        A member, looked for anew; None iff there is none.

        Raises:
            BudgetReached: as `sample` does.
        """
        return self._look(member)[0]

    def _look(self, search: Search) -> tuple[str | None, int]:
        forbidden = sorted(self.forbidden, key=_order)
        for clause in self.clauses:
            if all(any(plainly_within(pattern, other) for other in forbidden) for pattern in clause):
                return None, 0
        candidates = self._candidates()
        if candidates is not None:
            return next((text for text in candidates if text in self), None), 0
        require = _in_order(self.clauses)
        start = max(
            (c[0][0] for c in require if len(c) == 1 and c[0] and isinstance(c[0][0], str)), key=len, default=""
        )
        if start:
            # All members begin in the same way. Most patterns say something else there, and are out of the question.
            require = [[p for pattern in clause for p in after(pattern, start)] for clause in require]
            forbidden = [p for pattern in forbidden for p in after(pattern, start)]
        found, states = search(tuple(map(tuple, require)), tuple(forbidden))
        return None if found is None else start + found, states

    def _candidates(self) -> list[str] | None:
        """Where one clause names finitely many strings, these; the usual case, and it needs no automaton."""
        best: list[str] | None = None
        for clause in self.clauses:
            texts = [literal_text(p) for p in clause]
            if None not in texts and (best is None or len(texts) < len(best)):
                best = sorted(text for text in texts if text is not None)
        return best


_FULL = StringSet(frozenset(), frozenset())
_EMPTY = StringSet(frozenset((frozenset(),)), frozenset())
_remembered: dict[tuple[frozenset[frozenset[Pattern]], frozenset[Pattern]], tuple[str | None, int]] = {}


def _order(pattern: Pattern) -> list[tuple[str, str]]:
    # Strings and Wild parts do not compare with each other.
    return [
        (part, "")
        if isinstance(part, str)
        else (part.chars, ("^" if part.negated else "") + ("*" if part.star else "?"))
        for part in pattern
    ]


def _in_order(clauses: frozenset[frozenset[Pattern]]) -> list[list[Pattern]]:
    ordered = [sorted(clause, key=_order) for clause in clauses]
    return sorted(ordered, key=lambda clause: [_order(p) for p in clause])


class _States:
    """
    The states of one search: sets of positions in patterns that are required, or forbidden.
    """

    def __init__(self, require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...]) -> None:
        automaton = Automaton()
        #: Of each clause the accepting bits, the absorbing bits and the span of all its bits.
        self.clauses: list[tuple[int, int, int]] = []
        for clause in require:
            accept = absorb = span = 0
            for pattern in clause:
                bits = automaton.add(pattern)
                accept, absorb, span = accept | bits[0], absorb | bits[1], span | bits[2]
            self.clauses.append((accept, absorb, span))
        self.rejected = self.doomed = 0
        for pattern in forbid:
            accept, absorb, _ = automaton.add(pattern)
            self.rejected, self.doomed = self.rejected | accept, self.doomed | absorb
        self.stars = automaton.stars
        self.first = self.settle(automaton.start)
        if self.first is None:
            return
        self.letters = automaton.alphabet()
        self.taken = automaton.taken(self.letters)
        self.every = (1 << len(self.letters)) - 1
        #: Positions within one clause to the letters that one of them takes.
        self.known: dict[int, int] = {}

    def settle(self, state: int) -> int | None:
        """A state with what may be skipped and without what no longer matters; None where nothing leads to a member."""
        stars = self.stars
        while True:
            wider = state | (state & stars) << 1
            if wider == state:
                break
            state = wider
        if state & self.doomed:
            # A forbidden pattern in its trailing run matches whatever follows.
            return None
        for _, absorb, span in self.clauses:
            met = state & absorb
            if met:
                # Met for good: forgetting the rest of the clause merges states.
                state = state & ~span | met & -met
        return state

    def is_member(self, state: int) -> bool:
        """Whether the text that leads to a state is a member."""
        return not state & self.rejected and all(state & (accept | absorb) for accept, absorb, _ in self.clauses)

    def leading(self, state: int) -> int:
        """The letters that all clauses take: mostly the next one of a literal is the only one."""
        leading, known = self.every, self.known
        for _, _, span in self.clauses:
            live = state & span
            found = known.get(live)
            if found is None:
                found = known[live] = self._letters(live)
            leading &= found
        return leading

    def _letters(self, live: int) -> int:
        """The letters that one of some positions takes."""
        found = 0
        if live.bit_count() < len(self.letters):
            while live:
                found |= self.taken[(live & -live).bit_length() - 1]
                live &= live - 1
        else:
            for number, (_, move, stay) in enumerate(self.letters):
                found |= bool(live & (move | stay)) << number
        return found


def member(require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...]) -> tuple[str | None, int]:
    """
    A shortest string that matches a pattern of every clause of `require` and none of `forbid`, None without one; and
    how many states the search has visited.

    Breadth-first over sets of positions (engine-independent: it knows nothing of policies).

    Raises:
        BudgetReached: when `MAX_STATES` states have been visited, or `MAX_WORK` has been done.
    """
    _weigh(chain(forbid, *require))
    states = _States(require, forbid)
    if states.first is None:
        return None, 1
    letters, settle = states.letters, states.settle
    limit = min(MAX_STATES, MAX_WORK // max(1, len(states.taken)))
    tried: set[int] = set()
    came: dict[int, tuple[int, str] | None] = {states.first: None}
    queue = deque([states.first])
    while queue:
        state = queue.popleft()
        if states.is_member(state):
            return _word(came, state), len(came)
        leading = states.leading(state)
        while leading:
            char, move, stay = letters[(leading & -leading).bit_length() - 1]
            leading &= leading - 1
            moved = (state & move) << 1 | state & stay
            if moved in tried:
                continue
            tried.add(moved)
            following = settle(moved)
            if following is not None and following not in came:
                came[following] = (state, char)
                queue.append(following)
        if len(came) > limit:
            raise BudgetReached("states of a string search", limit)
    return None, len(came)


def _weigh(patterns: Iterable[Pattern]) -> None:
    positions = sum(len(part) if isinstance(part, str) else 1 for pattern in patterns for part in pattern)
    if positions > MAX_POSITIONS:
        raise BudgetReached("characters of a string search", MAX_POSITIONS)


def _word(came: dict[int, tuple[int, str] | None], state: int) -> str:
    word: list[str] = []
    step = came[state]
    while step is not None:
        state, char = step
        word.append(char)
        step = came[state]
    return "".join(reversed(word))


#: Searches too: once a common beginning is set aside, what is asked of one account is asked of all.
_remembering = lru_cache(maxsize=_MAX_REMEMBERED)(member)
