"""
The deployments of a template of which one policy is changed, to try out what the change does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.model.deployments import Deployments
from trustproof.model.document import Document
from trustproof.model.policy import Guard
from trustproof.model.substitution import bind_document
from trustproof.model.text import Symbol
from trustproof.properties.question import Subject


def deployed_with(subject: Subject, deployments: Deployments, values: dict[str, str]) -> Subject | None:
    """The policies as they are deployed with some values; None where they are not."""
    # What stands around a policy is a document that no template has at any place.
    documents = [
        bind_document(one, values) if one.is_foreign and not one.path else deployments.document(one, values)
        for one in subject.documents
    ]
    if documents[0] is None:
        return None
    others = tuple(d for d in documents[1 : 1 + len(subject.others)] if d is not None)
    permissions_boundary = documents[-1] if subject.permissions_boundary is not None else None
    if subject.permissions_boundary is not None and permissions_boundary is None:
        return None
    partition = deployments.partition(values) or subject.partition
    return subject._replace(
        document=documents[0], others=others, permissions_boundary=permissions_boundary
    ).to_partition(partition)


class ChangedDeployments:
    """
    The deployments of a template of which one document is changed.
    """

    def __init__(self, deployments: Deployments, document: Document) -> None:
        self._deployments = deployments
        self._document = document

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""
        return self._deployments.satisfy(guards)

    def listed(self, name: str) -> tuple[str, ...]:
        """All values that a parameter may have, whatever others have; empty where that is not known."""
        return self._deployments.listed(name)

    def undecided_together(self, values: Mapping[str, str]) -> str:
        """Why it is not known whether a deployment has some values together; empty where it may have them."""
        return self._deployments.undecided_together(values)

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document with these values bound; only one that is not changed can be read again."""
        if document.path != self._document.path:
            return self._deployments.document(document, values)
        bound = bind_document(document, dict(values))
        there = tuple(
            statement._replace(guards=())
            for statement in bound.policy.statements
            if self.holds(statement.guards, values)
        )
        return bound._replace(policy=bound.policy._replace(statements=there))

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""
        return self._deployments.holds(guards, values)

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""
        return self._deployments.partition(values)

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""
        return self._deployments.sample(symbol)

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
        return self._deployments.admits(symbol, value)
