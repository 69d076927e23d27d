"""
Values that become values of one type: the items of a list, the values of a map, both sides of a conditional.

https://developer.hashicorp.com/terraform/language/expressions/types#conversion-of-complex-types
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from trustproof.inputs.terraform.configuration import convert
from trustproof.inputs.terraform.configuration.work import Fault, NotKnown
from trustproof.inputs.terraform.unset_variable import BOOL, NUMBER, STRING, Variable
from trustproof.inputs.terraform.values import Choice, Entry, Fields, Items, JsonText, Known, Text, Value

_DIFFERENT = "the values have no type in common"


def unify(values: Sequence[Value]) -> tuple[Value, ...]:
    """
    Values as they are next to each other: numbers and truth values are texts if one of them is a text, at every depth.

    What is unknown changes nothing: its type is not known.

    Raises:
        Fault: there is no type for all of them.
        NotKnown: which it is, is not known.
    """
    found = iter(_of_one_type([one for value in values for one in _outcomes(value)]))
    return tuple(_put_back(value, found) for value in values)


def may_change(value: Value) -> bool:
    """Whether there is something in a value that is another one next to a text."""
    if isinstance(value, Variable):
        return value.kind in (BOOL, NUMBER)
    if isinstance(value, Known):
        return value.value is not None and not isinstance(value.value, str)
    return any(may_change(part) for part in value.parts())


def _outcomes(value: Value) -> Iterator[Value]:
    """What a value may be, as conditions decide."""
    if convert.outcomes(value) > convert.MAX_OUTCOMES:
        yield value
    elif isinstance(value, Choice):
        yield from _outcomes(value.then)
        yield from _outcomes(value.otherwise)
    else:
        yield value


def _put_back(value: Value, found: Iterator[Value]) -> Value:
    if not isinstance(value, Choice) or convert.outcomes(value) > convert.MAX_OUTCOMES:
        return next(found)
    then = _put_back(value.then, found)
    return Choice(value.condition, then, _put_back(value.otherwise, found), value.place, value.sensitive)


def _of_one_type(values: list[Value]) -> Sequence[Value]:
    kinds = {kind for value in values if (kind := _kind(value))}
    if len(kinds) <= 1:
        if kinds == {"object"}:
            return _fields(values)
        return _items(values) if kinds == {"list"} else values
    if "object" in kinds or "list" in kinds or "text" not in kinds:
        raise Fault(_DIFFERENT)
    return [convert.text(value) if _kind(value) in ("truth", "number") else value for value in values]


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
        Items(tuple(next(changed) for _ in value.items), value.is_set, value.place, value.sensitive)
        if isinstance(value, Items)
        else value
        for value in values
    ]
