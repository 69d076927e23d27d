"""
A report for the merge requests of GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from hashlib import sha256

from trustproof.output import words
from trustproof.output.findings import findings, in_repository, place, title
from trustproof.results.report import Report
from trustproof.results.result import ERROR, NOTE, REFUTED, WARNING, Result

#: GitLab knows info, minor, major, critical and blocker.
_SEVERITY = {ERROR: "critical", WARNING: "minor", NOTE: "info"}


def render_gitlab(report: Report) -> str:
    """What is refuted or unknown and not waived, and what could not be read; the order is that of the report."""
    entries = [
        {
            "description": words.printable(f"{title(result)}: {result.message}"),
            "check_name": result.property,
            "fingerprint": result.fingerprint or _hash(result.property, result.template, *map(str, result.path)),
            "severity": _severity(result),
            "location": {
                "path": words.printable(in_repository(result.template)),
                "lines": {"begin": _line(result, report)},
            },
        }
        for result in findings(report)
        if result.suppression is None
    ]
    entries += [
        {
            "description": words.printable(error.message),
            "check_name": "unreadable",
            "fingerprint": _hash("unreadable", error.file, error.message),
            "severity": "blocker",
            "location": {"path": words.printable(error.file), "lines": {"begin": error.line or 1}},
        }
        for error in report.errors
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _severity(result: Result) -> str:
    """What is unknown and an error is less than what somebody can do."""
    if result.severity == ERROR and result.verdict != REFUTED:
        return "major"
    return _SEVERITY[result.severity]


def _line(result: Result, report: Report) -> int:
    """GitLab wants a line of everything; what has none is at the first."""
    where = place(result, report.sources)
    return 1 if where is None else where.line


def _hash(*parts: str) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]
