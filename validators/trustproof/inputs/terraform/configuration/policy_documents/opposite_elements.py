"""
An element of a statement and its opposite (``NotAction``), of which AWS takes one only: whoever gives one of two values
that nobody knows leaves the other one null or empty.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

from trustproof.inputs.terraform.configuration.block_contents.nested_contents import Content
from trustproof.inputs.terraform.configuration.policy_documents.document_values import unknown_part
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.values.conditions import Not
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    UNSAID,
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Rest,
    Symbol,
    Unknown,
    Value,
)

_ELEMENTS = ("Action", "Resource", "Principal")


def with_opposites(statement: Fields) -> Fields:
    """A statement in which an element is unknown where it or its opposite may be absent; any other object as it is."""
    values = statement.by_key
    if "Effect" not in values:
        return statement
    instead: dict[str, Value | None] = {}
    for name in _ELEMENTS:
        opposite = f"Not{name}"
        if name not in values or opposite not in values:
            continue
        pair = values[name], values[opposite]
        open_one = next(filter(_may_be_absent, pair), None)
        if _is_decided(*pair):
            instead[name], instead[opposite] = map(_without_empty, pair)
        elif open_one is not None:
            why = open_one.budget or "which is not known before deployment"
            said = _decides(open_one, opposite)
            instead[name], instead[opposite] = Symbol(said, UNSAID, f"{said}, {why}", open_one.place), None
    if not instead:
        return statement
    entries: list[Entry] = []
    for entry in statement.entries:
        key = entry.key.value if isinstance(entry.key, Known) else None
        value = instead.get(key, entry.value) if isinstance(key, str) else entry.value
        if value is not None:
            entries.append(Entry(entry.key, value))
    return Fields(tuple(entries), statement.place, statement.sensitive, statement.of)


def put_undecided_principals(
    entries: MutableMapping[str, Entry], named: Sequence[Content], not_named: Sequence[Content]
) -> None:
    """
    Make the principals of a statement unknown that has both kinds of them, or none, by what is assumed of its blocks.

    Args:
        entries: of the statement, by element.
        named: the blocks of ``principals``.
        not_named: those of ``not_principals``.
    """
    for found in (named, not_named) if named and not_named else ():
        of = found[0].of
        if of is not None and all(one.of is not None for one in found):
            entries.pop("NotPrincipal", None)
            unknown = unknown_part(_decides(of, "NotPrincipal"), of, found[0].place)
            entries["Principal"] = Entry(Known("Principal", found[0].place), unknown)
            return


def _decides(of: Value, opposite: str) -> str:
    return f"{value_text(of)} decides whether it or {opposite} is there"


def _is_decided(one: Value, other: Value) -> bool:
    """Whether one condition decides which of two values is there: each outcome is read by itself."""
    if not isinstance(one, Choice) or not isinstance(other, Choice):
        return False
    decides, *outcomes = _outcomes(one)
    decides_other, *other_outcomes = _outcomes(other)
    pairs = zip(outcomes, other_outcomes, strict=True)
    return decides == decides_other and all(any(map(_is_nothing, pair)) for pair in pairs)


def _outcomes(value: Choice) -> tuple[object, object, object]:
    """What decides, the value where that holds, and where it does not."""
    if isinstance(value.condition, Not):
        return value.condition.of.shown, value.otherwise, value.then
    return value.condition.shown, value.then, value.otherwise


def _is_nothing(value: object) -> bool:
    return (isinstance(value, Known) and value.value is None) or (isinstance(value, Items) and not value.items)


def _without_empty(value: Value) -> Value:
    """A choice with null in the place of an empty list."""
    if not isinstance(value, Choice):
        return value
    then, otherwise = (Known(None, one.place) if _is_nothing(one) else one for one in (value.then, value.otherwise))
    return Choice(value.condition, then, otherwise, value.place, value.sensitive)


def _may_be_absent(value: Value) -> bool:
    """Whether an element may be null or an empty list."""
    if isinstance(value, Choice):
        return any(_is_nothing(side) or _may_be_absent(side) for side in (value.then, value.otherwise))
    if isinstance(value, Items):
        return bool(value.items) and all(isinstance(item, Rest) for item in value.items)
    if isinstance(value, UntypedScalar):
        return _may_be_absent(value.of)
    if isinstance(value, Variable):
        return value.is_nullable or not value.kind
    return isinstance(value, Unknown) and not isinstance(value, Attribute)
