"""
A report as commands of a workflow, which GitHub shows as annotations at the lines they are about.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from trustproof.escaping.text import inside_line, printable
from trustproof.output.findings import findings, in_repository, place, plain, title
from trustproof.output.left_out_files import passed_over_files
from trustproof.output.run_notes import without_run_notes
from trustproof.output.text import counted_results
from trustproof.results.groups import groups, is_of_run
from trustproof.results.report import Report
from trustproof.results.result import ERROR, SEVERITIES, Result

#: What an annotation is called, by the severity.
_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """
    A command for each finding that is not waived, the worst first: of a step, GitHub shows ten of each kind. What was
    passed over, which may be all that a run fails on, is named last, in a line for each reason.
    """
    _, said = without_run_notes(result for result in findings(report) if result.suppression is None)
    together = [one for one in groups(counted_results(report)) if not is_of_run(one.lead)]
    # One of each cause comes before the others of any.
    open_findings = [*(one.lead for one in together), *(other for one in together for other in (*one.also, *one.like))]
    open_findings.sort(key=lambda result: SEVERITIES.index(result.severity))
    lines = [
        _command(
            ERROR,
            "unreadable",
            error.message,
            in_repository(error.file, report.sources) if error.file and not error.file.startswith("<") else "",
            error.line,
            error.column,
        )
        for error in report.errors
    ]
    lines += [_annotation(result, report) for result in open_findings]
    lines += [_command("note", "trustproof", note, "", None, None) for note in (*said, *report.notes)]
    passed_over = passed_over_files("passed over", report.passed_over, verbose=False)
    lines += [_command("note", "trustproof", one, "", None, None) for one in passed_over]
    return "".join(f"{line}\n" for line in lines)


def _annotation(result: Result, report: Report) -> str:
    where = place(result, report.sources)
    own = "" if result.template.startswith("<") else in_repository(result.template, report.sources)
    file = own if where is None else where.file
    line, column = (None, None) if where is None else (where.line, where.column)
    end = None if where is None else where.end_column
    return _command(result.severity, title(result), plain(result), file, line, column, end)


def _command(
    severity: str, name: str, message: str, file: str, line: int | None, column: int | None, end: int | None = None
) -> str:
    parts: list[tuple[str, object]] = [
        ("file", inside_line(file)),
        ("line", line),
        ("col", column),
        ("endColumn", end),
        ("title", inside_line(name)),
    ]
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in parts if value not in (None, ""))
    shown = "\n".join(printable(line) for line in message.split("\n"))
    return f"::{_COMMAND[severity]} {properties}::{_data(shown)}"


def _data(text: str) -> str:
    """As the toolkit of GitHub escapes what stands behind the second ``::``."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As the toolkit of GitHub escapes the value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
