"""
Functions of lists and maps: what is unknown in them stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from trustproof.inputs.terraform.configuration.evaluation import access, equality, open_instances, operations
from trustproof.inputs.terraform.configuration.evaluation.functions import registry
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function, is_null, items
from trustproof.inputs.terraform.configuration.evaluation.functions.texts import by_characters
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import is_filled, least_length
from trustproof.inputs.terraform.configuration.evaluation.set_items import without_doubles
from trustproof.inputs.terraform.configuration.values import convert, open_keys, value_shapes
from trustproof.inputs.terraform.configuration.values.one_type import may_change, unify, without_types
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.conditions import Not
from trustproof.inputs.terraform.values.scalar_null import ScalarNull, WrittenNull
from trustproof.inputs.terraform.values.unordered_items import Unordered, listed
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)


def _whole(value: Items) -> tuple[Value, ...]:
    """The items of a list whose length is known."""
    if any(isinstance(item, Rest) for item in value.items):
        raise NotKnown("the list has items that are not known")
    return value.items


def distinct_items(value: Items) -> tuple[Value, ...]:
    """The items of a list, or of a set whose items are known: two unknown ones may be the same."""
    if value.is_set and (isinstance(value, Unordered) or not value.is_known) and len(value.items) > 1:
        raise NotKnown("how many items the set has is not known")
    return _whole(value)


def _ordered(value: Value) -> Items:
    """A list whose order is known."""
    found = items(value)
    if not convert.is_ordered(found):
        raise NotKnown("the order of the set is not known")
    return found


def doubt_sets(context: Context, arguments: Iterable[Value]) -> None:
    """Say that Terraform may refuse what is a set, or may be one."""
    if any(isinstance(argument, Items) and argument.is_set for argument in arguments):
        context.doubt()


def doubt_null(context: Context, arguments: Iterable[Value]) -> None:
    """Say that Terraform may refuse null, as what is of another type; not where it is written."""
    if any(is_null(argument) and not isinstance(argument, WrittenNull) for argument in arguments):
        context.doubt()


def as_list(value: Value) -> Items:
    """A list, where one that is unknown is a list of any items."""
    if isinstance(value, Unknown):
        return Items((Rest(value),), False, value.place, value.sensitive)
    return items(value)


# -- how many, and which


@function(1)
def length(context: Context, arguments: Sequence[Value]) -> Value:
    (value,) = arguments
    if (count := open_instances.how_many(value)) is not None:
        return count
    if isinstance(value, Items):
        return Known(len(distinct_items(value)), context.place)
    if isinstance(value, Fields):
        if len(value.by_key) < len(value.entries) > 1:
            raise NotKnown("the keys of the map are not known")
        return Known(len(value.entries), context.place)
    if isinstance(value, Known) and isinstance(value.value, (int, float)):
        raise Fault(f"it is {convert.what(value)}, which has no length")
    if isinstance(value, Symbol) and value.length is not None:
        return Known(value.length, context.place)
    text = convert.text(value)
    least, most = (0, None) if text.is_known else value_shapes.lengths(text)
    return Known(least if least == most else len(by_characters(convert.plain(text))), context.place)


@function(2)
def element(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    if not value.is_set and not arguments[1].is_known:
        found = open_instances.at_own_key(value, arguments[1])
        return found or open_instances.of_only_one(value, context.one_of(access.items_in(value.items)))
    key = registry.whole(arguments[1])
    if key < 0:
        # Before version 1.11 it has none.
        context.doubt()
    if value.is_set:
        raise NotKnown("the order of the set is not known")
    known = next((at for at, item in enumerate(value.items) if isinstance(item, Rest)), len(value.items))
    if 0 <= key < known:
        # However many there are behind it.
        return access.index(value, Known(key), context.place)
    if any(isinstance(item, Rest) for item in value.items):
        return open_instances.of_only_one(value, context.one_of(access.items_in(value.items)))
    if not value.items:
        raise Fault("the list is empty")
    return access.index(value, Known(key % len(value.items)), context.place)


@function(2)
def index(context: Context, arguments: Sequence[Value]) -> Value:
    if is_null(arguments[1]):
        raise Fault("null is not looked for")
    doubt_sets(context, arguments)
    found = items(arguments[0])
    is_ordered = convert.is_ordered(found)
    for at, item in enumerate(found.items):
        same = None if isinstance(item, Rest) or not is_ordered else equality.equal(item, arguments[1])
        if same is None:
            raise NotKnown("an item is not known")
        if same:
            return Known(at, context.place)
    raise Fault("the list has no such item")


@function(2)
def contains(context: Context, arguments: Sequence[Value]) -> Value:
    if is_null(arguments[1]):
        raise Fault("null is not looked for")
    found = [
        None if isinstance(item, Rest) else equality.equal(item, arguments[1]) for item in items(arguments[0]).items
    ]
    if True in found:
        return Known(True, context.place)
    if None in found:
        among = operations.is_among(arguments[1], items(arguments[0]).items, context.place)
        if among is None:
            raise NotKnown("an item is not known")
        return among
    return Known(False, context.place)


@function(1)
def one(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    if (only := open_instances.one_or_none(value)) is not None:
        return only
    if any(isinstance(item, Rest) for item in value.items):
        return context.one_of((*access.items_in(value.items), *(() if least_length(value) else (convert.NULL,))))
    found = distinct_items(value)
    if len(found) > 1:
        raise Fault(f"the list has {len(found)} items, expected one or none")
    return found[0] if found else Known(None, context.place)


# -- lists


@function(1)
def distinct(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    kept = without_doubles(unify(value.items), context.work.step)
    # Unknown texts may be the same: how many there are is not known, and neither is which of them is the first.
    return listed(kept, convert.is_ordered(value) and value.is_known, context.place)


@function(1)
def compact(context: Context, arguments: Sequence[Value]) -> Value:
    found: list[Value] = []
    for item in items(arguments[0]).items:
        if isinstance(item, Known):
            if item.value not in ("", None):
                found.append(convert.text(item))
        elif isinstance(item, (Items, Fields)):
            raise Fault(f"an item is {convert.what(item)}, expected a text")
        elif is_filled(item):
            found.append(item)
        else:
            # It may be empty.
            found.append(_if_filled(item) or _any_of(item))
    return Items(tuple(found), False, context.place)


def _if_filled(item: Value) -> Value | None:
    """A text that is empty or null where a condition holds, as an item that is not there then; None for others."""
    if not isinstance(item, Choice):
        return None
    for side, other, condition in (
        (item.then, item.otherwise, item.condition),
        (item.otherwise, item.then, Not(item.condition)),
    ):
        if isinstance(other, Known) and other.value in ("", None) and is_filled(side):
            return Maybe(condition, side, item, item.place, item.sensitive)
    return None


def _any_of(item: Value) -> Value:
    """An item as any number of items."""
    if isinstance(item, Maybe):
        return Rest(item.of)
    return item if isinstance(item, Rest) else Rest(item)


@function(2)
def chunklist(context: Context, arguments: Sequence[Value]) -> Value:
    found, size = unify(_whole(_ordered(arguments[0]))), registry.whole(arguments[1])
    if size < 0:
        raise Fault("the size is negative")
    size = size or max(len(found), 1)
    chunks = (found[at : at + size] for at in range(0, len(found), size))
    return Items(tuple(Items(chunk, False, context.place) for chunk in chunks), False, context.place)


@function(3, 3, "slice")
def slice_(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    if value.is_set:
        raise NotKnown("the order of the set is not known")
    known = next((at for at, item in enumerate(value.items) if isinstance(item, Rest)), len(value.items))
    if arguments[2] is registry.TO_THE_END and 0 <= (at := registry.whole(arguments[1])) <= known:
        # However many there are: the list is not longer than itself.
        return Items(value.items[at:], False, context.place)
    start, end = map(registry.whole, arguments[1:])
    if not 0 <= start <= end <= (known if end <= known else len(_whole(value))):
        raise Fault("the limits are outside of the list")
    return Items(value.items[start:end], False, context.place)


@function(1)
def reverse(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    if value.is_set:
        raise NotKnown("the order of the set is not known")
    return Items(tuple(reversed(value.items)), False, context.place)


@function(1)
def sort(context: Context, arguments: Sequence[Value]) -> Value:
    value = items(arguments[0])
    found = [item if isinstance(item, Rest) else convert.text(item) for item in value.items]
    known: list[Value] = [item for item in found if isinstance(item, Known)]
    if len(known) < len(found):
        # Which of them comes first is not known, and neither is how many of a set there are.
        return listed(found, not value.is_set and len(found) < 2, context.place, value.sensitive)
    return Items(tuple(sorted(known, key=lambda item: str(convert.plain(item)))), False, context.place, value.sensitive)


@function(1, None)
def coalesce(context: Context, arguments: Sequence[Value]) -> Value:
    if not all(map(_is_scalar, arguments)):
        doubt_null(context, arguments)
    found = _first_filled(unify(arguments))
    # Null may be a text, next to which a number is one.
    return without_types(found) if any(map(is_null, arguments)) and may_change(found) else found


def _is_scalar(value: Value) -> bool:
    """Whether a value has a simple type, or is null and has one."""
    return isinstance(value, ScalarNull) or (isinstance(value, (Known, Text)) and not is_null(value))


def _first_filled(found: Sequence[Value]) -> Value:
    """The first that is neither null nor empty; where a condition decides that of one, it decides between two."""
    for number, value in enumerate(found):
        if isinstance(value, Known) and value.value in (None, ""):
            continue
        rest = found[number + 1 :]
        if isinstance(value, Choice) and not is_filled(value):
            if convert.outcomes(value) > convert.MAX_OUTCOMES:
                break
            sides = (partial(_first_filled, [side, *rest]) for side in (value.then, value.otherwise))
            return convert.both(value, *sides)
        if not is_filled(value) and not isinstance(value, (Known, UntypedScalar, Items, Fields, access.Whole)):
            raise NotKnown("whether it is null is not known")
        return value
    raise Fault("all arguments are null or empty")


@function(1, None)
def coalescelist(context: Context, arguments: Sequence[Value]) -> Value:
    for value in arguments:
        if not isinstance(value, (Items, Unknown)) and not is_null(value):
            raise Fault(f"it is {convert.what(value)}, expected a list")
    doubt_sets(context, arguments)
    if any(map(is_null, arguments)):
        context.doubt()
    for value in arguments:
        if is_null(value):
            continue
        if items(value).items:
            if all(isinstance(item, Rest) for item in items(value).items):
                raise NotKnown("whether the list is empty is not known")
            return value
    raise Fault("all lists are empty")


@function(3)
def matchkeys(context: Context, arguments: Sequence[Value]) -> Value:
    values, keys, wanted = (_whole(_ordered(argument)) for argument in arguments)
    if len(values) != len(keys):
        raise Fault("the lists have different lengths")
    plain = [convert.plain(value) for value in unify((*keys, *wanted))]
    at = plain[: len(keys)]
    found = [value for value, key in zip(unify(values), at, strict=True) if key in plain[len(keys) :]]
    return Items(tuple(found), False, context.place)


# -- maps


@function(2)
def zipmap(context: Context, arguments: Sequence[Value]) -> Value:
    doubt_sets(context, arguments[1:])
    names, found = (_whole(_ordered(argument)) for argument in arguments)
    if len(names) != len(found):
        raise Fault("the lists have different lengths")
    entries: dict[object, Entry] = {}
    for name, value in zip(names, found, strict=True):
        open_keys.put(entries, Entry(convert.text(name), value), context.work.step)
    return Fields(tuple(entries.values()), context.place)
