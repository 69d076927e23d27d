"""
Sets of what belongs together, said pair by pair.
"""

from __future__ import annotations


class DisjointSets:
    """
    Sets of numbers that have been said to belong together.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def join(self, one: int, other: int) -> None:
        """Say that two belong together."""
        one, other = self._find(one), self._find(other)
        self._first[max(one, other)] = min(one, other)

    def _find(self, one: int) -> int:
        while self._first.setdefault(one, one) != one:
            one = self._first[one]
        return one

    def found(self) -> list[tuple[int, ...]]:
        """The sets of more than one, each in order."""
        sets: dict[int, list[int]] = {}
        for one in sorted(self._first):
            sets.setdefault(self._find(one), []).append(one)
        return [tuple(members) for members in sets.values() if len(members) > 1]
