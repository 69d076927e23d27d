"""
A report as commands of a workflow, which GitHub shows as annotations at the lines they are about.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from trustproof.output.causes import cause_paragraphs, causes, properties_of
from trustproof.output.escaping import inside_line, printable
from trustproof.output.findings import in_repository, lines_of, place
from trustproof.results.groups import Group
from trustproof.results.report import Report
from trustproof.results.result import ERROR

#: What an annotation is called, by the severity.
_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """
    A command for each cause that is not waived, the worst first: of a step, GitHub shows ten of each kind.
    """
    found, said = causes(report)
    lines = [
        _command(
            ERROR,
            "unreadable",
            error.message,
            in_repository(error.file, report.sources) if error.file else "",
            error.line,
            error.column,
        )
        for error in report.errors
    ]
    lines += [_annotation(group, report) for group in found]
    lines += [_command("note", "trustproof", note, "", None, None) for note in (*said, *report.notes)]
    return "".join(f"{line}\n" for line in lines)


def _annotation(group: Group, report: Report) -> str:
    result = group.lead
    where = place(result, report.sources)
    own = "" if result.template.startswith("<") else in_repository(result.template, report.sources)
    file = own if where is None else where.file
    line, column = (None, None) if where is None else (where.line, where.column)
    end = None if where is None else where.end_column
    title = f"{result.verdict}[{properties_of(group)}]"
    return _command(result.severity, title, lines_of(result.message, cause_paragraphs(group)), file, line, column, end)


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
