"""
Bodies of JSON, held to the model of their operation at every depth.

The gateway reads what the model has, and moto the text: a key that the model does not have, one in other letters, or a
list where a name belongs, might be read there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import Shape

_NUMBERS = ("integer", "long", "float", "double")
#: What JSON writes for a value that is no list and no structure. Of numbers that are none the name is written.
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "timestamp": (str, int, float),
    **dict.fromkeys(_NUMBERS, (int, float, str)),
}


def strangers(shape: Shape, value: Any, elsewhere: frozenset[str] = frozenset(), name: str = "") -> Iterator[str]:
    """
    What in a body its model does not have, or not in this form, by its place: `Tags[0].key`.

    Args:
        shape: of the model.
        value: what was read.
        elsewhere: members of the shape that are not in a body.
        name: its place.
    """
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False):
        return
    if kind == "structure":
        yield from _of_structure(shape, value, elsewhere, name)
    elif kind == "list":
        if not isinstance(value, list):
            yield name
            return
        for number, one in enumerate(value):
            yield from strangers(shape.member, one, name=f"{name}[{number}]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield name
            return
        for key, one in value.items():
            yield from strangers(shape.value, one, name=f"{name}.{key}")
    elif not isinstance(value, _SCALARS.get(kind, (object,))) or (isinstance(value, bool) and kind != "boolean"):
        yield name


def _of_structure(shape: Shape, value: Any, elsewhere: frozenset[str], name: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield name
        return
    members: Mapping[str, Shape] = {
        str(one.serialization.get("name", member)): one
        for member, one in shape.members.items()
        if member not in elsewhere
    }
    for key, one in value.items():
        place = f"{name}.{key}".lstrip(".")
        if key in members:
            yield from strangers(members[key], one, name=place)
        else:
            yield place
