"""
The parameters that nested stacks and StackSets are passed, as they are written.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.catalogue import STACK_SET, STACKS_BESIDE
from trustproof.inputs.grammar.values import scalar_text

#: What is left out.
NOTHING = {"Ref": "AWS::NoValue"}
#: Passed by a stack that passes none.
NO_PARAMETERS: Mapping[str, object] = {}
#: Passed where the parameter is left to its default.
DEFAULT = object()
#: Passed for what is not known.
UNKNOWN = object()


class Several(NamedTuple):
    """
    Passed by a StackSet that passes something else to some of its stacks.
    """

    #: What it passes; `DEFAULT` where it passes nothing.
    values: tuple[object, ...]
    #: What the parameter is where nothing is passed; `UNKNOWN` where it declares nothing.
    default: object


def written_parameters(resource: Mapping[str, object], declared: Mapping[str, object]) -> Mapping[str, object] | None:
    """
    What a resource that makes stacks passes, by the name of the parameter; None where that is not known.

    Args:
        resource: a nested stack, or a StackSet.
        declared: the ``Parameters`` of the template of these stacks.
    """
    properties = _mapping(resource.get("Properties"))
    given = properties.get("Parameters", {})
    if resource.get("Type") == STACK_SET:
        given = _given_by_stack_set(properties, declared)
    else:
        given = _by_name(given)
    if not isinstance(given, Mapping) or any(map(_is_function, (resource, properties, given))):
        return None
    return given


def _by_name(given: object) -> object:
    """What is passed, with an ``Fn::If`` around all of it put around each value; what a branch has not is nothing."""
    argument = given.get("Fn::If") if isinstance(given, Mapping) and len(given) == 1 else None
    if not isinstance(argument, list) or len(argument) != 3:
        return {} if given == NOTHING else given
    first, second = (_by_name(branch) for branch in argument[1:])
    if not isinstance(first, Mapping) or not isinstance(second, Mapping) or _is_function(first) or _is_function(second):
        return given
    names = dict.fromkeys((*first, *second))
    return {n: {"Fn::If": [argument[0], first.get(n, NOTHING), second.get(n, NOTHING)]} for n in names}


def _given_by_stack_set(
    properties: Mapping[str, object], declared: Mapping[str, object]
) -> Mapping[str, object] | None:
    """
    What a StackSet passes to all of its stacks, and instead of it to those of a group of accounts.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stackinstances-override.html
    """
    found = _listed(properties.get("Parameters") or [])
    overrides = _overrides(properties, found or {})
    if found is None or overrides is None:
        return None
    several: dict[str, object] = {}
    for name in dict.fromkeys(name for others in overrides for name in others):
        default = _mapping(declared.get(name)).get("Default", UNKNOWN)
        values = [others.get(name, found.get(name, DEFAULT)) for others in overrides]
        several[name] = Several(tuple(values), default)
    return {**found, **several}


def parameters_of_groups(properties: Mapping[str, object]) -> list[dict[str, object]] | None:
    """
    What a StackSet passes to each of its groups of accounts; None where that is not known.

    Args:
        properties: of the StackSet.
    """
    found = _listed(properties.get("Parameters") or [])
    overrides = _overrides(properties, found or {})
    return None if found is None or overrides is None else [{**found, **others} for others in overrides]


def _overrides(properties: Mapping[str, object], found: Mapping[str, object]) -> list[dict[str, object]] | None:
    """
    What is passed to each group instead of what is passed to all; None where that is not known.

    Args:
        found: what is passed to all.
    """
    groups = properties.get("StackInstancesGroup") or [{}]
    beside = properties.get(STACKS_BESIDE)
    overrides: list[dict[str, object]] = []
    for group in (*(groups if isinstance(groups, list) else [groups]), *(beside if isinstance(beside, list) else ())):
        # What a function gives may pass anything.
        others = None if _is_function(group) else _listed(_mapping(group).get("ParameterOverrides") or [], found)
        if others is None:
            return None
        overrides.append(others)
    return overrides


def _is_function(value: object) -> bool:
    """Whether a value is that of a function, or a function has a part in it."""
    return any(str(key) == "Ref" or str(key).startswith("Fn::") for key in _mapping(value))


def _listed(given: object, otherwise: Mapping[str, object] = NO_PARAMETERS) -> dict[str, object] | None:
    """
    What a list of parameters passes; None where it is no such list.

    Args:
        given: the list, or one entry of it; ``Fn::If`` may choose the list, and each entry.
        otherwise: what is passed for a parameter where an ``Fn::If`` leaves nothing of it.
    """
    if given == NOTHING:
        return {}
    argument = given.get("Fn::If") if isinstance(given, Mapping) and len(given) == 1 else None
    if isinstance(argument, list) and len(argument) == 3:
        first, second = (_listed(branch, otherwise) for branch in argument[1:])
        if first is None or second is None:
            return None
        ways = {n: [one.get(n, otherwise.get(n, NOTHING)) for one in (first, second)] for n in (*first, *second)}
        return {name: {"Fn::If": [argument[0], *both]} for name, both in ways.items()}
    if isinstance(given, list):
        entries = [_listed(entry, otherwise) for entry in given]
        known = [one for one in entries if one is not None]
        names = [name for one in known for name in one]
        # Of two entries for one parameter that conditions choose, which counts is not said.
        is_twice = len(names) > len({*names}) and any("Fn::If" in str(entry) for entry in given)
        return None if len(known) < len(entries) or is_twice else {n: v for one in known for n, v in one.items()}
    name = scalar_text(_mapping(given).get("ParameterKey"))
    return None if name is None else {name: _mapping(given).get("ParameterValue", UNKNOWN)}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
