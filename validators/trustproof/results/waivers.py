"""
Waivers: findings that somebody answers for, with a reason, for a while.

A waiver is written in the configuration, or in a template whose project lets it; what is found stays in the report,
with the reason. One that is no longer in force, or is about nothing, is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from trustproof.errors import UsageError
from trustproof.escaping.text import first_of
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.results.edit import Edit
from trustproof.results.fingerprint import fingerprint
from trustproof.results.omissions import NOT_CHECKED, Omission, omission_notes
from trustproof.results.report import Replacement, Report, Sources
from trustproof.results.result import PROVED, REFUTED, Result, Suppression
from trustproof.results.rules import EXPIRED_WAIVER, UNUSED_WAIVER, Rule
from trustproof.results.surroundings import is_no_worse, says_something
from trustproof.results.waiver import Waiver
from trustproof.results.waiver_index import Templates, WaivedResults, is_like
from trustproof.results.waiver_scope import WaiverScope

_SEVERAL = 2
#: So many resources are named at which a property was found.
_NAMED = 3
_HELD_BACK_BY_LESS = (
    "covers nothing that was found: by its around, what it is about was held back by more, or stood elsewhere"
)
_IS_BLIND = (
    "waivers by fingerprint do not see that a Deny or a permissions boundary beside their statement is gone, unless "
    "they say what was around it, as `check --format json` has it (around)"
)


def waive(report: Report, waivers: Sequence[Waiver], scope: WaiverScope, *, today: date | None) -> Report:
    """
    The report, with what is waived marked so, and with what is wrong with the waivers.

    Args:
        waivers: those of one configuration, and of its templates.
        scope: where they hold.
        today: the day of the run; None where nobody has said.

    Raises:
        UsageError: a waiver has a last day, and nobody has said what day it is.
    """
    if not waivers:
        return report
    ending = next((waiver for waiver in waivers if waiver.expires is not None), None)
    if ending is not None and today is None:
        raise UsageError(
            f"{ending.source or _file(ending)}: this waiver expires, so a run must be told what day it is (today=)"
        )
    looked_at, omitted = _apart(waivers)
    report, wrong = _with_accepted(report, omitted, today, scope)
    matching = WaivedResults(report.results, scope.root)
    suppressions: dict[int, Suppression] = {}
    blind: dict[str, None] = {}
    notes = list(report.notes)
    for waiver in looked_at:
        there = [index for index in matching.of(waiver) if report.results[index].verdict != PROVED]
        names = [report.results[index].template for index in there]
        own = [index for index in there if scope.has(report.results[index].template)]
        settled = dict.fromkeys(
            report.results[index].template
            for index in own
            if scope.is_settled(report.results[index].template, waiver.ident)
        )
        about = [index for index in own if report.results[index].template not in settled]
        found = [index for index in about if is_no_worse(waiver.around, report.results[index].around)]
        if settled:
            notes.append(_does_not_count(waiver, settled))
        notes += _covered_by_name(waiver, [report.results[index].template for index in found])
        if found and waiver.expires is not None and today is not None and waiver.expires < today:
            wrong.append(_finding(EXPIRED_WAIVER, waiver, f"expired on {waiver.expires}"))
        elif found:
            if (
                waiver.fingerprint
                and not waiver.around
                and any(says_something(report.results[index].around) for index in found)
            ):
                blind[waiver.source or _file(waiver)] = None
            suppression = _suppression(waiver)
            suppressions.update((index, suppression) for index in found if index not in suppressions)
        elif about:
            wrong.append(_finding(UNUSED_WAIVER, waiver, _HELD_BACK_BY_LESS))
        elif not settled and not report.errors and (why := scope.why_unused(waiver, waiver.ident, names)):
            wrong.append(_finding(UNUSED_WAIVER, waiver, f"{why}{_found_beside(waiver, report.results)}"))
    results = [
        result if index not in suppressions else result._replace(suppression=suppressions[index])
        for index, result in enumerate(report.results)
    ]
    if blind:
        notes.append(f"{_IS_BLIND}: {', '.join(blind)}")
    sources = WaiverSources(report.sources, waivers)
    return report.replace(results=(*results, *wrong), notes=tuple(notes), sources=sources)


def _found_beside(waiver: Waiver, results: Iterable[Result]) -> str:
    """Where the property was found instead, to end a message: a bucket may be waived for what its policy does."""
    if not waiver.in_template:
        return ""
    found = dict.fromkeys(
        one.logical_id
        for one in results
        if one.property == waiver.ident and one.verdict != PROVED and one.template == waiver.file
    )
    return f": it was found at {', '.join(found)}" if 0 < len(found) <= _NAMED else ""


def _covered_by_name(waiver: Waiver, templates: Iterable[str]) -> list[str]:
    """
    That the name in a waiver is that of resources of several templates: whoever adds one chooses what it is called.
    """
    several = dict.fromkeys(templates)
    is_broad = waiver.in_template or waiver.template or waiver.fingerprint or "*" in waiver.resource
    if is_broad or len(several) < _SEVERAL:
        return []
    shown = first_of(several, _NAMED)
    said = f"the waiver of {waiver.ident} for {waiver.resource} covers what is called so in {shown}"
    return [f"{waiver.source or _file(waiver)}: {said}: say which of them is meant (template)"]


def _does_not_count(waiver: Waiver, settled: Iterable[str]) -> str:
    said = f"the waiver of {waiver.ident} does not count with waivable = false: {', '.join(settled)}"
    return f"{waiver.source or _file(waiver)}: {said}"


def _apart(waivers: Sequence[Waiver]) -> tuple[list[Waiver], list[Waiver]]:
    """The waivers of verdicts, and those of what is not checked."""
    return (
        [one for one in waivers if one.ident != NOT_CHECKED],
        [one for one in waivers if one.ident == NOT_CHECKED],
    )


def _with_accepted(
    report: Report, waivers: Sequence[Waiver], today: date | None, scope: WaiverScope
) -> tuple[Report, list[Result]]:
    """The report with what somebody answers for although nobody looks into it, and what is wrong with the waivers."""
    if not waivers:
        return report, []
    found = list(report.omissions)
    wrong: list[Result] = []
    notes = list(report.notes)
    places = Templates((one.template for one in found), scope.root)
    for waiver in waivers:
        there = [index for index, one in enumerate(found) if one.resource and _is_about(waiver, one, places)]
        names = [found[index].template for index in there]
        own = [index for index in there if scope.has(found[index].template)]
        about = [index for index in own if not scope.is_settled(found[index].template, waiver.ident)]
        if settled := dict.fromkeys(found[index].template for index in own if index not in about):
            notes.append(_does_not_count(waiver, settled))
        if about and waiver.expires is not None and today is not None and waiver.expires < today:
            wrong.append(_finding(EXPIRED_WAIVER, waiver, f"expired on {waiver.expires}"))
        elif about:
            for index in about:
                found[index] = found[index]._replace(suppression=found[index].suppression or _suppression(waiver))
        elif not own and not report.errors and (why := scope.why_unused(waiver, None, names)):
            wrong.append(_finding(UNUSED_WAIVER, waiver, why))
    before, after = [*omission_notes(report.omissions)], [*omission_notes(found)]
    if before != after:
        # What another note speaks of has none of its own before it is waived.
        at = notes.index(before[0]) if before else len(notes)
        notes[at : at + len(before)] = after
    return report.replace(omissions=tuple(found), notes=tuple(notes)), wrong


def _is_about(waiver: Waiver, found: Omission, places: Templates) -> bool:
    if waiver.in_template:
        return found.template == waiver.file and found.resource == waiver.path[-1]
    if waiver.template and found.template not in places.like(waiver.template):
        return False
    pieces = waiver.resource.split("*")
    return found.resource == waiver.resource if len(pieces) == 1 else is_like(found.resource, pieces)


class WaiverSources:
    """
    The texts that results point into, the waivers of a configuration among them.
    """

    def __init__(self, sources: Sources, waivers: Iterable[Waiver]) -> None:
        self._sources = sources
        #: Where the files of the run are in their repository.
        self.below: str = sources.below
        self.top: str = sources.top
        self._written = {(_file(waiver), waiver.path): waiver for waiver in waivers if not waiver.in_template}
        self._lines = {(_file(waiver), waiver.line): waiver.text for waiver in self._written.values()}

    def position(self, template: str, path: Path) -> Position | None:
        """Where a value stands."""
        waiver = self._written.get((template, path))
        if waiver is None:
            return self._sources.position(template, path)
        return None if waiver.line is None else Position(waiver.line, 1, len(waiver.text) + 1)

    def shown_path(self, template: str, path: Path) -> Path:
        """A path in a template, without the texts in it that are never shown."""
        return path if (template, path) in self._written else self._sources.shown_path(template, path)

    def line(self, template: str, number: int, file: str = "") -> str:
        """One line of a template or of the configuration, from 1."""
        found = None if file else self._lines.get((template, number))
        return self._sources.line(template, number, file) if found is None else found

    def replacements(self, template: str, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """What to replace in a template so that it says what edits say; empty where that cannot be told."""
        return self._sources.replacements(template, edits)


def _file(waiver: Waiver) -> str:
    """The file in which a waiver stands; one of a mapping stands in none, and a report calls it the configuration."""
    return waiver.file or "<configuration>"


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
        _file(waiver),
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
