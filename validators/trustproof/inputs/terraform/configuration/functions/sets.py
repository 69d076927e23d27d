"""
Functions of sets, from one type to another, and of what is sensitive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from trustproof.inputs.terraform.configuration import convert
from trustproof.inputs.terraform.configuration.functions.collections import as_list, counted, without_doubles
from trustproof.inputs.terraform.configuration.functions.registry import Context, fields, function, is_null, items
from trustproof.inputs.terraform.values import Items, Known, Text, Value, is_sensitive

# -- sets


def set_of(found: Iterable[Value], context: Context, value: Value | None = None) -> Items:
    """A set, in the order in which Terraform goes through it as far as that is known."""
    kept = without_doubles(found, context)
    known = [item for item in kept if isinstance(item, Known)]
    rest = [item for item in kept if not isinstance(item, Known)]
    if all(isinstance(item.value, (int, float)) for item in known):
        known.sort(key=lambda item: float(item.value or 0))
    else:
        known.sort(key=lambda item: str(item.value))
    return Items((*known, *rest), True, context.place, value.sensitive if value is not None else False)


@function(1)
def toset(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    return set_of(_of_one_type(value.items), context, value)


def _of_one_type(found: tuple[Value, ...]) -> tuple[Value, ...]:
    """Items as a list or set has them: texts, where one of them is a text."""
    if not any(isinstance(item, (Known, Text)) and isinstance(getattr(item, "value", ""), str) for item in found):
        return found
    return tuple(convert.text(item) if isinstance(item, Known) and item.value is not None else item for item in found)


def _sets(arguments: Sequence[Value], combine: Callable[[list[object], list[object]], list[object]]) -> list[object]:
    plain = [convert.plain(items(argument)) for argument in arguments]
    found = plain[0]
    for other in plain[1:]:
        found = combine(found, other)
    return list(found)


@function(1, None)
def setunion(context: Context, arguments: Sequence[Value]) -> Value:
    return set_of([item for argument in arguments for item in as_list(argument).items], context)


@function(1, None)
def setintersection(context: Context, arguments: Sequence[Value]) -> Value:
    found = _sets(arguments, lambda one, other: [item for item in one if item in other])
    return set_of([convert.value_of(item, context.place) for item in found], context)


@function(2)
def setsubtract(context: Context, arguments: Sequence[Value]) -> Value:
    found = _sets(arguments, lambda one, other: [item for item in one if item not in other])
    return set_of([convert.value_of(item, context.place) for item in found], context)


@function(1, None)
def setproduct(context: Context, arguments: Sequence[Value]) -> Value:
    rows: list[tuple[Value, ...]] = [()]
    for argument in arguments:
        found = counted(items(argument))
        context.work.step(len(rows) * len(found))
        rows = [(*row, item) for row in rows for item in found]
    return Items(tuple(Items(row, False, context.place) for row in rows), False, context.place)


# -- types


@function(1)
def tolist(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    # The order of a set with unknown items is not known, and stays so.
    is_set = value.is_set and not value.is_known
    return Items(_of_one_type(value.items), is_set, value.place or context.place, value.sensitive)


@function(1)
def tomap(_: Context, arguments: Sequence[Value]) -> Value:
    return fields(arguments[0])


@function(1)
def tostring(_: Context, arguments: Sequence[Value]) -> Value:
    return arguments[0] if is_null(arguments[0]) else convert.text(arguments[0])


@function(1)
def tonumber(_: Context, arguments: Sequence[Value]) -> Value:
    return arguments[0] if is_null(arguments[0]) else convert.numeric(arguments[0])


@function(1)
def tobool(_: Context, arguments: Sequence[Value]) -> Value:
    return arguments[0] if is_null(arguments[0]) else convert.truth(arguments[0])


@function(0, None, "list")
def list_(context: Context, arguments: Sequence[Value]) -> Value:
    return Items(tuple(arguments), False, context.place)


# -- sensitive values


@function(1)
def sensitive(_: Context, arguments: Sequence[Value]) -> Value:
    return convert.marked(arguments[0])


@function(1)
def nonsensitive(_: Context, arguments: Sequence[Value]) -> Value:
    return convert.marked(arguments[0], sensitive=False)


@function(1)
def issensitive(context: Context, arguments: Sequence[Value]) -> Value:
    return Known(is_sensitive(arguments[0]), context.place)
