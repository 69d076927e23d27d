"""
Variables of the root module that nobody has given a value, and what is known of them all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import copy
from typing import NamedTuple

from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Unknown

#: The simple types. What is of another one, or of none that is known, has no name for it here.
STRING, NUMBER, BOOL = "string", "number", "bool"
#: The name of the workspace, which nobody knows before either; it is never empty.
WORKSPACE = "terraform.workspace"
#: Of what has been converted there and back, and is not what it was.
LOST = "lost"


class Shape(NamedTuple):
    """
    What a type says of what is inside of a value: of simple types it is known what they may be.
    """

    #: The simple type; empty for another one.
    kind: str
    #: Of an object: its attributes, as far as something is known of them.
    attributes: Mapping[str, Shape]
    #: Of a list, set or map: of its items, where something is known of them.
    of: Shape | None = None
    #: Whether it may be null: an optional attribute with a default is not.
    is_nullable: bool = True
    #: Whether it is that of a set, whose items are their keys.
    is_set: bool = False
    #: Whether it is that of a map, whose items have keys of anybody's.
    is_map: bool = False


class Variable(Unknown):
    """
    A variable of the root module without a value.

    Args:
        name: with ``var.``.
        kind: the simple type that the value has here, after conversions; empty where it may be of any.
        declared: the simple type that the value has where the variable is declared; empty where it may be of any,
            `LOST` where the value there does not say what it is here.
        is_nullable: whether it may be null.
        shape: what its type says of what is inside; None where that is nothing.
        part_of: where it is a part of a variable: what decides it, called by the variable; else empty.
        is_validated: whether a validation says something of it, which need not be known of all that is made of it.
        least: how many items or characters it has at least, by validations.
    """

    __slots__ = ("declared", "is_nullable", "is_validated", "kind", "least", "name", "part_of", "shape")

    def __init__(
        self,
        name: str,
        place: Place | None = None,
        sensitive: bool = False,
        *,
        kind: str = "",
        declared: str | None = None,
        is_nullable: bool = True,
        shape: Shape | None = None,
        part_of: str = "",
        is_validated: bool = False,
        least: int = 0,
    ) -> None:
        super().__init__(place, sensitive)
        self.name: str = name
        self.kind: str = kind
        self.declared: str = kind if declared is None else declared
        self.is_nullable: bool = is_nullable
        self.shape: Shape | None = shape
        self.part_of: str = part_of
        self.is_validated: bool = is_validated
        self.least: int = least

    @property
    def shown(self) -> str:
        """Its name."""
        return self.name

    @property
    def has_attributes(self) -> bool:
        """Whether it surely has whatever `part` finds by a name: an object, and not a map of anything."""
        return self.shape is not None and self.shape.of is None

    @property
    def is_list(self) -> bool:
        """Whether it is declared as a list or set of something that is known."""
        return self.shape is not None and self.shape.of is not None and not self.shape.is_map

    def converted(self, kind: str) -> Variable:
        """The same as a value of a simple type: null stays null."""
        if kind == self.kind:
            return self
        # What has no type is one of the type that is wanted; a truth value may be written in several ways.
        declared = self.declared or (STRING if kind == BOOL else kind)
        if self.kind not in ("", STRING) and kind == declared:
            # Of "05" and "1" a number and a truth value are other texts when they come back.
            declared = LOST
        found = copy(self)
        found.kind, found.declared, found.least = kind, declared, 0
        return found

    def not_null(self) -> Variable:
        """The same where it is known not to be null."""
        found = copy(self)
        found.is_nullable = False
        return found

    def part(self, key: str | int, place: Place | None) -> Variable | None:
        """An attribute, or an item; None where nothing is known of it."""
        if self.shape is None:
            return None
        if self.shape.of is None:
            shape, step = self.shape.attributes.get(str(key)), f".{key}"
        else:
            shape, step = self.shape.of, f"[{json.dumps(key, ensure_ascii=False)}]"
        if shape is None:
            return None
        return self.as_inside(f"{self.name}{step}", f"{self.part_of or self.name}{step}", shape, place)

    def as_inside(self, name: str, part_of: str, shape: Shape, place: Place | None) -> Variable:
        """What is inside, by its name, and by what decides it."""
        return Variable(
            name,
            place,
            self.sensitive,
            kind=shape.kind,
            is_nullable=shape.is_nullable,
            shape=shape,
            part_of=part_of,
        )

    def validated(self, least: int = 0) -> Variable:
        """
        The same where a validation says something of it.

        Args:
            least: how many items or characters it demands.
        """
        found = self.with_shape(None).with_least(max(self.least, least))
        found.is_validated = True
        return found

    def with_least(self, least: int) -> Variable:
        """The same where something else is known of how many items or characters it has at least."""
        found = copy(self)
        found.least = least
        return found

    def with_shape(self, shape: Shape | None) -> Variable:
        """The same where something else is known of what is inside."""
        found = copy(self)
        found.shape = shape
        return found

    def __repr__(self) -> str:
        return f"Variable({self.name!r})"
