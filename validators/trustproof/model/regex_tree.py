"""
What a regular expression consists of.

https://docs.python.org/3/library/re.html#regular-expression-syntax
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Category: TypeAlias = Literal["digit", "space", "word"]
Place: TypeAlias = Literal["line start", "line end", "text start", "text end", "word edge", "no word edge"]


class Character(NamedTuple):
    """One character."""

    char: str


class AnyCharacter(NamedTuple):
    """A dot."""


class CharacterRange(NamedTuple):
    """All characters from one to another, in a class."""

    first: str
    last: str


class CharacterCategory(NamedTuple):
    r"""A category such as ``\d`` or ``\D``, in a class."""

    category: Category
    negated: bool


Item: TypeAlias = "Character | CharacterRange | CharacterCategory"


class CharacterClass(NamedTuple):
    """One character that is, or is not, among some; there is at least one item."""

    items: tuple[Item, ...]
    negated: bool = False


class Anchor(NamedTuple):
    """A test of a place, which matches no characters."""

    place: Place


class Group(NamedTuple):
    """A part in parentheses."""

    #: None where it is not captured.
    number: int | None
    inner: Nodes
    #: Whether other flags hold inside.
    has_flags: bool = False


class AtomicGroup(NamedTuple):
    """A part that is matched in the first way that fits, and in no other."""

    inner: Nodes


class Alternatives(NamedTuple):
    """One of several parts."""

    options: tuple[Nodes, ...]


class Repetition(NamedTuple):
    """A part several times."""

    inner: Nodes
    least: int
    #: None where there is no limit.
    most: int | None
    #: Whether it gives nothing back of what it took.
    possessive: bool = False


class LookAround(NamedTuple):
    """A test of what follows, or comes before; it matches no characters."""

    inner: Nodes
    ahead: bool
    negated: bool


class BackReference(NamedTuple):
    """What a group has matched, once more."""

    number: int


Node: TypeAlias = (
    Character
    | AnyCharacter
    | CharacterClass
    | Anchor
    | Group
    | AtomicGroup
    | Alternatives
    | Repetition
    | LookAround
    | BackReference
)
Nodes: TypeAlias = tuple[Node, ...]


class Expression(NamedTuple):
    """
    A regular expression.
    """

    nodes: Nodes
    #: The flags that hold for all of it, as letters.
    flags: frozenset[str]
    #: Whether Java reads it as Python does, as far as that can be seen from how classes are written.
    is_portable: bool
