"""
Verdicts for people and for programs.

Renderers know values and nothing else. They analyse nothing, and they ask for positions only of what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from trustproof.output.json import render_json
from trustproof.output.style import Style
from trustproof.output.text import render_text
from trustproof.results.report import Report
from trustproof.results.result import ERROR, Severity


class Render(Protocol):
    """
    Gives the whole report, as it is written to standard output.
    """

    def __call__(self, report: Report, style: Style, *, verbose: bool = False, fail_on: Severity = ERROR) -> str:
        """
        The text of a report.

        Args:
            style: of what people read.
            verbose: whether to list what is only counted otherwise.
            fail_on: the mildest severity that the exit status minds.
        """


#: The forms of a report, by what ``--format`` calls them; the first is that of people.
FORMATS: Mapping[str, Render] = {
    "text": render_text,
    "json": lambda report, style, *, verbose=False, fail_on=ERROR: render_json(report),
}
