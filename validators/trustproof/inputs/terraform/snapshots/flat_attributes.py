"""
The attributes of a state that a provider has written before Terraform 0.12: all of them texts, under the path to each.

https://github.com/hashicorp/terraform/blob/v1.9.0/internal/configs/hcl2shim/flatmap.go
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.errors import InputError

#: Behind the path to a list or set, and to a map: how many items it has.
_ITEMS, _ENTRIES = "#", "%"


def with_parts(attributes: object, what: str, file: str) -> object:
    """
    Attributes with their lists, sets, maps and blocks; what are none as it is.

    Args:
        what: whose they are, in words.

    Raises:
        InputError: there are fewer items than it says.
    """
    if not isinstance(attributes, Mapping):
        return attributes
    flat = {key: value for key, value in attributes.items() if isinstance(key, str)}
    return {name: _value(flat, name, what, file) for name in _first_steps(flat, "")}


def _value(flat: Mapping[str, object], path: str, what: str, file: str) -> object:
    if path in flat:
        return flat[path]
    if f"{path}.{_ENTRIES}" in flat:
        # A key may have a dot in it.
        start = f"{path}."
        found = {key.removeprefix(start): flat[key] for key in flat if key.startswith(start)}
        return {key: value for key, value in found.items() if key != _ENTRIES}
    names = _first_steps(flat, f"{path}.")
    if (many := flat.get(f"{path}.{_ITEMS}")) is None:
        return {name: _value(flat, f"{path}.{name}", what, file) for name in names}
    items = [_value(flat, f"{path}.{name}", what, file) for name in names if name != _ITEMS]
    if str(many) != str(len(items)):
        raise InputError(f"{path} of {what} has {len(items)} items, and {many} by attributes_flat", file)
    return items


def _first_steps(flat: Mapping[str, object], start: str) -> list[str]:
    """The first step of each path behind a beginning, in the order in which they stand there."""
    return [*dict.fromkeys(key.removeprefix(start).partition(".")[0] for key in flat if key.startswith(start))]
