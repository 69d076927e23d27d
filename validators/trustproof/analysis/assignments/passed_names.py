"""
At which values of the parameters of the stacks around a nested one a resource is called what an invariant says.

A nested stack cannot tell its name from one that is written in it: where what is passed makes the name, an invariant is
asked at each value that makes it, of the stacks around it as well as of the nested one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from string import ascii_lowercase

from trustproof.analysis.assignments.matching_values import given_whole, making_any, matching_at_default
from trustproof.analysis.assignments.names_by_functions import named_in
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.deployments import Assignment, PassedParameter, equality_key
from trustproof.model.document import Document
from trustproof.model.names import in_stack
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic, Text
from trustproof.properties.invariant import OwnInvariant
from trustproof.results.result import BUDGET

#: So many values of the parameters that make one name are looked at together.
_MOST = 64
_NOTHING = Assignment((), (), ())


def of_passed(
    context: TemplateContext, asked: OwnInvariant, document: Document, paths: Sequence[Path]
) -> tuple[Assignment, ...] | str:
    """
    The values of parameters of the stacks around a template at which the resource of a policy may be called as an
    invariant says, each with what the template is passed there; empty where these do not matter, so that what is read
    at their defaults says all, and text where there are too many.

    Args:
        paths: where it stands what the resource is called.
    """
    passed = context.template.passed_parameters()
    if not passed:
        return ()
    opened = context.at_other_values(tuple(name for name, one in passed.items() if one.is_at_default))
    defaults = {name: one.default for name, one in passed.items()}
    wanted: dict[str, dict[str, None]] = {}
    for form in opened.bound(opened.template.documents_at(document.logical_id, document.path)):
        texts = [*_names(opened, form, paths)]
        making = {symbol.name for text in texts for symbol in text.symbols}
        deciding = _deciding(opened, form, paths)
        for name, one in passed.items():
            if name in making or any(named_in(deciding, one.own)):
                wanted.setdefault(name, {}).update(dict.fromkeys(v for v in one.compared if repr(v) in deciding))
        account = context.subject(document).account
        for pattern in asked.patterns_wherever_it_goes(opened.subject(form)):
            admits = context.deployments.admits
            for text, values in making_any(pattern, texts, defaults, admits):
                names = dict.fromkeys(symbol.name for symbol in text.symbols)
                others = {} if values or values is None else matching_at_default(pattern, text, names, defaults, admits)
                for name, several in (*((n, (v,)) for n, v in (values or {}).items()), *others.items()):
                    wanted.setdefault(name, {}).update(dict.fromkeys(several))
            for name, value in given_whole(pattern, form, account, texts, defaults, admits):
                wanted.setdefault(name, {})[value] = None
    told = {name: _told(passed[name], wanted[name]) for name in sorted(wanted)}
    is_read = all(passed[name].is_at_default and {*values} <= {defaults[name]} for name, values in told.items())
    if is_read:
        return ()
    if prod(map(len, told.values())) > _MOST:
        return f"{BUDGET}: values that a nested stack is passed for a name ({_MOST})"
    chosen = [dict(zip(told, values, strict=True)) for values in product(*told.values())]
    found = [_assignment(passed, one) for one in chosen]
    if _is_meant_anyway(context, asked, document, told):
        # What is asked at its values is not asked once more of any.
        besides = [(equality_key(name, value), "false") for name, values in told.items() for value in values]
        found.append(Assignment(tuple(besides), tuple(told), ()))
    return tuple(found) if any(_is_meant(context.at(one), asked, document) for one in found) else ()


def together(classes: Sequence[Assignment], passed: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Each of some assignments of a template's own parameters with each of those around it."""
    around = {name for one in passed for name in (*dict(one.values), *one.not_default)}
    own = dict.fromkeys(_without(one, around) for one in classes or (_NOTHING,))
    return tuple(
        Assignment(
            (*each.values, *one.values),
            (*each.not_default, *one.not_default),
            (*each.named, *(pair for pair in one.named if pair not in each.named)),
        )
        for each in own
        for one in passed
    )


def _without(assignment: Assignment, names: Iterable[str]) -> Assignment:
    """An assignment that says nothing of some parameters."""

    def is_left(key: str) -> bool:
        return not any(key == name or f"<{name}>" in key for name in names)

    values, not_default, named = assignment
    return Assignment(
        tuple(pair for pair in values if is_left(pair[0])),
        tuple(filter(is_left, not_default)),
        tuple(pair for pair in named if is_left(pair[0])),
    )


def _told(parameter: PassedParameter, values: Iterable[str]) -> tuple[str, ...]:
    """The values of a parameter at which something is asked."""
    default = () if parameter.default is None else (parameter.default,)
    return tuple(one for one in dict.fromkeys((*default, *parameter.told, *values)) if parameter.admits(one))


def _assignment(passed: Mapping[str, PassedParameter], values: Mapping[str, str]) -> Assignment:
    """Some values, named by what the template itself calls them, and else the stack that has them."""
    named = {own: value for name, value in values.items() for own in passed[name].same or (in_stack(name)[1],)}
    return Assignment(tuple(values.items()), (), tuple(named.items()))


def _names(context: TemplateContext, form: Document, paths: Sequence[Path]) -> Iterator[Symbolic]:
    """All that is known of what the resource of a policy is called."""
    stands_on = context.subject(form).stands_on
    written: Iterator[Text] = (text for path in paths for text in context.template.texts_at(path))
    for text in dict.fromkeys((form.resource_arn, *stands_on.open_arns, *stands_on.open_names, *written)):
        if isinstance(text, Symbolic):
            yield text


def _deciding(context: TemplateContext, form: Document, paths: Sequence[Path]) -> str:
    """What says which of several names it is, and by which the policy is there, as it is written."""
    names = [context.template.written(path) for path in paths]
    container = context.template.container
    at = (*(container.path if container is not None else ()), "Resources", form.logical_id)
    return " ".join((*map(repr, names), *context.template.chosen_by([*names, context.template.written(at)])))


def _is_meant(context: TemplateContext, asked: OwnInvariant, document: Document) -> bool:
    """Whether an invariant is about a policy as it is somewhere."""
    forms = context.bound(context.template.documents_at(document.logical_id, document.path))
    return any(asked.applies_to(context.subject(form)) for form in forms)


def _is_meant_anyway(
    context: TemplateContext, asked: OwnInvariant, document: Document, told: Mapping[str, Sequence[str]]
) -> bool:
    """Whether an invariant is about a policy whatever else the parameters are."""
    patterns = asked.patterns_wherever_it_goes(context.subject(document))
    letter = next((one for one in ascii_lowercase if not any(one in each for each in patterns)), "")
    passed = context.template.passed_parameters()
    # What is one of a list is nothing else.
    is_open = letter and not any(passed[name].is_listed for name in told)
    return bool(is_open) and _is_meant(
        context.at(Assignment(tuple((n, letter) for n in told), (), ())), asked, document
    )
