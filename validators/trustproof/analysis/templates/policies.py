"""
Each property about each policy of a template, one policy by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from trustproof.analysis.assignments.assignments import (
    AssignmentFindings,
    allow_statements,
    at_each,
    merge_readings,
    undecided_result,
)
from trustproof.analysis.assignments.chosen_defaults import say_what_is_chosen
from trustproof.analysis.assignments.copied_at_defaults import in_words_where_copied
from trustproof.analysis.assignments.defaults import asked_at_most, deciding_defaults, is_read_for_each
from trustproof.analysis.assignments.matching_names import NamedForms, beside, named_forms, told_by_names
from trustproof.analysis.assignments.names_at_other_values import with_open_names
from trustproof.analysis.assignments.services_by_default import for_services_by_default
from trustproof.analysis.assignments.stopping_defaults import ChangedDefaults, changed_at, say_what_stops
from trustproof.analysis.assignments.targets import merge_deployments, merge_results
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.templates.under_control_policies import check_policy
from trustproof.engine.allowance import limited_to, units_besides, units_for_length
from trustproof.model.deployments import Assignment, is_other_account
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.query import characters
from trustproof.model.text import PARTITION
from trustproof.properties.base import Property, StatementProperty
from trustproof.properties.invariant import OwnInvariant
from trustproof.properties.question import Direction, Subject
from trustproof.proving.answers import cut_short
from trustproof.proving.cache import ProofCache
from trustproof.results.result import ERROR, PROVED, REFUTED, WORLD, Result, with_defaults
from trustproof.sets.search import BudgetReached


class PolicyTask(NamedTuple):
    """
    What is asked about one document.
    """

    #: Of the document in its template.
    number: int
    subject: Subject
    properties: tuple[StatementProperty, ...]
    #: What has been settled of policies that say the same.
    cache: ProofCache
    #: Of invariants: the property, and a pattern that matches what the policy stands on.
    matched: tuple[tuple[str, str], ...] = ()


def tasks(context: TemplateContext, properties: Sequence[Property]) -> Iterator[PolicyTask]:
    """What is to be asked about each document as a policy by itself, for those about which something is."""
    about_policies = [asked for asked in properties if isinstance(asked, StatementProperty)]
    for index, document in enumerate(context.documents):
        subject = context.subject(document)
        forms = (subject, *(context.subject(form) for _, form in context.forms(document)))
        applying: list[StatementProperty] = []
        matched: list[tuple[str, str]] = []
        for asked in about_policies:
            named = named_forms(context, asked, document)
            about = forms if named is None else named.subjects()
            if any(map(asked.applies_to, about)) or (named is not None and named.left_open):
                applying.append(asked)
                if isinstance(asked, OwnInvariant):
                    matched += dict.fromkeys((asked.ident, one) for form in about for one in asked.patterns(form))
                    matched += [(asked.ident, one) for one in (named.may_match if named is not None else ())]
        if applying:
            yield PolicyTask(index, subject, tuple(applying), context.proofs.about(subject), tuple(matched))


class Judged(NamedTuple):
    """
    What is said about one document.
    """

    results: list[Result]
    #: The units of its own that were left, and those that there were.
    left: int
    limit: int
    #: Whether what is asked of it once more came to the end of what that may cost.
    is_cut_short: bool

    @property
    def spent(self) -> int:
        """The units of its own that it has cost."""
        return self.limit - max(self.left, 0)

    @property
    def is_unfinished(self) -> bool:
        """Whether the work on it came to the end of what it may cost."""
        return self.left < 0 or self.is_cut_short


def judge(context: TemplateContext, one: PolicyTask, more: int = 0) -> Judged:
    """
    The answers about a document.

    Args:
        more: units that it may cost besides, for others which say the same.
    """
    document = context.document(one.number)
    with limited_to(allowed(context, one, context.proofs.units) + more) as own:
        found = _answers(context, one)
    units = units_for_length(context.proofs.units, characters(document.policy))
    # What is asked once more takes nothing from what is asked of other policies.
    with limited_to(units * units_besides(context.units) // max(context.units, 1)) as again:
        found = _at_defaults(context, one, found)
        # What is said there is milder, and what cannot be asked any more is as bad as it is.
        with suppress(BudgetReached):
            found = _chosen_by_defaults(context, one, found)
            found = for_services_by_default(context, document, found)
            found = in_words_where_copied(context, document, found)
    return Judged(found, own.left, own.limit, again.is_spent)


def _at_defaults(context: TemplateContext, one: PolicyTask, found: list[Result]) -> list[Result]:
    """The answers about a document, where proofs that rest on defaults of parameters say so."""
    document = context.document(one.number)
    proved = {result.property for result in found} - {result.property for result in found if result.verdict != PROVED}
    if not proved or document.is_foreign:
        return found
    every = tuple(context.template.parameter_defaults())
    open_ = [asked for asked in one.properties if asked.ident in proved]
    is_made_again = context.template.instances_made_again() > 0
    if is_made_again:
        # What holds whatever all of them are rests on none, and telling those of a document takes readings of its own.
        open_ = [asked for asked in open_ if not _holds_without(context, asked, document, every, is_told=True)]
    defaults = context.template.defaults_of(document) if open_ else {}
    times = asked_at_most(context, every) if defaults else 0
    # Where there is no asking which of them it is, one reading without any default is enough for all documents.
    names = tuple(defaults) if times > 1 else every
    resting: dict[str, tuple[tuple[str, str], ...]] = {}
    for asked in open_ if defaults else ():
        if (is_made_again and names == every) or not _holds_without(context, asked, document, names):
            holds = partial(_holds_without, context, asked, document)
            listed = tuple(name for name in defaults if len(context.deployments.listed(name)) > 1)
            # What holds at each allowed value rests on no default; what else decides may do so beside one of them only.
            if listed and len(listed) < len(defaults) and _holds_without(context, asked, document, listed):
                holds = partial(_holds_beside, holds, listed)
            else:
                listed = ()
            deciding = deciding_defaults(tuple(name for name in defaults if name not in listed), holds, times)
            resting[asked.ident] = tuple((name, defaults[name]) for name in deciding)
    return [with_defaults(result, resting.get(result.property, ())) for result in found]


def _chosen_by_defaults(context: TemplateContext, one: PolicyTask, found: list[Result]) -> list[Result]:
    """The answers about a document, where refutations that defaults of parameters make are milder."""
    document = context.document(one.number)
    refuted = {result.property for result in found if result.verdict == REFUTED}
    if not is_read_for_each(context):
        return found
    for asked in one.properties:
        same = [result for result in found if result.property == asked.ident]
        if asked.ident not in refuted or document.is_foreign:
            continue
        without = partial(_opened, context, asked, document)
        if asked.direction == Direction.WANTED:
            said = iter(say_what_stops(context, asked, same, context.template.defaults_of(document), without))
        elif any(result.reach == WORLD and result.severity == ERROR for result in same):
            said = iter(say_what_is_chosen(context, document, same, context.template.defaults_of(document), without))
        else:
            continue
        found = [next(said) if result.property == asked.ident else result for result in found]
    return found


def _opened(
    context: TemplateContext, asked: StatementProperty, document: Document, names: tuple[str, ...]
) -> Sequence[ChangedDefaults]:
    opened = context.at_other_values(names)
    found = _found_in(opened, asked, document)
    return () if found is None else (changed_at(opened, found, document),)


def _found_in(
    opened: TemplateContext,
    asked: StatementProperty,
    document: Document,
    change: Callable[[Document], Document] | None = None,
    *,
    is_first_enough: bool = False,
) -> Sequence[Result] | None:
    """
    What is found of a document in a template that is read at other values; None where it is not read there.

    Args:
        change: gives what is judged in place of a document.
        is_first_enough: see `check_statements`.
    """
    if opened.assignment is not None:
        there = opened.bound(opened.template.documents_at(document.logical_id, document.path))
        if not there and any(document.path[: len(at)] == at for at, _ in opened.template.unread):
            return None
        forms = [form for form in there if not opened.deployments.refuses(form)]
        return _about(opened, asked, forms, change, is_first_enough=is_first_enough).results
    tasks_there = [_task(opened, number, (asked,), change) for number in opened.template.numbers_of(document)]
    asking = [task for task in tasks_there if asked.applies_to(task.subject)]
    found = [
        result
        for task in asking
        for result in _check_statements(opened, asked, task, change, is_first_enough=is_first_enough)
    ]
    return found if tasks_there else None


def _holds_without(
    context: TemplateContext,
    asked: StatementProperty,
    document: Document,
    names: Iterable[str],
    *,
    is_told: bool = False,
) -> bool:
    """
    Whether a property is proved of a document whatever some parameters are.

    Args:
        is_told: whether that is not so where there is nothing to prove.
    """
    opened = tuple(names)
    if context.template.is_lost_at(opened):
        return False
    if (named := named_forms(context, asked, document)) is not None:
        others = (beside(context, named, assignment, opened) for assignment in named.forms)
        found_there = (_found_in(other, asked, document) for other in others if other is not None)
        return all(one.verdict == PROVED for found in found_there for one in found or ())
    # What is possible in one account is so in the others, too.
    places = () if asked.direction is Direction.WANTED else context.elsewhere((document,))
    change = None
    if asked.takes_names:
        before = (document, *(form for _, form in context.forms(document)))
        change = partial(with_open_names, before=before, names=opened)
    try:
        here = context.wherever(context.at_other_values(opened), document)
        for there in (*here, *(one.at_other_values(opened) for one in places)):
            found = _found_in(there, asked, document, change, is_first_enough=True)
            if found is None or (is_told and not found) or any(one.verdict != PROVED for one in found):
                return False
    except BudgetReached:
        return False
    return True


def _holds_beside(holds: Callable[[tuple[str, ...]], bool], listed: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether it holds whatever some parameters are, beside the defaults of others and beside their allowed values."""
    return holds(names) and holds((*names, *listed))


