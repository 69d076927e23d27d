"""
What the grammar of policies asks of the language that a policy is written in.

A template puts functions where a policy has text; what they give is the business of whoever reads the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, Self, TypeAlias

from trustproof.inputs.grammar.values import NoValue
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Text

#: What stands at a place in some deployments, where it is written, and what holds in them.
Branch: TypeAlias = "tuple[object, Path, tuple[Guard, ...]]"


class Choices:
    """
    The choices of one reading: those taken so far, by name, and which of them are open to another turn.
    """

    __slots__ = ("_guards", "taken", "trail")

    def __init__(self, guards: Iterable[Guard] = ()) -> None:
        self.taken: dict[str, bool | str] = {guard.name: guard.value for guard in guards}
        self.trail: list[tuple[str, tuple[bool | str, ...], int]] = []
        self._guards: tuple[Guard, ...] | None = None

    def choose(self, name: str, options: tuple[bool | str, ...]) -> bool | str:
        """The option that holds in this reading; the first one where the choice is new."""
        if name not in self.taken:
            self._guards = None
            self.taken[name] = options[0]
            self.trail.append((name, options, 0))
        return self.taken[name]

    def turn(self) -> bool:
        """Go to the next combination; False where there is none."""
        while self.trail:
            name, options, index = self.trail.pop()
            self._guards = None
            del self.taken[name]
            if index + 1 < len(options):
                self.trail.append((name, options, index + 1))
                self.taken[name] = options[index + 1]
                return True
        return False

    @property
    def guards(self) -> tuple[Guard, ...]:
        """What has been taken, as guards: made once, since whatever is read asks for them."""
        if self._guards is None:
            self._guards = tuple(Guard(name, value) for name, value in self.taken.items())
        return self._guards


class Expressions(Protocol):
    """
    Values that are written in some language, as far as they are known before deployment.
    """

    @property
    def dynamic(self) -> bool:
        """Whether a text may stand for something else; where none does, each stands for itself."""
        ...

    def under(self, choices: Choices | None, *, expands: bool = True) -> Self:
        """
        The same values in one reading.

        Args:
            choices: of the reading, which it adds to; None for one that leaves open whatever there is to choose.
            expands: whether what is one of a few values is read at each of them.
        """
        ...

    def possible(self) -> bool:
        """Whether some deployment has everything that was chosen in this reading."""
        ...

    def resolve(self, value: object) -> object:
        """A value without a function at its top; `NO_VALUE` for what is not there."""
        ...

    def text(self, value: object) -> Text | NoValue:
        """
        One text.

        Raises:
            Unreadable: the value is none.
        """
        ...

    def items(self, value: object) -> list[Text]:
        """The texts of a list."""
        ...

    def literal(self, text: str) -> Text:
        """A text that is written, with what it may stand for."""
        ...

    def function(self, value: object) -> str | None:
        """The name of the function that a value is; None for a value of any other kind."""
        ...

    def is_open(self, key: str) -> bool:
        """Whether a key of a mapping stands for what is not known."""
        ...

    def quoted(self, value: object, path: Path) -> tuple[object, Path] | None:
        """The value that a function gives as JSON text, and where it is written; None for any other value."""
        ...

    def branches(self, value: object, path: Path, guards: tuple[Guard, ...]) -> Iterator[Branch]:
        """What stands at a place, for each outcome of the conditions there."""
        ...

    def branched_items(self, value: object, path: Path, guards: tuple[Guard, ...]) -> Iterator[Branch]:
        """The items of a list, or the one value that stands for it, for each outcome of the conditions around them."""
        ...
