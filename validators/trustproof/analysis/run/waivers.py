"""
The waivers of a run: those of the configuration, and those of the templates where the configuration lets them count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from os.path import dirname
from typing import TypeAlias

from trustproof.analysis.execution.task import CheckedTemplate
from trustproof.analysis.run.configuration_notes import patterns_of_no_file, waivers_of_no_file
from trustproof.analysis.run.selection import switched_off
from trustproof.analysis.run.unread_templates import UnreadTemplates
from trustproof.config.model import Config
from trustproof.errors import InputError
from trustproof.inputs.walk import ExcludedPaths
from trustproof.model.policy import Path
from trustproof.properties import registry
from trustproof.results.omissions import NOT_CHECKED
from trustproof.results.report import Report
from trustproof.results.result import PROVED
from trustproof.results.rules import UNUSED_WAIVER
from trustproof.results.waiver import IN_TEMPLATE, Acknowledgment, Waiver, read_waiver
from trustproof.results.waiver_index import WaivedResults
from trustproof.results.waiver_scope import JudgedTemplate, WaiverScope
from trustproof.results.waivers import waive

#: What waivers stand below in a template.
_KEY = "trustproof"
#: Name of a template, path of the resource, and what is written there.
WrittenWaiver: TypeAlias = "tuple[str, Path, object]"


def waivers_in(templates: Iterable[CheckedTemplate]) -> tuple[WrittenWaiver, ...]:
    """What the authors of templates ask to have waived; a template that is read for two accounts asks once."""
    found: dict[tuple[str, Path, str], WrittenWaiver] = {}
    for template in templates:
        for path, written in template.declared.waivers:
            found.setdefault((template.name, path, repr(written)), (template.name, path, written))
    return tuple(found.values())


#: A configuration, and the templates that were judged with it.
Judging: TypeAlias = "tuple[Config, Sequence[CheckedTemplate]]"


def apply_waivers(
    report: Report,
    judging: Iterable[Judging],
    main: Config,
    paths: Sequence[str | Mapping[str, object]],
    excluded: ExcludedPaths,
    today: date | None,
    properties: Sequence[str] | None,
) -> Report:
    """
    The report with what is waived marked so; a change to a template does not silence the gate that judges it, unless
    the configuration says so.

    A waiver counts once in a run, however many configurations its file makes by its overrides.

    Args:
        main: the configuration of the run.
        paths: what the run was told to read.
        excluded: what it leaves out.
        today: the day of the run; None where nobody has said.
        properties: the identifiers of the properties that somebody named; None where nobody named any.

    Raises:
        UsageError: a waiver has a last day, and nobody has said what day it is.
    """
    #: What there is to say of waivers that do not count, once in a run, and of what it is said.
    not_counted: dict[str, dict[str, None]] = {}
    by_file: dict[str, list[Judging]] = {}
    judged: dict[str, JudgedTemplate] = {}
    for config, theirs in judging:
        by_file.setdefault(config.file or "", []).append((config, theirs))
        asked, settled = _asked(config, properties), _settled(config)
        judged.update((one.name, JudgedTemplate(config.file or "", asked, settled)) for one in theirs)
    report = report.replace(settled={name: one.settled for name, one in judged.items() if one.settled})
    read = (*judged, *(path for path, _ in report.skipped))
    for file, own in by_file.items():
        config = own[0][0]
        root = dirname(file) or "."
        unread = UnreadTemplates(root if file and config.elsewhere is None else None, paths, read, excluded)
        written = waivers_in(one for _, theirs in own for one in theirs)
        absent = _AbsentTemplates(config, main, judged, unread)
        scope = WaiverScope(
            file, root, {one.ident for one in config.invariants}, judged, unread.may_match, absent.why_nowhere
        )
        report = _apply(report, config, written, scope, today, not_counted)
    notes = (f"{said}: {', '.join(places)}" for said, places in not_counted.items())
    unused = {(one.template, one.path) for one in report.results if one.property == UNUSED_WAIVER.ident}
    configs = (main, *(config for own in by_file.values() for config, theirs in own if theirs))
    nowhere = dict.fromkeys(waivers_of_no_file(configs, main, judged, unused))
    return report.replace(notes=(*report.notes, *nowhere, *notes))


class _AbsentTemplates:
    """
    What the waivers of a configuration are about that is not there. Nothing is looked at before somebody asks.
    """

    def __init__(self, config: Config, main: Config, judged: Iterable[str], unread: UnreadTemplates) -> None:
        self._config, self._main = config, main
        self._judged, self._unread = judged, unread
        self._found: dict[str, str] | None = None

    def why_nowhere(self, pattern: str) -> str:
        """Why a pattern is about no file; empty where it is, or where the run has not read all that is there."""
        if self._found is None:
            patterns = (one.template for one in self._config.waivers if one.template)
            whole = not self._unread.may_match("")
            self._found = patterns_of_no_file(patterns, self._config, self._main, self._judged) if whole else {}
        return self._found.get(pattern, "")


def _asked(config: Config, properties: Sequence[str] | None) -> frozenset[str]:
    """The properties that were asked of the templates of a configuration, whatever that of the run switches off."""
    there = (one.ident for one in (*registry.PROPERTIES, *registry.invariant_properties(config)))
    named = (ident for ident in there if properties is None or ident in properties)
    return frozenset(named).difference(switched_off(config))


def _settled(config: Config) -> frozenset[str]:
    """The properties about which no waiver may be."""
    return frozenset(ident for ident in config.properties if not config.is_waivable(ident))


def _apply(
    report: Report,
    config: Config,
    written: Sequence[WrittenWaiver],
    scope: WaiverScope,
    today: date | None,
    not_counted: dict[str, dict[str, None]],
) -> Report:
    if written:
        written = list(_that_matter(report, written, WaivedResults(report.results, scope.root)))
    waivers = list(config.waivers)
    errors: list[InputError] = []
    for template, path, entry in written:
        if not config.template_waivers:
            said = "waivers in templates do not count without template-waivers = true"
            not_counted.setdefault(said, {})[template] = None
            continue
        try:
            waiver = _in_template(template, path, entry)
        except ValueError as error:
            line, column, *_ = report.sources.position(template, path) or (None, None)
            errors.append(InputError(f"{error} (Metadata of {path[-1]})", template, line, column))
            continue
        if scope.is_settled(template, waiver.ident):
            said = f"waivers of {waiver.ident} in templates do not count with waivable = false"
            not_counted.setdefault(said, {})[f"{template} ({path[-1]})"] = None
        else:
            waivers.append(waiver)
    report = report.replace(errors=(*report.errors, *errors))
    return waive(report, waivers, scope, today=today)


def _that_matter(report: Report, written: Sequence[WrittenWaiver], matching: WaivedResults) -> Iterator[WrittenWaiver]:
    """What is written but for acknowledgments of nothing: constructs make them for whatever they may be asked to do."""
    omitted = {(one.template, one.resource) for one in report.omissions}
    for template, path, entry in written:
        if isinstance(entry, Acknowledgment) and entry.ident == NOT_CHECKED:
            if (template, path[-1]) not in omitted:
                continue
        elif isinstance(entry, Acknowledgment):
            waiver = Waiver(entry.ident, entry.reason, file=template, path=path, in_template=True)
            if all(report.results[index].verdict == PROVED for index in matching.of(waiver)):
                continue
        yield template, path, entry


def _in_template(template: str, path: Path, entry: object) -> Waiver:
    if isinstance(entry, Acknowledgment):
        waiver = read_waiver({"property": entry.ident, "reason": entry.reason}, [p.ident for p in registry.PROPERTIES])
        return waiver._replace(file=template, path=path, in_template=True)
    if not isinstance(entry, Mapping):
        raise ValueError("a waiver must be a mapping")
    unknown = next((key for key in entry if key not in IN_TEMPLATE), None)
    if str(unknown).lower() == _KEY:
        raise ValueError(f'waivers stand below "{_KEY}", and nothing is waived by "{unknown}"')
    if unknown is not None:
        raise ValueError(f'unknown key "{unknown}" of a waiver, expected {", ".join(IN_TEMPLATE)}')
    waiver = read_waiver(entry, [found.ident for found in registry.PROPERTIES])
    return waiver._replace(file=template, path=path, in_template=True)
