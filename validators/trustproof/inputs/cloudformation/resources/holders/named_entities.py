"""
Lists that name entities or policies, and documents as whom they name has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.functions.branches import items
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.holders.entities import Entity
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Symbol, Symbolic, Text


class NamedEntity(NamedTuple):
    """An item of a list of entities or policies: what it names, when it is in the list, and where it stands."""

    name: Text
    guards: tuple[Guard, ...]
    path: Path
    #: The item itself.
    written: object = None


def named_entities(
    resolver: Resolver, value: object, path: Path, guards: tuple[Guard, ...], *, says_unread: bool = False
) -> Iterator[NamedEntity]:
    """
    The texts of a list; policies that stand in it as objects are no names, and an empty text names nothing.

    ``Ref`` gives a list of one empty text for a list that is empty by default:
    https://github.com/aws-cloudformation/cfn-language-discussion/issues/102

    Args:
        says_unread: whether an item that cannot be read is one by the name of why it cannot.
    """
    if value is None:
        return
    for item, place, inner in items(resolver, value, path, guards):
        if isinstance(item, dict) and len(item) != 1:
            continue
        try:
            resolved = resolver.resolve(item)
            texts = resolver.items(resolved) if not isinstance(resolved, dict) else []
        except OverBudget:
            # What is attached here might be anything.
            raise
        except Unreadable as error:
            # What is attached might be anything, and nothing else says so.
            if says_unread:
                yield NamedEntity(Symbolic((Symbol(str(error), "intrinsic"),)), inner, place, item)
            continue
        for text in texts:
            if text == "":
                continue
            if isinstance(text, (str, Symbolic)):
                yield NamedEntity(text, inner, place, item)


class GuardedDocuments:
    """
    Documents as those have them who have them under conditions of their own.

    Args:
        documents: of the template; it receives the copies.
    """

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents
        self._copies: dict[tuple[int, tuple[Guard, ...]], int] = {}

    def under(self, entity: Entity, indices: Iterable[int], guards: tuple[Guard, ...]) -> Iterator[int]:
        """The indices of documents as an entity has them under guards, which may be copies."""
        documents = self._documents
        for index in indices:
            extra = tuple(g for g in guards if g not in documents[index].guards and g not in entity.guards)
            key = (index, extra)
            if extra and key not in self._copies:
                self._copies[key] = len(documents)
                documents.append(documents[index]._replace(guards=(*documents[index].guards, *extra)))
            yield self._copies[key] if extra else index
