"""
What follows from attachments that were not read to their end: for whoever may have more, and for policies that nobody
is known to have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.resources.holders.entities import Entity
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Path


def tell_of_lost(collector: Collector, entities: Sequence[Entity], lost: Mapping[Path, str]) -> None:
    """
    Let every entity be in doubt, and give a line of its own to each policy that nobody is known to have: whoever has it
    may be among what was not read.

    Args:
        collector: which has read the documents, and gets the places of these policies as unread.
        entities: with what they are known to have.
        lost: the places of what was not read to its end, resources or all of them, with what could not be read.
    """
    resources = [path for path in lost if len(path) > 1]
    for entity in entities if lost else ():
        entity.doubts += lost.values()
    why = [reason for path, reason in collector.unread if path in resources][:1]
    documents = collector.documents
    # What somebody has in some deployments only is a copy of the policy.
    held = {documents[number].path for entity in entities for number in _held(entity)} if why else ()
    for reason in why:
        own = (one.path for one in documents if one.kind == IDENTITY and one.path not in held)
        # What is lost itself has a line already.
        places = dict.fromkeys(path for path in own if not any(path[: len(of)] == of for of in resources))
        collector.unread += [(path, f"who has this policy is not known: {reason}") for path in places]


def _held(entity: Entity) -> Iterator[int]:
    yield from entity.documents
    yield from entity.by_name
    yield from (number for _, number in entity.by_reference)
    yield from (one.document for one in entity.boundaries if one.document is not None)
