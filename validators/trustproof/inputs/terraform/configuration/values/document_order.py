"""
The order in which the provider writes what a policy document has.

https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.provider_documents import SortedItems
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.values import (
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Maybe,
    Value,
)


def in_provider_order(document: Value) -> Value:
    """A policy document in the order in which its text has it; lists that are known in parts as they are."""
    if not isinstance(document, Fields):
        return document
    return Fields(tuple(Entry(key, _statements(value)) for key, value in document.entries), document.place)


def _statements(value: Value) -> Value:
    if not isinstance(value, Items):
        return value
    return Items(tuple(map(_statement, value.items)), False, value.place, value.sensitive)


def _statement(value: Value) -> Value:
    if isinstance(value, Choice):
        then, otherwise = _statement(value.then), _statement(value.otherwise)
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    if isinstance(value, Maybe):
        return Maybe(value.condition, _statement(value.value), value.of, value.place, value.sensitive)
    if isinstance(value, Several):
        return Several(_statement(value.one), value.condition, value.of, value.place)
    if not isinstance(value, Fields):
        return value
    entries = tuple(Entry(key, _element(key, found)) for key, found in value.entries)
    return Fields(entries, value.place, value.sensitive)


def _element(key: Value, value: Value) -> Value:
    name = key.value if isinstance(key, Known) else None
    if isinstance(value, SortedItems):
        return _reversed(value)
    if not isinstance(value, Fields):
        return value
    if name in ("Principal", "NotPrincipal"):
        return _by_key(value, {at: _element(entry.key, entry.value) for at, entry in enumerate(value.entries)})
    if name == "Condition":
        return _by_key(value, {at: _test(entry.value) for at, entry in enumerate(value.entries)})
    return value


def _test(value: Value) -> Value:
    if not isinstance(value, Fields):
        return value
    return _by_key(value, {at: _condition(entry.value) for at, entry in enumerate(value.entries)})


def _condition(value: Value) -> Value:
    """The values of a condition: one by itself, a truth value as a text."""
    if isinstance(value, Items) and len(value.items) == 1:
        return _condition(value.items[0])
    if isinstance(value, Known) and isinstance(value.value, bool):
        return Known("true" if value.value else "false", value.place, value.sensitive)
    return value


def _by_key(value: Fields, values: dict[int, Value]) -> Value:
    """An object with other values, sorted by its keys as far as these are known."""
    entries = [Entry(entry.key, values[at]) for at, entry in enumerate(value.entries)]
    if all(isinstance(entry.key, Known) for entry in entries):
        entries.sort(key=lambda entry: str(entry.key.value) if isinstance(entry.key, Known) else "")
    return Fields(tuple(entries), value.place, value.sensitive)


def _reversed(value: SortedItems) -> Value:
    """A list in reverse order, where it is known."""
    if not all(isinstance(item, Known) for item in value.items):
        return value
    found = sorted(value.items, key=lambda item: str(item.value) if isinstance(item, Known) else "", reverse=True)
    return Items(tuple(found), False, value.place, value.sensitive)
