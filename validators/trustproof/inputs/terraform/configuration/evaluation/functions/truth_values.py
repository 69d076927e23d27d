"""
Whether all of some truth values hold, or any.

https://developer.hashicorp.com/terraform/language/functions/alltrue
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod

from trustproof.inputs.terraform.configuration.evaluation.functions.collections import as_list
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function, is_null, items
from trustproof.inputs.terraform.configuration.values import convert, variable_equality
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.unset_variable import BOOL, Variable
from trustproof.inputs.terraform.values.values import Choice, Known, Maybe, Rest, Value


@function(1)
def alltrue(context: Context, arguments: Sequence[Value]) -> Value:
    return _truths(context, arguments[0], deciding=False)


@function(1)
def anytrue(context: Context, arguments: Sequence[Value]) -> Value:
    return _truths(context, arguments[0], deciding=True)


def _truths(context: Context, value: Value, *, deciding: bool) -> Value:
    undecided: list[Value] = []
    decides = False
    free: dict[str, Variable] = {}
    for item in (as_list(value) if isinstance(value, Variable) else items(value)).items:
        one = _truths_inside(item)
        if one is not None:
            free[one.name] = one
            continue
        found = item if isinstance(item, Rest) else convert.FALSE if is_null(item) else convert.truth(item)
        # What is not true is false, null too.
        found = variable_equality.opened(found) if isinstance(found, Variable) else found
        if not isinstance(found, Known):
            undecided.append(found)
        elif found.value is deciding:
            # An item behind it may be no truth value.
            decides = True
    if decides:
        return Known(deciding, context.place)
    for one in free.values():
        # There may be none of them.
        is_it = Undecided(f"{'anytrue' if deciding else 'alltrue'}({one.shown})", part_of=one.part_of or one.name)
        undecided.append(Choice(is_it, convert.TRUE, convert.FALSE, context.place, value.sensitive))
    number = prod(map(convert.outcomes, undecided))
    if len(free) > 1 or number > convert.MAX_OUTCOMES or not all(isinstance(one, Choice) for one in undecided):
        raise NotKnown("an item is not known")
    result: Value = Known(not deciding, context.place)
    for choice in reversed(undecided):
        result = _decided_by(choice, result, deciding=deciding)
    return result


def _decided_by(one: Value, rest: Value, *, deciding: bool) -> Value:
    """What one value decides, and what the rest of them do where it does not."""
    if isinstance(one, Choice):
        return convert.choose(one, partial(_decided_by, rest=rest, deciding=deciding))
    if not isinstance(one, Known):
        raise NotKnown("an item is not known")
    # Null is false here.
    return Known(deciding, one.place) if bool(one.value) is deciding else rest


def _truths_inside(item: Value) -> Variable | None:
    """A list without a value that an item stands for, where it is of truth values that may be either; else None."""
    of = item.of if isinstance(item, Rest) and not isinstance(item, Maybe) else None
    if not isinstance(of, Variable) or of.shape is None or of.shape.of is None:
        return None
    return of if of.shape.of.kind == BOOL else None
