"""
Expressions as they are written, whatever they were parsed with.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.inputs.terraform.values.conditions import Scalar
from trustproof.inputs.terraform.values.place import Place


class Expression:
    """
    What is written where a value is expected: one of the classes below.

    Args:
        place: where.
    """

    __slots__ = ("mentions", "place")

    def __init__(self, place: Place) -> None:
        self.place: Place = place
        #: None until somebody asks: see `expression_names.mentions`.
        self.mentions: Mentions | None = None


class Mentions(NamedTuple):
    """
    What stands in an expression.
    """

    #: How many expressions that is, itself among them.
    size: int
    #: The names, each with the steps behind it.
    names: tuple[tuple[str, tuple[Step, ...]], ...]
    #: The names of its own loops.
    own: frozenset[str]
    #: Whether a part of it was not read.
    has_not_read: bool


class Literal(Expression):
    """A number, truth value, ``null``, or a text without anything to fill in."""

    __slots__ = ("value",)

    def __init__(self, value: Scalar, place: Place) -> None:
        super().__init__(place)
        self.value: Scalar = value


class Template(Expression):
    """A text with parts to fill in: literals, expressions, `TemplateIf` and `TemplateFor`."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Expression, ...], place: Place) -> None:
        super().__init__(place)
        self.parts: tuple[Expression, ...] = parts


class TemplateIf(Expression):
    """``%{ if … }`` in a text."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Expression, then: Template, otherwise: Template, place: Place) -> None:
        super().__init__(place)
        self.condition: Expression = condition
        self.then: Template = then
        self.otherwise: Template = otherwise


class TemplateFor(Expression):
    """``%{ for … }`` in a text."""

    __slots__ = ("body", "key", "over", "value")

    def __init__(self, key: str | None, value: str, over: Expression, body: Template, place: Place) -> None:
        super().__init__(place)
        self.key: str | None = key
        self.value: str = value
        self.over: Expression = over
        self.body: Template = body


class Name(Expression):
    """A name that a traversal begins with: ``var``, ``aws_iam_role``, ``each``."""

    __slots__ = ("name",)

    def __init__(self, name: str, place: Place) -> None:
        super().__init__(place)
        self.name: str = name


class Step(NamedTuple):
    """
    One step of a traversal: an attribute, an index, or a splat.
    """

    #: Of an attribute.
    name: str = ""
    #: Of an index.
    key: Expression | None = None
    #: Of a splat: the steps that each item is followed along.
    each: tuple[Step, ...] | None = None
    #: Of a splat: whether whatever is written behind it is among these steps: ``[*]``, and not ``.*``.
    has_all_behind: bool = False


class Traversal(Expression):
    """A value, and steps into it."""

    __slots__ = ("of", "steps")

    def __init__(self, of: Expression, steps: tuple[Step, ...], place: Place) -> None:
        super().__init__(place)
        self.of: Expression = of
        self.steps: tuple[Step, ...] = steps


class Call(Expression):
    """A function call; `expands` is whether the last argument is a list of arguments."""

    __slots__ = ("arguments", "expands", "name")

    def __init__(self, name: str, arguments: tuple[Expression, ...], expands: bool, place: Place) -> None:
        super().__init__(place)
        self.name: str = name
        self.arguments: tuple[Expression, ...] = arguments
        self.expands: bool = expands


class Conditional(Expression):
    """``condition ? then : otherwise``."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Expression, then: Expression, otherwise: Expression, place: Place) -> None:
        super().__init__(place)
        self.condition: Expression = condition
        self.then: Expression = then
        self.otherwise: Expression = otherwise


class Operation(Expression):
    """An operator with two operands."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Expression, right: Expression, place: Place) -> None:
        super().__init__(place)
        self.operator: str = operator
        self.left: Expression = left
        self.right: Expression = right


class Negation(Expression):
    """``!`` or ``-`` before an operand."""

    __slots__ = ("of", "operator")

    def __init__(self, operator: str, of: Expression, place: Place) -> None:
        super().__init__(place)
        self.operator: str = operator
        self.of: Expression = of


class For(Expression):
    """
    A ``for`` expression.

    Args:
        key: the name of the first of two variables; None where there is one.
        value: the name of the only variable, or of the second.
        over: what it goes through.
        result_key: of one that gives an object; None for one that gives a list.
        result: of each round.
        groups: whether values with one key become a list.
        condition: what must hold for a round to give something.
    """

    __slots__ = ("condition", "groups", "key", "over", "result", "result_key", "value")

    def __init__(
        self,
        key: str | None,
        value: str,
        over: Expression,
        result_key: Expression | None,
        result: Expression,
        groups: bool,
        condition: Expression | None,
        place: Place,
    ) -> None:
        super().__init__(place)
        self.key: str | None = key
        self.value: str = value
        self.over: Expression = over
        self.result_key: Expression | None = result_key
        self.result: Expression = result
        self.groups: bool = groups
        self.condition: Expression | None = condition


class ListOf(Expression):
    """``[a, b]``."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Expression, ...], place: Place) -> None:
        super().__init__(place)
        self.items: tuple[Expression, ...] = items


class ObjectOf(Expression):
    """``{ a = b }``; a key that is a bare name is a `Literal`."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[tuple[Expression, Expression], ...], place: Place) -> None:
        super().__init__(place)
        self.entries: tuple[tuple[Expression, Expression], ...] = entries


class NotRead(Expression):
    """What was not read, and why, a clause."""

    __slots__ = ("reason",)

    def __init__(self, reason: str, place: Place) -> None:
        super().__init__(place)
        self.reason: str = reason
