"""
Functions that make one list of several: what is unknown in them stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions.collections import as_list, doubt_sets
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function, items
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import is_text
from trustproof.inputs.terraform.configuration.evaluation.optional_items import optional_items, where
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.one_type import may_change, unify, without_types
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.unordered_items import listed
from trustproof.inputs.terraform.values.values import Choice, Fields, Items, Maybe, Rest, Unknown, Value


@function(1, None)
def concat(context: Context, arguments: Sequence[Value]) -> Value:
    doubt_sets(context, arguments)
    found = [item for argument in arguments for item in as_list(argument).items]
    context.work.step(len(found))
    if any(map(may_change, arguments)) and len(arguments) > 1:
        found = _of_lists_or_tuples(found)
    return listed(found, all(map(convert.is_ordered, map(as_list, arguments))), context.place)


def _of_lists_or_tuples(found: Sequence[Value]) -> list[Value]:
    """Items that are of one type where all are of lists, and as they are where some are of tuples."""
    try:
        changed = unify(found)
    except Fault:
        return [*found]
    return [
        before if not may_change(before) or _is_same(before, after) else without_types(before)
        for before, after in zip(found, changed, strict=True)
    ]


def _is_same(before: Value, after: Value) -> bool:
    return before.is_known and after.is_known and convert.plain(before) == convert.plain(after)


def concat_of_choices(context: Context, arguments: Sequence[Value]) -> Value:
    """
    What ``concat`` makes of lists that conditions decide between, where there are too many combinations of them: each
    item is there where its own list is.
    """
    return concat(context, [_optional(argument, as_list) for argument in arguments])


def _optional(value: Value, of_one: Callable[[Value], Items]) -> Value:
    """A list that conditions decide about, as items that are there where they hold; others as they are."""
    return (optional_items(value, of_one) if isinstance(value, Choice) else None) or value


@function(1)
def flatten(context: Context, arguments: Sequence[Value]) -> Value:
    found = _flat(context, items(arguments[0]))
    return listed(found.items, convert.is_ordered(found), context.place)


def _is_no_list(value: Value) -> bool:
    """Whether a value is known to be no list, whatever conditions decide."""
    if isinstance(value, Choice):
        return _is_no_list(value.then) and _is_no_list(value.otherwise)
    return isinstance(value, Fields) or is_text(value)


def _flat(context: Context, value: Items) -> Items:
    found: list[Value] = []
    waiting = list(reversed(value.items))
    in_order = convert.is_ordered(value)
    while waiting:
        context.work.step()
        item = waiting.pop()
        if isinstance(item, Choice) and not _is_no_list(item):
            item = _optional(item, lambda one: _flat(context, Items((one,))))
        if isinstance(item, Items):
            waiting += reversed(item.items)
            in_order = in_order and convert.is_ordered(item)
        elif isinstance(item, Unknown) and not _is_no_list(item):
            # It may be a list itself.
            found.append(Rest(item))
        elif isinstance(item, Maybe) and isinstance(item.value, (Items, Unknown)):
            inner = _flat(context, Items((item.value,)))
            found += [where((item.condition,), one, item.of) for one in inner.items]
            in_order = in_order and convert.is_ordered(inner)
        else:
            found.append(item)
    return listed(found, in_order, value.place)
