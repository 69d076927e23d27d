"""
The gate: every policy of every template, each property, one report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from os.path import abspath, dirname, join

from trustproof.analysis.across_templates import link
from trustproof.analysis.execution.pool import have_cross_references
from trustproof.analysis.execution.task import CheckedTemplate, Task
from trustproof.analysis.role_chains.assignments import ChainedTemplate, chain_results
from trustproof.analysis.template import Checked
from trustproof.inputs.discovery import Inputs
from trustproof.inputs.reader import Container, Doubt, ExternalTemplate
from trustproof.inputs.source_texts import SourceTexts
from trustproof.properties import registry
from trustproof.properties.base import IdentityProperty, Property, RunProperty
from trustproof.results.fingerprint import told_apart, within
from trustproof.results.report import Report
from trustproof.results.result import PROVED, UNKNOWN, Result

Progress = Callable[[int, "int | None"], None]


class Merged:
    """
    What the templates gave, put together in their order.
    """

    def __init__(self) -> None:
        self._results: list[Result] = []
        self._chained: list[ChainedTemplate] = []
        self._policies = 0
        self._without: list[str] = []
        #: By template: why nothing can be proved of it, and what it refers to and does not hold.
        self._doubts: dict[str, tuple[Doubt, ...]] = {}
        self._external: dict[str, tuple[ExternalTemplate, ...]] = {}
        self._names: list[str] = []
        #: By file: what templates of it stand inside of.
        self._containers: dict[str, list[Container]] = {}
        self._sources = SourceTexts()

    def read(self, given: CheckedTemplate) -> CheckedTemplate:
        """What one more template gave; a file can be read again, so that its template need not be kept."""
        if given.template is None:
            return given
        self._sources.keep(given.template)
        return given if given.name.startswith("<") else given._replace(template=None)

    def _add(self, name: str, checked: Checked) -> None:
        self._results += (*checked.results, *checked.composed, *checked.others)
        self._chained.append(checked.chained)
        self._policies += sum(checked.policies)
        self._names.append(name)
        # A file may hold several.
        whole = (Doubt((), checked.doubt, True),) if checked.doubt else ()
        if whole or checked.doubts:
            self._doubts[name] = (*self._doubts.get(name, ()), *whole, *checked.doubts)
        if checked.container is not None:
            self._containers.setdefault(name, []).append(checked.container)
        if checked.external_templates:
            self._external[name] = self._external.get(name, ()) + checked.external_templates
        if not sum(checked.policies):
            self._without.append(name)

    def report(
        self, given: list[CheckedTemplate], asked: Sequence[Property], inputs: Inputs, task: Task, jobs: int
    ) -> Report:
        """Ask what depends on several templates, and report."""
        notes: tuple[str, ...] = ()
        if have_cross_references(given):
            given, errors, notes = link(given, task, jobs)
            inputs.errors.extend(errors)
        for one in given:
            self._add(one.name, one.checked)
        for across in asked:
            if isinstance(across, RunProperty):
                self._results.extend(chain_results(self._chained, across, certify=task.certify))
        results = told_apart([self._told(result) for result in self._results])
        return Report(
            results,
            len(given),
            self._policies,
            tuple((s.path, s.reason) for s in inputs.skipped),
            tuple(inputs.errors),
            (*_notes(self._without, len(given)), *_not_checked(self._external, self._names), *notes),
            self._sources,
            sum(1 for result in results if result.certificate) if task.certify else None,
            tuple((found.path, found.reason) for found in inputs.passed_over),
            task.config.file,
            tuple(one.ident for one in registry.PROPERTIES if one not in asked),
        )

    def _told(self, result: Result) -> Result:
        """A result as the report has it: no proof of what a macro may change, and each resource with what holds it."""
        for name, path in self._containers.get(result.template, ()):
            if result.path[: len(path)] == path:
                held = within(name, result.fingerprint)
                result = result._replace(logical_id=f"{name}/{result.logical_id}", fingerprint=held)
                break
        doubts = self._doubts.get(result.template)
        if doubts is None or result.verdict != PROVED:
            return result
        asked = registry.find(result.property)
        together = isinstance(asked, (IdentityProperty, RunProperty))
        doubt = next((d for d in doubts if d.reaches(result.path) or (together and d.about_holders)), None)
        if doubt is None:
            return result
        message = f"not decided whether {asked.summary}: {result.logical_id}"
        return result._replace(verdict=UNKNOWN, message=message, reasons=(doubt.reason,), certificate=(), unread=True)


def _not_checked(external_templates: Mapping[str, Sequence[ExternalTemplate]], names: Sequence[str]) -> Iterator[str]:
    """A line for each template with resources whose own templates are not in the input."""
    there = {abspath(name) for name in names} if external_templates else set()
    for name, resources in external_templates.items():
        # Before it is packaged, a template names another one by its path.
        left = [r.what for r in resources if not r.location or abspath(join(dirname(name), r.location)) not in there]
        if left:
            whose = "whose template is elsewhere" if len(left) == 1 else "whose templates are elsewhere"
            yield f"{name}: not checked: {', '.join(left)}, {whose}"


def _notes(without: Sequence[str], templates: int) -> tuple[str, ...]:
    if not without:
        return ()
    if len(without) == templates:
        return ("no template has a policy that was asked about: nothing was proved",)
    shown = ", ".join(without[:3]) + (f" and {len(without) - 3} more" if len(without) > 3 else "")
    return (f"without a policy that was asked about: {shown}",)
