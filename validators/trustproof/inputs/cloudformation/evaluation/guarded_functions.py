"""
The functions in resources, each with the conditions under which CloudFormation has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM

#: Names of conditions, and whether each holds.
Guards: TypeAlias = "tuple[tuple[str, bool], ...]"
#: What the transform makes of one of these is not known.
_TRANSFORMED = "AWS::Serverless::"


def in_resources(environment: Environment) -> Iterator[tuple[object, Guards]]:
    """The properties of the resources that no transform makes others of, and when these are there."""
    for logical_id, resource in environment.resources.items():
        # A macro is given what stands beside it, and may leave it out.
        is_changed = str(resource.get("Type")).startswith(_TRANSFORMED) or TRANSFORM in str(resource)
        if not is_changed:
            own = resource.get("Condition")
            yield environment.properties(logical_id), ((own, True),) if isinstance(own, str) else ()


def ways_out(guards: Guards) -> list[object]:
    """The conditions each of which is enough for a function not to be evaluated."""
    return [{"Fn::Not": [{"Condition": name}]} if holds else {"Condition": name} for name, holds in guards]


def guarded_functions(value: object, guards: Guards) -> Iterator[tuple[str, object, Guards]]:
    """
    All keys in a value with what they have, functions among them, and when CloudFormation looks at them.

    Args:
        guards: when it looks at the value.
    """
    if isinstance(value, list):
        for item in value:
            yield from guarded_functions(item, guards)
    for function, argument in value.items() if isinstance(value, dict) else ():
        if function == "Fn::If" and isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
            for branch, holds in ((argument[1], True), (argument[2], False)):
                yield from guarded_functions(branch, tuple(dict.fromkeys((*guards, (argument[0], holds)))))
            continue
        yield function, argument, guards
        yield from guarded_functions(argument, guards)
