"""
Colours of a terminal.

A renderer of escape sequences is a dozen lines; the well-kept library for it (rich) takes longer to import than most
templates take to prove, so it is not worth its place on the way to a verdict. What it draws is in `output.terminal`.
"""

from __future__ import annotations

import os
from typing import Final, Literal, TextIO, TypeAlias

#: What ``--color`` may be: as the environment and the stream say, always, never.
ColorChoice: TypeAlias = Literal["auto", "always", "never"]
COLOR_CHOICES: Final[tuple[ColorChoice, ...]] = ("auto", "always", "never")

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
#: What text may be, and has a colour for.
NAMES = frozenset(_CODES)


class _Chosen:
    """What the command line has said about colours; one for the process, as its streams are."""

    color: ColorChoice = "auto"


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


def choose_color(color: ColorChoice) -> None:
    """Take what the command line says of colours, for all that is written after it."""
    _Chosen.color = color


def is_coloured(stream: TextIO) -> bool:
    """
    Whether a stream gets colours: as ``--color`` says, and else the environment, and else where it is a terminal.

    ``NO_COLOR`` and ``FORCE_COLOR`` are those of https://no-color.org and https://force-color.org: any value that is
    not empty; who asks for both gets none.
    """
    if _Chosen.color != "auto":
        return _Chosen.color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def style_for(stream: TextIO) -> Style:
    """The style for a stream: see `is_coloured`."""
    return Style(coloured=is_coloured(stream))
