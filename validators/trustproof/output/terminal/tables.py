"""
Tables on a terminal.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from trustproof.output.terminal.drawing import STYLES, lines, render_text, text
from trustproof.output.terminal.screen import Cell, Column, Screen


def draw(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], screen: Screen) -> str:
    """A table; where no column has a head, its rows alone."""
    has_heads = any(column.head for column in columns)
    made = Table(
        box=box.SIMPLE_HEAD if has_heads else None,
        show_header=has_heads,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1 if has_heads else 2, 0, 0),
        border_style=STYLES["gutter"],
        header_style="",
        # Rows of several lines need room between them.
        leading=int(any(cell.below for row in rows for cell in row)),
    )
    for column in columns:
        made.add_column(text(column.head, "strong"), overflow="fold", no_wrap=column.is_whole)
    for row in rows:
        made.add_row(*map(_cell, row))
    return render_text(made, screen)


def _cell(cell: Cell) -> Text:
    first = text(cell.text, cell.style)
    return Text("\n", overflow="fold").join([first, lines(cell.below)]) if cell.below else first
