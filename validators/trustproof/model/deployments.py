"""
What the prover asks about the deployments of a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from trustproof.model.document import Document
from trustproof.model.policy import Guard
from trustproof.model.text import Symbol


class Deployments(Protocol):
    """
    What the prover asks of a template: its possible deployments.
    """

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document, read again with these values bound; None where it then does not exist."""

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
