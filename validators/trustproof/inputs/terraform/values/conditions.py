"""
What decides, where variables have no value yet: the conditions of Terraform that become conditions of a template.
"""

from __future__ import annotations

from typing import TypeAlias

from trustproof.inputs.cloudformation.values.parameter import ANYTHING
from trustproof.inputs.terraform.values.references_in_text import references

#: What stands for Terraform's ``null`` where a template has texts: no other value is written so.
NULL = "(null)"
#: A value without parts; None is Terraform's ``null``.
Scalar: TypeAlias = "str | bool | int | float | None"


class Condition:
    """
    Something that holds or not, as variables without a value decide: one of the classes below.
    """

    __slots__ = ()

    @property
    def shown(self) -> str:
        """As it would be written."""
        raise NotImplementedError


class Equal(Condition):
    """
    Whether a variable of the root module, or a part of one, has a value; a truth value is compared with ``True``.

    Args:
        name: with ``var.``.
        part_of: of a part of a variable what decides it, called by the variable; else empty.
        is_truth: whether it is a part that is a truth value.
    """

    __slots__ = ("is_truth", "name", "part_of", "value")

    def __init__(self, name: str, value: Scalar, part_of: str = "", *, is_truth: bool = False) -> None:
        self.name: str = name
        self.value: Scalar = value
        self.part_of: str = part_of
        self.is_truth: bool = is_truth

    @property
    def shown(self) -> str:
        """As it would be written."""
        if self.value is True:
            return self.name
        return f"{self.name} == {literal(self.value)}"

    def __repr__(self) -> str:
        return f"Equal({self.shown})"


class WasThere(Condition):
    """
    Whether a resource was there before the configuration is applied.

    Args:
        address: full, with keys.
    """

    __slots__ = ("address",)
    #: No reference decides it.
    depends_on: tuple[str, ...] = ()

    def __init__(self, address: str) -> None:
        self.address: str = address

    @property
    def shown(self) -> str:
        """In words: there is no way to write it."""
        return f"{self.address} was there before"

    def __repr__(self) -> str:
        return f"WasThere({self.address!r})"


class Undecided(Condition):
    """
    Something that nobody knows before the configuration is applied; two that are written alike are the same.

    Args:
        written: as it would be written: ``length(data.aws_subnets.all.ids) > 0``.
        is_expression: whether that is an expression; else it is in words, and depends on nothing that is written.
        part_of: what alone decides it, where that is known.
        decided_by: the references that decide it, where they are not all in what is written.
    """

    __slots__ = ("depends_on", "written")

    def __init__(
        self, written: str, *, is_expression: bool = True, part_of: str = "", decided_by: tuple[str, ...] = ()
    ) -> None:
        self.written: str = written
        named = decided_by or (references(written) if is_expression else ())
        #: References that decide it.
        self.depends_on: tuple[str, ...] = (part_of,) if part_of else named

    @property
    def shown(self) -> str:
        """As it would be written."""
        return self.written

    def __repr__(self) -> str:
        return f"Undecided({self.written!r})"


class Outcome(Condition):
    """
    Whether something that is one of a few texts, of which nobody knows before which, is one of them.

    Args:
        name: as it would be written: ``element(["a", "b"], var.i)``.
        value: the text; `NULL` for null.
        among: all texts that it may be.
        decided_by: the references that decide it, where a part of its name was cut off.
    """

    __slots__ = ("among", "depends_on", "name", "value")

    def __init__(self, name: str, value: str, among: tuple[str, ...], decided_by: tuple[str, ...] = ()) -> None:
        self.name: str = name
        self.value: str = value
        self.among: tuple[str, ...] = among
        #: References that decide it, as far as its name has them.
        self.depends_on: tuple[str, ...] = tuple(one for one in decided_by or references(name) if one != ANYTHING)

    @property
    def shown(self) -> str:
        """As it would be written."""
        return f"{self.name} == {literal(None if self.value == NULL else self.value)}"

    def __repr__(self) -> str:
        return f"Outcome({self.shown})"


class Named(Condition):
    """
    Whether a condition holds that a template has already.

    Args:
        name: of it, which is how it would be written.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name: str = name

    @property
    def shown(self) -> str:
        """As it would be written."""
        return self.name

    def __repr__(self) -> str:
        return f"Named({self.name!r})"


class Not(Condition):
    """Whether another condition does not hold."""

    __slots__ = ("of",)

    def __init__(self, of: Condition) -> None:
        self.of: Condition = of

    @property
    def shown(self) -> str:
        """As it would be written."""
        return f"!({self.of.shown})"

    def __repr__(self) -> str:
        return f"Not({self.of!r})"


class AllOf(Condition):
    """Whether each of some conditions holds."""

    __slots__ = ("of",)

    def __init__(self, of: tuple[Condition, ...]) -> None:
        self.of: tuple[Condition, ...] = of

    @property
    def shown(self) -> str:
        """As it would be written."""
        return " && ".join(f"({one.shown})" for one in self.of)

    def __repr__(self) -> str:
        return f"AllOf({self.of!r})"


class AnyOf(Condition):
    """Whether one of some conditions holds, or more."""

    __slots__ = ("of",)

    def __init__(self, of: tuple[Condition, ...]) -> None:
        self.of: tuple[Condition, ...] = of

    @property
    def shown(self) -> str:
        """As it would be written."""
        return " || ".join(f"({one.shown})" for one in self.of)

    def __repr__(self) -> str:
        return f"AnyOf({self.of!r})"


def literal(value: Scalar) -> str:
    """A scalar as Terraform writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return f'"{value}"' if isinstance(value, str) else str(value)
