"""
The functions in resources and outputs, each with the conditions under which CloudFormation has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, names_of

#: Names of conditions, and whether each holds.
Guards: TypeAlias = "tuple[tuple[str, bool], ...]"
#: What the transform makes of one of these is not known.
_TRANSFORMED = "AWS::Serverless::"


class ResourceFunctions(NamedTuple):
    """
    What the functions in the resources or outputs of a template ask of mappings and of resources.
    """

    #: The arguments of ``Fn::FindInMap``, and when CloudFormation looks there.
    lookups: list[tuple[object, Guards]]
    #: The conditions of resources that something refers to, and when it does, each pair once.
    needed: list[tuple[str, Guards]]


def functions_in(resources: Mapping[str, Mapping[str, object]]) -> ResourceFunctions:
    """What the functions in resources ask for."""
    return _asked(_in_resources(resources), resources)


def functions_in_outputs(
    outputs: Mapping[str, object], resources: Mapping[str, Mapping[str, object]]
) -> ResourceFunctions:
    """What the functions in outputs ask for, but for what a macro or a loop makes of them."""
    return _asked(_in_outputs(outputs), resources)


def _asked(
    parts: Iterable[tuple[Mapping[object, object], Guards]], resources: Mapping[str, Mapping[str, object]]
) -> ResourceFunctions:
    lookups: list[tuple[object, Guards]] = []
    needed: dict[tuple[str, Guards], None] = {}
    for part, around in parts:
        for function, argument, guards in guarded_functions(part, around):
            if function == "Fn::FindInMap":
                lookups.append((argument, guards))
            for name in names_of(function, argument):
                condition = resources[name].get("Condition") if name in resources else None
                if isinstance(condition, str) and (condition, True) not in guards:
                    needed[condition, guards] = None
    return ResourceFunctions(lookups, [*needed])


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


def _in_resources(resources: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[dict[object, object], Guards]]:
    """The properties of the resources that no transform makes others of, and when these are there."""
    for resource in resources.values():
        # A macro is given what stands beside it, and may leave it out.
        is_changed = str(resource.get("Type")).startswith(_TRANSFORMED) or TRANSFORM in str(resource)
        own, properties = resource.get("Condition"), resource.get("Properties")
        if not is_changed and isinstance(properties, dict):
            yield properties, ((own, True),) if isinstance(own, str) else ()


def _in_outputs(outputs: Mapping[str, object]) -> Iterator[tuple[Mapping[object, object], Guards]]:
    """What the outputs say that no macro makes others of, and when these are there."""
    for output in outputs.values():
        if isinstance(output, dict) and TRANSFORM not in str(output):
            own = output.get("Condition")
            said = {key: value for key, value in output.items() if key != "Condition"}
            yield said, ((own, True),) if isinstance(own, str) else ()
