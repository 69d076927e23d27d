"""
Inline policies of one name: a holder has one of each name, and what is put there last replaces what was there.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Symbolic, Text
from trustproof.results.result import REPLACES

_DOCUMENT = "PolicyDocument"
#: In so many ways a policy may be there beside others of its name; of more, it is taken to be there where it wins.
_MAX_WAYS = 16


class _Inline:
    """
    An inline policy of a holder.

    Args:
        label: what a report calls it.
        indices: of its documents.
        guards: what holds wherever it is there.
    """

    def __init__(self, label: str, indices: list[int], guards: tuple[Guard, ...]) -> None:
        self.label = label
        self.indices = indices
        self.guards = guards


def in_turn(resolver: Resolver, documents: list[Document], held: Sequence[int]) -> list[int]:
    """
    The documents of a holder, where each inline policy is there that no other one of its name has replaced: which of
    them that is, nobody knows.

    Args:
        documents: of the template; it receives copies under the guards that say which is there.
        held: the indices of those of the holder.
    """
    found = list(dict.fromkeys(held))
    for same in _same(resolver, documents, found):
        for number, one in enumerate(same):
            ways = _ways(same, number)
            for index in one.indices:
                place = found.index(index)
                copies = range(len(documents), len(documents) + len(ways))
                document = documents[index]
                documents += [document._replace(guards=(*document.guards, *way)) for way in ways]
                found[place : place + 1] = copies
    return found


def _same(resolver: Resolver, documents: Sequence[Document], held: Iterable[int]) -> Iterator[list[_Inline]]:
    """The inline policies that share a name with another one, those of each name together."""
    environment = resolver.environment
    by_place: dict[tuple[str, Path], list[int]] = {}
    for index in held:
        if (place := _place(environment, documents[index])) is not None:
            by_place.setdefault((documents[index].logical_id, place), []).append(index)
    if len(by_place) < 2:
        return
    by_name: dict[Text, list[_Inline]] = {}
    for (_, place), indices in by_place.items():
        first = documents[indices[0]]
        name = _name(resolver, first, place)
        if name is not None:
            guards = tuple(g for g in first.guards if all(g in documents[index].guards for index in indices))
            by_name.setdefault(name, []).append(_Inline(_label(first, place), indices, guards))
    yield from (same for same in by_name.values() if len(same) > 1)


def _place(environment: Environment, document: Document) -> Path | None:
    """The path to what has the name and the document of an inline policy, from its resource; None for another one."""
    path = document.path[len(environment.path(document.logical_id)) :]
    return path[: path.index(_DOCUMENT)] if _DOCUMENT in path else None


def _name(resolver: Resolver, document: Document, place: Path) -> Text | None:
    """The name of an inline policy; None where it is not known."""
    at: object = resolver.environment.resources.get(document.logical_id)
    for step in place:
        if isinstance(at, Mapping):
            at = at.get(str(step))
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            at = at[step]
    if not isinstance(at, Mapping) or "PolicyName" not in at:
        return None
    try:
        found = resolver.text(at["PolicyName"])
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None


def _label(document: Document, place: Path) -> str:
    numbers = "".join(f"[{step}]" for step in place if isinstance(step, int))
    return f"{document.logical_id}.Policies{numbers}" if numbers else document.logical_id


def _ways(same: Sequence[_Inline], number: int) -> list[tuple[Guard, ...]]:
    """In which ways one of several policies of a name is there, each as guards; no two of them hold together."""
    one = same[number]
    ways: list[tuple[Guard, ...]] = [()]
    for other_number, other in enumerate(same):
        if other is one or any(isinstance(g.value, bool) and _not(g) in one.guards for g in other.guards):
            continue
        later, earlier = (other, one) if other_number > number else (one, other)
        decides = f"{later.label}{REPLACES}{earlier.label}"
        stays: list[tuple[Guard, ...]] = [(Guard(decides, later is one),)]
        more = tuple(guard for guard in other.guards if guard not in one.guards)
        if all(isinstance(guard.value, bool) for guard in more):
            # It is there all the same where the other one is not.
            goes = Guard(decides, later is not one)
            stays += [(goes, *more[:end], _not(guard)) for end, guard in enumerate(more)]
        if len(ways) * len(stays) > _MAX_WAYS:
            stays = stays[:1]
        ways = [(*way, *each) for way in ways for each in stays]
    return ways


def _not(guard: Guard) -> Guard:
    """What holds where a condition does not."""
    return guard._replace(value=not guard.value)
