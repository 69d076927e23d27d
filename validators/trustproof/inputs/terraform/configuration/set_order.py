"""
The order in which Terraform goes through a set.

Texts, numbers and truth values have their own order, null comes last, and everything else is in the order of the text
that tells the items of a set apart: https://github.com/zclconf/go-cty/blob/main/cty/set_internals.go
"""

from __future__ import annotations

from trustproof.inputs.terraform.values import Entry, Fields, Items, Known, Value

#: From here on a number is written with an exponent.
_LARGEST = 10**10
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def in_order(found: list[Value]) -> list[Value]:
    """The items of a set as far as their order is known, and then the others as they are."""
    scalars = [item for item in found if isinstance(item, Known)]
    rest = [item for item in found if not isinstance(item, Known)]
    keys = [sort_key(item) for item in rest]
    if all(key is not None for key in keys):
        rest = [rest[at] for at in sorted(range(len(rest)), key=lambda at: keys[at] or "")]
        # Only null is a scalar next to what is none.
        return [*rest, *scalars] if rest and all(item.value is None for item in scalars) else [*_sorted(scalars), *rest]
    return [*_sorted(scalars), *rest]


def _sorted(scalars: list[Known]) -> list[Value]:
    there = [item for item in scalars if item.value is not None]
    if all(isinstance(item.value, (int, float)) for item in there):
        there.sort(key=lambda item: float(item.value or 0))
    else:
        there.sort(key=lambda item: str(item.value))
    return [*there, *(item for item in scalars if item.value is None)]


def has_order(value: Items) -> bool:
    """Whether it is known in which order Terraform goes through it."""
    return not value.is_set or len(value.items) < 2 or _have_order(value.items)


def _have_order(found: tuple[Value, ...]) -> bool:
    return all(isinstance(item, Known) for item in found) or all(sort_key(item) is not None for item in found)


def sort_key(value: Value) -> str | None:
    """The text by which a set tells an item from others; None where it is not known."""
    if isinstance(value, Known):
        return _scalar_key(value.value)
    if isinstance(value, Items):
        keys = [sort_key(item) for item in value.items] if has_order(value) else [None]
        return None if None in keys else f"[{''.join(f'{key};' for key in keys)}]"
    if isinstance(value, Fields):
        if len(value.by_key) < len(value.entries):
            return None
        # Where all have the same keys these change nothing, and where they have not these are maps, which name them.
        entries = [_entry_key(entry) for entry in sorted(value.entries, key=lambda entry: str(_name(entry)))]
        return None if None in entries else f"{{{''.join(map(str, entries))}}}"
    return None


def _entry_key(entry: Entry) -> str | None:
    name, value = sort_key(entry.key), sort_key(entry.value)
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
