"""
Instances of which a whole, or a part, is there only where a condition holds.
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.inputs.terraform.values.conditions import AllOf, Condition
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Choice, Items, Maybe, Value


def with_condition(instance: Instance, condition: Condition) -> Instance:
    """An instance that is there only where a condition holds."""
    before = instance.condition
    return _copy(instance, condition=condition if before is None else AllOf((before, condition)))


def with_value(instance: Instance, argument: str, value: Value) -> Instance:
    """An instance with another value of an argument."""
    assert isinstance(instance.values, KnownValues)
    return _copy(instance, values=instance.values.with_value(argument, value), condition=instance.condition)


def with_items(value: Value, decided: Callable[[Value], Condition | None]) -> Value:
    """
    A list of which some items are there or not; the value itself where all of them are there.

    Args:
        decided: what must hold for an item to be there; None where it is in any case.
    """
    if isinstance(value, Choice):
        then, otherwise = with_items(value.then, decided), with_items(value.otherwise, decided)
        is_same = then is value.then and otherwise is value.otherwise
        return value if is_same else Choice(value.condition, then, otherwise, value.place, value.sensitive)
    if not isinstance(value, Items):
        return value
    items = []
    for item in value.items:
        inner = item.value if isinstance(item, Maybe) else item
        condition = decided(inner)
        if condition is not None and isinstance(item, Maybe):
            condition = AllOf((item.condition, condition))
        items.append(item if condition is None else Maybe(condition, inner, value, item.place))
    if all(one is other for one, other in zip(items, value.items, strict=True)):
        return value
    return type(value)(tuple(items), value.is_set, value.place, value.sensitive)


def _copy(instance: Instance, *, condition: Condition | None, values: KnownValues | None = None) -> Instance:
    return Instance(
        instance.address,
        instance.type,
        instance.provider,
        instance.values if values is None else values,
        key=instance.key,
        condition=condition,
        place=instance.place,
        calls=instance.calls,
        existed=instance.existed,
        waits_for=instance.waits_for,
    )
