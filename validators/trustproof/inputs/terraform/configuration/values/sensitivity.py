"""
Values of which everything is sensitive, or nothing.

https://developer.hashicorp.com/terraform/language/functions/sensitive
"""

from __future__ import annotations

import copy

from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.values.provider_documents import DocumentText
from trustproof.inputs.terraform.values.scalar_null import ScalarNull
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Text,
    Value,
)


def as_declared(value: Value, block: Block | None, found: list[Value]) -> Value:
    """
    The value of a variable or output, which is sensitive where its block says so.

    Args:
        found: gets it then.
    """
    argument = block.body.argument("sensitive") if block is not None else None
    if argument is None or getattr(argument.expression, "value", None) is not True:
        return value
    found.append(made := with_sensitivity(value))
    return made


def is_derived(value: Value) -> bool:
    """
    Whether what a function gives is sensitive itself, so that it is to be shown no more than what it is made of. Of a
    whole document, its parts say what is.
    """
    if isinstance(value, Known):
        return value.sensitive and isinstance(value.value, str) and not value.value.lstrip().startswith(("{", "["))
    return value.sensitive and isinstance(value, (Items, Fields))


def with_sensitivity(value: Value, sensitive: bool = True) -> Value:
    """A value of which everything is sensitive, or nothing."""
    if isinstance(value, Items):
        return type(value)(
            tuple(with_sensitivity(item, sensitive) for item in value.items), value.is_set, value.place, sensitive
        )
    if isinstance(value, Fields):
        entries = tuple(
            Entry(with_sensitivity(key, sensitive), with_sensitivity(inner, sensitive)) for key, inner in value.entries
        )
        return Fields(entries, value.place, sensitive, value.of)
    if isinstance(value, Text):
        return Text(tuple(with_sensitivity(piece, sensitive) for piece in value.pieces), value.place, sensitive)
    if isinstance(value, DocumentText):
        of = with_sensitivity(value.of, sensitive)
        return DocumentText(of, value.place, sensitive, is_minified=value.is_minified)
    if isinstance(value, JsonText):
        return JsonText(with_sensitivity(value.of, sensitive), value.place, sensitive)
    if isinstance(value, Maybe):
        found = with_sensitivity(value.value, sensitive)
        return Maybe(value.condition, found, with_sensitivity(value.of, sensitive), value.place, sensitive)
    if isinstance(value, Rest):
        return Rest(with_sensitivity(value.of, sensitive), value.place, sensitive)
    if isinstance(value, Choice):
        then, otherwise = with_sensitivity(value.then, sensitive), with_sensitivity(value.otherwise, sensitive)
        return Choice(value.condition, then, otherwise, value.place, sensitive)
    if isinstance(value, ScalarNull):
        return ScalarNull(value.place, sensitive)
    if isinstance(value, Known):
        return Known(value.value, value.place, sensitive)
    if isinstance(value, UntypedScalar):
        return UntypedScalar(with_sensitivity(value.of, sensitive))
    return value if value.sensitive == sensitive else _copied(value, sensitive)


def _copied(value: Value, sensitive: bool) -> Value:
    """An unknown value, sensitive or not."""
    made = copy.copy(value)
    made.sensitive = sensitive
    return made
