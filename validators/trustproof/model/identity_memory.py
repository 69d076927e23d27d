"""
Answers about things that are too large to be compared, and are asked about again as the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Found = TypeVar("_Found")


class IdentityMemory(Generic[_Found]):
    """
    Answers by which objects they are about.

    Args:
        most: of how many answers at a time; all are forgotten where there would be more.
    """

    __slots__ = ("_known", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[tuple[Hashable, ...], tuple[tuple[object, ...], _Found]] = {}

    def get(self, find: Callable[[], _Found], *things: object, values: Hashable = ()) -> _Found:
        """
        An answer, found now or before.

        Args:
            find: gives it; the same for all who ask about the same.
            things: what it is about, by identity.
            values: what it is about besides, by value.
        """
        key = (*map(id, things), values)
        known = self._known.get(key)
        if known is None:
            found = find()
            if len(self._known) >= self._most:
                self._known.clear()
            # What it is about is kept, so that nothing else has its identity.
            known = self._known[key] = things, found
        return known[1]
