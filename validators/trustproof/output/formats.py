"""
The forms of a report.
"""

from __future__ import annotations

from importlib import import_module

from trustproof.output.style import Style
from trustproof.results.report import Report
from trustproof.results.result import ERROR, Severity

#: The forms of a report, by what ``--output`` and ``--format`` call them; the first is that of people. The module of
#: each has its name, and is imported when it is chosen: its `render` gives the text of a report.
FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html")
#: Those that say what the exit status minds: in a line for people, or by what fails.
_OF_THE_STATUS = ("junit", "markdown", "html")


def render(
    form: str,
    report: Report,
    style: Style,
    *,
    verbose: bool = False,
    fail_on: Severity = ERROR,
    strict: bool = False,
) -> str:
    """
    The whole report, as it is written to standard output.

    Args:
        form: one of `FORMATS`.
        report: what was found.
        style: of what people read; programs read the same whatever it is.
        verbose: whether people are shown a list of what is only counted otherwise.
        fail_on: the mildest severity that the exit status minds, which people and test reports are told.
        strict: whether it minds what nobody has looked into as well, which they are told likewise.
    """
    module = import_module(f"trustproof.output.{form}")
    text: str
    if form == FORMATS[0]:
        text = module.render(report, style, verbose=verbose, fail_on=fail_on, strict=strict)
    elif form in _OF_THE_STATUS:
        text = module.render(report, fail_on=fail_on, strict=strict)
    else:
        text = module.render(report)
    return text
