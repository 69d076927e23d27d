"""
Sets of numbers: sorted, disjoint intervals between cuts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from fractions import Fraction

#: A place between numbers: just before (0) or just after (1) a number. None stands for the ends of the line.
Cut: TypeAlias = "tuple[Fraction | int, int]"
Interval: TypeAlias = "tuple[Cut | None, Cut | None]"


class NumberSet:
    """
    A set of numbers: the values of a numeric or date condition key, or of an address.

    Build one with `full()`, `empty()`, `only()`, `below()`, `above()` or `between()`; combine with ``&``, ``|`` and
    ``~``.

    >>> fresh = NumberSet.below(3600, inclusive=True)
    >>> 900 in fresh, 7200 in fresh
    (True, False)
    >>> (fresh & ~fresh).is_empty
    True
    >>> (~fresh).sample()
    3601
    """

    __slots__ = ("intervals", "whole")

    #: Sorted, disjoint and not touching, so that equal sets have equal intervals.
    intervals: Final[tuple[Interval, ...]]
    #: Whether only the integers in the intervals are members: there is no ``aws:MultiFactorAuthAge`` between 300 and
    #: 301.
    whole: Final[bool]

    def __init__(self, intervals: tuple[Interval, ...], *, whole: bool = False) -> None:
        self.intervals = intervals
        self.whole = whole

    def integers(self) -> NumberSet:
        """The integers of this set."""
        return NumberSet(self.intervals, whole=True)

    @classmethod
    def full(cls) -> NumberSet:
        """Every number."""
        return cls(((None, None),))

    @classmethod
    def empty(cls) -> NumberSet:
        """No number."""
        return cls(())

    @classmethod
    def only(cls, number: Fraction | int) -> NumberSet:
        """Just `number`."""
        return cls((((number, 0), (number, 1)),))

    @classmethod
    def below(cls, number: Fraction | int, *, inclusive: bool = False) -> NumberSet:
        """The numbers below `number`."""
        return cls(((None, (number, int(inclusive))),))

    @classmethod
    def above(cls, number: Fraction | int, *, inclusive: bool = False) -> NumberSet:
        """The numbers above `number`."""
        return cls((((number, int(not inclusive)), None),))

    @classmethod
    def between(cls, low: int, high: int) -> NumberSet:
        """The numbers from `low` to `high`, both included."""
        return cls((((low, 0), (high, 1)),))

    @property
    def is_empty(self) -> bool:
        """Whether no number is in the set."""
        return self.sample() is None

    def __and__(self, other: NumberSet) -> NumberSet:
        out: list[Interval] = []
        one = two = 0
        # Both are sorted, so each interval is looked at once: the one that ends first can meet nothing further on.
        while one < len(self.intervals) and two < len(other.intervals):
            (low, high), (low2, high2) = self.intervals[one], other.intervals[two]
            start = low if low2 is None or (low is not None and low > low2) else low2
            ends_first = high2 is None or (high is not None and high < high2)
            end = high if ends_first else high2
            if start is None or end is None or start < end:
                out.append((start, end))
            one, two = (one + 1, two) if ends_first else (one, two + 1)
        return NumberSet(tuple(out), whole=self.whole or other.whole)

    def __or__(self, other: NumberSet) -> NumberSet:
        return NumberSet.union((self, other))

    @classmethod
    def union(cls, sets: Iterable[NumberSet]) -> NumberSet:
        """What is in one of some sets: integers only where all of these are."""
        given = tuple(sets)
        intervals = [interval for one in given for interval in one.intervals]
        intervals.sort(key=lambda interval: (interval[0] is not None, interval[0] or (0, 0)))
        out: list[Interval] = []
        for low, high in intervals:
            if not out:
                out.append((low, high))
                continue
            start, end = out[-1]
            if end is None or low is None or low <= end:
                out[-1] = (start, None if end is None or high is None else max(end, high))
            else:
                out.append((low, high))
        return cls(tuple(out), whole=any(one.whole for one in given))

    def __invert__(self) -> NumberSet:
        out: list[Interval] = []
        start: Cut | None = None
        open_start = True
        for low, high in self.intervals:
            if low is not None:
                out.append((None if open_start else start, low))
            open_start, start = False, high
            if high is None:
                return NumberSet(tuple(out), whole=self.whole)
        out.append((None if open_start else start, None))
        return NumberSet(tuple(out), whole=self.whole)

    def __contains__(self, number: Fraction | int) -> bool:
        if self.whole and number != number // 1:
            return False
        return any(
            (low is None or low <= (number, 0)) and (high is None or (number, 1) <= high)
            for low, high in self.intervals
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberSet) and (self.intervals, self.whole) == (other.intervals, other.whole)

    def __hash__(self) -> int:
        return hash((self.intervals, self.whole))

    def __repr__(self) -> str:
        return f"<NumberSet {self.intervals!r}>"

    def sample(self, preferred: Iterable[int] = ()) -> int | Fraction | None:
        """A member, an integer where there is one; None iff the set is empty."""
        for number in preferred:
            if number in self:
                return number
        whole = self.sample_integer()
        if whole is not None or self.whole:
            return whole
        for low, high in self.intervals:
            # Without an integer inside, both ends are known and at most one apart.
            if low is not None and high is not None:
                # Only decimals in a policy lead here, and importing fractions costs more than reading a small template.
                from fractions import Fraction

                return Fraction(low[0]) if low[1] == 0 else (Fraction(low[0]) + Fraction(high[0])) / 2
        return None

    def sample_integer(self) -> int | None:
        """An integer in the set; None iff there is none."""
        for low, high in self.intervals:
            if low is None:
                if high is None:
                    return 0
                number, after = high
                return int(number // 1) if after else int(-(-number // 1)) - 1
            number, after = low
            ceiling = int(-(-number // 1))
            found = ceiling + 1 if after and ceiling == number else ceiling
            # What is beyond its end may be in another interval, which is looked at by itself.
            if high is None or (found, 1) <= high:
                return found
        return None
