"""
What a run may find besides the verdicts on properties: what is wrong with the waivers of a project.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.results.result import ERROR, WARNING, Severity


class Rule(NamedTuple):
    """
    A finding that is about no policy.
    """

    ident: str
    #: What is wrong, as the summary of a property.
    summary: str
    severity: Severity
    #: In Markdown.
    page: str


EXPIRED_WAIVER = Rule(
    "waiver-expired",
    "a waiver is no longer in force",
    ERROR,
    "The last day of a waiver is over, so what it was about counts again. "
    "Mend that, or give the waiver another day and say why.",
)
UNUSED_WAIVER = Rule(
    "waiver-unused",
    "a waiver is about nothing",
    WARNING,
    "Nothing that was checked needs this waiver: what it was about is mended, or was renamed. "
    "Take it out, lest it silence what comes next. "
    "Where it says what was around the finding (`around`), and a Deny or a boundary there is gone, mend that.",
)
RULES = (EXPIRED_WAIVER, UNUSED_WAIVER)
