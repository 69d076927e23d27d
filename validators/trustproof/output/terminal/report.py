"""
A report that is longer than the screen of a terminal: the text for people, with its findings counted.
"""

from __future__ import annotations

from collections import Counter

from trustproof.output.terminal.screen import Cell, Column, Screen
from trustproof.output.terminal.tables import draw
from trustproof.output.text import counted_results, findings
from trustproof.results.groups import groups
from trustproof.results.report import Report
from trustproof.results.result import SEVERITIES, UNKNOWN

_KINDS = (*SEVERITIES, UNKNOWN)
_COLUMNS = (Column("PROPERTY"), *(Column(kind.upper(), is_whole=True) for kind in _KINDS))


def with_counts(text: str, report: Report, screen: Screen) -> str:
    """
    A report, and before its last line a table of how often each property is refuted or unknown.

    Nothing is added to what is about one property only.

    Args:
        text: the report as `trustproof.output.text` words it.
    """
    refuted, unknown = findings(groups(counted_results(report)))
    number: Counter[tuple[str, str]] = Counter((one.property, one.severity) for one in refuted)
    number.update((one.property, UNKNOWN) for one in unknown)
    # In the order in which they are shown.
    properties = list(dict.fromkeys(one.property for one in (*refuted, *unknown)))
    if len(properties) < 2:
        return text
    rows = [(Cell(ident, "strong"), *(_number(number[ident, kind], kind) for kind in _KINDS)) for ident in properties]
    body, _, last = text.removesuffix("\n").rpartition("\n")
    return f"{body.rstrip()}\n\n{draw(_COLUMNS, rows, screen)}\n{last}\n"


def _number(number: int, style: str) -> Cell:
    return Cell(str(number), style) if number else Cell("")
