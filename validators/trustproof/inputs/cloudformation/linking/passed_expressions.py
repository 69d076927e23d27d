"""
What a stack passes to a nested one, as expressions that the nested stack can read: then two parameters that are made of
one of the parent's are decided together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import (
    NOTHING,
    Several,
    written_parameters,
)
from trustproof.inputs.cloudformation.evaluation.stacks.refused_values import condition_to_admit
from trustproof.inputs.cloudformation.linking.relocation import LinkLookup, Relocation
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.catalogue import STACK_SET
from trustproof.inputs.cloudformation.values.intrinsics import names_in, referred_name
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues, NotLinkable
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.names import in_stack
from trustproof.model.text import Symbol

#: How the name of what is passed begins, behind the stack that passes it.
_PARAMETERS = "Parameters."


class PassedPlace(NamedTuple):
    """
    Where a stack passes something.
    """

    #: What the stack is called that passes it.
    label: str
    #: The resource that makes the nested stack.
    logical_id: str
    #: The parameter of the nested stack.
    parameter: str


def passed_place(symbol: Symbol) -> PassedPlace | None:
    """Where what a symbol stands for is passed; None for one that stands for anything else."""
    label, name = in_stack(symbol.name)
    if symbol.kind != "parameter" or not label or not name.startswith(_PARAMETERS):
        return None
    logical_id, _, parameter = name.removeprefix(_PARAMETERS).partition(".")
    return PassedPlace(label, logical_id, parameter)


def relocate_passed(
    template: Template, place: PassedPlace, look_up: LinkLookup, declared: Parameter | None
) -> tuple[object, LinkedValues] | None:
    """
    What a stack passes, as an expression, and what it refers to; None where that is not known.

    Args:
        template: the one that passes it.
        look_up: answers what that takes from others.
        declared: the parameter that it is passed to, where it is known.
    """
    resource = template.environment.resources.get(place.logical_id)
    if resource is None or resource.get("Type") == STACK_SET:
        return None
    value = (written_parameters(resource, {}) or {}).get(place.parameter)
    renaming = Relocation(template, place.label, look_up)
    try:
        found = _or_default(value, declared)
        return renaming.value(found), renaming.linked_values()
    except NotLinkable:
        return None


def passed_resources(template: Template, label: str, logical_id: str, type_: str) -> Iterator[PassedPlace]:
    """
    Where a stack passes something that is made of resources of a type, which it has wherever it passes that.

    Args:
        template: the one that passes it.
        label: what that is called.
        logical_id: the resource that makes the nested stack.
    """
    resources = template.environment.resources
    resource, there = resources.get(logical_id), {*template.environment.of_types((type_,))}
    passed = written_parameters(resource, {}) if resource is not None and there else None
    for parameter, value in (passed or {}).items():
        named = there.intersection(names_in(value))
        # A function may give something else where a condition leaves the resource out.
        is_certain = referred_name(value) in named or not any("Condition" in resources[one] for one in named)
        if named and is_certain:
            yield PassedPlace(label, logical_id, parameter)


def _or_default(value: object, declared: Parameter | None) -> object:
    """
    A value with the default in the place of what leaves a parameter to it.

    Raises:
        NotLinkable: there is no default, or no value.
    """
    argument = value.get("Fn::If") if isinstance(value, Mapping) else None
    if isinstance(argument, list) and len(argument) == 3:
        return {"Fn::If": [argument[0], *(_or_default(branch, declared) for branch in argument[1:])]}
    if value == NOTHING:
        value = None if declared is None else declared.judged_default
    if value is None or isinstance(value, Several):
        raise NotLinkable
    return value


def admission_condition(expression: object, declared: Parameter) -> object | None:
    """The condition that a parameter admits what it is passed; None for one that takes whatever it is passed."""
    if declared.is_list or not declared.is_narrow:
        return None
    return condition_to_admit(expression, declared)
