"""
Whether two values are equal, of which one may not be known.

https://developer.hashicorp.com/terraform/language/expressions/operators#equality-operators
"""

from __future__ import annotations

from trustproof.inputs.terraform.configuration.evaluation.access import Whole
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import is_filled
from trustproof.inputs.terraform.configuration.evaluation.open_instances import AbsentInstances
from trustproof.inputs.terraform.configuration.values import value_shapes
from trustproof.inputs.terraform.configuration.values.convert import is_same, plain_text, scalar_text
from trustproof.inputs.terraform.configuration.values.one_type import may_be
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)


def equal(one: Value, other: Value) -> bool | None:
    """
    Whether two values are equal; None where that is not known.

    A list and a tuple with the same items are not equal, nor a map and an object; which of them a value is, nobody
    knows here.
    """
    for value, known in ((one, other), (other, one)):
        if isinstance(known, Known) and cannot_be(value, known):
            return False
    one, other = (plain_text(side) if isinstance(side, JsonText) else side for side in (one, other))
    for first, second in ((one, other), (other, one)):
        if isinstance(first, UntypedScalar) and isinstance(first.of, Known) and isinstance(second, Known):
            return None if may_be(first, second) else False
    if isinstance(one, Known) and isinstance(other, Known):
        if isinstance(one.value, bool) or isinstance(other.value, bool):
            return is_same(one, other)
        return one.value == other.value
    if isinstance(one, Items) and isinstance(other, Items):
        return _equal_lists(one, other)
    if isinstance(one, Fields) and isinstance(other, Fields):
        return _equal_objects(one, other)
    texts = (Text, JsonText)
    for first, second in ((one, other), (other, one)):
        if isinstance(first, texts) and (isinstance(second, (Items, Fields)) or getattr(second, "value", "") is None):
            return False
    unsure = (Unknown, Text, JsonText, Rest)
    return None if isinstance(one, unsure) or isinstance(other, unsure) else False


def _equal_lists(one: Items, other: Items) -> bool | None:
    if any(isinstance(item, Rest) for item in (*one.items, *other.items)):
        return None
    if one.is_set or other.is_set:
        return None
    if len(one.items) != len(other.items):
        return False
    return _all_equal(list(zip(one.items, other.items, strict=True)))


def _equal_objects(one: Fields, other: Fields) -> bool | None:
    if len(one.by_key) < len(one.entries) or len(other.by_key) < len(other.entries):
        return None
    if one.by_key.keys() != other.by_key.keys():
        return False
    return _all_equal([(one.by_key[key], other.by_key[key]) for key in one.by_key])


def _all_equal(pairs: list[tuple[Value, Value]]) -> bool | None:
    return False if False in [equal(*pair) for pair in pairs] else None


def cannot_be(value: Value, known: Known) -> bool:
    """Whether a value that is not known is surely another one than a scalar: a name that AWS gives is not empty."""
    if isinstance(value, (Whole, AbsentInstances)):
        return True
    if known.value is None or known.value == "":
        return not isinstance(value, Known) and (is_filled(value) or (isinstance(value, Symbol) and value.least > 0))
    written = scalar_text(known.value)
    if isinstance(value, Text):
        start = known_start(value)
        if not written.startswith(start) and not start.startswith(written):
            return True
    return isinstance(value, (Attribute, Text)) and not value_shapes.may_be(value, written)


def known_start(value: Value) -> str:
    """How a text begins that is not known; empty where nothing is known of that."""
    if isinstance(value, Known):
        return str(value.value) if isinstance(value.value, str) else ""
    if isinstance(value, Text):
        start = known_start(value.pieces[0])
        # Of JSON the order is not known.
        return "" if set("[{") & set(start) else start
    return value_shapes.start(value)
