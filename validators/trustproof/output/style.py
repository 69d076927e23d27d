"""
Colours of a terminal.

A renderer of escape sequences is a dozen lines; the well-kept library for it (rich) takes longer to import than most
templates take to prove, so it is not worth its place on the way to a verdict.
"""

from __future__ import annotations

import os
from typing import TextIO

_CODES = {
    "refuted": "1;31",
    "warning": "1;33",
    "unknown": "1;35",
    "proved": "1;32",
    "error": "1;31",
    "note": "1;36",
    "strong": "1",
    "gutter": "1;34",
    "add": "32",
    "remove": "31",
}


class Style:
    """
    Puts colours on text, or leaves it as it is.
    """

    __slots__ = ("_coloured",)

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured

    def __call__(self, name: str, text: str) -> str:
        """The text in the colour of that name; lines keep their ends, so nothing is padded."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self._coloured and text else text


def style_for(stream: TextIO) -> Style:
    """
    The style for a stream: coloured where it is a terminal that can, and nobody asked for none.

    ``NO_COLOR`` is that of https://no-color.org: any value that is not empty.
    """
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Style(coloured=not plain and stream.isatty())
