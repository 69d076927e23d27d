"""
The text of a file, and places in it.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import pairwise

from trustproof.inputs.terraform.values.place import Extent, FixedPlace, Place


class SourceText:
    """
    A text as it was read.

    Args:
        file: as the user named it.
        content: UTF-8, without a byte order mark.
    """

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self.content = content
        self._is_ascii = content.isascii()

    @cached_property
    def text(self) -> str:
        """The characters."""
        return self.content.decode()

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line starts, in bytes; behind the last one, where one more would."""
        content = self.content
        found = [0]
        while (newline := content.find(b"\n", found[-1])) >= 0:
            found.append(newline + 1)
        return [*found, len(content) + 1]

    @cached_property
    def _before(self) -> list[int]:
        """Where each line starts, in characters."""
        found = [0]
        for start, end in pairwise(self._lines):
            found.append(found[-1] + len(self.content[start : end - 1].decode()) + 1)
        return found

    def place(self, start: int, end: int) -> PlaceInText:
        """The place between two offsets in bytes."""
        return PlaceInText(self, start, end)

    def characters_before(self, offset: int) -> int:
        """How many characters stand before an offset in bytes."""
        return offset if self._is_ascii else len(self.content[:offset].decode())

    def extent(self, start: int, end: int) -> Extent:
        """What is between two offsets in bytes."""
        lines = self._lines
        line = bisect_right(lines, start)
        at, last = lines[line - 1], min(end, lines[line] - 1)
        column, width = start - at, last - start
        if not self._is_ascii:
            content, characters = self.content, self._before[line - 1]
            column, width = len(content[at:start].decode()), len(content[start:last].decode())
            start, end = characters + column, characters + len(content[at:end].decode())
        # What ends where it begins is shown one character wide.
        return Extent(self.file, line, column + 1, column + 1 + (width or 1), start, end)


class PlaceInText(Place):
    """
    A place between two offsets.

    Args:
        source: the text.
        start: in bytes.
        end: likewise.
    """

    __slots__ = ("_end", "_source", "_start")

    def __init__(self, source: SourceText, start: int, end: int) -> None:
        self._source = source
        self._start = start
        self._end = end

    @property
    def extent(self) -> Extent:
        """From where to where it goes."""
        return self._source.extent(self._start, self._end)

    @property
    def start(self) -> int:
        """The offset of its first character: no lines are counted for it."""
        return self._source.characters_before(self._start)

    @property
    def has_offsets(self) -> bool:
        """It has."""
        return True

    @property
    def file(self) -> str:
        """As the user named it."""
        return self._source.file


def span(first: Place, last: Place) -> Place:
    """From the start of one place to the end of another one behind it."""
    one, other = first.extent, last.extent
    end_column = other.end_column if other.line == one.line else one.end_column
    return FixedPlace(one._replace(end_column=end_column, end=other.end))
