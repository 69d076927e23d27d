"""
Waivers: findings that somebody answers for, with a reason, for a while.

A waiver is written in the configuration, or in a template whose project lets it; what is found stays in the report,
with the reason. One that is no longer in force, or is about nothing, is a finding of its own.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from trustproof.errors import UsageError
from trustproof.model.file_patterns import is_file_pattern
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.results.edit import Edit
from trustproof.results.fingerprint import fingerprint, without_number
from trustproof.results.report import Replacement, Report, Sources
from trustproof.results.result import OWN_PROPERTY, PROVED, REFUTED, Result, Suppression
from trustproof.results.rules import EXPIRED_WAIVER, UNUSED_WAIVER, Rule

#: What a waiver may say in a template; in the configuration, also what it is about.
IN_TEMPLATE = ("property", "reason", "owner", "expires")
SCOPE = ("resource", "fingerprint", "template")


class Acknowledgment(NamedTuple):
    """
    What the author of a CDK stack has acknowledged, of everything below a construct.
    """

    #: Identifier of the property.
    ident: str
    reason: str
    #: Path of the construct.
    scope: str = ""


class Waiver(NamedTuple):
    """
    What somebody answers for.
    """

    #: Identifier of the property.
    ident: str
    reason: str
    #: Logical id or construct path, in which ``*`` stands for anything; empty for every resource.
    resource: str = ""
    #: Of the result; empty for every one.
    fingerprint: str = ""
    #: Which templates: a pattern as in a ``.gitignore``, from the directory of the configuration; empty for all.
    template: str = ""
    owner: str = ""
    #: The last day on which it is in force; None where it has no end.
    expires: date | None = None
    #: Where it is written: the file, the path in it, and of the configuration the line and its text.
    file: str = ""
    path: Path = ()
    line: int | None = None
    text: str = ""
    #: Whether it is written in a template, at the resource it is about.
    in_template: bool = False

    @property
    def source(self) -> str:
        """File and, where known, line."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


def read_waiver(table: Mapping[str, object], properties: Iterable[str]) -> Waiver:
    """
    The waiver in a table of known keys.

    Args:
        properties: the identifiers there are.

    Raises:
        ValueError: what is wrong with it, in words.
    """
    texts = {key: _text(table, key) for key in ("property", "reason", "owner", *SCOPE)}
    for key in ("property", "reason"):
        if not texts[key]:
            raise ValueError(f"a waiver needs a {key}{': say why it may be so' if key == 'reason' else ''}")
    known = tuple(properties)
    if texts["property"] not in known and not texts["property"].startswith(OWN_PROPERTY):
        raise ValueError(f'no property is called "{texts["property"]}", expected one of {", ".join(known)}')
    if texts["template"] and not is_file_pattern(texts["template"]):
        raise ValueError(f'the template "{texts["template"]}" of a waiver is no pattern as in a .gitignore')
    return Waiver(
        texts["property"],
        texts["reason"],
        resource=texts["resource"],
        fingerprint=texts["fingerprint"],
        template=texts["template"],
        owner=texts["owner"],
        expires=_day(table.get("expires")),
    )


def _text(table: Mapping[str, object], key: str) -> str:
    found = table.get(key, "")
    if not isinstance(found, str) or (key in table and not found.strip()):
        raise ValueError(f"{key} of a waiver must be a string that is not empty")
    return found


