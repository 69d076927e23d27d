"""
A report in the XML of JUnit, as Jenkins, GitLab, Azure Pipelines and CodeBuild read it: a suite for each template, a
case for each property of each of its resources.

A case is known to them by `classname` and `name`: the same template, resource and property have the same in every run,
whatever is found and wherever it stands, so that one that is mended is seen to pass. GitLab takes two cases of one name
for one: https://docs.gitlab.com/ci/testing/unit_test_reports/

The elements are those of https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from trustproof.errors import InputError
from trustproof.escaping.text import inside_line, printable
from trustproof.output.findings import in_repository, paragraphs, plain
from trustproof.results.report import Report, ResourceVerdict
from trustproof.results.result import ERROR, PROVED, Severity


def render(report: Report, *, fail_on: Severity = ERROR, strict: bool = False) -> str:
    """
    Every property of a resource is a case: proved passes; refuted and unknown fail where the run fails on a part, and
    are skipped, with their messages, where it does not, since that is milder or waived. What cannot be read is an
    error, and what nobody has looked into fails where the run does so, and else is skipped, a case for each file.

    Args:
        fail_on: the mildest severity that the exit status minds.
        strict: whether it minds what nobody has looked into as well.
    """
    failing = {*map(id, report.failures(fail_on))}
    root = Element("testsuites", {"name": "trustproof"})
    templates: dict[str, list[ResourceVerdict]] = {}
    for found in report.verdicts:
        templates.setdefault(in_repository(found.template, report.sources), []).append(found)
    for name, verdicts in templates.items():
        _suite(root, name, verdicts, failing)
    unread: dict[str, list[InputError]] = {}
    for error in report.errors:
        unread.setdefault(in_repository(error.file, report.sources) if error.file else "", []).append(error)
    for file, errors in unread.items():
        suite = _new_suite(root, file, tests=1, failures=0, errors=1, skipped=0)
        case = _case(suite, "readable", file)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        text = "\n".join(map(str, errors))
        _said(case, "error", f"{errors[0].message}{more}", text, kind=type(errors[0]).__name__)
    overlooked: dict[str, list[str]] = {}
    for one in report.omissions:
        if one.suppression is None:
            overlooked.setdefault(in_repository(one.template, report.sources), []).append(f"not checked: {one}")
    for path, reason in report.passed_over:
        overlooked.setdefault(in_repository(path, report.sources), []).append(f"passed over: {reason}")
    for file, said in overlooked.items():
        suite = _new_suite(root, file, tests=1, failures=int(strict), errors=0, skipped=int(not strict))
        case = _case(suite, "looked-into", file)
        more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
        if strict:
            _said(case, "failure", f"{said[0]}{more}", "\n".join(said), kind="unread")
            continue
        _said(case, "skipped", f"{said[0]}{more}", "")
        if more:
            SubElement(case, "system-out").text = _xml("\n".join(said))
    suites = list(root)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str, verdicts: Sequence[ResourceVerdict], failing: Container[int]) -> None:
    failed = [any(id(one) in failing for one in found.parts) for found in verdicts]
    skipped = [found.verdict != PROVED and not fails for found, fails in zip(verdicts, failed, strict=True)]
    suite = _new_suite(root, name, tests=len(verdicts), failures=sum(failed), errors=0, skipped=sum(skipped))
    for found, fails, skips, called in zip(verdicts, failed, skipped, _classnames(name, verdicts), strict=True):
        case = _case(suite, found.property, called)
        # The parts that make it fail come first.
        worse = sorted((one for one in found.parts if one.verdict != PROVED), key=lambda one: id(one) not in failing)
        if not worse:
            continue
        first, more = worse[0], f" (and {len(worse) - 1} more)" if len(worse) > 1 else ""
        text = "\n\n".join(map(plain, worse))
        if fails:
            _said(case, "failure", f"{first.message}{more}", text, kind=first.verdict)
        elif skips:
            waived = first.suppression
            why = f"{first.verdict} ({first.severity})" if waived is None else f"{waived.kind}: {waived}"
            _said(case, "skipped", f"{why}: {first.message}{more}", "")
            if more or any(True for _ in paragraphs(first)):
                SubElement(case, "system-out").text = _xml(text)


def _classnames(file: str, verdicts: Sequence[ResourceVerdict]) -> list[str]:
    """
    Template and resource; where that is the same for several, with the account, and then with the logical id: one
    template for several accounts has each resource in each of them.
    """
    several = [_called(file, found) for found in verdicts]
    counts = Counter(
        (level, found.property, name)
        for found, names in zip(verdicts, several, strict=True)
        for level, name in enumerate(names)
    )
    return [
        next((one for level, one in enumerate(names) if counts[level, found.property, one] == 1), names[-1])
        for found, names in zip(verdicts, several, strict=True)
    ]


def _called(file: str, found: ResourceVerdict) -> tuple[str, ...]:
    """What a resource may be called, the shortest first."""
    holder = found.construct_path or found.logical_id
    inside = f".{holder}" if holder else ""
    account = f"{file} ({found.account})" if found.account else file
    own = f" {found.logical_id}" if found.logical_id != holder else ""
    return f"{file}{inside}", f"{account}{inside}", f"{account}{inside}{own}"


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
