"""
Holders of policies while they are put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.values import catalogue
from trustproof.model.names import in_stack
from trustproof.model.policy import Guard, Path
from trustproof.model.principals import Foreign, Holder, Membership, PermissionsBoundary
from trustproof.model.text import Symbolic, Text


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
        self.unread: list[str] = []
        self.by_name: list[int] = []
        self.by_reference: list[tuple[Text, int]] = []

    def keeper(
        self,
        policy: Text | None,
        reasons: Mapping[tuple[str, str], str],
        entities: dict[tuple[str, Text], list[Entity]],
        *,
        is_own: bool,
    ) -> Entity:
        """
        Who has a managed policy that it is given: itself, or one in doubt where another template may detach the policy.

        What the policy allows is asked about so, and what it denies keeps nobody out who may have lost it.

        Args:
            policy: path and name; None for one of another account, or of AWS.
            reasons: by kind and name: why nobody knows who has it.
            entities: by kind and name; it receives the one in doubt.
            is_own: whether the template that gives the policy declares it.
        """
        kind = f"{catalogue.OWN if is_own else ''}{catalogue.ATTACHED_POLICY}"
        reason = None if policy is None else reasons.get((kind, str(policy)))
        if reason is None:
            return self
        self.doubts.append(f"who has the managed policy {policy} is {reason}")
        other = Entity(self.kind, "", self.name, self.arn, self.guards, ())
        other.doubts.append(self.doubts[-1])
        entities.setdefault((f"some {self.kind}", f"{self.name} with {policy}"), []).append(other)
        return other

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
        )


def _who_lost(entity: Entity, reasons: Mapping[tuple[str, str], str]) -> list[Entity]:
    """An entity with each of its documents alone, where another template may take away any of them."""
    reason = reasons.get((catalogue.OWN + entity.kind, str(entity.name))) if entity.logical_id else None
    found: list[Entity] = []
    for index in entity.documents if reason is not None else ():
        other = Entity(entity.kind, "", entity.name, entity.arn, entity.guards, ())
        other.documents, other.boundaries, other.groups = [index], entity.boundaries, entity.groups
        other.tags = entity.tags
        other.doubts = [*entity.doubts, f"the {entity.kind} {entity.name} is {reason}"]
        found.append(other)
    return found


def doubt_of(entities: dict[tuple[str, Text], list[Entity]], reasons: Mapping[tuple[str, str], str]) -> None:
    """
    Let each entity be in doubt that may be one of which nobody knows which it is.

    Args:
        entities: by kind and name; it receives those that may have lost something.
        reasons: by kind and name: why they may have lost it.
    """
    lost = [other for found in entities.values() for one in found for other in _who_lost(one, reasons)]
    entities.update({(f"some {one.kind}", f"{one.name} #{number}"): [one] for number, one in enumerate(lost)})
    for (kind, _), unclear in entities.items():
        for one in unclear:
            own = _own_doubts(one)
            # A policy that nobody can read is none of its documents.
            is_unread = bool(own and one.unread)
            if one.logical_id or not one.doubts or not (one.documents or one.foreign or one.groups or is_unread):
                continue
            for (other, _), found in entities.items():
                for entity in found if other == kind else ():
                    # What an entity has in any case, it does not have once more.
                    none = own if _has_all(entity, one) else ()
                    entity.doubts += [doubt for doubt in one.doubts if doubt not in (*entity.doubts, *none)]


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


def _has_all(entity: Entity, other: Entity) -> bool:
    """Whether an entity has all that is known of another one."""
    pairs = ((entity.documents, other.documents), (entity.foreign, other.foreign), (entity.groups, other.groups))
    return all(set(theirs) <= set(mine) for mine, theirs in pairs)


def _own_doubts(entity: Entity) -> tuple[str, ...]:
    """Why it is not known which entity it is."""
    return tuple(symbol.doubt for symbol in entity.name.symbols) if isinstance(entity.name, Symbolic) else ()


class NamedEntity(NamedTuple):
    """An item of a list of entities or policies: what it names, when it is in the list, and where it stands."""

    name: Text
    guards: tuple[Guard, ...]
    path: Path
    #: The item itself.
    written: object = None


def beyond(guards: tuple[Guard, ...], entity: Entity) -> tuple[Guard, ...]:
    """The guards that an entity does not stand under itself."""
    return tuple(guard for guard in guards if guard not in entity.guards)


def with_guards(guards: tuple[Guard, ...], more: tuple[Guard, ...], entity: Entity) -> tuple[Guard, ...]:
    """Guards with those of a document, without those that an entity stands under itself."""
    return tuple(dict.fromkeys((*guards, *beyond(more, entity))))


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
