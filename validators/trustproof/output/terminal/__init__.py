"""
What people see who sit at a terminal: tables, trees and a line of progress, drawn by rich.

Rich is an extra, and loaded only where there is something to draw on a terminal: whatever goes to a pipe or a file, and
everything where the extra is not installed, is the plain text of the other modules of `output`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from trustproof.output.progress import Line
from trustproof.output.terminal.screen import Cell, Column, Screen
from trustproof.results.report import Report

if TYPE_CHECKING:
    # A report does not wait for what explains access.
    from trustproof.results.explanation import Explanation


def draw_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], screen: Screen) -> str:
    """
    A table, as wide as the screen at most; no text is cut off.

    Args:
        columns: their heads are shown where one of them has one.
        rows: as many cells each as there are columns.
    """
    from trustproof.output.terminal import tables

    return tables.draw(columns, rows, screen)


def draw_explanations(found: Sequence[Explanation], caller: str | None, screen: Screen) -> str:
    """
    Explanations as trees: each role or resource with the ways in below it.

    Args:
        caller: who was asked about; None for everybody.
    """
    from trustproof.output.terminal import trees

    return trees.draw(found, caller, screen)


def with_counts(text: str, report: Report, screen: Screen) -> str:
    """
    A report, and before its last line a table of how often each property is refuted or unknown.

    Args:
        text: the report as `trustproof.output.text` words it.
    """
    from trustproof.output.terminal import report as counting

    return counting.with_counts(text, report, screen)


def progress_bar(stream: TextIO, screen: Screen) -> Line:
    """A bar that is redrawn in place, on a stream that is that screen."""
    from trustproof.output.terminal import bars

    return bars.Bar(stream, screen)
