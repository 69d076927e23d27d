"""
Where values, expressions and blocks are written.
"""

from __future__ import annotations

from typing import NamedTuple


class Extent(NamedTuple):
    """
    Lines and columns: 1-based, in characters; `end_column` is the column after the last character.
    """

    file: str
    line: int
    column: int
    end_column: int
    #: Where it begins and ends, as offsets into the text of the file: what an edit takes away or adds to.
    start: int = -1
    end: int = -1


class Place:
    """
    Where something is written: one of `FixedPlace` and `PlaceInText`. Most places are never shown, and so lines and
    columns are only counted when somebody asks.
    """

    __slots__ = ()

    @property
    def extent(self) -> Extent:
        """From where to where it goes."""
        raise NotImplementedError

    @property
    def file(self) -> str:
        """As the user named it."""
        return self.extent.file

    @property
    def line(self) -> int:
        """Of its first character."""
        return self.extent.line

    @property
    def column(self) -> int:
        """Of its first character."""
        return self.extent.column

    @property
    def end_column(self) -> int:
        """Behind its last character, or the last one of its first line."""
        return self.extent.end_column

    @property
    def has_offsets(self) -> bool:
        """Whether it is known where in the text of the file it begins and ends: in JSON it is not."""
        return self.extent.start >= 0

    @property
    def start(self) -> int:
        """The offset of its first character; -1 where that is not known, as in JSON."""
        return self.extent.start

    @property
    def end(self) -> int:
        """The offset behind its last character; -1 where that is not known."""
        return self.extent.end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.extent == other.extent

    def __hash__(self) -> int:
        return hash(self.extent)

    def __repr__(self) -> str:
        return repr(self.extent)


class FixedPlace(Place):
    """
    A place that has been counted.

    Args:
        extent: from where to where it goes.
    """

    __slots__ = ("_extent",)

    def __init__(self, extent: Extent) -> None:
        self._extent = extent

    @property
    def extent(self) -> Extent:
        """From where to where it goes."""
        return self._extent
