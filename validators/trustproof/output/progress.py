"""
A line on the terminal that says how far a long run has come.
"""

from __future__ import annotations

import os
from typing import TextIO

#: Runs over fewer templates are over before a line could be read.
MANY = 20
#: A terminal is slower than a proof: a run draws about this often …
_DRAWINGS = 100
#: … or once for so many templates, where nobody knows how many there are.
_EVERY = 10
_WIDTH = 30


class ProgressLine:
    """
    Rewrites one line of a terminal; writes nothing anywhere else.

    Call it with how many templates are done and how many there are (None while that is not known), and `clear` it
    before anything else is written.
    """

    __slots__ = ("_drawn", "_last", "_stream")

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream if stream.isatty() and os.environ.get("TERM") != "dumb" else None
        self._drawn = False
        self._last = 0

    def __call__(self, done: int, total: int | None) -> None:
        """Draw, unless the line has changed too little."""
        if self._stream is None or (total or done) < MANY:
            return
        if done - self._last < (_EVERY if total is None else total // _DRAWINGS) and done != total:
            return
        self._last = done
        self._drawn = True
        self._stream.write(f"\r\x1b[K{_bar(done, total)}")
        self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty, and the cursor at its start."""
        if self._drawn and self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False


def _bar(done: int, total: int | None) -> str:
    if total is None:
        return f"{done} templates"
    filled = _WIDTH * done // total
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total} templates"