def allowed(context: TemplateContext, one: PolicyTask, units: int) -> int:
    """What the work on a document may cost, where that on a policy as long as most may cost so many units."""
    document = context.document(one.number)
    return units_for_length(units, characters(document.policy)) * _worlds(context, document)


def _worlds(context: TemplateContext, document: Document) -> int:
    """In how many partitions a document is judged: each of them is as much work as the one of another policy."""
    partitions = {dict(assignment.values).get(PARTITION) for assignment, _ in context.forms(document)}
    return max(len(partitions), 1)


def _answers(context: TemplateContext, one: PolicyTask) -> list[Result]:
    results: list[Result] = []
    document = context.document(one.number)
    targets = [target for target in context.elsewhere((document,)) if not _is_absent(target, document)]
    for asked in one.properties:
        try:
            here = _check_statements(context, asked, one)
            for target in targets:
                here = merge_results(asked, here, _check_statements(target, asked, _alike(target, one)))
        except BudgetReached as reached:
            # What is asked besides the requests themselves, such as what a proof rests on, may come to the end too.
            (reason,) = cut_short(reached).reasons
            here = [undecided_result(asked, context.proof(asked, context.document(one.number)), reason)]
        results.extend(here)
    return results


def _is_absent(context: TemplateContext, document: Document) -> bool:
    """Whether a document is nowhere in the account that its template is taken to go to, as the template itself says."""
    left_out = context.without(document)
    is_there = next(context.forms(document), None) is not None
    return not is_there and any(is_other_account(one, context.account) for one in left_out)


