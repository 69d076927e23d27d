"""
Forms, held to the model of their operation at every depth: `Tags.member.1.Key`.

moto looks for some parameters by how their names begin, and counts on over numbers that are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from botocore.model import Shape

_NUMBER = re.compile("[1-9][0-9]{0,5}")


class _Numbers(defaultdict[str, set[int]]):
    """The numbers of items, by the place of their list."""

    def __init__(self) -> None:
        super().__init__(set)


def strangers(shape: Shape | None, given: Iterable[tuple[str, str]], protocol: str) -> Iterator[str]:
    """
    Names that the model of an operation does not have, or that leave out a number before theirs.

    Args:
        shape: of its parameters; None where it has none.
        given: names and values.
        protocol: `query` or `ec2`.
    """
    numbers = _Numbers()
    for name, value in given:
        if shape is None or not _fits(shape, name.split("."), value, protocol, "", numbers):
            yield name
    for place, found in numbers.items():
        if max(found) != len(found):
            yield f"{place}.{max(found)}"


def _fits(shape: Shape, parts: list[str], value: str, protocol: str, place: str, numbers: _Numbers) -> bool:
    kind = shape.type_name
    if kind == "structure":
        return any(
            _fits(one, parts[1:], value, protocol, f"{place}.{parts[0]}".lstrip("."), numbers)
            for member, one in shape.members.items()
            if parts and parts[0] in _names(member, one, protocol)
        )
    if kind not in ("list", "map"):
        return not parts
    if not parts:
        # An empty list.
        return not value
    is_flat = protocol == "ec2" or shape.serialization.get("flattened")
    if not is_flat:
        between = "entry" if kind == "map" else _said(shape.member, "member")
        if parts[0] != between:
            return False
        place, parts = f"{place}.{between}", parts[1:]
    if not parts or _NUMBER.fullmatch(parts[0]) is None:
        return False
    rest, below = parts[1:], f"{place}.{parts[0]}"
    if kind == "list":
        fits = _fits(shape.member, rest, value, protocol, below, numbers)
    else:
        named = {_said(shape.key, "key"): shape.key, _said(shape.value, "value"): shape.value}
        fits = bool(rest) and rest[0] in named and _fits(named[rest[0]], rest[1:], value, protocol, below, numbers)
    if fits:
        numbers[place].add(int(parts[0]))
    return fits


def _names(member: str, shape: Shape, protocol: str) -> Iterator[str]:
    """What a member is called in a form; a list without items also by its own name."""
    said = shape.serialization
    if protocol == "ec2":
        name = str(said.get("name", member))
        yield str(said.get("queryName") or (name[0].upper() + name[1:] if "name" in said else name))
        return
    yield _said(shape, member)
    if shape.type_name == "list" and said.get("flattened"):
        yield _said(shape.member, member)


def _said(shape: Shape, otherwise: str) -> str:
    said = shape.serialization
    return str(said.get("locationNameForQueryCompatibility") or said.get("name", otherwise))
