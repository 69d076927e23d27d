"""
Values that become values of one type: the items of a list, the values of a map, both sides of a conditional.

https://developer.hashicorp.com/terraform/language/expressions/types#conversion-of-complex-types
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.set_order import in_order
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.unset_variable import BOOL, NUMBER, STRING, Variable
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import Choice, Entry, Fields, Items, JsonText, Known, Maybe, Text, Value

_DIFFERENT = "the values have no type in common"


def unify(values: Sequence[Value]) -> tuple[Value, ...]:
    """
    Values as they are next to each other: numbers and truth values are texts if one of them is a text, at every depth.

    Where nobody knows whether one is a text, they are an `UntypedScalar`.

    Raises:
        Fault: there is no type for all of them.
        NotKnown: which it is, is not known.
    """
    outcomes = [one for value in values for one in _outcomes(value, is_sure=True)]
    found = iter(_of_one_type([value for value, _ in outcomes], [is_sure for _, is_sure in outcomes]))
    return tuple(_put_back(value, found) for value in values)


def without_types(value: Value) -> Value:
    """A value as it is where nobody knows whether a truth value or number in it has become a text."""
    if isinstance(value, Known) and (value.value is None or isinstance(value.value, str)):
        return value
    if isinstance(value, Known) or (isinstance(value, Variable) and value.kind in (BOOL, NUMBER)):
        return UntypedScalar(value)
    if isinstance(value, Items):
        return type(value)(tuple(map(without_types, value.items)), value.is_set, value.place, value.sensitive)
    if isinstance(value, Fields):
        return _with(value, lambda entry: without_types(entry.value))
    if isinstance(value, Maybe):
        return Maybe(value.condition, without_types(value.value), value.of, value.place, value.sensitive)
    if isinstance(value, Choice) and convert.outcomes(value) <= convert.MAX_OUTCOMES:
        then, otherwise = without_types(value.then), without_types(value.otherwise)
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    return value


def may_be(value: UntypedScalar, other: Known) -> bool:
    """Whether a truth value, number or text of a type that is not known may be equal to another value."""
    wanted = other.value
    if wanted is None:
        return False
    is_number = isinstance(wanted, (int, float)) and not isinstance(wanted, bool)
    change = convert.text if isinstance(wanted, str) else convert.numeric if is_number else convert.truth
    try:
        found = change(value)
    except NotKnown:
        return True
    except Fault:
        return False
    return not isinstance(found, Known) or found.value == wanted


def may_change(value: Value) -> bool:
    """Whether there is something in a value that is another one next to a text."""
    if isinstance(value, Variable):
        return value.kind in (BOOL, NUMBER)
    if isinstance(value, Known):
        return value.value is not None and not isinstance(value.value, str)
    return any(may_change(part) for part in value.parts())


def _outcomes(value: Value, *, is_sure: bool) -> Iterator[tuple[Value, bool]]:
    """What a value may be, as conditions decide, and whether it is of that kind in any case."""
    if convert.outcomes(value) > convert.MAX_OUTCOMES:
        yield value, False
    elif isinstance(value, Choice):
        sides = [one for side in (value.then, value.otherwise) for one, _ in _outcomes(side, is_sure=False)]
        kinds = {_kind(side) for side in sides if not _is_null(side)}
        yield from ((side, is_sure and len(kinds) == 1) for side in sides)
    elif isinstance(value, Maybe):
        yield from _outcomes(value.value, is_sure=False)
    else:
        yield value, is_sure


def _put_back(value: Value, found: Iterator[Value]) -> Value:
    if convert.outcomes(value) > convert.MAX_OUTCOMES:
        return next(found)
    if isinstance(value, Maybe):
        return Maybe(value.condition, _put_back(value.value, found), value.of, value.place, value.sensitive)
    if not isinstance(value, Choice):
        return next(found)
    then = _put_back(value.then, found)
    return Choice(value.condition, then, _put_back(value.otherwise, found), value.place, value.sensitive)


def _of_one_type(values: list[Value], sure: Sequence[bool]) -> Sequence[Value]:
    kinds = {kind for value in values if (kind := _kind(value))}
    has_unknown = any(not _kind(value) and not _is_null(value) for value in values)
    if kinds in ({"object"}, {"list"}):
        found = _fields(values) if kinds == {"object"} else _items(values)
        return [*map(without_types, found)] if has_unknown else found
    if not kinds:
        return values
    if "object" in kinds or "list" in kinds:
        raise Fault(_DIFFERENT)
    there = {_kind(value) for value, is_sure in zip(values, sure, strict=True) if is_sure}
    if "text" in there or (has_unknown and {"truth", "number"} <= there):
        return [convert.text(value) if _may_be_text(value) else value for value in values]
    if has_unknown or "text" in kinds:
        return [*map(without_types, values)]
    if len(kinds) > 1:
        raise Fault(_DIFFERENT)
    return values


def _may_be_text(value: Value) -> bool:
    return isinstance(value, UntypedScalar) or _kind(value) in ("truth", "number")


def _is_null(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


_KINDS = {BOOL: "truth", STRING: "text", NUMBER: "number"}


def _kind(value: Value) -> str:
    """The kind of a value; empty where it is unknown or null."""
    if isinstance(value, Variable):
        return _KINDS.get(value.kind, "")
    if isinstance(value, Known):
        if value.value is None:
            return ""
        return {bool: "truth", str: "text"}.get(type(value.value), "number")
    if isinstance(value, (Text, JsonText)):
        return "text"
    if isinstance(value, Items):
        return "list"
    return "object" if isinstance(value, Fields) else ""


def _fields(values: list[Value]) -> Sequence[Value]:
    """Objects with the same attributes keep a type for each; others are maps, whose values have one type."""
    found = [value for value in values if isinstance(value, Fields)]
    first = found[0].by_key.keys()
    if all(one.by_key.keys() == first and len(one.by_key) == len(one.entries) for one in found):
        columns = {name: iter(unify([one.by_key[name] for one in found])) for name in first}
        return [_with(value, lambda entry: next(columns[str(_key(entry))])) for value in values]
    changed = iter(unify([entry.value for one in found for entry in one.entries]))
    return [_with(value, lambda _: next(changed)) for value in values]


def _key(entry: Entry) -> object:
    return entry.key.value if isinstance(entry.key, Known) else None


def _with(value: Value, change: Callable[[Entry], Value]) -> Value:
    if not isinstance(value, Fields):
        return value
    entries = tuple(Entry(entry.key, change(entry)) for entry in value.entries)
    return Fields(entries, value.place, value.sensitive, value.of)


def _items(values: list[Value]) -> Sequence[Value]:
    """Tuples of one length keep a type for each place; others are lists, whose items have one type."""
    found = [value for value in values if isinstance(value, Items)]
    length = len(found[0].items)
    if len({one.is_set for one in found}) > 1 and any(may_change(one) for one in found):
        # It depends on whether the others are lists or tuples, which nobody knows here.
        raise NotKnown("of which type a set and a list are together is not known")
    rows = [one.items for one in found]
    if all(len(row) == length for row in rows) and not any(one.is_set for one in found):
        columns = [unify(column) for column in zip(*rows, strict=True)]
        changed: Iterator[Value] = iter([column[at] for at in range(len(rows)) for column in columns])
    else:
        changed = iter(unify([item for row in rows for item in row]))
    return [
        _with_items(value, [next(changed) for _ in value.items]) if isinstance(value, Items) else value
        for value in values
    ]


def _with_items(value: Items, found: list[Value]) -> Items:
    # Numbers that have become texts are in another order.
    items = in_order(found) if value.is_set else found
    return type(value)(tuple(items), value.is_set, value.place, value.sensitive)


def see_common(value: Value, other: Callable[[], Value]) -> None:
    """
    See that a value has a type in common with what would be there instead, for Terraform refuses both otherwise.

    Raises:
        Fault: they have none, or that is not known.
    """
    try:
        beside = other()
    except NotKnown:
        raise
    except Fault:
        # What has no value has no type either, and need not have one where it is not chosen.
        return
    unify((value, beside))


def as_beside(value: Value, other: Callable[[], Value]) -> Value:
    """
    One side of a conditional, as the type that both have.

    Args:
        other: the other side; called where its type changes this one.

    Raises:
        Fault: whether there is such a type is not known.
    """
    if not may_change(value):
        return value
    try:
        beside = other()
    except NotKnown:
        return without_types(value)
    except Fault:
        return value
    try:
        return unify((value, beside))[0]
    except NotKnown:
        raise
    except Fault:
        # Terraform refuses it, unless the other side is not what it seems.
        return value
