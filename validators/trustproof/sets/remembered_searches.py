"""
Searches that were made, with their answers.
"""

from __future__ import annotations

from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

#: How many searches are remembered.
_MOST = 50_000


class RememberedSearches(dict[_K, _V]):
    """
    Searches with their answers; all are forgotten where there are too many.

    Args:
        most: how many patterns they may have together.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._patterns = 0

    def put(self, key: _K, answer: _V, size: int) -> None:
        """Remember a search of so many patterns."""
        self._patterns += size
        if len(self) >= _MOST or self._patterns > self._most:
            self.clear()
            self._patterns = size
        self[key] = answer
