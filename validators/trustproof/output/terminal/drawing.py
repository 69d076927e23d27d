"""
What is given to rich, and how it comes back as text.

Texts of others are escaped, and are `Text` before rich sees them: it never reads its markup, emoji names or links in
what stands in a template.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Final, Literal

from rich.console import Console, RenderableType
from rich.text import Text

from trustproof.escaping.text import printable
from trustproof.output.terminal.screen import Screen

#: The sixteen colours that a terminal's own theme decides, as plain text has them.
_COLORS: Final = "standard"
#: Names of `trustproof.output.style` to what rich calls the same.
STYLES: Final = {
    "": "",
    "refuted": "bold red",
    "warning": "bold yellow",
    "unknown": "bold magenta",
    "proved": "bold green",
    "error": "bold red",
    "note": "bold cyan",
    "strong": "bold",
    "gutter": "bold blue",
    "add": "green",
    "remove": "red",
}
#: The end of a line as far as it is spaces, with the escape sequences among them.
_TRAILING = re.compile(r" (?:\x1b\[[0-9;]*m| )*$", re.MULTILINE)


class _Written(io.StringIO):
    """Takes what is drawn; rich asks its encoding for the lines that it may draw."""

    def __init__(self, *, is_ascii: bool) -> None:
        super().__init__()
        self._name = "ascii" if is_ascii else "utf-8"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._name


def text(found: str, style: str = "") -> Text:
    """A text of somebody, escaped; it is folded where it does not fit, and nothing of it is lost."""
    return Text(printable(found), style=STYLES[style], overflow="fold")


def lines(found: Iterable[str], style: str = "") -> Text:
    """Texts below each other."""
    return Text("\n", overflow="fold").join(text(one, style) for one in found)


def color_system(screen: Screen) -> Literal["standard"] | None:
    """What rich calls the colours of a screen; without them it writes no escape sequence."""
    return _COLORS if screen.coloured else None


def render_text(one: RenderableType, screen: Screen) -> str:
    """
    What is drawn, as text; no line ends with spaces, which would be copied with it.

    What the environment says of terminals has been asked already, and is kept away from rich.
    """
    file = _Written(is_ascii=screen.is_ascii)
    console = Console(
        file=file,
        width=screen.width,
        height=screen.height,
        color_system=color_system(screen),
        force_terminal=screen.coloured,
        no_color=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    console.print(one)
    return _TRAILING.sub(lambda found: found[0].replace(" ", ""), file.getvalue())
