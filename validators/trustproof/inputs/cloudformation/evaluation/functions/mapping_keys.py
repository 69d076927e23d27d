"""
Parameters that choose what a mapping has: CloudFormation refuses a template that asks for what is not there, so such a
parameter is one of the keys, and so is the Region, account or partition, where a condition compares it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.guarded_functions import (
    Guards,
    guarded_functions,
    ways_out,
)
from trustproof.inputs.cloudformation.values.catalogue import APPLICATION, NESTED_STACK, STACK_SET
from trustproof.inputs.cloudformation.values.deployment import PLACES
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, names_in, referred_name, with_references
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.text import Symbol, Symbolic, Text

#: Functions of which it takes more than parameters to know what they give.
_OF_OTHERS = (
    "Fn::GetAtt",
    "Fn::ImportValue",
    "Fn::GetStackOutput",
    "Fn::Transform",
    "Fn::FindInMap",
    "Fn::If",
    "{{",
    "AWS::",
)
#: What makes stacks, and passes them parameters.
_STACKS = (NESTED_STACK, STACK_SET, APPLICATION)
#: Of so many entries of a mapping two parameters together are one; of more, each is a key by itself.
MAX_PAIRS = 64


def demanded_keys(environment: Environment) -> dict[str, object]:
    """The conditions under which mappings have what they are asked for, by names that no condition has."""
    found: dict[str, object] = {}
    if not environment.mappings or TRANSFORM in environment.mappings:
        return found
    if not environment.parameters and not environment.conditions:
        return found
    # What is passed to a stack, the conditions of that one may compare.
    stacks = [environment.properties(n) for n, one in environment.resources.items() if one.get("Type") in _STACKS]
    compared = frozenset(names_in([*environment.conditions.values(), *stacks]))
    #: What each lookup demands, by what it asks for: many resources ask for the same, of a mapping that may be long.
    demands: dict[str, object | None] = {}
    for argument, guards in lookups(environment):
        if not all(condition in environment.conditions for condition, _ in guards):
            continue
        asked = json.dumps(argument, default=str)
        if asked not in demands:
            demands[asked] = _demand(environment, argument, compared)
        if (demand := demands[asked]) is not None:
            ways = ways_out(guards)
            demand = {"Fn::Or": [*ways, demand]} if ways else demand
            found.setdefault(json.dumps(demand), demand)
    return {f"Mappings/{number}": demand for number, demand in enumerate(found.values())}


def lookups(environment: Environment) -> Iterator[tuple[object, Guards]]:
    """
    What mappings are asked for, in resources, outputs and conditions, all of which CloudFormation evaluates.

    Of what stands in ``Fn::And`` and ``Fn::Or``, no page says that it is looked at where another part decides.
    """
    for argument, guards in environment.functions.lookups:
        yield with_references(argument), guards
    for name, condition in environment.conditions.items():
        while isinstance(condition, dict) and isinstance(condition.get("Fn::Not"), list) and condition["Fn::Not"]:
            condition = condition["Fn::Not"][0]
        if name.isalnum() and isinstance(condition, dict) and "Fn::Equals" in condition:
            for function, argument, guards in guarded_functions(condition, ()):
                if function == "Fn::FindInMap":
                    yield with_references(argument), guards


def _demand(environment: Environment, argument: object, compared: Collection[str]) -> object | None:
    """That a parameter is the key of a row, or of an entry of a row; None where a lookup says nothing of one."""
    if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        # There may be a value for any other key.
        return None
    rows = environment.mappings.get(argument[0])
    if not isinstance(rows, dict) or TRANSFORM in rows:
        return None
    first, second = map(scalar_text, argument[1:])
    if first is None and second is None and (demand := _both(environment, argument, rows)) is not None:
        return demand
    if first is None:
        if not _may_be_one(environment, argument[1], compared):
            # The rows, of which there may be many, are gone through for each lookup.
            return _entry_somewhere(environment, argument, compared) if second is None else None
        rows = {
            key: row.get(second) if isinstance(row, dict) else row
            for key, row in rows.items()
            if second is None or not isinstance(row, dict) or second in row or TRANSFORM in row
        }
        demand = _is_one_of(environment, argument[1], rows, compared)
        entry = _entry_somewhere(environment, argument, compared) if second is None else None
        return {"Fn::And": [demand, entry]} if demand is not None and entry is not None else demand or entry
    row = rows.get(first)
    if not isinstance(row, dict) or TRANSFORM in row:
        return None
    return _is_one_of(environment, argument[2], row, compared)


def _entry_somewhere(environment: Environment, argument: Sequence[object], compared: Collection[str]) -> object | None:
    """That a parameter is the key of an entry of the row of a place, whichever that is; None where nothing is said."""
    if not {*names_in(argument[1])} or not {*names_in(argument[1])} <= {*PLACES}:
        return None
    table = environment.mappings[str(argument[0])]
    place = referred_name(argument[1])
    known = None if place is None else environment.deployment.place.get(place)
    rows = [row for key, row in table.items() if known in (None, key)] if isinstance(table, dict) else []
    entries: dict[object, list[object]] = {}
    for row in rows:
        if not isinstance(row, dict) or TRANSFORM in row:
            return None
        for key, entry in row.items():
            entries.setdefault(key, []).append(entry)
    return _is_one_of(environment, argument[2], entries, compared)


def _both(environment: Environment, argument: Sequence[object], rows: Mapping[object, object]) -> object | None:
    """That two parameters are the keys of a row and of an entry of it; None where nothing is said of the two."""
    one, other = (_parameter(environment, asked) for asked in argument[1:])
    if one is None or other is None or not all(isinstance(row, dict) and TRANSFORM not in row for row in rows.values()):
        return None
    entries = {str(key): [*map(str, row)] for key, row in rows.items() if isinstance(row, dict) and row}
    if sum(map(len, entries.values())) > MAX_PAIRS:
        return None
    if one.listed and other.listed and all({*other.listed} <= {*entries.get(key, ())} for key in one.listed):
        return None
    firsts, seconds = _one_of(argument[1], [*entries]), [*dict.fromkeys(k for keys in entries.values() for k in keys)]
    is_rectangle = all({*keys} == {*seconds} for keys in entries.values())
    if is_rectangle and not any(each.listed or each.judged_default is not None for each in (one, other)):
        # They are looked up in each entry anyway.
        return None
    if is_rectangle:
        # Each of the two is chosen by itself.
        return {"Fn::And": [firsts, _one_of(argument[2], seconds)]} if entries else None
    # What is said of each alone narrows it to what it may be at all.
    ways = [{"Fn::And": [_one_of(argument[1], [key]), _one_of(argument[2], keys)]} for key, keys in entries.items()]
    return {"Fn::And": [firsts, _one_of(argument[2], seconds), {"Fn::Or": ways}]}


def _parameter(environment: Environment, asked: object) -> Parameter | None:
    """The parameter that a key refers to, of which nobody has said what it is; None for any other key."""
    found = _referred(environment, asked)
    return None if found is None or found.name in environment.bindings else found


def _referred(environment: Environment, asked: object) -> Parameter | None:
    """The parameter of one text that a key refers to; None for any other key."""
    name = _name_of(asked)
    found = environment.parameters.get(name) if isinstance(name, str) else None
    return None if found is None or found.is_list or found.is_ssm else found


def _may_be_one(environment: Environment, asked: object, compared: Collection[str]) -> bool:
    """
    Whether something may be said of what is asked for, whatever the keys are.

    Args:
        compared: what conditions name.
    """
    name = _name_of(asked)
    if name in PLACES:
        # Else nothing tells one place from another.
        return environment.deployment.place.get(name) is None and name in compared
    if _is_made_of_parameters(environment, asked):
        return True
    parameter = _referred(environment, asked)
    bound = None if parameter is None else environment.bindings.get(parameter.name)
    return parameter is not None and (bound is None or _is_open(environment, bound))


def _name_of(asked: object) -> object:
    """What a key refers to; None where it is something else."""
    return asked.get("Ref") if isinstance(asked, dict) and len(asked) == 1 else None


def _is_one_of(
    environment: Environment, asked: object, entries: Mapping[object, object], compared: Collection[str]
) -> object | None:
    """
    That a parameter is one of the keys of entries; None where nothing is said of one.

    Args:
        compared: what conditions name.
    """
    if not _may_be_one(environment, asked, compared):
        return None
    keys = [key for key in entries if isinstance(key, str)]
    parameter = _referred(environment, asked)
    if parameter is None or _name_of(asked) in PLACES or _is_made_of_parameters(environment, asked):
        return _one_of(asked, keys)
    bound = environment.bindings.get(parameter.name)
    if not keys or set(keys) >= set(parameter.listed or ("",)):
        return None
    if bound is None and _is_same_in_all(entries) and _may_stay(environment, parameter.name, keys, compared):
        # Whichever it is, it is the same.
        return None
    return _one_of(asked, keys)


def _is_open(environment: Environment, bound: Text) -> bool:
    """Whether what a nested stack is passed is the value of one of its parent's, which may have to be another."""
    symbol = bound.parts[0] if isinstance(bound, Symbolic) and len(bound.parts) == 1 else None
    return not environment.deployment.is_in_stack_set and isinstance(symbol, Symbol) and symbol.kind == "parameter"


def _is_made_of_parameters(environment: Environment, asked: object) -> bool:
    """Whether a key is an item of parameters, or a text of them, of which nobody has said what they are."""
    if not isinstance(asked, dict) or "Ref" in asked or any(sign in str(asked) for sign in _OF_OTHERS):
        return False
    found = [environment.parameters.get(name) for name in names_in(asked)]
    is_open = all(one is not None and not one.is_ssm and one.name not in environment.bindings for one in found)
    return bool(found) and is_open


def _one_of(asked: object, keys: Sequence[str]) -> object | None:
    return {"Fn::Or": [{"Fn::Equals": [asked, key]} for key in keys]} if keys else None


def _is_same_in_all(entries: Mapping[object, object]) -> bool:
    """Whether there is the same under each key."""
    return len({json.dumps(entry, default=str) for entry in entries.values()}) == 1


def _may_stay(environment: Environment, name: str, keys: Sequence[str], compared: Collection[str]) -> bool:
    """Whether nobody has to say which of some keys a parameter is: its default, or any, as nothing tells them apart."""
    default = environment.declared[name].default if name in environment.declared else None
    if environment.parameters[name].listed or name in compared:
        return False
    return default is None or (environment.parameters[name].judged_default == default and default in keys)
