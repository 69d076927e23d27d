"""
Keys of objects and maps that are not known, and may be one that is: of two entries with one key the later one is there.

https://developer.hashicorp.com/terraform/language/expressions/types#maps-objects
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from trustproof.inputs.grammar import open_texts
from trustproof.inputs.grammar.open_texts import Part
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import (
    UNSAID,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)

#: Counts so much work.
Step: TypeAlias = Callable[[int], None]


def may_be_same(one: Value, other: Value) -> bool:
    """Whether two texts are, or may be, the same."""
    if isinstance(one, Choice):
        return may_be_same(one.then, other) or may_be_same(one.otherwise, other)
    if isinstance(other, Choice):
        return may_be_same(one, other.then) or may_be_same(one, other.otherwise)
    return open_texts.may_be_same(_pieces(one), _pieces(other))


def name_of(key: Value) -> object:
    """What is the same for all keys that are known to be one."""
    return key.value if isinstance(key, Known) else _pieces(key)


def put(entries: dict[object, Entry], entry: Entry, step: Step) -> None:
    """
    Put an entry behind others, which it replaces where it has their key.

    Args:
        entries: by the `name_of` of their keys.
        step: counts work, of which a key that is held against another one is one.
    """
    name = name_of(entry.key)
    if not isinstance(entry.key, Known):
        step(len(entries))
        for other, before in entries.items():
            if other != name and may_be_same(before.key, entry.key):
                entries[other] = Entry(before.key, perhaps_replaced_value(before, entry.key))
    entries[name] = entry


def written_object(pairs: Iterable[tuple[Value, Value]], place: Place, step: Step) -> Fields:
    """The object of keys and values that are written one after the other."""
    found: dict[object, Entry] = {}
    for key, value in pairs:
        put(found, Entry(key, value), step)
    return Fields(tuple(found.values()), place)


def in_turn(value: Value, step: Step) -> Value:
    """A value in which each object was read from the first entry to the last."""
    if isinstance(value, Items):
        items = tuple(in_turn(item, step) for item in value.items)
        return type(value)(items, value.is_set, value.place, value.sensitive)
    if not isinstance(value, Fields):
        return value
    found: dict[object, Entry] = {}
    for entry in value.entries:
        put(found, Entry(entry.key, in_turn(entry.value, step)), step)
    return Fields(tuple(found.values()), value.place, value.sensitive)


def perhaps_replaced_value(entry: Entry, key: Value) -> Symbol:
    """The value of an entry that a later one may have replaced, whose key is not known."""
    name = f"the value of {value_text(entry.key)}, which an entry with the key {value_text(key)} may replace"
    reason = f"{name}, which is not known before deployment"
    return Symbol(name, UNSAID, reason, entry.value.place, entry.value.sensitive or key.sensitive)


def object_of(pairs: Iterable[tuple[Value, Value]], groups: bool, place: Place, step: Step) -> Fields:
    """
    The object that a ``for`` makes.

    Args:
        pairs: keys and values.
        groups: whether values with one key become a list.
        step: counts work, of which a key that is held against another one is one.

    Raises:
        Fault: two values have one key, and do not become a list.
    """
    found: dict[object, list[Value]] = {}
    keys: dict[object, Value] = {}
    for key, value in pairs:
        name = name_of(key)
        if name in found and not groups:
            raise Fault(f"two entries have the key {key.value if isinstance(key, Known) else value_text(key)}")
        keys[name] = key
        found.setdefault(name, []).append(value)
    if groups:
        return Fields(_grouped(keys, found, place, step), place)
    return Fields(tuple(Entry(keys[name], values[0]) for name, values in found.items()), place)


def _grouped(
    keys: Mapping[object, Value], values: Mapping[object, Sequence[Value]], place: Place, step: Step
) -> tuple[Entry, ...]:
    """
    Entries with the values of each key as a list, which may have those of a key that may be the same.

    Args:
        keys: by their `name_of`.
        values: likewise.
    """
    found: list[Entry] = []
    is_open = any(not isinstance(key, Known) for key in keys.values())
    for name, key in keys.items():
        step(len(keys) if is_open else 1)
        others = (other for other in keys.values() if is_open and other is not key and may_be_same(other, key))
        more = (Rest(Symbol(f"the values of {value_text(other)}", place=place)) for other in others)
        found.append(Entry(key, Items((*values[name], *more), False, place)))
    return tuple(found)


def _pieces(value: Value) -> tuple[str | Part, ...]:
    if isinstance(value, Known):
        return (str(value.value),)
    if isinstance(value, Text):
        return tuple(piece for part in value.pieces for piece in _pieces(part))
    return (Part(value.shown if isinstance(value, Unknown) else id(value)),)
