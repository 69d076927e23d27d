"""
The order in which Terraform goes through a set.

Texts, numbers and truth values have their own order, null comes last, and everything else is in the order of the text
that tells the items of a set apart: https://github.com/zclconf/go-cty/blob/main/cty/set_internals.go
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.values.unordered_items import Unordered
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, Known, Value

#: From here on a number is written with an exponent.
_LARGEST = 10**10
_CLOSING = {"{": "}", "<": ">"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def in_order(found: list[Value]) -> list[Value]:
    """The items of a set as far as their order is known, and then the others as they are."""
    scalars = [item for item in found if isinstance(item, Known)]
    rest = [item for item in found if not isinstance(item, Known)]
    order = _order(rest)
    if order is None:
        return [*_sorted(scalars), *rest]
    # Only null is a scalar next to what is none.
    are_null = all(item.value is None for item in scalars)
    return [*order, *scalars] if rest and are_null else [*_sorted(scalars), *order]


def _order(found: Sequence[Value]) -> list[Value] | None:
    """Values with parts in their order; None where it is not known."""
    # Whether it is a map or an object tells how its text begins, and so which comes first: an empty list, or one of it.
    maps, objects = ([sort_key(item, opening) for item in found] for opening in "{<")
    if None in maps or None in objects:
        return None
    order = sorted(range(len(found)), key=lambda at: maps[at] or "")
    is_same = order == sorted(range(len(found)), key=lambda at: objects[at] or "")
    return [found[at] for at in order] if is_same else None


def _sorted(scalars: list[Known]) -> list[Value]:
    there = [item for item in scalars if item.value is not None]
    if all(isinstance(item.value, (int, float)) for item in there):
        there.sort(key=lambda item: float(item.value or 0))
    else:
        there.sort(key=lambda item: str(item.value))
    return [*there, *(item for item in scalars if item.value is None)]


def has_order(value: Items) -> bool:
    """Whether it is known in which order Terraform goes through it."""
    if not value.is_set or len(value.items) < 2:
        return True
    if isinstance(value, Unordered):
        return False
    return _order([item for item in value.items if not isinstance(item, Known)]) is not None


def sort_key(value: Value, opening: str) -> str | None:
    """
    The text by which a set tells an item from others; None where it is not known.

    Args:
        opening: what that of an object or map begins with.
    """
    if isinstance(value, Known):
        return _scalar_key(value.value)
    if isinstance(value, Items):
        keys = [sort_key(item, opening) for item in value.items]
        return f"[{''.join(f'{key};' for key in keys)}]" if None not in keys and _is_in_order(value, keys) else None
    if isinstance(value, Fields):
        if len(value.by_key) < len(value.entries):
            return None
        # Where all have the same keys these change nothing, and where they have not these are maps, which name them.
        entries = [_entry_key(entry, opening) for entry in sorted(value.entries, key=lambda entry: str(_name(entry)))]
        return None if None in entries else f"{opening}{''.join(map(str, entries))}{_CLOSING[opening]}"
    return None


def _is_in_order(value: Items, keys: Sequence[str | None]) -> bool:
    if not value.is_set or len(value.items) < 2:
        return True
    found = [
        key for key, item in zip(keys, value.items, strict=True) if key is not None and not isinstance(item, Known)
    ]
    return not isinstance(value, Unordered) and found == sorted(found)


def _entry_key(entry: Entry, opening: str) -> str | None:
    name, value = sort_key(entry.key, opening), sort_key(entry.value, opening)
    return None if name is None or value is None else f"{name}:{value};"


def _name(entry: Entry) -> object:
    return entry.key.value if isinstance(entry.key, Known) else ""


def _scalar_key(value: object) -> str | None:
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST else None
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"' if value.isascii() and value.isprintable() else None
    return None
