"""
Holders of policies while they are put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from trustproof.aws.published import managed_policy_document
from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.model.document import Document
from trustproof.model.names import in_stack
from trustproof.model.policy import ALLOW, Guard, Path
from trustproof.model.principals import Foreign, Holder, Membership, PermissionsBoundary, Removal
from trustproof.model.text import Symbolic, Text
from trustproof.results.result import BUDGET

#: The properties in which an entity has policies of its own.
OWN_POLICIES = ("Policies", "InlinePolicy")
#: What may be taken away of an entity: a document by its index, a policy or group, a boundary.
Given: TypeAlias = int | Foreign | Membership | PermissionsBoundary
#: How many doubts an entity is told of others that it may be: a thousand attachments to nobody knows whom are a million
#: reasons for a thousand roles, and a few tell as much.
_DOUBTS = 20
_OF_AWS = ":iam::aws:policy/"


class Entity:
    """A holder that is being put together."""

    def __init__(
        self, kind: str, logical_id: str, name: Text, arn: Text, guards: tuple[Guard, ...], path: Path
    ) -> None:
        self.kind = kind
        self.logical_id = logical_id
        self.name = name
        self.arn = arn
        self.guards = guards
        self.path = path
        self.documents: list[int] = []
        self.boundaries: list[PermissionsBoundary] = []
        self.foreign: list[Foreign] = []
        self.groups: list[Membership] = []
        self.tags: tuple[tuple[str, str], ...] = ()
        self.doubts: list[str] = []
        #: Those of them that are about what it may be allowed besides.
        self.additions: list[str] = []
        self.unread: list[str] = []
        self.by_name: list[int] = []
        self.by_reference: list[tuple[Text, int]] = []
        #: Whether it is another entity once more, without what others may take away.
        self.is_poorer = False
        self._removed: dict[Given, str] = {}
        self._kept: set[Given] = set()

    def mark(self, given: Iterable[Given], reason: str) -> None:
        """
        Keep in mind of documents, policies and groups whether they stay.

        Args:
            given: what it has been given.
            reason: why another template may take it away; empty where none does.
        """
        for one in given:
            if reason:
                self._removed.setdefault(one, reason)
            else:
                self._kept.add(one)

    def may_lose(self, given: Iterable[Given], reason: str) -> None:
        """
        Keep in mind that something does not stay, whatever has been said of it.

        Args:
            given: what it has been given.
            reason: why another template may take it away.
        """
        for one in given:
            self._kept.discard(one)
            self._removed.setdefault(one, reason)

    @property
    def removed(self) -> dict[Given, str]:
        """What may be taken away, to the reason to say: what is given a second time stays."""
        return {one: reason for one, reason in self._removed.items() if one not in self._kept}

    def finished(self) -> Holder:
        """What is known of it."""
        return Holder(
            self.kind,
            self.logical_id,
            self.name,
            self.arn,
            tuple(dict.fromkeys(self.documents)),
            tuple(self.boundaries),
            tuple(dict.fromkeys(self.foreign)),
            tuple(dict.fromkeys(self.groups)),
            self.guards,
            self.path,
            self.tags,
            tuple(dict.fromkeys(self.doubts)),
            tuple(dict.fromkeys(self.by_name)),
            tuple(dict.fromkeys(self.by_reference)),
            tuple(dict.fromkeys(self.unread)),
            removed=tuple(Removal(one, reason) for one, reason in self.removed.items()),
            is_poorer=self.is_poorer,
            additions=tuple(dict.fromkeys(self.additions)),
        )


def doubt_of(entities: Mapping[tuple[str, Text], list[Entity]], documents: Sequence[Document]) -> None:
    """
    Let each entity be in doubt that may be one of which nobody knows which it is.

    Args:
        entities: by kind and name.
        documents: of the template.
    """
    by_kind: dict[str, list[Entity]] = {}
    for (kind, name), found in entities.items():
        by_kind.setdefault(kind, []).extend(found)
        if one_of_several := entities.get(one_of_some(kind, name)):
            # Whichever is meant of those of a name is told what only one of them is given.
            by_kind.setdefault(f"{kind} {name}", []).extend((*found, *one_of_several))
    all_ = [one for of_kind in by_kind.values() for one in of_kind if _may_be_another(one)]
    stopping = {doubt for one in all_ if not _only_allows(one, documents) for doubt in one.doubts}
    for of_kind in by_kind.values():
        unclear = [one for one in of_kind if _may_be_another(one)]
        if len(unclear) > _DOUBTS:
            # What is left out is not a budget that was reached: that is what decides how bad the doubt is.
            unclear.sort(key=lambda one: not any(BUDGET in doubt for doubt in one.doubts))
        told = [(one, set(one.doubts), len(one.doubts) + _DOUBTS) for one in of_kind] if unclear else []
        for one in unclear:
            own = _own_doubts(one)
            told = [(entity, known, most) for entity, known, most in told if len(entity.doubts) < most]
            for entity, known, most in told:
                # What an entity has in any case, it does not have once more.
                none = own if own and _has_all(entity, one) else ()
                # As many as there are of them are told to each other.
                new = [doubt for doubt in one.doubts if doubt not in known and doubt not in none]
                entity.doubts += new
                entity.additions += [doubt for doubt in new if doubt not in stopping]
                known.update(new)
                if len(entity.doubts) >= most:
                    entity.doubts[most - 1 :] = [f"there are more {one.kind}s of which nobody knows which they are"]


def one_of_some(kind: str, name: Text) -> tuple[str, Text]:
    """What stands, among entities by kind and name, for the one of several of that name that nobody knows."""
    return f"some {kind}", name


def _may_be_another(entity: Entity) -> bool:
    """Whether something is given to an entity of which nobody knows which it is."""
    # A policy that nobody can read is none of its documents.
    given = entity.documents or entity.foreign or entity.groups or (entity.unread and _own_doubts(entity))
    return not entity.logical_id and bool(entity.doubts and given)


def _only_allows(entity: Entity, documents: Sequence[Document]) -> bool:
    """Whether what an entity is given is all known, and denies nothing."""
    if entity.groups or entity.unread or entity.boundaries:
        return False
    given = [documents[index].policy for index in entity.documents]
    own = all(one.effect == ALLOW and not one.unreadable for policy in given for one in policy.statements)
    return own and all(isinstance(one.arn, str) and _allows_as_published(one.arn) for one in entity.foreign)


def _allows_as_published(arn: str) -> bool:
    """Whether a policy is one that AWS manages, and denies nothing."""
    found = managed_policy_document(arn.partition(_OF_AWS)[2])
    statements = found["Statement"] if found is not None else ()
    listed = statements if isinstance(statements, list) else [statements] if statements else []
    return bool(listed) and all(isinstance(one, Mapping) and one.get("Effect") == ALLOW for one in listed)


def doubts_about(kind: str, name: Text, entities: Mapping[tuple[str, Text], Sequence[Entity]]) -> list[str]:
    """Why an entity of a name may be one of those that the template declares, where no function gives their names."""
    if not isinstance(name, Symbolic):
        return []
    doubts = [symbol.doubt for symbol in name.symbols if symbol.doubt]
    functions = [symbol.name for symbol in name.symbols if symbol.kind == "intrinsic" and not symbol.doubt]
    declared = (one.logical_id for (other, _), found in entities.items() if other == kind for one in found)
    if functions and any(f'"{one}"' in shown for one in declared if one for shown in functions):
        doubts.append(f"which {kind} {name} names is not known before deployment")
    return doubts


def made_up(
    resolver: Resolver,
    entities: Mapping[tuple[str, Text], Sequence[Entity]],
    kind: str,
    name: Text,
    guards: tuple[Guard, ...] = (),
) -> Entity:
    """
    One that the template does not declare, or does not make.

    Args:
        entities: by kind and name, all that it declares.
        guards: what holds where it does not make it.
    """
    found = Entity(kind, "", name, arns.entity_arn(resolver, kind, name), guards, ())
    found.doubts += doubts_about(kind, name, entities)
    return found


def _has_all(entity: Entity, other: Entity) -> bool:
    """Whether an entity has all that is known of another one."""
    pairs = ((entity.documents, other.documents), (entity.foreign, other.foreign), (entity.groups, other.groups))
    return all(set(theirs) <= set(mine) for mine, theirs in pairs)


def _own_doubts(entity: Entity) -> tuple[str, ...]:
    """Why it is not known which entity it is."""
    return tuple(symbol.doubt for symbol in entity.name.symbols) if isinstance(entity.name, Symbolic) else ()


def beyond(guards: tuple[Guard, ...], entity: Entity) -> tuple[Guard, ...]:
    """The guards that an entity does not stand under itself."""
    return tuple(guard for guard in guards if guard not in entity.guards)


def with_guards(guards: tuple[Guard, ...], more: tuple[Guard, ...], entity: Entity) -> tuple[Guard, ...]:
    """Guards with those of a document, without those that an entity stands under itself."""
    return tuple(dict.fromkeys((*guards, *beyond(more, entity))))


def unread_places(unread: Iterable[Path]) -> set[Path]:
    """The places in which something could not be read: those around it, and what a resource may have as a whole."""
    paths = list(unread)
    found = {path[:end] for path in paths for end in range(2, len(path) + 1)}
    return found | {(*path, "Properties", place) for path in paths for place in OWN_POLICIES}


def declares(type_: str) -> bool:
    """Whether resources of a type are holders, or managed policies."""
    return type_ in catalogue.HOLDERS or type_ == catalogue.MANAGED_POLICY or type_ in catalogue.ROLE_MAKERS


def attaches(type_: str) -> bool:
    """Whether resources of a type say who has what."""
    more = (catalogue.MEMBERSHIP, catalogue.ATTACHMENT, *catalogue.SESSION_POLICIES)
    return type_ in (*catalogue.ATTACHED, *more) or declares(type_)


def stack_of(logical_id: str) -> str:
    """The stack that a resource is of, where several are put together."""
    return in_stack(logical_id)[0]
