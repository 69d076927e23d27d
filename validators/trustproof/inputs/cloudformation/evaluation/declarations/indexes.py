"""
What is looked up among all resources of a template: read once, so that each of many policies need not read them all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Source = TypeVar("Source", bound=Hashable)
Index = TypeVar("Index")


class Indexes:
    """
    What was read so far.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[Hashable, Callable[..., object]], Any] = {}

    def of(self, source: Source, read: Callable[[Source], Index]) -> Index:
        """
        What a function gives, which is only called the first time.

        Args:
            source: the declarations of the template, or what resolves its functions.
            read: reads all resources of one kind.
        """
        key = (source, read)
        if key not in self._read:
            self._read[key] = read(source)
        found: Index = self._read[key]
        return found
