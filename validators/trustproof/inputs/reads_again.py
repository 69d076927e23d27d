"""
Inputs that a second reading is there for: what a proof is about can be checked against what is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

from trustproof.model.policy import Path
from trustproof.model.text import Symbol

#: The condition that a `Declaration`, its second argument, admits a value; no template can have one.
ADMITS = "Trustproof::Admits"


class NotReadAgain(Exception):
    """Something cannot be read a second time, or what it depends on is not known."""


@runtime_checkable
class Declaration(Protocol):
    """
    What a template says of a parameter.
    """

    def refusal(self, value: str) -> str | None:
        """Why a value is refused: a clause; None where it is not."""
        ...


@runtime_checkable
class ReadsAgain(Protocol):
    """
    An input that a second reading is there for, which shares nothing with the first: proofs are checked against it.
    """

    @property
    def name(self) -> str:
        """The file as the user named it."""
        ...

    def full_assignments(
        self, path: Path, given: Mapping[str, str], kept: Collection[str] = ()
    ) -> Sequence[Mapping[str, str]]:
        """
        Full assignments at which what stands at a path is to be read.

        Args:
            given: values that are known, by the names of parameters and pseudo-parameters.
            kept: names that have their usual value.
        """
        ...

    def read_again(self, path: Path, values: Mapping[str, str]) -> object | None:
        """
        What stands at a path at a full assignment, as text, lists and objects; None where it is not there.

        Raises:
            NotReadAgain: that cannot be told.
        """
        ...

    def is_from_elsewhere(self, hole: Symbol) -> bool:
        """Whether another stack gives what is not known of what was read again."""
        ...

    def condition_holds(self, name: str, values: Mapping[str, str]) -> bool:
        """
        Whether a condition holds at a full assignment.

        Raises:
            NotReadAgain: that cannot be told.
        """
        ...