def _day(value: object) -> date | None:
    """A date of TOML or YAML, or the text of one."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f'expires of a waiver must be a day such as 2027-01-31, got "{value}"')


def waive(
    report: Report,
    waivers: Sequence[Waiver],
    *,
    today: date | None,
    asked: Iterable[str],
    root: str = ".",
    among: Collection[str] | None = None,
) -> Report:
    """
    The report, with what is waived marked so, and with what is wrong with the waivers.

    Args:
        today: the day of the run; None where nobody has said.
        asked: the identifiers of the properties that were asked: of others, no waiver is called unused.
        root: the directory that patterns of templates are relative to.
        among: the templates that the waivers may be about; None for all.

    Raises:
        UsageError: a waiver has a last day, and nobody has said what day it is.
    """
    if not waivers:
        return report
    ending = next((waiver for waiver in waivers if waiver.expires is not None), None)
    if ending is not None and today is None:
        raise UsageError(f"{ending.source}: this waiver expires, so a run must be told what day it is (today=)")
    matching = _Matching(report.results, root, among)
    suppressions: dict[int, Suppression] = {}
    wrong: list[Result] = []
    for waiver in waivers:
        found = [index for index in matching.of(waiver) if report.results[index].verdict != PROVED]
        if found and waiver.expires is not None and today is not None and waiver.expires < today:
            wrong.append(_finding(EXPIRED_WAIVER, waiver, f"expired on {waiver.expires}"))
        elif found:
            suppression = _suppression(waiver)
            suppressions.update((index, suppression) for index in found if index not in suppressions)
        elif waiver.ident in set(asked) and not report.errors and matching.saw(waiver):
            wrong.append(_finding(UNUSED_WAIVER, waiver, "is about nothing that was found"))
    results = [
        result if index not in suppressions else result._replace(suppression=suppressions[index])
        for index, result in enumerate(report.results)
    ]
    return report.replace(results=(*results, *wrong), sources=WaiverSources(report.sources, waivers))


class WaiverSources:
    """
    The texts that results point into, the waivers of a configuration among them.
    """

    def __init__(self, sources: Sources, waivers: Iterable[Waiver]) -> None:
        self._sources = sources
        self._written = {(waiver.file, waiver.path): waiver for waiver in waivers if not waiver.in_template}
        self._lines = {(waiver.file, waiver.line): waiver.text for waiver in self._written.values()}

    def position(self, template: str, path: Path) -> Position | None:
        """Where a value stands."""
        waiver = self._written.get((template, path))
        if waiver is None:
            return self._sources.position(template, path)
        return None if waiver.line is None else Position(waiver.line, 1, len(waiver.text) + 1)

    def line(self, template: str, number: int, file: str = "") -> str:
        """One line of a template or of the configuration, from 1."""
        found = None if file else self._lines.get((template, number))
        return self._sources.line(template, number, file) if found is None else found

    def replacements(self, template: str, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """What to replace in a template so that it says what edits say; empty where that cannot be told."""
        return self._sources.replacements(template, edits)


class _Matching:
    """Which results a waiver is about."""

    def __init__(self, results: Sequence[Result], root: str, among: Collection[str] | None) -> None:
        self._results = results
        self._among = among
        self._root = os.path.abspath(root)
        self._templates: dict[str, frozenset[str]] = {}
        self._names = {result.template: self._relative(result.template) for result in results}

    def of(self, waiver: Waiver) -> Iterator[int]:
        """The places of the results, proved ones included."""
        for index, result in enumerate(self._results):
            there = self._among is None or result.template in self._among
            if there and result.property == waiver.ident and self._is_about(waiver, result):
                yield index

    def saw(self, waiver: Waiver) -> bool:
        """Whether anything was checked that the waiver may be about."""
        return waiver.in_template or not waiver.template or bool(self._there(waiver.template))

    def _is_about(self, waiver: Waiver, result: Result) -> bool:
        if waiver.in_template:
            return result.template == waiver.file and result.path[: len(waiver.path)] == waiver.path
        if waiver.fingerprint and waiver.fingerprint not in (result.fingerprint, without_number(result.fingerprint)):
            return False
        if waiver.resource and not any(
            fnmatchcase(name, waiver.resource) for name in (result.logical_id, result.construct_path) if name
        ):
            return False
        return not waiver.template or result.template in self._there(waiver.template)

    def _there(self, pattern: str) -> frozenset[str]:
        """The templates that a pattern is about."""
        if pattern not in self._templates:
            # Few projects waive anything, and the others need not wait for it.
            from pathspec import GitIgnoreSpec

            spec = GitIgnoreSpec.from_lines((pattern,))
            self._templates[pattern] = frozenset(n for n, relative in self._names.items() if spec.match_file(relative))
        return self._templates[pattern]

    def _relative(self, template: str) -> str:
        if template.startswith("<"):
            return template
        return os.path.relpath(os.path.abspath(template), self._root).replace(os.sep, "/")


def _suppression(waiver: Waiver) -> Suppression:
    expires = "" if waiver.expires is None else waiver.expires.isoformat()
    return Suppression("waiver", waiver.reason, waiver.owner, expires, waiver.source)


def _finding(rule: Rule, waiver: Waiver, what: str) -> Result:
    about = [text for text in (waiver.resource, waiver.template, waiver.fingerprint) if text]
    if waiver.in_template:
        about = [str(waiver.path[-1])]
    whose = f" (owner: {waiver.owner})" if waiver.owner else ""
    content = "\n".join((waiver.ident, waiver.reason, *about))
    return Result(
        rule.ident,
        REFUTED,
        rule.severity,
        waiver.file or "<configuration>",
        str(waiver.path[-1]) if waiver.in_template else "",
        "",
        None,
        None,
        waiver.path,
        f"the waiver of {waiver.ident} for {', '.join(about) or 'every resource'} {what}{whose}",
        label="this waiver",
        why=(f"its reason was: {waiver.reason}",),
        fingerprint=fingerprint(rule.ident, waiver.file, content),
    )
