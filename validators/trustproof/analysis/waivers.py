"""
The waivers of a run: those of the configuration, and those of the templates where the configuration lets them count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from os.path import dirname
from typing import NamedTuple, TypeAlias

from trustproof.analysis.execution.task import CheckedTemplate
from trustproof.config.model import Config
from trustproof.errors import InputError
from trustproof.model.policy import Path
from trustproof.properties import registry
from trustproof.properties.base import Property
from trustproof.results.report import Report
from trustproof.results.result import PROVED
from trustproof.results.waiver import IN_TEMPLATE, Acknowledgment, Waiver, read_waiver
from trustproof.results.waiver_index import Matching
from trustproof.results.waivers import waive

#: Name of a template, path of the resource, and what is written there.
WrittenWaiver: TypeAlias = "tuple[str, Path, object]"


def waivers_in(templates: Iterable[CheckedTemplate]) -> tuple[WrittenWaiver, ...]:
    """What the authors of templates ask to have waived; a template that is read for two accounts asks once."""
    found: dict[tuple[str, Path, str], WrittenWaiver] = {}
    for template in templates:
        for path, written in template.declared.waivers:
            found.setdefault((template.name, path, repr(written)), (template.name, path, written))
    return tuple(found.values())


class WaiverTask(NamedTuple):
    """
    Templates of a run that have one configuration.
    """

    config: Config
    #: What is written in the templates.
    written: Sequence[WrittenWaiver]
    #: The properties that were asked of them.
    asked: Sequence[Property]
    #: Their names; None for all templates of the run.
    among: Collection[str] | None = None


def apply_waivers(report: Report, tasks: Iterable[WaiverTask], today: date | None) -> Report:
    """
    The report with what is waived marked so; a change to a template does not silence the gate that judges it, unless
    the configuration says so.

    Raises:
        UsageError: a waiver has a last day, and nobody has said what day it is.
    """
    #: What there is to say of waivers that do not count, once in a run, and of what it is said.
    not_counted: dict[str, dict[str, None]] = {}
    for task in tasks:
        report = _apply(report, task, today, not_counted)
    notes = (f"{said}: {', '.join(places)}" for said, places in not_counted.items())
    return report.replace(notes=(*report.notes, *notes))


def _apply(report: Report, task: WaiverTask, today: date | None, not_counted: dict[str, dict[str, None]]) -> Report:
    config, written = task.config, task.written
    root = dirname(config.file) if config.file else "."
    if written:
        written = list(_that_matter(report, written, Matching(report.results, root, task.among)))
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
        if config.is_waivable(waiver.ident):
            waivers.append(waiver)
        else:
            said = f"waivers of {waiver.ident} in templates do not count with waivable = false"
            not_counted.setdefault(said, {})[f"{template} ({path[-1]})"] = None
    report = report.replace(errors=(*report.errors, *errors))
    idents = [one.ident for one in task.asked]
    return waive(report, waivers, today=today, asked=idents, root=root, among=task.among)


def _that_matter(report: Report, written: Sequence[WrittenWaiver], matching: Matching) -> Iterator[WrittenWaiver]:
    """What is written but for acknowledgments of nothing: constructs make them for whatever they may be asked to do."""
    for template, path, entry in written:
        if isinstance(entry, Acknowledgment):
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
    if unknown is not None:
        raise ValueError(f'unknown key "{unknown}" of a waiver, expected {", ".join(IN_TEMPLATE)}')
    waiver = read_waiver(entry, [found.ident for found in registry.PROPERTIES])
    return waiver._replace(file=template, path=path, in_template=True)
