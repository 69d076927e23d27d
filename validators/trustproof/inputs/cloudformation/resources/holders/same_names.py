"""
Inline policies of one name: a holder has one of each name, and what is put there last replaces what was there.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.catalogue import ATTACHED, ENTITIES, MANAGED_POLICY, ROLE_MAKERS
from trustproof.inputs.cloudformation.values.exclusive_claims import text_of
from trustproof.inputs.grammar.open_texts import Part, may_be_same
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document
from trustproof.model.policy import Guard, Path
from trustproof.model.text import GENERATED_NAME, UNIQUE, Symbol, Symbolic, Text
from trustproof.results.result import IF_SAME_NAME, REPLACES

_DOCUMENT = "PolicyDocument"
#: In so many ways a policy may be there beside others of its name; of more, it is taken to be there where it wins.
_MAX_WAYS = 16


class _Inline:
    """
    An inline policy of a holder.

    Args:
        label: what a report calls it.
        name: its name; one that nobody can read is a symbol of its own.
        indices: of its documents.
        guards: what holds wherever it is there.
    """

    def __init__(self, label: str, name: Text, indices: list[int], guards: tuple[Guard, ...]) -> None:
        self.label = label
        self.name = name
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
    inline = _inline(resolver, documents, found)
    near = _near(inline)
    copies: dict[int, range] = {}
    for one in inline:
        ways = _ways(near(one), one)
        if ways == [()]:
            continue
        for index in one.indices:
            copies[index] = range(len(documents), len(documents) + len(ways))
            document = documents[index]
            documents += [document._replace(guards=(*document.guards, *way)) for way in ways]
    return [at for index in found for at in copies.get(index, (index,))]


def inline_name(resolver: Resolver, document: Document) -> Text | None:
    """The name of an inline policy; None where it has none, and of what is no inline policy."""
    place = _place(resolver.environment, document)
    return None if place is None else _name(resolver, document, place)


def inline_text(resolver: Resolver, document: Document) -> str:
    """An inline policy as `text_of` writes it; empty where not all of it is known."""
    place = _place(resolver.environment, document)
    at = None if place is None else _at(resolver.environment, document, place)
    return text_of(at.get(_DOCUMENT)) if isinstance(at, Mapping) else ""


def written_names(environment: Environment) -> frozenset[str | None]:
    """
    The names of the inline policies that a template writes; None for one that a function or the SAM transform gives.

    A quick look, which reads no policy.
    """
    found: set[str | None] = set()
    for logical_id in environment.of_types((*ATTACHED, *ENTITIES, *ROLE_MAKERS)):
        resource = environment.resources[logical_id]
        type_, properties = str(resource.get("Type")), resource.get("Properties")
        if not isinstance(properties, Mapping) or type_ in ROLE_MAKERS:
            found.add(None)
        elif type_ in ENTITIES:
            listed = properties.get("Policies", [])
            found.update(map(_written, listed) if isinstance(listed, list) else (None,))
        elif type_ != MANAGED_POLICY:
            found.add(_written(properties))
    return frozenset(found)


def _written(policy: object) -> str | None:
    name = policy.get("PolicyName") if isinstance(policy, Mapping) else None
    return name if isinstance(name, str) else None


def _near(inline: Sequence[_Inline]) -> Callable[[_Inline], Sequence[_Inline]]:
    """Gives those whose name may be that of one of them, in turn: two names that are known are the same or are not."""
    known: dict[str, list[int]] = {}
    left: list[int] = []
    for number, one in enumerate(inline):
        (known.setdefault(one.name, []) if isinstance(one.name, str) else left).append(number)

    def near(one: _Inline) -> Sequence[_Inline]:
        return [inline[at] for at in sorted((*known[one.name], *left))] if isinstance(one.name, str) else inline

    return near


def _inline(resolver: Resolver, documents: Sequence[Document], held: Iterable[int]) -> list[_Inline]:
    """The inline policies, where there are several."""
    environment = resolver.environment
    by_place: dict[tuple[str, Path], list[int]] = {}
    for index in held:
        if (place := _place(environment, documents[index])) is not None:
            by_place.setdefault((documents[index].logical_id, place), []).append(index)
    found: list[_Inline] = []
    for (_, place), indices in by_place.items() if len(by_place) > 1 else ():
        first = documents[indices[0]]
        name = _name(resolver, first, place)
        if name is not None:
            guards = tuple(g for g in first.guards if all(g in documents[index].guards for index in indices))
            found.append(_Inline(_label(first, place), name, indices, guards))
    return found


def _place(environment: Environment, document: Document) -> Path | None:
    """The path to what has the name and the document of an inline policy, from its resource; None for another one."""
    path = document.path[len(environment.path(document.logical_id)) :]
    return path[: path.index(_DOCUMENT)] if _DOCUMENT in path else None


def _name(resolver: Resolver, document: Document, place: Path) -> Text | None:
    """The name of an inline policy; None where it has none."""
    at = _at(resolver.environment, document, place)
    if not isinstance(at, Mapping) or "PolicyName" not in at:
        return None
    try:
        found = resolver.text(at["PolicyName"])
    except Unreadable:
        found = None
    if isinstance(found, (str, Symbolic)):
        return found
    return Symbolic((Symbol(f"the name of {_label(document, place)}", "intrinsic"),))


def _at(environment: Environment, document: Document, place: Path) -> object:
    """What has the name and the document of an inline policy."""
    at: object = environment.resources.get(document.logical_id)
    for step in place:
        if isinstance(at, Mapping):
            at = at.get(str(step))
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            at = at[step]
    return at


def _may_meet(one: _Inline, other: _Inline) -> bool:
    """Whether two names of which one is not known may be the same: what AWS generates is no name that is given."""
    if one.name == other.name or (isinstance(one.name, str) and isinstance(other.name, str)):
        return False
    if (first := _choices(one.name)) and (second := _choices(other.name)):
        return not first.isdisjoint(second)
    return (
        not _is_unique(one.name, other.name)
        and not _is_unique(other.name, one.name)
        and may_be_same(_pieces(one.name), _pieces(other.name))
    )


def _choices(name: Text) -> frozenset[str]:
    """All that a name may be; empty where it may be others."""
    return frozenset((name,) if isinstance(name, str) else name.choices)


def _is_unique(name: Text, other: Text) -> bool:
    """Whether a part of a name is made up so that no other one has it, and another one has not."""
    beside = other.symbols if isinstance(other, Symbolic) else ()
    symbols = name.symbols if isinstance(name, Symbolic) else ()
    return any(symbol.holds in (UNIQUE, GENERATED_NAME) and symbol not in beside for symbol in symbols)


def _pieces(text: Text) -> tuple[str | Part, ...]:
    if isinstance(text, str):
        return (text,)
    return tuple(part if isinstance(part, str) else Part(part.name) for part in text.parts)


def _label(document: Document, place: Path) -> str:
    numbers = "".join(f"[{step}]" for step in place if isinstance(step, int))
    return f"{document.logical_id}.Policies{numbers}" if numbers else document.logical_id


def _ways(inline: Sequence[_Inline], one: _Inline) -> list[tuple[Guard, ...]]:
    """In which ways one of several policies is there, each as guards; no two of them hold together."""
    ways: list[list[Guard]] = [[]]
    later_ones = False
    for other in inline:
        later_ones = later_ones or other is one
        if other is one or any(isinstance(g.value, bool) and _not(g) in one.guards for g in other.guards):
            continue
        if other.name == one.name:
            later, earlier = (other, one) if later_ones else (one, other)
            decides, kept = f"{later.label}{REPLACES}{earlier.label}", later is one
        elif _may_meet(one, other):
            # Each replaces the other or not: that both do is excluded where it matters.
            decides, kept = f"{other.label}{REPLACES}{one.label}{IF_SAME_NAME}", False
        else:
            continue
        stays: list[tuple[Guard, ...]] = [(Guard(decides, kept),)]
        more = tuple(guard for guard in other.guards if guard not in one.guards)
        if all(isinstance(guard.value, bool) for guard in more):
            # It is there all the same where the other one is not.
            goes = Guard(decides, not kept)
            stays += [(goes, *more[:end], _not(guard)) for end, guard in enumerate(more)]
        if len(ways) * len(stays) > _MAX_WAYS:
            stays = stays[:1]
        if len(stays) == 1:
            # As with most: what there is grows by one, and is not written anew for each of many.
            for way in ways:
                way += stays[0]
        else:
            ways = [[*way, *each] for way in ways for each in stays]
    return [tuple(way) for way in ways]


def _not(guard: Guard) -> Guard:
    """What holds where a condition does not."""
    return guard._replace(value=not guard.value)
