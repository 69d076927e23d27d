"""
Where a template goes, and what it says wherever it goes.
"""

from __future__ import annotations

from typing import Protocol

from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.model.document import Document
from trustproof.model.policy import Path


class _Origin(Protocol):
    @property
    def deployment(self) -> Deployment: ...


class Placed:
    """
    Something that is read for one deployment.
    """

    _anywhere: Placed | None = None

    @property
    def placed(self) -> _Origin:
        """What it takes to read it again."""
        raise NotImplementedError

    @property
    def account(self) -> str | None:
        """The account it is deployed to; None where that is not known."""
        return self.placed.deployment.account

    @property
    def region(self) -> str | None:
        """The Region it is deployed to; None where that is not known."""
        return self.placed.deployment.region

    def anywhere(self) -> Placed:
        """The same, read for no account and no Region."""
        raise NotImplementedError

    def documents_at(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """What the document of a resource at a path may be."""
        raise NotImplementedError

    def document(self, logical_id: str, path: Path, place: int = 0) -> Document | None:
        """
        The document of a resource at a path; reads no other resource.

        For a template from `at`: the same document as deployed, or None where this deployment does not have it.

        Args:
            place: which of the resources that it stands on is meant.
        """
        return next((found for found in self.documents_at(logical_id, path) if found.place == place), None)

    def documents_anywhere(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """The same before anybody said where it goes."""
        if self.account is None and self.region is None:
            return self.documents_at(logical_id, path)
        self._anywhere = self._anywhere or self.anywhere()
        return self._anywhere.documents_at(logical_id, path)
