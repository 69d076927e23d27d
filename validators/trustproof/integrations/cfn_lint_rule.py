"""
What the rules of `cfn_lint` share: the template is checked once, and each rule shows what is its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from trustproof.api import check, load_config
from trustproof.config.baseline_file import configured_baseline, read_baseline
from trustproof.errors import TrustproofError
from trustproof.escaping.text import printable
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.output.findings import paragraphs, title
from trustproof.results.baseline import compare
from trustproof.results.report import Report
from trustproof.results.result import ERROR, NOTE, PROVED, WARNING, Result, Severity
from trustproof.results.rules import RULES

#: The number of each property. People write them into their configuration of cfn-lint: none is ever given twice.
NUMBERS = {
    "mfa-required": 9501,
    "inside-boundary": 9502,
    "statement-usable": 9503,
    "sensitive-actions-require-mfa": 9504,
    "external-id-required": 9505,
    "no-confused-deputy": 9506,
    "web-identity-bound": 9507,
    "saml-audience-bound": 9508,
    "assume-role-scoped": 9509,
    "deployers-declared": 9510,
    "mfa-survives-chaining": 9511,
    "session-duration-bounded": 9512,
    "waiver-expired": 9513,
    "waiver-unused": 9514,
}
#: What cannot be read, or is asked about in a configuration that cannot.
UNREADABLE = 9500
#: What a project's own configuration asks.
OWN = 9599
#: What is about waivers, which stand in the configuration or in the template.
_OF_WAIVERS = tuple(rule.ident for rule in RULES)
#: Where what stands elsewhere is shown.
_TOP = (0, 0, 0, 0)
LETTERS: Mapping[Severity, str] = {ERROR: "E", WARNING: "W", NOTE: "I"}


class _Found(NamedTuple):
    """
    One thing to show.
    """

    rule: str
    path: Path
    message: str
    #: First and last line and column, from 0, as cfn-lint counts; None where `path` has to do.
    location: tuple[int, int, int, int] | None


class _Checked:
    """
    The latest template: cfn-lint asks each rule about it, and it is checked once.
    """

    template: Template | None = None
    found: tuple[_Found, ...] = ()

    @classmethod
    def of(cls, template: Template) -> tuple[_Found, ...]:
        if cls.template is not template:
            cls.found = tuple(_check(template))
            cls.template = template
        return cls.found


class TrustproofRule(CloudFormationLintRule):
    """
    Shows what was found under one identifier.
    """

    def match(self, cfn: Template) -> list[RuleMatch]:
        """What the template is refuted for, or what is unknown of it."""
        return [_match(found) for found in _Checked.of(cfn) if found.rule == self.id]


def _match(found: _Found) -> RuleMatch:
    if found.location is None:
        return RuleMatch([*found.path], found.message)
    return RuleMatch([*found.path], found.message, location=found.location)


def _check(template: Template) -> Iterator[_Found]:
    """Check the file that cfn-lint reads, or what it has read from standard input."""
    file = template.filename if template.filename and os.path.isfile(template.filename) else None
    start = os.path.dirname(os.path.abspath(file)) if file else "."
    try:
        config = load_config(start=start)
        baseline = configured_baseline(config)
        known = () if baseline is None else read_baseline(baseline)
        report = check([file or template.template], config=config, today=date.today())
    except TrustproofError as error:
        yield _Found(f"E{UNREADABLE}", (), printable(str(error)), _TOP)
        return
    yield from _found(report if baseline is None else compare(report, known, baseline).report, file or "")


def _found(report: Report, linted: str) -> Iterator[_Found]:
    """
    What there is to show in a template. What is about the configuration is the gate's: one template does not tell
    whether a waiver is used, and each of them would show it.
    """
    for error in report.errors:
        if _is_another(error.file, linted):
            yield _Found(f"E{UNREADABLE}", (), printable(str(error)), _TOP)
            continue
        line = max((error.line or 1) - 1, 0)
        column = max((error.column or 1) - 1, 0)
        yield _Found(f"E{UNREADABLE}", (), printable(str(error)), (line, column, line, column))
    for result in report.results:
        if result.verdict == PROVED or result.suppression is not None:
            continue
        number = NUMBERS.get(result.property, OWN)
        rule = f"{LETTERS[result.severity]}{number}"
        is_elsewhere = _is_another(result.template, linted)
        if is_elsewhere and result.property in _OF_WAIVERS:
            continue
        position = report.sources.position(result.template, (*result.path, *result.caret))
        if is_elsewhere or (position is not None and position.file and _is_another(position.file, linted)):
            # A line of another file is none of this one.
            yield _Found(rule, (), f"{_place(result, position)}: {_message(result)}", _TOP)
            continue
        location = None
        if position is not None and not result.template.startswith("<"):
            line, column, end, *_ = position
            location = (line - 1, column - 1, line - 1, end - 1)
        yield _Found(rule, result.path, _message(result), location)


def _is_another(file: str, linted: str) -> bool:
    """Whether a file is not the template that cfn-lint reads; what it has read from standard input has no name."""
    return bool(file) and not file.startswith("<") and (not linted or os.path.abspath(file) != os.path.abspath(linted))


def _place(result: Result, position: Position | None) -> str:
    file = result.template if position is None else position.file or result.template
    return printable(file if position is None else f"{file}:{position.line}")


def _message(result: Result) -> str:
    """One line: editors show no more."""
    said = [f"{title(result)}: {result.message}"]
    said += [f"{name}: {'; '.join(lines)}" for name, lines in paragraphs(result) if name in ("request", "refused")]
    if result.remedy is not None:
        said.append(f"help: {result.remedy.text}")
    return printable(" | ".join(said))
