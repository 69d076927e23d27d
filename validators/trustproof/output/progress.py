"""
How far a long run has come: when that is worth a line on the terminal, and the line where nobody draws a better one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol, TextIO

#: Runs over fewer templates are over before a line could be read.
MANY = 20
#: A terminal is slower than a proof: a run draws about this often …
_DRAWINGS = 100
#: … or once for so many templates, where nobody knows how many there are.
_EVERY = 10
_WIDTH = 30


class Line(Protocol):
    """
    A line of a terminal that is drawn again and again.
    """

    def draw(self, done: int, total: int | None) -> None:
        """So many templates are done, of so many where that is known."""

    def clear(self) -> None:
        """Leave the line empty, and the cursor at its start."""


class PlainLine:
    """
    A line in characters that every terminal has.
    """

    __slots__ = ("_stream",)

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def draw(self, done: int, total: int | None) -> None:
        """Write the line over what it was."""
        self._stream.write(f"\r\x1b[K{_bar(done, total)}")
        self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty, and the cursor at its start."""
        self._stream.write("\r\x1b[K")
        self._stream.flush()


class ProgressLine:
    """
    Has one line of a terminal drawn as often as somebody can read it; writes nothing anywhere else.

    Call it with how many templates are done and how many there are (None while that is not known), and `clear` it
    before anything else is written.

    Args:
        line: makes the line, once there is something to draw; None for a plain one.
    """

    __slots__ = ("_can", "_last", "_line", "_make")

    def __init__(self, stream: TextIO, line: Callable[[], Line] | None = None) -> None:
        self._can = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._make = line or (lambda: PlainLine(stream))
        self._line: Line | None = None
        self._last = 0

    def __call__(self, done: int, total: int | None) -> None:
        """Draw, unless the line has changed too little."""
        if not self._can or (total or done) < MANY:
            return
        if done - self._last < (_EVERY if total is None else total // _DRAWINGS) and done != total:
            return
        self._last = done
        self._line = self._line or self._make()
        self._line.draw(done, total)

    def clear(self) -> None:
        """Leave the line empty, and the cursor at its start."""
        if self._line is not None:
            self._line.clear()
            self._line = None


def _bar(done: int, total: int | None) -> str:
    if total is None:
        return f"{done} templates"
    filled = _WIDTH * done // total
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total} templates"
