"""
What other templates take away of what a template gives: holders as they are with it, and as they are without it.

The resources of Terraform that do so take it away each time they are applied; the template gives it again when it is
deployed. Which was last, nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.resources.holders.entities import Entity, stack_of
from trustproof.inputs.cloudformation.resources.holders.policies_by_name import own_policy
from trustproof.inputs.cloudformation.resources.holders.same_names import inline_name, inline_text
from trustproof.inputs.cloudformation.values.exclusive_claims import (
    ATTACHED,
    BOUNDARY,
    HOLDERS,
    INLINE,
    MEMBERS,
    POLICY,
    TEXT,
    Claims,
    text_of,
)
from trustproof.model.principals import Foreign, PermissionsBoundary
from trustproof.model.text import Text


class Removals:
    """
    Why something that a resource gives may be taken away: a sentence's end, empty where nobody does so.

    Args:
        collector: which has read the documents.
        ambiguous: `LinkedValues.ambiguous`.
    """

    def __init__(self, collector: Collector, ambiguous: Mapping[tuple[str, str], str]) -> None:
        self._collector = collector
        self._resolver: Resolver = collector.resolver
        self._claims = Claims(ambiguous)

    def inline(self, entity: Entity, index: int, by: str) -> str:
        """
        Of an inline policy.

        Args:
            index: of its document.
            by: the logical id of the resource that gives it, and likewise the others.
        """
        if not self._claims:
            return ""
        document = self._collector.documents[index]
        name = inline_name(self._resolver, document)
        text = inline_text(self._resolver, document)
        return self._of_holder(INLINE, entity, () if name is None else (name,), by, text)

    def managed(self, entity: Entity, policy: Text | None, arn: Text, by: str, declared: Collection[str]) -> str:
        """
        Of a managed policy that an entity has.

        Args:
            policy: its path and name; None for one of another account, or of AWS.
            declared: the logical ids of those that it may be.
        """
        if not self._claims:
            return ""
        reason = self._of_holder(ATTACHED, entity, (arn,) if policy is None else (policy,), by)
        if reason or policy is None:
            return reason
        stack, own = stack_of(by), {*map(stack_of, declared)}
        found = self._claims.reason(f"{HOLDERS} {entity.kind}", policy, (entity.name,), stack, declared=stack in own)
        return (found and f"who has the managed policy {policy} is {found}") or self._text(policy, declared)

    def meant(self, policy: Text | None, declared: Collection[str], named: Collection[str]) -> Collection[str]:
        """
        The managed policies that a resource may give: one that others declare by the same name has another text.

        Args:
            policy: path and name; None for one of another account, or of AWS.
            declared: the logical ids of those that the template of the resource means.
            named: of all of that name.
        """
        if not self._claims or policy is None or not declared or len(named) <= len(declared):
            return declared
        return named if self._text(policy, named) else declared

    def _text(self, policy: Text, declared: Collection[str]) -> str:
        """Of what a managed policy says."""
        for logical_id in declared:
            document = self._resolver.environment.properties(logical_id).get("PolicyDocument")
            text, stack = text_of(document), stack_of(logical_id)
            if found := self._claims.reason(f"{TEXT} {POLICY}", policy, (text,), stack, declared=True):
                return f"the managed policy {policy} is {found}"
        return ""

    def attached(self, entity: Entity, name: Text, by: str) -> str:
        """Of what is attached to a permission set by its ARN or name."""
        return self._of_holder(ATTACHED, entity, (name,), by) if self._claims else ""

    def bounded(
        self, entity: Entity, name: Text, found: list[PermissionsBoundary], declared: Collection[str] = ()
    ) -> list[PermissionsBoundary]:
        """
        Permissions boundaries, of which the entity keeps in mind whether they stay.

        Args:
            name: the ARN of the managed policy, or its name.
            declared: the logical ids of those that it may be.
        """
        if self._claims:
            by, own = entity.logical_id, own_policy(name, self._resolver.environment.deployment.account)
            policy = name if own is None else own
            reason = self._of_holder(BOUNDARY, entity, (policy,), by) or self._text(policy, declared)
            if not reason and own is not None:
                stacks = {*map(stack_of, declared)}
                what, is_own = f"{HOLDERS} {entity.kind}", stack_of(by) in stacks
                reason = self._claims.reason(what, policy, (entity.name,), stack_of(by), declared=is_own)
                reason = reason and f"who has the managed policy {policy} is {reason}"
            entity.mark(found, reason)
        return found

    def share(self, entities: Mapping[tuple[str, Text], Sequence[Entity]]) -> None:
        """
        Let entities lose what another template gives the same one otherwise: an inline policy of one name with another
        text, another boundary or none.

        Args:
            entities: by kind and name.
        """
        for (kind, name), found in entities.items() if self._claims else ():
            declared = [one for one in found if one.logical_id]
            if len({stack_of(one.logical_id) for one in declared}) < 2 or not (reason := self._claims.same(kind, name)):
                continue
            written = {one.logical_id: dict(self._inline_texts(one)) for one in declared}
            for one in declared:
                for other in (other for other in declared if stack_of(other.logical_id) != stack_of(one.logical_id)):
                    theirs = dict(written[other.logical_id].values())
                    said = f"the {kind} {name} is {reason}"
                    mine = [(at, *pair) for at, pair in written[one.logical_id].items() if pair[0] in theirs]
                    one.may_lose([at for at, called, text in mine if not text or text != theirs[called]], said)
                    # Whoever was last has set the tags; what both set stays.
                    one.tags = tuple(tag for tag in one.tags if tag in other.tags)
                    if self._boundaries(one) != self._boundaries(other):
                        one.may_lose(one.boundaries, said)

    def _inline_texts(self, entity: Entity) -> Iterator[tuple[int, tuple[Text, str]]]:
        """The index of each inline policy of an entity, with its name and text."""
        for index in entity.documents:
            document = self._collector.documents[index]
            if (name := inline_name(self._resolver, document)) is not None:
                yield index, (name, inline_text(self._resolver, document))

    def _boundaries(self, entity: Entity) -> set[Text | None]:
        """Path and name, or ARN, of the policies that may be the boundary of an entity; None for no boundary."""
        found: set[Text | None] = set() if entity.boundaries else {None}
        for one in entity.boundaries:
            index, foreign = one[:2]
            arn = foreign if index is None else self._collector.arn(self._collector.documents[index].logical_id)
            own = None if arn is None else own_policy(arn, self._resolver.environment.deployment.account)
            found.add(arn if own is None else own)
        return found

    def membership(self, user: Entity, group: Entity, by: str) -> str:
        """Of a user in a group."""
        if not self._claims:
            return ""
        stack = stack_of(by)
        found = self._claims.reason(f"{MEMBERS} group", group.name, (user.name,), stack, declared=_declares(group, by))
        return found and f"who is in the group {group.name} is {found}"

    def _of_holder(self, what: str, entity: Entity, items: tuple[Text, ...], by: str, text: str = "") -> str:
        what, declared = f"{what} {entity.kind}", _declares(entity, by)
        found = self._claims.reason(what, entity.name, items, stack_of(by), declared=declared, text=text)
        return found and f"the {entity.kind} {entity.name} is {found}"


def _declares(entity: Entity, by: str) -> bool:
    """Whether the template of a resource declares an entity."""
    return bool(entity.logical_id) and stack_of(entity.logical_id) == stack_of(by)


def without_removed(entities: Sequence[Entity]) -> Iterator[Entity]:
    """Each entity of which something may be taken away, without all of that, and with each such thing alone."""
    groups = {key: one for one in entities if one.kind == "group" for key in (one.logical_id, str(one.name)) if key}
    for entity in entities:
        # In a group that has lost something, a user has lost it as well.
        poorer = {m: groups[m.group] for m in entity.groups if m.group in groups and groups[m.group].removed}
        gone = {m: next(iter(group.removed.values())) for m, group in poorer.items()} | entity.removed
        for alone in (None, *gone) if gone else ():
            other = Entity(entity.kind, "", entity.name, entity.arn, entity.guards, entity.path)
            other.is_poorer = True
            other.documents = [one for one in entity.documents if one not in gone or one == alone]
            other.foreign = [one for one in entity.foreign if one not in gone or one == alone]
            other.groups = [one for one in entity.groups if one not in gone or one == alone]
            for membership, group in poorer.items():
                if membership != alone and membership not in entity.removed and not membership.guards:
                    other.documents += [one for one in group.documents if one not in group.removed]
                    other.foreign += [one for one in group.foreign if one not in group.removed]
            other.boundaries = [one for one in entity.boundaries if one not in gone or one == alone]
            names = [one.arn for one in gone if isinstance(one, Foreign) and one != alone]
            other.by_reference = [pair for pair in entity.by_reference if pair[0] not in names]
            other.tags, other.unread, other.by_name = entity.tags, entity.unread, entity.by_name
            other.doubts = [*entity.doubts, *dict.fromkeys(gone.values())]
            if other.documents or other.foreign or other.groups:
                yield other
