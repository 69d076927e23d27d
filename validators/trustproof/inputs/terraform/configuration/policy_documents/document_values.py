"""
What the elements of a policy document are made of: lists of texts in which null is none, and texts with ``&{``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import is_null
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, ListOf, Template
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.snapshots.data_sources import WHERE
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import (
    UNSAID,
    WITHOUT_SCHEME,
    Attribute,
    Choice,
    Items,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)

#: What is a part of the hosts of issuers.
_IN_HOSTS = ("AWS::Region", "AWS::URLSuffix")


def is_of_issuer(variable: Value) -> bool:
    """Whether nothing of a condition key is unknown but the issuer that it begins with, or parts of that."""
    pieces = variable.pieces if isinstance(variable, Text) else (variable,)
    return all(
        isinstance(one, Known) or (isinstance(one, Attribute) and _is_of_issuer(one.address, one.name))
        for one in pieces
    )


def _is_of_issuer(address: str, name: str) -> bool:
    is_where = WHERE.get(f".{address}".rpartition(".data.")[2].partition(".")[0], {}).get(name) in _IN_HOSTS
    return (
        is_where or name.endswith(WITHOUT_SCHEME) or (name == "url" and "aws_iam_openid_connect_provider." in address)
    )


#: A text that begins with an expression that is cut: the number behind it only tells it from others.
_CUT_BEGINNING = re.compile(r'"\$\{.*… #[0-9a-f]{8}\}([^"{}]*)"')


def unknown_part(what: str, of: Value | None, place: Place) -> Symbol:
    """
    A part of a statement of which nothing is known, since something in it is not.

    Args:
        of: what is not.
    """
    why = of.budget if of is not None and of.budget else "which is not known before deployment"
    return Symbol(what, UNSAID, f"{_shortened(what)}, {why}", place)


def _shortened(what: str) -> str:
    """What is said of a part, where a text in it begins with what there is no room for: its end says which it is."""
    return _CUT_BEGINNING.sub(r'"…\1"', what)


def value_name(value: Value | None) -> str:
    """What a value is called in a reason."""
    return value_text(value) if value is not None else "missing"


def place_of(body: Body, name: str, otherwise: Place) -> Place:
    """Where an argument stands; else another place."""
    argument: Argument | None = body.argument(name)
    return argument.place if argument is not None else otherwise


def texts(values: Sequence[Value]) -> list[object]:
    """Values as Python has them; None for what is not known."""
    return [value.value if isinstance(value, Known) else None for value in values]


def items_of(value: Value) -> Sequence[Value]:
    """The items of a list of texts, in which null is none."""
    if isinstance(value, Choice):
        return (value,)
    if isinstance(value, Items):
        return [item if isinstance(item, (Rest, Unknown)) else convert.text(item) for item in _present(value)]
    return (Rest(value),)


def _present(value: Items) -> list[Value]:
    return [item for item in value.items if not is_null(item)]


def _same(item: Value) -> object:
    """What is the same for two items that are known to be one text."""
    return item.value if isinstance(item, Known) else item


def as_list(value: Value) -> Value | None:
    """The value of an element that is a list: one as a text, none as nothing."""
    if isinstance(value, Items):
        # It is a set: an item that is written twice is one.
        items = list({_same(item): item for item in items_of(value)}.values())
        return one_or_list(items, value.place) if items else None
    return value


def spliced(expression: Expression, value: Value) -> Value:
    """
    A list of texts with the items of a list in the place of ``"${list}"`` among them, as Terraform 0.11 takes it; later
    versions refuse one within another: https://github.com/hashicorp/terraform/issues/19140
    """
    if not isinstance(expression, ListOf) or not isinstance(value, Items) or len(expression.items) != len(value.items):
        return value
    out: list[Value] = []
    for written, item in zip(expression.items, value.items, strict=True):
        is_list = isinstance(written, Template) and len(written.parts) == 1 and isinstance(item, Items)
        out += items_of(item) if is_list else (item,)
    return type(value)(tuple(out), value.is_set, value.place, value.sensitive)


def one_or_list(items: Sequence[Value], place: Place | None) -> Value:
    """One item by itself, or a list."""
    if len(items) == 1 and not isinstance(items[0], Rest):
        return items[0]
    return Items(tuple(items), False, place)


def variables_in(value: Value) -> Value:
    """A text, or each of a list, in which ``&{`` is written for ``${``."""
    if isinstance(value, Known) and isinstance(value.value, str):
        return Known(value.value.replace("&{", "${"), value.place, value.sensitive) if "&{" in value.value else value
    if isinstance(value, Text):
        return Text(tuple(map(variables_in, value.pieces)), value.place, value.sensitive)
    if isinstance(value, Items):
        return type(value)(tuple(map(variables_in, value.items)), value.is_set, value.place, value.sensitive)
    if isinstance(value, Choice):
        then, otherwise = variables_in(value.then), variables_in(value.otherwise)
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    return value
