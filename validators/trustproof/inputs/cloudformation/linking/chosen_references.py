"""
Values of other stacks of which a parameter decides which one a template takes: ``Fn::ImportValue: !Ref Export``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from trustproof.inputs.cloudformation.linking.relocation import constant, depends
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.references import CROSS_STACK_FUNCTIONS, CrossStackReference, reference_of
from trustproof.model.policy import Path
from trustproof.sets.search import BudgetReached


def chosen_references(template: Template) -> tuple[CrossStackReference, ...]:
    """What the resources of a template take from other stacks at one of the values that a parameter may have."""
    if not any(function.removeprefix("Fn::") in template.text for function in CROSS_STACK_FUNCTIONS):
        return ()
    found: dict[CrossStackReference, None] = {}
    environment = template.environment
    for logical_id in environment.resources:
        path = (*environment.path(logical_id), "Properties")
        for function, argument, place in _taken(environment.properties(logical_id), path):
            if not isinstance(argument, str) and depends(template, argument):
                found.update(dict.fromkeys(_at_each(template, function, argument, place)))
    return tuple(found)


def _taken(value: object, path: Path) -> Iterator[tuple[str, object, Path]]:
    """The functions in an expression that take a value of another stack, with what they are given, and where."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key in CROSS_STACK_FUNCTIONS:
            yield key, inner, (*path, key)
        # Texts and numbers, most of what there is, hold nothing.
        if isinstance(inner, (dict, list)):
            yield from _taken(inner, (*path, key))


def _at_each(template: Template, function: str, argument: object, path: Path) -> Iterator[CrossStackReference]:
    """What a function asks for at each assignment of the parameters that it reads; of too many, at none."""
    try:
        classes = template.classes((path,), apart={})
    except BudgetReached:
        return
    for assignment in classes:
        reference = reference_of(partial(constant, template.assigned(assignment)), function, argument)
        if reference is not None:
            yield reference
