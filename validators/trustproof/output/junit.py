"""
A report in the XML of JUnit, as Jenkins, GitLab, Azure Pipelines and CodeBuild read it: a suite for each template, a
case for each result.

The elements are those of https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from trustproof.output import json_pointer
from trustproof.output.escaping import inside_line, printable
from trustproof.output.findings import paragraphs, plain
from trustproof.results.report import Report
from trustproof.results.result import ERROR, PROVED, Result


def render(report: Report) -> str:
    """
    Every result is a case: proved passes; refuted and unknown fail where their severity is *error*, and are skipped,
    with their message, where it is milder or they are waived. What cannot be read is an error.
    """
    root = Element("testsuites", {"name": "trustproof"})
    templates: dict[str, list[Result]] = {}
    for result in report.results:
        templates.setdefault(result.template, []).append(result)
    for name, results in templates.items():
        _suite(root, name, results)
    for error in report.errors:
        suite = _new_suite(root, error.file, tests=1, failures=0, errors=1, skipped=0)
        case = _case(suite, "readable", error.file)
        _said(case, "error", error.message, str(error), kind=type(error).__name__)
    suites = list(root)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str, results: Sequence[Result]) -> None:
    failed = [_fails(result) for result in results]
    skipped = [result.verdict != PROVED and not _fails(result) for result in results]
    suite = _new_suite(root, name, tests=len(results), failures=sum(failed), errors=0, skipped=sum(skipped))
    for result, fails, skips in zip(results, failed, skipped, strict=True):
        holder = result.construct_path or result.logical_id or result.template
        case = _case(suite, f"{result.property}: {json_pointer.pointer(result.path)}", holder)
        if fails:
            _said(case, "failure", result.message, plain(result), kind=result.verdict)
        elif skips:
            waived = result.suppression
            why = f"{result.verdict} ({result.severity})" if waived is None else f"{waived.kind}: {waived}"
            _said(case, "skipped", f"{why}: {result.message}", "")
            if any(True for _ in paragraphs(result)):
                SubElement(case, "system-out").text = _xml(plain(result))


def _fails(result: Result) -> bool:
    return result.verdict != PROVED and result.severity == ERROR and result.suppression is None


def _new_suite(root: Element, name: str, *, tests: int, failures: int, errors: int, skipped: int) -> Element:
    counts = {"tests": tests, "failures": failures, "errors": errors, "skipped": skipped}
    return SubElement(
        root, "testsuite", {"name": inside_line(name), **{key: str(found) for key, found in counts.items()}}
    )


def _case(suite: Element, name: str, holder: str) -> Element:
    return SubElement(suite, "testcase", {"name": inside_line(name), "classname": inside_line(holder)})


def _said(case: Element, element: str, message: str, text: str, *, kind: str = "") -> None:
    found = SubElement(case, element, {"message": _xml(message), **({"type": kind} if kind else {})})
    if text:
        found.text = _xml(text)


def _xml(text: str) -> str:
    """Text that XML 1.0 can hold, and that looks the same whatever a template says: lines end, nothing else moves."""
    return "\n".join(printable(line) for line in text.split("\n"))
