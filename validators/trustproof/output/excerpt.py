"""
One line of a template with a caret under what matters.
"""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import combining, east_asian_width

from trustproof.escaping.text import printable

#: Characters of a line that are shown; a minified template is one line of a megabyte.
WIDTH = 160
#: Characters shown before the caret where a line is cut.
_BEFORE = 60
_TAB = 4


class Excerpt(NamedTuple):
    """
    A source line as shown, and where to underline it; columns are those of a terminal.
    """

    text: str
    offset: int
    length: int


def excerpt(line: str, column: int, end_column: int) -> Excerpt:
    """
    The part of a line around a span.

    Args:
        line: without its end.
        column: 1-based, where the span begins.
        end_column: 1-based, after the last character of the span; the span may continue on later lines.
    """
    line = line.rstrip()
    start = min(max(column - 1, 0), len(line))
    stop = min(max(end_column - 1, start + 1), max(len(line), start + 1))
    first, last = 0, len(line)
    if len(line) > WIDTH:
        first = max(0, min(start - _BEFORE, len(line) - WIDTH))
        last = min(len(line), first + WIDTH)
        stop = min(stop, last)
    before = ("…" if first else "") + _shown(line[first:start], 0)
    offset = _width(before)
    span = _shown(line[start:stop], offset)
    length = _width(span)
    after = _shown(line[stop:last], offset + length) + ("…" if last < len(line) else "")
    return Excerpt(before + span + after, offset, max(1, length))


def _shown(text: str, column: int) -> str:
    """The text as printed: tabs become spaces up to the next stop, control characters their escapes."""
    if "\t" not in text:
        return printable(text)
    pieces: list[str] = []
    for character in text:
        piece = " " * (_TAB - column % _TAB) if character == "\t" else printable(character)
        column += _width(piece)
        pieces.append(piece)
    return "".join(pieces)


def _width(text: str) -> int:
    """Columns that a terminal needs for the text: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
