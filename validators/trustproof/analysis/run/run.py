"""
The gate: every policy of every template, each property, one report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from os.path import abspath

from trustproof.analysis.across.accounts_across import for_accounts_elsewhere
from trustproof.analysis.across.across_templates import link, with_accounts_of_nobody, with_roles_for_others
from trustproof.analysis.across.principals_across import with_replaced_principals
from trustproof.analysis.across.roles_given_more import for_roles_given_more
from trustproof.analysis.across.senders_across import for_senders_elsewhere
from trustproof.analysis.across.sources_across import for_sources_elsewhere
from trustproof.analysis.assignments.assignments import undecided_result
from trustproof.analysis.execution.pool import have_cross_references, is_read, run, run_on, size_of
from trustproof.analysis.execution.task import CheckedTemplate, Task
from trustproof.analysis.presentation.notes_by_template import attached_to_nobody, by_template
from trustproof.analysis.presentation.presentation import present, present_errors, present_omissions
from trustproof.analysis.remedies.both_branches import once_for_each_text
from trustproof.analysis.remedies.remedies_in_files import for_texts_of_files
from trustproof.analysis.remedies.shared_documents import Owner, for_sharers
from trustproof.analysis.remedies.shared_statements import Stated
from trustproof.analysis.role_chains.assignments import chain_results, chains_at_defaults
from trustproof.analysis.role_chains.readings import ChainedTemplate
from trustproof.analysis.run.external_parts import omissions_of
from trustproof.analysis.run.other_names import judged_otherwise
from trustproof.analysis.templates.template import AGAIN, TemplateCheck
from trustproof.config.nearest import Configurations
from trustproof.engine.allowance import (
    first_units,
    is_worth_more,
    limited_to,
    second_units,
    template_units,
    units_besides,
)
from trustproof.errors import ConfigError
from trustproof.escaping.text import first_of
from trustproof.inputs.discovery.inputs import Inputs
from trustproof.inputs.discovery.units import Unit
from trustproof.inputs.reader import Doubt, ExternalTemplate
from trustproof.inputs.source_texts import SourceTexts
from trustproof.inputs.written_input import NamedTarget
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.presentation import Presentation
from trustproof.properties import registry
from trustproof.properties.base import IdentityProperty, Property, RunProperty
from trustproof.results.fingerprint import of_stack, told_apart, within
from trustproof.results.omissions import Omission, omission_notes
from trustproof.results.report import Report
from trustproof.results.result import BUDGET, OFF, PROVED, Result
from trustproof.results.surroundings import in_account

Progress = Callable[[int, "int | None"], None]


class MergedFindings:
    """
    What the templates gave, put together in their order.
    """

    def __init__(self) -> None:
        self._results: list[Result] = []
        #: Of each result, which of the templates it is of, and the resource there.
        self._owners: list[Owner] = []
        self._stated: list[tuple[str, Sequence[Stated]]] = []
        #: Of each template, the roles to which it gives something by their names.
        self._given: list[tuple[str, ...]] = []
        self._chained: list[ChainedTemplate] = []
        self._policies = 0
        #: The files with a policy that was asked about: a file may hold several templates, as that of a stack set does.
        self._asked_about: set[str] = set()
        #: Templates and their policies that nobody has, and what of them is in no deployment.
        self._unattached: list[tuple[str, str]] = []
        #: By template and logical id, the constructs of these, where they are known.
        self._constructs: dict[tuple[str, str], str | None] = {}
        self._never: list[tuple[str, str]] = []
        self._without_effect: list[tuple[str, str]] = []
        #: By template: why nothing can be proved of it, and what it refers to and does not hold.
        self._doubts: dict[str, tuple[Doubt, ...]] = {}
        self._external: dict[str, tuple[ExternalTemplate, ...]] = {}
        self._names: list[str] = []
        #: By file: what templates of it stand inside of, by its path.
        self._containers: dict[str, dict[Path, str]] = {}
        #: By file: what of other accounts it has services come to.
        self._targets: dict[str, tuple[NamedTarget, ...]] = {}
        #: By file: how what was read of it is shown.
        self._presentations: dict[str, Presentation] = {}
        self._sources = SourceTexts()
        #: What there is to say where the run as a whole came to the end of what it may cost.
        self.notes: tuple[str, ...] = ()
        #: Control policies: the template, the logical id, and what is certain to be denied.
        self._controls: list[tuple[str, str, Document | None]] = []
        #: Why no chain of roles is proved to be closed; empty where nothing stands in the way.
        self._in_chains = ""
        #: How many bytes the files of the run have.
        self.size = 0

    def read(self, given: CheckedTemplate) -> CheckedTemplate:
        """What one more template gave; a file can be read again, so that its template need not be kept."""
        if given.origin is not None:
            self._sources.remember(given.name, given.origin)
        if given.template is None:
            return given
        self._sources.keep(given.template)
        return given if given.name.startswith("<") else given._replace(template=None)

    def _add(self, name: str, checked: TemplateCheck) -> None:
        found = (*checked.results, *checked.composed, *checked.others)
        self._owners += (Owner(len(self._stated), one.logical_id) for one in found)
        self._results += found
        self._stated.append((name, checked.stated))
        self._given.append(checked.given)
        self._chained.append(checked.chained)
        self._targets[name] = (*self._targets.get(name, ()), *checked.targets)
        self._policies += sum(checked.policies)
        self._names.append(name)
        # A file may hold several.
        whole = (Doubt((), checked.doubt, True),) if checked.doubt else ()
        if whole or checked.doubts:
            self._doubts[name] = (*self._doubts.get(name, ()), *whole, *checked.doubts)
        if checked.container is not None:
            around, path = checked.container
            self._containers.setdefault(name, {}).setdefault(path, around)
        if checked.external_templates:
            self._external[name] = self._external.get(name, ()) + checked.external_templates
        certain = {one.logical_id: one for one in checked.controls}
        self._controls += ((name, logical_id, certain.get(logical_id)) for logical_id in checked.control_policies)
        self._unattached += ((name, logical_id) for logical_id, _ in checked.unattached)
        self._constructs.update({(name, one): path for one, path in checked.unattached})
        self._never += ((name, logical_id) for logical_id in checked.never)
        self._without_effect += ((name, where) for where in checked.without_effect)
        if sum(checked.policies):
            self._asked_about.add(name)
        if checked.presentation != Presentation():
            before = self._presentations.get(name, Presentation())
            self._presentations[name] = before.joined(checked.presentation)

    def report(
        self, given: list[CheckedTemplate], asked: Sequence[Property], inputs: Inputs, task: Task, jobs: int
    ) -> Report:
        """Ask what depends on several templates, and report."""
        notes: tuple[str, ...] = ()
        task = task._replace(size=self.size)
        if any(isinstance(one, RunProperty) for one in asked):
            (given, errors, _), task = with_accounts_of_nobody(given, task, jobs)
            inputs.errors.extend(errors)
        if have_cross_references(given):
            known = (one.account for one in given if one.account is not None)
            task = task._replace(accounts=task.accounts.union(known))
            given, errors, notes = link(given, task, jobs)
            inputs.errors.extend(errors)
        if any(isinstance(one, RunProperty) for one in asked):
            given, errors, _ = with_roles_for_others(given, task, jobs)
            inputs.errors.extend(errors)
        stacks = Counter(name for name, stack in {(one.name, one.stack) for one in given} if stack)
        given, self._in_chains = with_replaced_principals(given)
        for one in given:
            self._add(one.name, _of_stack(one.checked, one.stack) if stacks[one.name] > 1 else one.checked)
        self._results = for_roles_given_more(self._results, [one.template for one in self._owners], self._given)
        for across in asked:
            if isinstance(across, RunProperty):
                with limited_to(units_besides(template_units())):
                    found = chain_results(self._chained, across, certify=task.certify)
                with limited_to(template_units() // AGAIN):
                    said = chains_at_defaults(self._chained, across, found)
                # The configuration of a template may ask less than that of the run, whose chains go through its roles.
                self._results.extend(one for one in said if one.severity != OFF)
        own = {task.settings.account, *task.settings.provider_accounts.values()}
        kept_in = for_senders_elsewhere(self._results, self._chained)
        kept_in = for_accounts_elsewhere(for_sources_elsewhere(kept_in, self._targets), self._chained)
        told, owners = once_for_each_text(
            [_placed(self._told(one), own) for one in kept_in], self._owners, self._sources
        )
        told = for_texts_of_files(told_apart(told), self._sources)
        results = tuple(for_sharers(told, owners, self._stated, self._sources))
        external = omissions_of(self._external, self._names)
        omissions = [*present_omissions(external, self._presentations), *self._left_out()]
        counting = {one for _, found in task.controls for one in found}
        controls = _controls([(name, one) for name, one, denied in self._controls if denied not in counting])
        read = {abspath(name) for name in self._names}
        return Report(
            results,
            len(given),
            self._policies,
            tuple((s.path, s.reason) for s in inputs.skipped),
            tuple(present_errors(inputs.errors, self._presentations.values())),
            (
                *_notes(dict.fromkeys(self._names), self._asked_about),
                # There is nobody of whom they could be asked.
                *attached_to_nobody(self._unattached, lambda name: self._presentation(name).if_unattached),
                *by_template(self._never, "in no deployment, and so not asked about"),
                *by_template(self._without_effect, "Deny of a key policy without Resource, which keeps out nobody"),
                *_resting(results),
                *omission_notes(omissions),
                *controls,
                *notes,
                *self.notes,
                *self._said(),
            ),
            self._sources,
            sum(1 for result in results if result.certificate) if task.certify else None,
            # One that no deployment of a parent has may be nested in another one.
            tuple((found.path, found.reason) for found in inputs.passed_over if abspath(found.path) not in read),
            (
                *omissions,
                *(() if self._policies or results else self._unasked()),
            ),
            task.config.file,
            tuple(one.ident for one in registry.PROPERTIES if one not in asked),
        )

    def _presentation(self, name: str) -> Presentation:
        return self._presentations.get(name, Presentation())

    def _left_out(self) -> Iterator[Omission]:
        """What belongs to the inputs, and nobody has looked into."""
        for name, presentation in self._presentations.items():
            yield from (Omission(name, what, which, what) for what, which in presentation.left_out_as_shown())

    def _unasked(self) -> Iterator[Omission]:
        """All that there was to ask about in a run that asked nothing."""
        for name, logical_id in self._never:
            yield Omission(name, f"{logical_id}, in no deployment,", resource=logical_id)
        for name, logical_id in self._unattached:
            path = self._constructs.get((name, logical_id))
            yield Omission(name, f"{logical_id}, attached to nobody,", resource=logical_id, construct_path=path)
        for name, presentation in self._presentations.items():
            for address in presentation.absent:
                yield Omission(name, f"{address}, in no deployment,")

    def _said(self) -> Iterator[str]:
        """What the inputs say of themselves: of several, each line says which."""
        for name, presentation in self._presentations.items():
            for note in presentation.notes:
                yield note if len({*self._names}) == 1 or note.startswith(f"{name}: ") else f"{name}: {note}"

    def _told(self, result: Result) -> Result:
        """A result as the report has it: no proof of what a macro may change, and each resource with what holds it."""
        containers = self._containers.get(result.template)
        if containers and (name := _holding(containers, result.path)) is not None:
            former = result.former_fingerprint and within(name, result.former_fingerprint)
            result = result._replace(
                logical_id=f"{name}/{result.logical_id}",
                fingerprint=within(name, result.fingerprint),
                former_fingerprint=former,
            )
        result = present(result, self._presentation(result.template))
        doubts = self._doubts.get(result.template, ())
        if (not doubts and not self._in_chains) or result.verdict != PROVED:
            return result
        asked = registry.find(result.property)
        if self._in_chains and isinstance(asked, RunProperty):
            doubts = (*doubts, Doubt((), self._in_chains, about_holders=True))
        together = isinstance(asked, (IdentityProperty, RunProperty))
        doubt = next((d for d in doubts if d.reaches(result.path) or (together and d.about_holders)), None)
        if doubt is None:
            return result
        left = undecided_result(asked, result, doubt.reason)
        return left._replace(unread=True)


def read_all(
    found: Inputs, task: Task, jobs: int, progress: Progress | None = None
) -> tuple[Inputs, list[CheckedTemplate], MergedFindings]:
    """
    Read and check every template, one after the other; then again those of a large run that came to the end of their
    first share, with what each has of what the run may cost.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
        TrustproofError: a process was killed.
    """
    given: list[CheckedTemplate] = []
    merged = MergedFindings()
    #: Units that are not finished, by their number, and where in what is given their templates stand.
    unfinished: dict[int, tuple[Unit, slice]] = {}
    files = size = spent = 0
    for number, (unit, total, items) in enumerate(run(found, task, jobs)):
        before = len(given)
        files += is_read(unit)
        size += size_of(unit)
        for item in items:
            if isinstance(item, CheckedTemplate):
                found.take(unit, item.declared)
                spent += item.checked.spent
                if item.checked.is_unfinished:
                    unfinished[number] = (unit, slice(before, before))
                given.append(merged.read(_with_stack(item, unit)))
            elif not (isinstance(item, ConfigError) and str(item) in map(str, found.errors)):
                # Of several templates with one configuration that is none, one error is enough.
                found.take(unit, item)
        if number in unfinished:
            unfinished[number] = (unit, slice(before, len(given)))
        found.finish(unit)
        if progress is not None:
            progress(number + 1, total or None)
    found.passed_over += judged_otherwise(found.other_names, Configurations(task.config, registry.options()))
    merged.size = size
    units, times = first_units(files, size), 0
    # Those that had from the first what they would have now are at their end.
    most = second_units(len(unfinished), size, spent)
    ended = [unit.units for unit, _ in unfinished.values() if unit.units >= most]
    unfinished = {number: found for number, found in unfinished.items() if found[0].units < most}
    while unfinished and is_worth_more(more := second_units(len(unfinished), size, spent), units, times):
        units, times = more, times + 1
        given_more = task._replace(units=units, size=size)
        again = run_on([(number, unit) for number, (unit, _) in unfinished.items()], given_more, jobs)
        left: dict[int, tuple[Unit, slice]] = {}
        for (number, (unit, place)), items in zip(unfinished.items(), again, strict=True):
            renewed = [_with_stack(item, unit) for item in items if isinstance(item, CheckedTemplate)]
            spent += sum(item.checked.spent for item in renewed)
            if len(renewed) == place.stop - place.start:
                given[place] = map(merged.read, renewed)
            if any(one.checked.is_unfinished for one in given[place]):
                left[number] = unit, place
        unfinished = left
    units = min([*([units] if unfinished else []), *ended], default=template_units())
    if units < template_units():
        merged.notes = (_at_its_end([one.name for one in given if one.checked.is_unfinished], units),)
    return found, given, merged


def _with_stack(found: CheckedTemplate, unit: Unit) -> CheckedTemplate:
    """What a template gave, with the stack that is made of it."""
    return found._replace(stack=unit.stack.path) if unit.stack is not None and found.name == unit.file else found


def _of_stack(checked: TemplateCheck, stack: str) -> TemplateCheck:
    """What is found of one of several stacks that are made of one file."""

    def told(results: Iterable[Result]) -> tuple[Result, ...]:
        return tuple(one._replace(**of_stack(stack, one.fingerprint)) for one in results)

    return checked._replace(
        results=told(checked.results),
        composed=told(checked.composed),
        others=told(checked.others),
        chained=checked.chained.of_stack(stack),
    )


def _at_its_end(left: Sequence[str], units: int) -> str:
    """What there is to say of templates that are not finished."""
    shown = ", ".join(dict.fromkeys(left))
    return (
        f"{BUDGET}: work of the run, of which each template that needs more than its first share has {units}; "
        f"not finished, and to be checked in a run of its own: {shown}"
    )


def _holding(containers: Mapping[Path, str], path: Path) -> str | None:
    """The outermost of what a path leads into."""
    return next((containers[path[:end]] for end in range(len(path) + 1) if path[:end] in containers), None)


def _controls(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A line for each template with control policies."""
    for name in dict.fromkeys(name for name, _ in found):
        named = ", ".join(logical_id for one, logical_id in found if one == name)
        yield f"{name}: control policies are asked whether they can be used, and keep nobody out here: {named}"


