"""
Functions of sets, from one type to another, and of what is sensitive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from trustproof.inputs.terraform.configuration.evaluation import equality, set_items
from trustproof.inputs.terraform.configuration.evaluation.functions.collections import (
    as_list,
    distinct_items,
    doubt_null,
)
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import (
    Context,
    fields,
    function,
    is_null,
    items,
)
from trustproof.inputs.terraform.configuration.evaluation.open_instances import KeysOf, keys_of
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import short_name, value_text
from trustproof.inputs.terraform.configuration.values.one_type import unify
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.values.conditions import Not, Undecided
from trustproof.inputs.terraform.values.scalar_null import ScalarNull
from trustproof.inputs.terraform.values.unordered_items import listed
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, Known, Maybe, Rest, Symbol, Value

# -- sets


def set_of(found: Iterable[Value], context: Context, value: Value | None = None) -> Items:
    """A set, in the order in which Terraform goes through it as far as that is known."""
    return set_items.set_of(found, context.place, value is not None and value.sensitive, context.work.step)


@function(1)
def toset(context: Context, arguments: Sequence[Value]) -> Value:
    if is_null(arguments[0]):
        doubt_null(context, arguments)
        return arguments[0]
    if isinstance(arguments[0], KeysOf):
        return keys_of(context.unknown(), arguments[0])
    value = items(arguments[0])
    return set_of(unify(value.items), context, value)


def _sets(arguments: Sequence[Value], combine: Callable[[list[object], list[object]], list[object]]) -> list[object]:
    found: list[object] = []
    for number, argument in enumerate(_of_one_type(arguments)):
        plain = [convert.plain(item) for item in argument]
        found = combine(found, plain) if number else plain
    return found


def _of_one_type(arguments: Sequence[Value]) -> Iterator[list[Value]]:
    """The items of several sets, which are of one type together."""
    found = [as_list(argument).items for argument in arguments]
    changed = iter(unify([item for row in found for item in row]))
    yield from ([next(changed) for _ in row] for row in found)


@function(1, None)
def setunion(context: Context, arguments: Sequence[Value]) -> Value:
    return set_of([item for row in _of_one_type(arguments) for item in row], context)


@function(1, None)
def setintersection(context: Context, arguments: Sequence[Value]) -> Value:
    found = _sets(arguments, lambda one, other: [item for item in one if item in other])
    return set_of([convert.value_of(item, context.place) for item in found], context)


@function(2)
def setsubtract(context: Context, arguments: Sequence[Value]) -> Value:
    if not arguments[1].is_known and arguments[0].is_known and not arguments[1].budget:
        first, others = _of_one_type(arguments)
        return _without_unknown(context, first, others, arguments[1])
    found = _sets(arguments, lambda one, other: [item for item in one if item not in other])
    return set_of([convert.value_of(item, context.place) for item in found], context)


def _without_unknown(context: Context, first: list[Value], others: list[Value], written: Value) -> Value:
    """What is left of items that are known: each where it is not among others that nobody knows."""
    kept: list[Value] = []
    for item in first:
        same = [None if isinstance(other, Rest) else equality.equal(item, other) for other in others]
        if None in same and True not in same:
            name = f"contains({value_text(written)}, {value_text(item)})"
            kept.append(Maybe(Not(Undecided(short_name(name))), item, Symbol(f"{value_text(item)}, unless {name}")))
        elif True not in same:
            kept.append(item)
    return set_of(kept, context)


@function(2, None)
def setproduct(context: Context, arguments: Sequence[Value]) -> Value:
    rows: list[tuple[Value, ...]] = [()]
    for argument in arguments:
        given = unify(distinct_items(items(argument)))
        context.work.step(len(rows) * len(given))
        rows = [(*row, item) for row in rows for item in given]
    found = [Items(row, False, context.place) for row in rows]
    if any(isinstance(argument, Items) and argument.is_set for argument in arguments):
        return set_of(found, context)
    return Items(tuple(found), False, context.place)


# -- types


@function(1)
def tolist(context: Context, arguments: Sequence[Value]) -> Value:
    if is_null(arguments[0]):
        doubt_null(context, arguments)
        return arguments[0]
    value = items(arguments[0])
    # Where the order of a set is not known, it stays so.
    return listed(unify(value.items), convert.is_ordered(value), value.place or context.place, value.sensitive)


@function(1)
def tomap(context: Context, arguments: Sequence[Value]) -> Value:
    if is_null(arguments[0]):
        doubt_null(context, arguments)
        return arguments[0]
    value = fields(arguments[0])
    changed = unify([entry.value for entry in value.entries])
    entries = tuple(Entry(entry.key, found) for entry, found in zip(value.entries, changed, strict=True))
    kinds = {_type_name(found) for found in changed}
    return Fields(entries, value.place, value.sensitive, kinds.pop() if len(kinds) == 1 else value.of)


def _type_name(value: Value) -> str:
    """The type that a map of such values is one of; empty where that is not known."""
    if not isinstance(value, Known) or value.value is None:
        return ""
    return {str: "string", bool: "bool"}.get(type(value.value), "number")


@function(1)
def tostring(context: Context, arguments: Sequence[Value]) -> Value:
    doubt_null(context, arguments)
    return ScalarNull(arguments[0].place) if is_null(arguments[0]) else convert.text(arguments[0])


@function(1)
def tonumber(context: Context, arguments: Sequence[Value]) -> Value:
    doubt_null(context, arguments)
    return ScalarNull(arguments[0].place) if is_null(arguments[0]) else convert.numeric(arguments[0])


@function(1)
def tobool(context: Context, arguments: Sequence[Value]) -> Value:
    doubt_null(context, arguments)
    return ScalarNull(arguments[0].place) if is_null(arguments[0]) else convert.truth(arguments[0])


@function(0, None, "list")
def list_(context: Context, arguments: Sequence[Value]) -> Value:
    return Items(tuple(arguments), False, context.place)


# -- sensitive values


@function(1)
def sensitive(_: Context, arguments: Sequence[Value]) -> Value:
    return with_sensitivity(arguments[0])


@function(1)
def nonsensitive(_: Context, arguments: Sequence[Value]) -> Value:
    return with_sensitivity(arguments[0], sensitive=False)


@function(1)
def ephemeralasnull(_: Context, arguments: Sequence[Value]) -> Value:
    """What is not ephemeral, and null in the place of what is."""
    (value,) = arguments
    if not value.is_known:
        raise NotKnown("whether it is ephemeral is not known")
    return value


@function(1)
def issensitive(context: Context, arguments: Sequence[Value]) -> Value:
    (value,) = arguments
    if not isinstance(value, (Known, Items, Fields, Variable)):
        raise NotKnown("whether the provider takes it for sensitive is not known")
    return Known(value.sensitive, context.place)


@function(1)
def transpose(context: Context, arguments: Sequence[Value]) -> Value:
    rows = {str(convert.plain(entry.key)): _texts(entry.value) for entry in fields(arguments[0]).entries}
    return convert.value_of(_transposed(rows), context.place)


def _texts(value: Value) -> list[str]:
    """The items of a list of texts, all of which are known."""
    if not convert.is_ordered(items(value)):
        raise NotKnown("the order of the set is not known")
    return [convert.plain(convert.text(item)) for item in items(value).items]


def _transposed(found: dict[str, list[str]]) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for key in sorted(found):
        for value in found[key]:
            turned.setdefault(value, []).append(key)
    return {key: turned[key] for key in sorted(turned)}
