"""
Verdicts for people and for programs.

Renderers know values and nothing else. They analyse nothing, and they ask for positions only of what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from trustproof.output.github import render_github
from trustproof.output.gitlab import render_gitlab
from trustproof.output.json import render_json
from trustproof.output.junit import render_junit
from trustproof.output.markdown import render_markdown
from trustproof.output.sarif import render_sarif
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


#: The forms of a report, by what ``--output`` and ``--format`` call them; the first is that of people.
FORMATS: Mapping[str, Render] = {
    "text": render_text,
    "json": lambda report, style, *, verbose=False, fail_on=ERROR: render_json(report),
    "sarif": lambda report, style, *, verbose=False, fail_on=ERROR: render_sarif(report),
    "junit": lambda report, style, *, verbose=False, fail_on=ERROR: render_junit(report),
    "github": lambda report, style, *, verbose=False, fail_on=ERROR: render_github(report),
    "gitlab": lambda report, style, *, verbose=False, fail_on=ERROR: render_gitlab(report),
    "markdown": lambda report, style, *, verbose=False, fail_on=ERROR: render_markdown(report),
}