def _resting(results: Sequence[Result]) -> Iterator[str]:
    """A line for each template in which something is proved at defaults, and may not be at other values."""
    found: dict[str, tuple[dict[str, None], dict[str, list[str]]]] = {}
    for result in results:
        if result.at_defaults and result.verdict == PROVED:
            names, what = found.setdefault(result.template, ({}, {}))
            names.update((name, None) for name, _ in result.at_defaults)
            what.setdefault(result.logical_id, []).append(result.property)
    for template, (names, what) in found.items():
        *first, last = names
        which = f"the defaults of {', '.join(first)} and {last}" if first else f"the default of {last}"
        shown = ", ".join(f"{where} ({', '.join(dict.fromkeys(asked))})" for where, asked in what.items())
        yield f"{template}: proved, at {which}: {shown}"


def _notes(names: Iterable[str], asked_about: Container[str]) -> tuple[str, ...]:
    there = list(names)
    without = [name for name in there if name not in asked_about]
    if not without:
        return ()
    if len(without) == len(there):
        return ("no template has a policy that was asked about: nothing was proved",)
    return (f"without a policy that was asked about: {first_of(without, 3)}",)


def _placed(result: Result, given: Container[str | None]) -> Result:
    """A finding with the account that it is in, as far as that is known."""
    account = result.account
    if account is None or result.verdict == PROVED:
        return result
    near, moved = (in_account(one, account, is_given=account in given) for one in (result.around, result.moved_around))
    return result._replace(around=near, moved_around=moved)
