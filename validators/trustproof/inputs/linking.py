"""
What the rest of Trustproof asks of inputs that stand next to each other: who gives what to whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from trustproof.inputs.reader import Input, LinkedValues, Number, Readable, Symbols
from trustproof.model.policy import Path
from trustproof.model.text import Text


class Linkable(NamedTuple):
    """
    An input that others may speak of, or that speaks of others.
    """

    symbols: Symbols
    origin: Readable


class Member(NamedTuple):
    """
    One of the inputs of a run.
    """

    #: Its place among them.
    at: int
    number: Number
    linkable: Linkable
    #: Whether what it holds may be changed by what is not known here: then nobody else builds on it.
    in_doubt: bool
    #: What it is called in what others take from it; empty for a name that is made of its stack and its file.
    called: str = ""


class Part(NamedTuple):
    """
    One of several inputs whose users, groups and roles are judged together.
    """

    #: What it is called among them.
    label: str
    template: Input


class Links(Protocol):
    """
    Who gives what to whom.
    """

    @property
    def labels(self) -> Mapping[int, str]:
        """What the inputs are called, which others build on."""
        ...

    @property
    def originals(self) -> Mapping[int, int]:
        """Each input to the first one that is the same: a file may be named twice."""
        ...

    def linked_values(self, at: int) -> tuple[LinkedValues, tuple[int, ...]] | None:
        """What others give to an input, and who they are; None where nobody gives anything."""
        ...

    def ambiguous(self, at: int) -> Mapping[tuple[str, str], str]:
        """Kind and name of what an input names and several others declare, to the reason to say."""
        ...

    def together(self) -> list[tuple[int, ...]]:
        """The inputs whose users, groups and roles are to be judged together, as far as there are several."""
        ...


class Linking(Protocol):
    """
    What inputs say next to each other.
    """

    def linkable(self, found: Input) -> Linkable | None:
        """An input as others see it; None where it speaks of nobody, and nobody can speak of it."""
        ...

    def exported_roles(self, found: Input) -> Mapping[str, Text]:
        """The ARNs of roles that an input hands on, by the names of the symbols that stand for them elsewhere."""
        ...

    def may_speak_of_each_other(self, there: Sequence[Linkable]) -> bool:
        """Whether it is worth to look whether inputs speak of each other's things; a quick look."""
        ...

    def links(self, members: Sequence[Member], opened: Callable[[int], Input]) -> Links:
        """
        Who gives what to whom.

        Args:
            opened: gives a member by its place.
        """
        ...

    def join(self, parts: Sequence[Part], ambiguous: Mapping[tuple[str, str], str]) -> Input:
        """
        Inputs that go to one account, as one.

        Args:
            ambiguous: kind and name of what several inputs of the account declare, to the reason to say.
        """
        ...

    def at_home(self, path: Path, parts: Sequence[Part]) -> tuple[Part, Path]:
        """The part in which a path of the joined input leads somewhere, and where there."""
        ...
