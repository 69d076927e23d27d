"""
What nested stacks give back of what they are passed, as the template says it that passes it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.environment import macros_of
from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import NOTHING, Several
from trustproof.inputs.cloudformation.parameters.parameters import read_parameters
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM
from trustproof.inputs.cloudformation.values.references import output_of, outputs_in_text
from trustproof.inputs.grammar.values import scalar_text


class ReturningStack(NamedTuple):
    """
    A nested stack, as far as its outputs are made of its parameters.
    """

    content: Mapping[str, object]
    #: By the name of the parameter.
    passed: Mapping[str, object]


def without_outputs(value: object, stacks: Mapping[str, ReturningStack]) -> object:
    """
    A value with what stacks are passed in the places of those outputs that are nothing else.

    Args:
        stacks: those of the template, by logical id.
    """
    return _without(value, stacks, ())


def _without(value: object, stacks: Mapping[str, ReturningStack], asked: tuple[object, ...]) -> object:
    if isinstance(value, list):
        return [_without(item, stacks, asked) for item in value]
    if not isinstance(value, Mapping) or value in asked:
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        reference = output_of(function, argument)
        stack = None if reference is None else stacks.get(reference.name)
        if reference is not None and stack is not None:
            found = _returned(stack, reference.output)
            return value if found is None else _without(found, stacks, (*asked, value))
        if function == "Fn::Sub" and (outputs := dict(outputs_in_text(argument))):
            return _without(_with_variables(argument, outputs), stacks, (*asked, value))
    return {key: _without(inner, stacks, asked) for key, inner in value.items()}


def _with_variables(argument: object, outputs: Mapping[str, object]) -> object:
    """An ``Fn::Sub`` with outputs as variables of its own; where the text is nothing but one of these, that output."""
    text, own = argument if isinstance(argument, list) else (argument, {})
    single = next((given for name, given in outputs.items() if text == f"${{{name}}}"), None)
    return {"Fn::Sub": [text, {**outputs, **own}]} if single is None else single


def _returned(stack: ReturningStack, output: str) -> object | None:
    """What is passed that an output gives back, or the text that it is; None for an output of anything else."""
    content = stack.content
    body = _mapping(_mapping(content.get("Outputs")).get(output))
    value = body.get("Value")
    if macros_of(content.get("Transform")) or TRANSFORM in str((content.get("Outputs"), content.get("Parameters"))):
        return None
    if (text := scalar_text(value)) is not None:
        return text
    name = value.get("Ref") if isinstance(value, Mapping) and len(value) == 1 else None
    parameter = read_parameters(content.get("Parameters")).get(name) if isinstance(name, str) else None
    if parameter is None or parameter.is_ssm or parameter.is_list:
        return None
    given = stack.passed.get(parameter.name, parameter.default)
    return None if isinstance(given, Several) or str(NOTHING) in str(given) else given


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
