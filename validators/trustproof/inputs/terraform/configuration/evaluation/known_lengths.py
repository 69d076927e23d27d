"""
What is surely a text, and what is surely none that is empty: names that AWS gives, and JSON.
"""

from __future__ import annotations

from trustproof.inputs.terraform.configuration.values import value_shapes
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Choice,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Text,
    Value,
)

#: Attributes that every resource of a type has that has one of them: what AWS has made has a name.
_NAMES = frozenset("account_id arn execution_arn id unique_id".split())


def is_filled(value: Value) -> bool:
    """Whether a value is known to be a text that is not empty, whatever else is known of it."""
    if isinstance(value, Known):
        return isinstance(value.value, str) and value.value != ""
    if isinstance(value, Choice):
        return is_filled(value.then) and is_filled(value.otherwise)
    if isinstance(value, Text):
        return any(is_filled(piece) for piece in value.pieces)
    return isinstance(value, JsonText) or (isinstance(value, Attribute) and value.name in _NAMES)


def is_text(value: Value) -> bool:
    """Whether a value is known to be a text, a number, a truth value or null, and so no list."""
    if isinstance(value, Choice):
        return is_text(value.then) and is_text(value.otherwise)
    if isinstance(value, Variable):
        return value.kind != ""
    return isinstance(value, (Known, Text)) or is_filled(value)


def least_length(value: Value) -> int:
    """How many items or characters there are at least, whatever is not known becomes."""
    if isinstance(value, Choice):
        return min(least_length(value.then), least_length(value.otherwise))
    if isinstance(value, Items):
        there = sum(not isinstance(item, Rest) for item in value.items)
        # Two that are not known may be the same.
        return min(there, 1) if value.is_set else there
    if isinstance(value, Fields):
        return len(value.by_key)
    if isinstance(value, (Symbol, Variable)):
        return value.least
    return max(int(is_filled(value)), value_shapes.lengths(value)[0])