def _alike(context: TemplateContext, one: PolicyTask) -> PolicyTask:
    """What is asked about the same document of the template somewhere else."""
    return _task(context, one.number, one.properties)


def _task(
    context: TemplateContext,
    number: int,
    properties: tuple[StatementProperty, ...],
    change: Callable[[Document], Document] | None = None,
) -> PolicyTask:
    document = context.document(number)
    subject = context.subject(document if change is None else change(document))
    return PolicyTask(number, subject, properties, context.proofs.about(subject))


def _check_statements(
    context: TemplateContext,
    asked: StatementProperty,
    one: PolicyTask,
    change: Callable[[Document], Document] | None = None,
    *,
    is_first_enough: bool = False,
) -> list[Result]:
    """The answers of one property about one document."""
    document = context.document(one.number)

    def here() -> list[Result]:
        return check_policy(context, asked, document, one.subject, one.cache, is_first_enough=is_first_enough)

    named = named_forms(context, asked, document)
    if named is not None:
        return _check_named(context, asked, document, named, is_first_enough=is_first_enough)
    forms: dict[Assignment, list[Document]] = {}
    for assignment, form in context.forms(document):
        forms.setdefault(assignment, []).append(form)
    classes = context.assignments.of((document.path,)) if not forms else tuple(forms)
    return at_each(
        asked,
        context.config,
        classes,
        here,
        lambda assignment: _about(
            context.at(assignment), asked, forms.get(assignment, ()), change, is_first_enough=is_first_enough
        ),
        lambda: [context.proof(asked, document)],
        lambda: context.without(document) if forms else [],
    )


