"""
Texts with parts that nobody knows: whether two of them may be the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable


class Part:
    """
    A part of a text that is not known.

    Args:
        key: what is the same for parts that are the same text.
    """

    __slots__ = ("key",)

    def __init__(self, key: Hashable) -> None:
        self.key: Hashable = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def may_be_same(one: Iterable[str | Part], other: Iterable[str | Part]) -> bool:
    """Whether two texts, given in pieces, are the same for some values of their parts, any of which may be empty."""
    first, second = _units(one), _units(other)
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    first, second = first[start:], second[start:]
    while first and second and first[-1] == second[-1]:
        first.pop()
        second.pop()
    if not first or not second:
        return all(isinstance(unit, Part) for unit in (*first, *second))
    return all(isinstance(first[at], Part) or isinstance(second[at], Part) for at in (0, -1))


def _units(pieces: Iterable[str | Part]) -> list[str | Part]:
    """Characters, and parts."""
    found: list[str | Part] = []
    for piece in pieces:
        found.extend(piece if isinstance(piece, str) else (piece,))
    return found
