"""
At which values of the parameters of a template a resource is called what an invariant says.

A name that parameters make is the invariant's at some of their values only, and there the policy may be another one. So
an invariant is asked at each of ``AllowedValues`` that make the name; of a parameter that has a default and may be
anything, at the values that the pattern asks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from trustproof.analysis.assignments.matching_values import given_whole, making_any, matching_at_default
from trustproof.analysis.assignments.names_by_functions import (
    behind,
    is_made_whole,
    is_written_in,
    named_in,
)
from trustproof.analysis.assignments.passed_names import of_passed, together
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.presentation.resource_names import open_name_paths
from trustproof.model.deployments import Assignment, excluded_values, is_given
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.names import in_stack
from trustproof.model.policy import Path
from trustproof.properties.base import StatementProperty
from trustproof.properties.invariant import OwnInvariant
from trustproof.properties.question import Subject
from trustproof.properties.shared.open_names import may_be_name
from trustproof.results.result import REFUTED, Result


class NamedForms(NamedTuple):
    """
    What a policy is at each assignment at which an invariant is about it.
    """

    #: The template as these assignments are of it: made again where what decides about the name is no parameter of it.
    context: TemplateContext
    forms: Mapping[Assignment, tuple[Document, ...]]
    #: The parameters that have a value other than their default for the sake of the name.
    given: tuple[str, ...] = ()
    #: The other assignments, at which it is not about the policy.
    elsewhere: tuple[Assignment, ...] = ()
    #: Why it is not known what there is at the assignments that make the name; empty where it is.
    left_open: str = ""
    #: The patterns of the invariant that may match what it is called there.
    may_match: tuple[str, ...] = ()

    def at(self, assignment: Assignment) -> TemplateContext:
        """The template at one of the assignments."""
        return self.context.at(assignment)

    def subjects(self) -> list[Subject]:
        """The same as what properties ask about."""
        return [self.at(assignment).subject(form) for assignment, forms in self.forms.items() for form in forms]


class _Told(NamedTuple):
    """
    What parameters have to be for a name.
    """

    values: Mapping[str, tuple[str, ...]]
    #: Those at any values of which there is another name that is asked about.
    any_value: frozenset[str]
    #: Those of which functions make a name that may be asked about, so that nobody knows the values.
    hidden: tuple[str, ...]
    #: The patterns of the invariant that may match at some values.
    patterns: tuple[str, ...] = ()


def named_forms(context: TemplateContext, asked: StatementProperty, document: Document) -> NamedForms | None:
    """
    What a policy is where its resource is called as an invariant says; None where no parameter decides about that, and
    for what is no invariant.
    """
    if not isinstance(asked, OwnInvariant) or document.kind not in (TRUST, RESOURCE) or context.assignment is not None:
        return None
    key = asked.ident, id(document)
    if key not in context.by_name:
        context.by_name[key] = document, _named_forms(context, asked, document)
    return cast("tuple[Document, NamedForms | None]", context.by_name[key])[1]


def _named_forms(context: TemplateContext, asked: OwnInvariant, document: Document) -> NamedForms | None:
    free = _free(context)
    # What is made again at other values has the defaults written out here.
    opened = _made_again(context, free)
    paths = [*open_name_paths(opened.template, document)]
    if asked.is_about_any_name(context.subject(document)):
        return None
    passed = of_passed(context, asked, document, paths)
    if isinstance(passed, str):
        declared = asked.declared(context.config)
        return NamedForms(context, {}, left_open=passed, may_match=() if declared is None else declared.resources)
    if not paths and not passed:
        return None
    around = context.template.passed_parameters() if passed else {}
    told = _told(context, asked, document, {name: one for name, one in free.items() if name not in around}, paths)
    given = tuple(told.values)
    context = _made_again(context, given)
    classes = context.assignments.of((document.path, *paths), apart=told.values)
    if passed and not isinstance(classes, str):
        classes = together(classes, passed)
    if isinstance(classes, str) or not classes:
        is_of_itself = not given or (not classes and _is_alike_whatever_is_passed(context, document, given))
        is_asked_here = is_of_itself and asked.applies_to(context.subject(document))
        # One of a list may be any of it, and is asked about as that.
        why = classes if given and isinstance(classes, str) else _given(document, told)
        is_open = bool(why) and not is_asked_here
        return NamedForms(context, {}, given, left_open=why, may_match=told.patterns) if is_open else None
    found: dict[Assignment, tuple[Document, ...]] = {}
    elsewhere: list[Assignment] = []
    is_ruled_out = False
    pinned = {pair: None for assignment in classes for pair in assignment.values}
    for assignment in classes:
        # What is one of some values has a class of its own.
        besides = [pair for pair in pinned if pair[0] in assignment.not_default]
        if not context.deployments.has(assignment, other_than=besides):
            is_ruled_out = True
            continue
        if _is_of_others(assignment, told):
            elsewhere.append(assignment)
            continue
        check = context.at(assignment)
        here = check.bound(check.template.documents_at(document.logical_id, document.path))
        forms = (form for form in here if not check.deployments.refuses(form))
        if named := tuple(form for form in forms if asked.applies_to(check.subject(form))):
            found[assignment] = named
        else:
            elsewhere.append(assignment)
    is_asked = any((name, value) in pinned for name, values in told.values.items() for value in values)
    # Where no deployment has any of the others, those at which it is called otherwise are all that there are.
    is_asked = is_asked and not told.hidden
    is_asked = is_asked or (is_ruled_out and not any(one.not_default for one in elsewhere))
    left_open = "" if found or is_asked else _given(document, told)
    return NamedForms(context, found, given, tuple(elsewhere), left_open, told.patterns if left_open else ())


def _is_alike_whatever_is_passed(context: TemplateContext, document: Document, names: Iterable[str]) -> bool:
    """Whether what a template stands inside of passes some parameters, and a policy is the same whatever these are."""
    given, said = context.template.given_values(), _policy(context, document)
    return not document.guards and all(name in given and name not in named_in(said, (name,)) for name in names)


def _policy(context: TemplateContext, document: Document) -> str:
    """A policy and what decides what it says, as it is written."""
    policy = context.template.written(document.path)
    return " ".join((repr(policy), *context.template.chosen_by(policy)))


def _made_again(context: TemplateContext, names: Iterable[str]) -> TemplateContext:
    """The template where some of its variables have other values than their defaults."""
    defaults = _defaults(context)
    return context.made_again_at(tuple(name for name in names if name in defaults)) or context


def beside(
    context: TemplateContext, named: NamedForms, assignment: Assignment, names: Iterable[str]
) -> TemplateContext | None:
    """
    A template at one of the assignments, where other parameters have any value but their default; None where all of
    them are decided there.
    """
    decided = {*dict(assignment.values), *assignment.not_default, *named.given}
    left = tuple(name for name in names if name not in decided)
    made = _made_again(context, (*named.given, *left))
    own = (name for name in left if name in _defaults(made))
    return made.at(assignment._replace(not_default=(*assignment.not_default, *own))) if left else None


def told_by_names(result: Result, context: TemplateContext, form: Document) -> Result:
    """
    What is found at an assignment, with what a resource is called there.

    Args:
        context: the template at the assignment.
    """
    if result.verdict != REFUTED or context.assignment is None:
        return result
    values = " and ".join(f"{name} is {value}" for name, value in context.assignment.named if is_given(name))
    names = [one for one in context.subject(form).stands_on.names if one != form.logical_id]
    why = (f"where {values}, it is called {names[0]}",) if values and names else ()
    return result._replace(why=(*result.why, *why))


def _given(document: Document, told: _Told) -> str:
    """Why it is not known whether a resource is called so; empty where nothing is left open."""
    given = [f"{name}={values[0]}" for name, values in told.values.items() if values] or [
        f"{name}=VALUE" for name in told.hidden
    ]
    # A stack around a nested one has a path before the name.
    values = " ".join(f"--parameter {in_stack(one)[1].removeprefix('var.')}" for one in given)
    return f"what {document.logical_id} is called depends on what is given at deployment: {values}" if given else ""


def _is_of_others(assignment: Assignment, told: _Told) -> bool:
    """Whether a class is that of all values of a parameter but those that stand for what makes the name."""
    excluded = {*excluded_values(assignment)}
    return any(
        name in assignment.not_default and all((name, value) in excluded for value in values)
        for name, values in told.values.items()
        if name not in told.any_value
    )


def _defaults(context: TemplateContext) -> Mapping[str, str]:
    """The parameters of a template that have a default, and the defaults: to tell them takes a look at all of it."""
    if "defaults" not in context.by_name:
        context.by_name["defaults"] = context.template.parameter_defaults()
    return cast("Mapping[str, str]", context.by_name["defaults"])


def _free(context: TemplateContext) -> Mapping[str, str | None]:
    """The parameters that may have any value, each with its default; None for one without."""
    defaults = _defaults(context)
    # One that is given a value is that, also where a mapping has others.
    known = {name for name, value in context.template.given_values().items() if isinstance(value, str)}
    named = {**dict.fromkeys(sorted(context.template.parameter_names - known)), **defaults}
    return {name: _as_text(name, value) for name, value in named.items() if not context.deployments.listed(name)}


def _as_text(name: str, value: str | None) -> str | None:
    """A default as it is in a text: that of a variable of Terraform is an expression."""
    is_quoted = value is not None and name.startswith("var.") and value.startswith('"')
    return str(json.loads(value)) if value is not None and is_quoted else value


def _told(
    context: TemplateContext,
    asked: OwnInvariant,
    document: Document,
    free: Mapping[str, str | None],
    paths: Sequence[Path],
) -> _Told:
    """
    The values of parameters at which a resource is called as an invariant says.

    Args:
        free: those that may have any value, each with its default.
        paths: where it stands what it is called.
    """
    made = [text for path in paths for text in context.template.texts_at(path) if is_made_whole(text)]
    if not free and not made:
        return _Told({}, frozenset(), ())
    found: dict[str, dict[str, None]] = {}
    any_value: set[str] = set()
    hidden: set[str] = set()
    within: set[str] = set()
    maybe: dict[str, None] = {}
    there = context.at_other_values(tuple(name for name, value in free.items() if value is not None))
    admits, account = context.deployments.admits, context.subject(document).account
    for opened in there.bound(there.template.documents_at(document.logical_id, document.path)):
        subject = there.subject(opened)
        arns = (opened.resource_arn, *subject.stands_on.open_arns)
        # Of a queue the properties have the URL, in which nobody looks for an ARN that is not known.
        wholes = dict.fromkeys((*arns, *(one for path in paths for one in there.template.texts_at(path))))
        # Which of several names it is, a condition of the file decides, or a key of a map; of a map that may not have
        # the key, what is beside it is not read until the key is known.
        choosing = paths if asked.applies_to(subject) else [path for path in paths if _is_unread(there, path)]
        if choosing:
            chosen = dict.fromkeys(name for path in choosing for name in _choosing(there, path, free))
            found.update({name: found.get(name, {}) for name in chosen})
        made = [text for path in paths for text in there.template.texts_at(path) if is_made_whole(text)]
        declared = asked.declared(subject.config)
        for number, pattern in enumerate(asked.patterns_wherever_it_goes(subject)):
            words = [text for text in made if is_written_in(text, pattern)]
            hidden.update(name for text in words for name in behind(text, free, with_others=True))
            of_type = "" if opened.kind == TRUST else opened.resource_type
            names = subject.stands_on.open_names if may_be_name(pattern, of_type) else ()
            texts = names if not pattern.startswith("arn:") else arns
            for name, value in given_whole(pattern, opened, account, wholes, free, admits):
                found.setdefault(name, {})[value] = None
            matching = [*making_any(pattern, texts, free, admits)]
            if declared is not None and (words or matching):
                maybe[declared.resources[number]] = None
            for text, values in matching:
                if values is None:
                    hidden.update(symbol.name for symbol in text.symbols if symbol.name in free)
                    continue
                for name, value in values.items():
                    found.setdefault(name, {})[value] = None
                if not values:
                    every = dict.fromkeys(symbol.name for symbol in text.symbols)
                    deciding = named_in(_policy(there, document), every)
                    at_default = matching_at_default(pattern, text, deciding, free, admits)
                    for name, several in at_default.items():
                        found.setdefault(name, {}).update(dict.fromkeys(several))
                    any_value.update(name for name in every if name not in at_default)
                    hidden.update(behind(text, free))
                # What functions make of others may be any part of the name: where one of these stands beside it as
                # well, any value of it may make the name, besides those that were found.
                made_of = {*behind(text, free)}
                within |= made_of
                any_value.update(made_of & {symbol.name for symbol in text.symbols})
    # What a mapping has for a key may be a name; and where a name decides, who gets in by it.
    by_name = [pair for path in paths for pair in there.template.mapped_by(path).items()]
    by_policy = [pair for pair in there.template.mapped_by(document.path).items() if pair[0] in found]
    for name, keys in (*by_name, *by_policy):
        if name in free and keys:
            found.setdefault(name, {}).update(dict.fromkeys(keys))
    any_value.update(name for name, values in found.items() if not values)
    return _Told(
        {name: tuple(values) for name, values in found.items()},
        frozenset(any_value),
        tuple(sorted(hidden | (within - {*found}))),
        tuple(maybe),
    )


def _is_unread(context: TemplateContext, path: Path) -> bool:
    """Whether nothing is known of a text, not even of a part of it."""
    return next(iter(context.template.texts_at(path)), None) is None


def _choosing(context: TemplateContext, path: Path, free: Iterable[str]) -> Iterator[str]:
    """The parameters that choose one of several names."""
    for chosen in context.template.chosen_by(context.template.written(path)):
        yield from named_in(chosen, free)
