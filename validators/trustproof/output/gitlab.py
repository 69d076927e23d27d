"""
A report for the merge requests of GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from hashlib import sha256

from trustproof.escaping import text as escaping
from trustproof.escaping.text import file_name, printable
from trustproof.output.findings import Place, findings, in_repository, place, title
from trustproof.output.run_notes import run_note
from trustproof.results.groups import is_of_run
from trustproof.results.omissions import NOT_CHECKED
from trustproof.results.report import Report
from trustproof.results.result import ERROR, NOTE, REFUTED, WARNING, Result

#: GitLab knows info, minor, major, critical and blocker.
_SEVERITY = {ERROR: "critical", WARNING: "minor", NOTE: "info"}


def render(report: Report) -> str:
    """
    What is refuted or unknown, what could not be read, and what nobody has looked into, which may be all that a run
    fails on, in the order of the report. GitLab knows nothing of waivers: what is waived is for information, with the
    reason.
    """
    shown = list(findings(report))
    # What is one note of the run, whatever the roles, stands at the first of them.
    of_run: dict[str, list[Result]] = {}
    for one in shown:
        if is_of_run(one) and one.suppression is None:
            of_run.setdefault(one.cause, []).append(one)
    entries = [
        _entry(result, report, f"{title(result)}: {result.message}{_waived(result)}")
        for result in shown
        if not (is_of_run(result) and result.suppression is None)
    ]
    entries += [
        _entry(several[0], report, f"{title(several[0])}: {run_note(several)}") | {"fingerprint": _hash(cause)}
        for cause, several in of_run.items()
    ]
    entries += [
        _of_file("unreadable", error.message, "blocker", error.file, report, line=error.line or 1)
        for error in report.errors
    ]
    entries += [
        _of_file(NOT_CHECKED, f"not checked: {one}", _SEVERITY[NOTE], one.template, report)
        for one in report.omissions
        if one.suppression is None
    ]
    entries += [
        _of_file("passed-over", f"passed over: {reason}", _SEVERITY[NOTE], path, report)
        for path, reason in report.passed_over
    ]
    return escaping.to_json(entries)


def _of_file(name: str, description: str, severity: str, file: str, report: Report, line: int = 1) -> dict[str, object]:
    """What is no result of a property."""
    return {
        "description": printable(description),
        "check_name": name,
        "fingerprint": _hash(name, file, description),
        "severity": severity,
        "location": {"path": file_name(in_repository(file, report.sources)), "lines": {"begin": line}},
    }


def _entry(result: Result, report: Report, description: str) -> dict[str, object]:
    """A finding as GitLab takes it."""
    return {
        "description": printable(description),
        "check_name": result.property,
        "fingerprint": result.fingerprint or _hash(result.property, result.template, *map(str, result.path)),
        "severity": _severity(result),
        "location": {
            "path": file_name(_place(result, report).file),
            "lines": {"begin": _place(result, report).line},
        },
    }


def _severity(result: Result) -> str:
    """What is unknown and an error is less than what somebody can do."""
    if result.suppression is not None:
        return _SEVERITY[NOTE]
    if result.severity == ERROR and result.verdict != REFUTED:
        return "major"
    return _SEVERITY[result.severity]


def _waived(result: Result) -> str:
    found = result.suppression
    return "" if found is None else f" ({'waived' if found.kind == 'waiver' else 'known'}: {found})"


def _place(result: Result, report: Report) -> Place:
    """GitLab wants a line of everything; what has none is at the first."""
    return place(result, report.sources) or Place(in_repository(result.template, report.sources), 1, 1, 1)


def _hash(*parts: str) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]
