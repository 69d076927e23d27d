"""
What everybody may do by all policies together, at each assignment of the parameters of a template.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import groupby
from typing import TypeAlias

from trustproof.analysis.assignments.assignments import AssignmentFindings, allow_statements, at_each, is_within
from trustproof.analysis.assignments.defaults import Judge, say_defaults
from trustproof.analysis.assignments.other_values import other_contexts
from trustproof.analysis.assignments.stopping_defaults import ChangedDefaults, say_what_stops
from trustproof.analysis.assignments.targets import merge_results
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.holders.held_policies import at_of
from trustproof.analysis.holders.holdings import Holding, everybody, speaks_of_organization
from trustproof.analysis.holders.identities import IdentityChecker, has_identities, identity_checker
from trustproof.analysis.holders.tallies import At
from trustproof.model.deployments import Assignment, is_other_account
from trustproof.model.document import IDENTITY, Document
from trustproof.model.policy import Path
from trustproof.properties.base import IdentityProperty, Property
from trustproof.properties.question import Direction
from trustproof.results.result import Result
from trustproof.sets.search import BudgetReached

#: Who asks about the users, groups and roles of a template, by how it is judged.
Checkers: TypeAlias = "dict[TemplateContext, IdentityChecker | None]"


def composed_results(context: TemplateContext, properties: Sequence[Property]) -> tuple[list[Result], set[At]]:
    """The results about everybody's identity policies, and the documents that were asked about."""
    results: list[Result] = []
    asked_about: set[At] = set()
    identity = [asked for asked in properties if isinstance(asked, IdentityProperty)]
    #: Who has what is the same for all properties.
    checkers: Checkers = {}
    if identity and has_identities(context):
        targets = _places_compared(context)
        for asked in identity:
            found, about = _composed(context, asked, checkers)
            for target in targets:
                found = merge_results(asked, found, _in_target(context, target, asked, checkers, found))
            results.extend(found)
            asked_about |= about
    return results, asked_about


def _places_compared(context: TemplateContext) -> tuple[TemplateContext, ...]:
    return context.elsewhere([document for document in context.documents if document.kind == IDENTITY])


def _in_target(
    context: TemplateContext,
    target: TemplateContext,
    asked: IdentityProperty,
    checkers: Checkers,
    found: list[Result],
) -> list[Result]:
    """
    The answers for an account or an organization that policies are compared with.

    Args:
        found: those for the template's own. They are the same of whom nothing that decides speaks of an organization.
    """
    is_asked = speaks_of_organization if target.account == context.account else everybody
    there, about = _composed(target, asked, checkers, is_asked)
    asked_about: dict[str, list[Path]] = {}
    for logical_id, path in about:
        asked_about.setdefault(logical_id, []).append(path)
    same = (one for one in found if not any(is_within(one.path, path) for path in asked_about.get(one.logical_id, ())))
    return [*there, *same]


def composed_at_defaults(
    context: TemplateContext, properties: Sequence[Property], results: Sequence[Result]
) -> list[Result]:
    """The results about everybody's identity policies, where proofs that rest on defaults of parameters say so."""
    asking = {asked.ident: asked for asked in properties if isinstance(asked, IdentityProperty)}
    classes = context.assignments.of_holders(context.template.holders, context.documents)
    checkers: Checkers = {}
    out: list[Result] = []
    for ident, found in groupby(results, lambda one: one.property):
        asked = asking[ident]
        judge = partial(_judged, asked, checkers)
        # What is possible in one account is so in the others, too.
        compared = () if asked.direction is Direction.WANTED else _places_compared(context)
        said = say_defaults(context, [*found], context.template.holder_defaults(), classes, judge, compared)
        opened = partial(_opened, context, classes, judge)
        out += say_what_stops(context, asked, said, context.template.parameter_defaults(), opened)
    return out


def _opened(
    context: TemplateContext, classes: Sequence[Assignment] | str, judge: Judge, names: tuple[str, ...]
) -> Sequence[ChangedDefaults]:
    defaults = context.template.parameter_defaults()
    others = other_contexts(context, {name: defaults[name] for name in names}, classes)
    try:
        return [ChangedDefaults(other, judge(other, {()})) for other in others]
    except BudgetReached:
        # Nobody has looked at all of them, so nothing is milder for it.
        return []


def _judged(
    asked: IdentityProperty, checkers: Checkers, context: TemplateContext, places: Collection[Path]
) -> list[Result]:
    if any(map(context.deployments.refuses, context.documents)):
        return []
    return _composed(context, asked, checkers, places=places)[0]


def _composed(
    context: TemplateContext,
    asked: IdentityProperty,
    checkers: Checkers,
    is_asked: Callable[[Holding, Sequence[Document]], bool] = everybody,
    places: Collection[Path] = ((),),
) -> tuple[list[Result], set[At]]:
    """
    The answers of one property about everybody's identity policies, and the documents it was asked about.

    Args:
        is_asked: of which holders.
        places: where answers are wanted; those about other documents are left out.
    """
    about: set[At] = set()

    def at(check: TemplateContext) -> list[Result]:
        if check not in checkers:
            checkers[check] = identity_checker(check, check.documents, check.deployments, check.assumed)
        checker = checkers[check]
        place = check.place(None)
        found, there = ([], set()) if checker is None else checker.results(asked, place, is_asked, places)
        about.update(there)
        return found

    def is_ruled_out(assignment: Assignment) -> bool:
        return context.is_elsewhere and is_other_account(assignment, context.account)

    def here() -> list[Result]:
        # Where each assignment has been asked about documents, there are answers, if only elsewhere.
        if any(map(is_ruled_out, classes)) or (about and () not in places):
            return []
        return at(context)

    def there(assignment: Assignment) -> AssignmentFindings:
        if is_ruled_out(assignment):
            return AssignmentFindings([])
        check = context.at(assignment)
        documents = [document for document in check.documents if document.kind == IDENTITY]
        if any(map(check.deployments.refuses, documents)):
            return AssignmentFindings([])
        return AssignmentFindings(at(check), allow_statements(documents, check.deployments))

    def proofs() -> list[Result]:
        return [context.proof(asked, document) for document in context.documents if at_of(document) in about]

    holders = context.template.holders
    found = () if context.assignment is not None else context.assignments.of_holders(holders, context.documents)
    classes = () if isinstance(found, str) else found
    return at_each(asked, context.config, found, here, there, proofs), about
