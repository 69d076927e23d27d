"""
What is asked of the deployments of whatever is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from trustproof.model.deployments import Assignment, Deployments
from trustproof.model.document import Document
from trustproof.model.policy import Path


class InputDeployments(Deployments, Protocol):
    """
    The deployments of an input; another process can be sent them.
    """

    def has(self, assignment: Assignment, *, other_than: Sequence[tuple[str, str]] = ()) -> bool:
        """
        Whether some deployment has an assignment; so it is taken where nobody knows.

        Args:
            other_than: names, each with a value that it shall not have.
        """
        ...

    def defaults_in(self, path: Path) -> dict[str, str]:
        """The parameters that what stands at a path was judged at the default of, and the defaults."""
        ...

    def deciding_in(self, path: Path) -> dict[str, str]:
        """Those by which a condition decides what stands at a path."""
        ...

    def completed(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Values of what a deployer chooses, with what the input demands of the rest of it."""
        ...

    def refuses(self, document: Document) -> bool:
        """Whether there is none in which a document is read like this: the language refuses what it is read from."""
        ...

    def is_there(self) -> bool | None:
        """Whether the input is there at all, by what it stands inside of; None where that is not known."""
        ...


class DeployedInput(Protocol):
    """
    Something that goes to an account, or may.
    """

    @property
    def stack_name(self) -> str | None:
        """The name of the stack that it makes; None where nobody says it."""
        ...

    @property
    def is_optional(self) -> bool:
        """Whether something that it stands inside of decides whether it is there."""
        ...

    @property
    def stack(self) -> str:
        """What begins the names by which what stands inside of it speaks of its parameters; empty for nothing."""
        ...

    def constructs(self) -> Mapping[str, tuple[str, str]]:
        """The type and the construct path of each resource, by its name; that stands for a path where none is."""
        ...
