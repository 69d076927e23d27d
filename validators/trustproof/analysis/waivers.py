"""
The waivers of a run: those of the configuration, and those of the templates where the configuration lets them count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from os.path import dirname
from typing import TypeAlias

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


def apply_waivers(
    report: Report,
    config: Config,
    written: Sequence[WrittenWaiver],
    asked: Sequence[Property],
    today: date | None,
    *,
    among: Collection[str] | None = None,
) -> Report:
    """
    The report with what is waived marked so; a change to a template does not silence the gate that judges it, unless
    the configuration says so.

    Args:
        among: the templates that have this configuration; None for all.

    Raises:
        UsageError: a waiver has a last day, and nobody has said what day it is.
    """
    root = dirname(config.file) if config.file else "."
    if written:
        written = list(_that_matter(report, written, Matching(report.results, root, among)))
    waivers = list(config.waivers)
    notes: list[str] = []
    errors: list[InputError] = []
    for template, path, entry in written if config.template_waivers else ():
        try:
            waiver = _in_template(template, path, entry)
        except ValueError as error:
            line, column, *_ = report.sources.position(template, path) or (None, None)
            errors.append(InputError(f"{error} (Metadata of {path[-1]})", template, line, column))
            continue
        if config.is_waivable(waiver.ident):
            waivers.append(waiver)
        else:
            notes.append(f"{template}: the waiver of {waiver.ident} for {path[-1]} does not count: waivable = false")
    if written and not config.template_waivers:
        names = ", ".join(dict.fromkeys(template for template, _, _ in written))
        notes.append(f"waivers in templates do not count without template-waivers = true: {names}")
    report = report.replace(notes=(*report.notes, *notes), errors=(*report.errors, *errors))
    return waive(report, waivers, today=today, asked=[one.ident for one in asked], root=root, among=among)


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
