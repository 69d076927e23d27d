"""
Functions of maps and objects: their keys and values, and several as one.

https://developer.hashicorp.com/terraform/language/functions/merge
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions.collections import doubt_null
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, fields, function, is_null
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import least_length
from trustproof.inputs.terraform.configuration.evaluation.open_instances import AbsentInstances, OfInstances, keys_of
from trustproof.inputs.terraform.configuration.evaluation.possible_values import alike
from trustproof.inputs.terraform.configuration.values import convert, open_keys
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.merged_objects import MergedObject
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Symbol,
    Unknown,
    Value,
)


@function(1)
def keys(context: Context, arguments: Sequence[Value]) -> Value:
    if isinstance(of := arguments[0], (AbsentInstances, Variable)):
        return keys_of(context.unknown(), of)
    found = _sorted(fields(arguments[0]))
    return Items(tuple(entry.key for entry in found), False, context.place)


@function(1)
def values(context: Context, arguments: Sequence[Value]) -> Value:
    if isinstance(of := arguments[0], AbsentInstances) and of.one is not None:
        return Items((OfInstances(of.one, of, context.unknown()),), False, context.place)
    found = _sorted(fields(arguments[0]))
    return Items(tuple(entry.value for entry in found), False, context.place)


def _sorted(value: Fields) -> list[Entry]:
    if len(value.by_key) < len(value.entries) > 1:
        raise NotKnown("the keys of the map are not known")
    if len(value.entries) < 2:
        # One is in order, whatever it is called.
        return [*value.entries]
    return sorted(value.entries, key=lambda entry: str(convert.plain(entry.key)))


@function(0, None)
def merge(context: Context, arguments: Sequence[Value]) -> Value:
    doubt_null(context, arguments)
    found: dict[object, Entry] = {}
    if any(isinstance(argument, (Symbol, Variable, Attribute)) for argument in arguments):
        return _merged(context, arguments)
    for argument in arguments:
        if is_null(argument):
            continue
        for entry in fields(argument).entries:
            context.work.step()
            key = convert.text(entry.key)
            if not isinstance(key, Known):
                open_keys.put(found, Entry(key, entry.value), context.work.step)
                continue
            found.pop(key.value, None)
            found[key.value] = Entry(key, entry.value)
    kinds = {fields(argument).of for argument in arguments if not is_null(argument)}
    return Fields(tuple(found.values()), context.place, of=kinds.pop() if len(kinds) == 1 else "")


def _merged(context: Context, arguments: Sequence[Value]) -> Value:
    """What is merged of objects some of which have keys that nobody knows."""
    found = context.unknown()
    if not isinstance(found, Symbol):
        return found
    each: list[Value | None] = []
    there: dict[str, Value] = {}
    certain: dict[str, Value] = {}
    for argument in arguments:
        if is_null(argument):
            continue
        if isinstance(argument, Unknown):
            each.append(argument.each if isinstance(argument, Symbol) else None)
            certain = _replaced_by(argument, certain)
            there = dict(argument.entries) if isinstance(argument, MergedObject) else {}
            continue
        for entry in fields(argument).entries:
            each.append(entry.value)
            key = convert.text(entry.key)
            if isinstance(key, Known):
                there.pop(str(key.value), None)
                there[str(key.value)] = certain[str(key.value)] = entry.value
                continue
            context.work.step(len(there))
            there = {name: one for name, one in there.items() if not open_keys.may_be_same(Known(name), key)}
            certain = {name: one for name, one in certain.items() if name in there}
    known = [one for one in each if one is not None]
    found.least = max(map(least_length, arguments))
    found.each = alike(known) if len(known) == len(each) else None
    if any(isinstance(argument, Variable) and argument.is_validated for argument in arguments):
        # What a validation says of its keys and values need not be known.
        certain = {}
    return MergedObject(found, there, certain) if (there or certain) and not found.budget else found


def _replaced_by(value: Unknown, before: Mapping[str, Value]) -> dict[str, Value]:
    """What is at keys that are there in any case, where an object is merged with them not all of which is known."""
    own = value.certain if isinstance(value, MergedObject) else {}
    if isinstance(value, MergedObject) and not own:
        return {}
    return {**{key: _perhaps(value, key, one) for key, one in before.items() if key not in own}, **own}


def _perhaps(value: Unknown, key: str, before: Value) -> Value:
    at = convert.to_json(key)
    part_of = f"the keys of {value.part_of or value.name}" if isinstance(value, Variable) else ""
    is_there = Undecided(f"contains(keys({value.shown}), {at})", part_of=part_of)
    other = Symbol(f"{value.shown}[{at}]", place=value.place, sensitive=value.sensitive)
    return Choice(is_there, other, before, before.place)
