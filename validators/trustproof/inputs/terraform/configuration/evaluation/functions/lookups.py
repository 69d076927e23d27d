"""
What maps and objects have at keys, or else.

https://developer.hashicorp.com/terraform/language/functions/lookup
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation import access
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, fields, function, is_null
from trustproof.inputs.terraform.configuration.evaluation.types import SCALARS
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.one_type import without_types
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.merged_objects import MergedObject
from trustproof.inputs.terraform.values.scalar_null import ScalarNull
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Choice, Known, Value


@function(2, 3)
def lookup(context: Context, arguments: Sequence[Value]) -> Value:
    value, key = arguments[:2]
    if (part := _looked_up(value, key, arguments[2:], context)) is not None:
        return part
    found = fields(value)
    otherwise = [SCALARS[found.of](one) if found.of and not is_null(one) else one for one in arguments[2:]]
    if isinstance(key, Variable) and otherwise:
        return access.value_at_unknown_key(found, key, otherwise[0], context.place)
    if not key.is_known and len(found.by_key) == len(found.entries):
        return context.one_of((*found.by_key.values(), *otherwise))
    name = convert.plain(convert.text(key))
    if name in found.by_key:
        if otherwise and not found.of and not isinstance(found.by_key[name], Known):
            context.doubt()
        return access.attribute(found, name, context.place)
    if len(found.by_key) < len(found.entries):
        raise NotKnown("the keys of the map are not known")
    if not otherwise:
        raise Fault(f"there is no key {name}")
    has_parts = any(not isinstance(value, Known) for value in (otherwise[0], *(one.value for one in found.entries)))
    if not found.of and has_parts:
        # Of the values of a map it has the type, if it can.
        context.doubt()
        return without_types(otherwise[0])
    is_of_scalars = not has_parts and any(not is_null(one.value) for one in found.entries)
    return ScalarNull(otherwise[0].place) if is_null(otherwise[0]) and is_of_scalars else otherwise[0]


def _looked_up(value: Value, key: Value, otherwise: Sequence[Value], context: Context) -> Value | None:
    """
    What an object that is not known has at a key, where it is known what that is, or its type says what it may be; None
    for anything else.
    """
    if isinstance(value, MergedObject) and isinstance(key, Known) and isinstance(key.value, str):
        return value.part(key.value)
    if not isinstance(value, Variable) or not isinstance(key, Known) or not isinstance(key.value, str):
        return None
    found = value.part(key.value, context.place)
    is_map = value.shape is not None and value.shape.of is not None
    if found is None or not is_map or not otherwise:
        # An object has its attributes in any case.
        return found
    if found.kind not in SCALARS:
        return None
    default = otherwise[0] if is_null(otherwise[0]) else SCALARS[found.kind](otherwise[0])
    there = f"contains(keys({value.shown}), {convert.to_json(key.value)})"
    return Choice(Undecided(there, part_of=f"the keys of {value.part_of or value.name}"), found, default, context.place)
