"""
Parameters that choose the row of a mapping: CloudFormation refuses a template that asks for a row that is not there, so
such a parameter is one of the keys.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.evaluation.guarded_functions import guarded_functions, in_resources
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, names_in
from trustproof.inputs.grammar.values import scalar_text


def demanded_keys(environment: Environment) -> dict[str, object]:
    """The conditions under which mappings have what resources ask them for, by names that no condition has."""
    found: dict[str, object] = {}
    if not environment.mappings or not environment.parameters or TRANSFORM in environment.mappings:
        return found
    for properties, around in in_resources(environment):
        for function, argument, guards in guarded_functions(properties, around):
            if function != "Fn::FindInMap" or not all(condition in environment.conditions for condition, _ in guards):
                continue
            if (demand := _demand(environment, argument)) is not None:
                ways = [{"Fn::Not": [{"Condition": c}]} if holds else {"Condition": c} for c, holds in guards]
                demand = {"Fn::Or": [*ways, demand]} if ways else demand
                found.setdefault(json.dumps(demand), demand)
    return {f"Mappings/{number}": demand for number, demand in enumerate(found.values())}


def _demand(environment: Environment, argument: object) -> object | None:
    """That a parameter is the key of a row; None where a lookup says nothing of one."""
    if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        # There may be a value for any other key.
        return None
    name = argument[1].get("Ref") if isinstance(argument[1], dict) and len(argument[1]) == 1 else None
    parameter = environment.parameters.get(name) if isinstance(name, str) else None
    rows = environment.mappings.get(argument[0])
    if parameter is None or parameter.is_list or parameter.is_ssm or not isinstance(rows, dict) or TRANSFORM in rows:
        return None
    if parameter.name in environment.bindings:
        return None
    second = scalar_text(argument[2])
    keys = [
        key
        for key, row in rows.items()
        if isinstance(key, str) and (second is None or not isinstance(row, dict) or second in row or TRANSFORM in row)
    ]
    if not keys or set(keys) >= set(parameter.listed or ("",)):
        return None
    if _is_same_in_all(rows, second) and _may_stay(environment, parameter.name, keys):
        # Whichever it is, it is the same.
        return None
    return {"Fn::Or": [{"Fn::Equals": [argument[1], key]} for key in keys]}


def _is_same_in_all(rows: dict[str, object], second: str | None) -> bool:
    """Whether all rows of a mapping have the same for a second key."""
    return (
        len({json.dumps(row.get(second) if isinstance(row, dict) else row, default=str) for row in rows.values()}) == 1
    )


def _may_stay(environment: Environment, name: str, keys: Sequence[str]) -> bool:
    """Whether nobody has to say which of some keys a parameter is: its default, or any, as nothing tells them apart."""
    default = environment.declared[name].default if name in environment.declared else None
    if environment.parameters[name].listed or name in names_in([*environment.conditions.values()]):
        return False
    return default is None or (environment.parameters[name].judged_default == default and default in keys)