def _check_named(
    context: TemplateContext,
    asked: StatementProperty,
    document: Document,
    named: NamedForms,
    *,
    is_first_enough: bool = False,
) -> list[Result]:
    """The answers of an invariant about a document where it is what the invariant is about."""

    def about(assignment: Assignment) -> AssignmentFindings:
        check, forms = named.at(assignment), named.forms[assignment]
        found = _about(check, asked, forms, is_first_enough=is_first_enough)
        return found._replace(results=[told_by_names(one, check, forms[0]) for one in found.results])

    proof = [context.proof(asked, document)]
    classes = named.left_open or tuple(named.forms)
    return at_each(asked, context.config, classes, lambda: proof, about, lambda: proof, lambda: [*named.elsewhere])


def _about(
    context: TemplateContext,
    asked: StatementProperty,
    forms: Sequence[Document],
    change: Callable[[Document], Document] | None = None,
    *,
    is_first_enough: bool = False,
) -> AssignmentFindings:
    """The answers about what a document may be."""
    found: list[list[Result]] = []
    for form in forms:
        subject = context.subject(form if change is None else change(form))
        if asked.applies_to(subject):
            cache = context.proofs.about(subject)
            found.append(check_policy(context, asked, form, subject, cache, is_first_enough=is_first_enough))
    return AssignmentFindings(
        found[0] if len(found) == 1 else merge_readings(found), allow_statements(forms, context.deployments)
    )


def over_deployments(
    context: TemplateContext, asking: Sequence[PolicyTask], by_document: Mapping[int, list[Result]]
) -> Iterator[Result]:
    """The answers about each document, over all that it may be in different deployments."""
    # One body of Fn::ForEach declares several resources, whose policies stand at one path.
    by_place: dict[tuple[str, Path], list[Result]] = {}
    for one in asking:
        document, found = context.document(one.number), by_document[one.number]
        place = (document.logical_id, document.path)
        if document.if_made and place in by_place:
            by_place[place] = _with_what_may_be(one.properties, by_place[place], found, document.if_made)
            continue
        if place in by_place:
            before = by_place[place]
            found = [
                result
                for asked in one.properties
                for result in merge_deployments(
                    asked,
                    [result for result in before if result.property == asked.ident],
                    [result for result in found if result.property == asked.ident],
                )
            ]
        by_place[place] = found
    return (result for found in by_place.values() for result in found)


def _with_what_may_be(
    properties: Sequence[StatementProperty], before: Sequence[Result], found: Sequence[Result], reason: str
) -> list[Result]:
    """
    The answers about a policy, with what is found of it where it stands on what there may be, or not: that leaves open
    what is proved without it.

    Args:
        reason: why it is not known whether there is that.
    """
    results: list[Result] = []
    for asked in properties:
        known = [result for result in before if result.property == asked.ident]
        wrong = [result for result in found if result.property == asked.ident and result.verdict != PROVED]
        is_open = wrong and asked.direction is not Direction.WANTED and all(one.verdict == PROVED for one in known)
        results += [undecided_result(asked, one, reason) for one in known] if is_open else known
    return results
