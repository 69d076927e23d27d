"""
Terminals that something may be drawn on: where, how large, and whether in colours. Nothing is drawn here.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import NamedTuple, TextIO

from trustproof.output.style import is_coloured

#: Columns; on less than this a table is a heap of syllables.
_NARROWEST = 40
#: Columns and lines of a terminal that does not say how large it is.
_SIZE = (80, 24)


class Screen(NamedTuple):
    """
    A terminal that something may be drawn on.
    """

    #: In columns.
    width: int
    #: In lines.
    height: int
    coloured: bool
    #: Whether its lines and corners have to be of ASCII.
    is_ascii: bool


class Cell(NamedTuple):
    """
    A text of a table, as it was found: whatever it holds is escaped where it is drawn.
    """

    text: str
    #: One of those of `trustproof.output.style`, or empty.
    style: str = ""
    #: Texts below it.
    below: tuple[str, ...] = ()


class Column(NamedTuple):
    """
    A column of a table.
    """

    head: str
    #: Whether its texts stay on their lines, as numbers and short words should.
    is_whole: bool = False


def screen_for(stream: TextIO) -> Screen | None:
    """
    What may be drawn on a stream; None where plain text belongs there.

    That is where it is no terminal, or one that cannot move its cursor (``TERM=dumb``) or is too narrow, and where the
    extra `terminal` is not installed. ``COLUMNS`` and ``LINES`` win over what the terminal says of its size.
    """
    if not stream.isatty() or os.environ.get("TERM") == "dumb" or find_spec("rich") is None:
        return None
    # Only terminals have an encoding that is asked about.
    import locale

    width, height = _size(stream)
    if width < _NARROWEST:
        return None
    return Screen(width, height, is_coloured(stream), not locale.getencoding().lower().startswith(("utf", "cp65001")))


def _size(stream: TextIO) -> tuple[int, int]:
    try:
        known = tuple(os.get_terminal_size(stream.fileno()))
    except (OSError, ValueError):
        known = (0, 0)
    said = (os.environ.get(name, "") for name in ("COLUMNS", "LINES"))
    width, height = (
        int(asked) if asked.isdecimal() and int(asked) else found or otherwise
        for asked, found, otherwise in zip(said, known, _SIZE, strict=True)
    )
    return width, height
