"""
Who holds which policies: users, groups, roles and permission sets, and everything that a template attaches to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import items
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.resources.holders.absent_entities import where_absent
from trustproof.inputs.cloudformation.resources.holders.entities import (
    OWN_POLICIES,
    Entity,
    attaches,
    beyond,
    declares,
    doubt_of,
    made_up,
    one_of_some,
    stack_of,
    unread_places,
    with_guards,
)
from trustproof.inputs.cloudformation.resources.holders.lost_attachments import tell_of_lost
from trustproof.inputs.cloudformation.resources.holders.named_entities import (
    GuardedDocuments,
    NamedEntity,
    named_entities,
)
from trustproof.inputs.cloudformation.resources.holders.policies_by_name import (
    PoliciesByName,
    account_of,
    may_mean,
    own_policy,
)
from trustproof.inputs.cloudformation.resources.holders.policy_references import named_boundaries, policy_references
from trustproof.inputs.cloudformation.resources.holders.removals import Removals, without_removed
from trustproof.inputs.cloudformation.resources.holders.same_names import in_turn
from trustproof.inputs.cloudformation.resources.holders.unclear_holders import mark_replaced
from trustproof.inputs.cloudformation.resources.holders.unread_loops import whom_loops_may_deny
from trustproof.inputs.cloudformation.resources.policies.shares_of_work import SharesOfWork
from trustproof.inputs.cloudformation.sam import roles as serverless
from trustproof.inputs.cloudformation.sam.added_policies import added_policies
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.mentions import Mention
from trustproof.model.policy import Guard, Path
from trustproof.model.principals import Foreign, Holder, Membership, PermissionsBoundary
from trustproof.model.text import Symbol, Symbolic, Text


class Attachments:
    """
    Joins the entities of a template with its policies.

    Args:
        collector: which has read the documents; it receives a copy of a document that is attached under a condition
            of its own, with that condition as a guard.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._resolver: Resolver = collector.resolver
        self._environment = collector.environment
        self._entities: dict[tuple[str, Text], list[Entity]] = {}
        self._declared: dict[str, Entity] = {}
        self._policies: dict[str, Text] = {}
        self._policies_by_name = PoliciesByName(self._policies, self._own_policy)
        linked_values = self._environment.deployment.linked_values
        #: What several templates of the run declare by the same name.
        self._ambiguous = linked_values.ambiguous if linked_values is not None else {}
        self._removals = Removals(collector, self._ambiguous)
        #: What is named and not declared.
        self.named: dict[Mention, None] = {}
        #: The places in which something could not be read; None before somebody asks.
        self._unread: set[Path] | None = None
        self._guarded = GuardedDocuments(collector.documents)
        self._named = partial(named_entities, self._resolver)
        self._shares = SharesOfWork(self._environment, collector.unread)

    @property
    def managed(self) -> tuple[tuple[Text, tuple[int, ...]], ...]:
        """The ARN of each managed policy, and its documents: other templates may attach it by that name."""
        return tuple((arn, tuple(self._collector.own.get(key, ()))) for key, arn in self._policies.items())

    @property
    def declared(self) -> tuple[tuple[str, Text], ...]:
        """Kind and name of each entity, and of each managed policy by path and name."""
        entities = [(one.kind, one.name) for one in self._declared.values()]
        policies = [("policy", name) for arn in self._policies.values() if (name := self._own_policy(arn)) is not None]
        return (*entities, *policies)

    def holders(self) -> list[Holder]:
        """Every user, group and role that is declared, or named by a policy; declared ones first."""
        lost: dict[Path, str] = {}
        for read in (self._declare, self._attach):
            for logical_id, resource in self._environment.resources.items():
                if not self._shares.of_resource(logical_id, partial(read, logical_id, str(resource.get("Type")))):
                    path = self._environment.path(logical_id)
                    lost[path] = f"what {logical_id} attaches, and to whom, could not be read"
        for key, (loop, why) in self._environment.unread_loops.items():
            for kind, named in whom_loops_may_deny(loop).items():
                self._doubt_by_loop(kind, named, key, why)
        doubt_of(self._entities, self._collector.documents)
        if not self._shares.of_all("which policy replaces which", self._settle):
            lost["Resources",] = "which policy replaces which could not be read"
        tell_of_lost(self._collector, self._everybody(), lost)
        return [entity.finished() for entity in self._everybody()]

    def _doubt_by_loop(self, kind: str, named: Collection[str] | None, key: str, why: str) -> None:
        """
        Keep in mind that somebody may be denied something by what a loop makes that is not written out.

        Args:
            named: the logical ids of those; None for anybody of the kind.
            key: of the loop.
            why: it is not.
        """
        reason = f"what {key} makes may deny this: {why}"
        found = [one for logical_id, one in self._declared.items() if one.kind == kind and logical_id in (named or ())]
        if named is None or len(found) < len(named):
            name = Symbolic((Symbol(f"those whom {key} names", "intrinsic", doubt=why),))
            found = self._entities.setdefault((kind, name), [made_up(self._resolver, self._entities, kind, name)])
        for one in found:
            one.unread.append(key)
            one.doubts.append(reason)

    def _everybody(self) -> list[Entity]:
        return [one for found in self._entities.values() for one in found]

    def _settle(self) -> Iterator[bool]:
        """Decide which of several policies each entity keeps; what is given is whether that was done."""
        mark_replaced(self._resolver, self._collector.documents, self._entities.values())
        self._removals.share(self._entities)
        removed = [*without_removed(self._everybody())]
        self._entities |= {(f"some {one.kind}", f"{one.name} #{at}"): [one] for at, one in enumerate(removed)}
        for entity in [one for one in self._everybody() if len(one.documents) > 1]:
            entity.documents = in_turn(self._resolver, self._collector.documents, entity.documents)
        yield True

    def _declare(self, logical_id: str, type_: str) -> None:
        guards = self._collector.guards(logical_id) if declares(type_) else None
        if guards is None:
            return
        if type_ == catalogue.MANAGED_POLICY:
            self._policies[logical_id] = self._collector.arn(logical_id)
            return
        is_serverless = type_ in catalogue.ROLE_MAKERS
        properties = self._environment.properties(logical_id)
        if is_serverless:
            guards = serverless.role_guards(self._resolver, type_, properties, guards)
            if guards is None:
                return
        kind = "role" if is_serverless else catalogue.HOLDERS[type_]
        # What ``Ref`` gives, without taking choices.
        name = arns.value(self._resolver, catalogue.generated_role(logical_id) if is_serverless else logical_id, "")
        arn = self._collector.arn(logical_id)
        path = self._environment.path(logical_id)
        entity = self._declared[logical_id] = Entity(kind, logical_id, name, arn, guards, path)
        self._entities.setdefault((kind, name), []).append(entity)
        if type_ in (catalogue.USER, catalogue.ROLE) and "Tags" in properties:
            tags = self._collector.tags(properties["Tags"], in_part=type_ == catalogue.USER) or ()
            # A tag with an empty value is there: its key is absent, and has no other value.
            entity.tags = tuple((key.lower(), value) for key, value in tags if isinstance(value, str))
        if type_ == catalogue.PERMISSION_SET:
            # The roles that Identity Center makes are called by the name, which Ref does not give.
            named = [one.name for one in self._named(properties.get("Name"), (*path, "Properties", "Name"), guards)]
            entity.name = named[0] if len(named) == 1 else name

    # -- attaching

    def _attach(self, logical_id: str, type_: str) -> None:
        guards = self._collector.guards(logical_id) if attaches(type_) else None
        if guards is None:
            return
        path = (*self._environment.path(logical_id), "Properties")
        properties = self._environment.properties(logical_id)
        for key, kind in catalogue.ATTACHED.get(type_, {}).items():
            for named in self._named(properties.get(key), (*path, key), guards):
                for entity in self._named_entities(kind, named, logical_id):
                    self._give_own(entity, logical_id, named.guards)
                    self._doubt(entity, logical_id)
        if type_ == catalogue.MEMBERSHIP:
            self._members(logical_id, properties, path, guards)
        elif type_ == catalogue.ATTACHMENT:
            self._attach_arns(logical_id, properties, path, guards)
        elif type_ in catalogue.SESSION_POLICIES:
            self._session_policies(logical_id, properties, path, catalogue.SESSION_POLICIES[type_], guards)
        if logical_id in self._declared:
            self._own(self._declared[logical_id], type_, properties, path)

    def _session_policies(
        self, logical_id: str, properties: dict[str, object], path: Path, key: str, guards: tuple[Guard, ...]
    ) -> None:
        """Managed policies that limit the sessions of roles."""
        profile = Entity("profile", logical_id, logical_id, "", guards, path[:-1])
        for named in self._named(properties.get(key), (*path, key), guards):
            profile.by_name += self._by_name(named.name)
        if profile.by_name:
            self._entities["profile", logical_id] = [profile]

    def _own(self, entity: Entity, type_: str, properties: dict[str, object], path: Path) -> None:
        """What an entity says itself: inline policies, managed policies, a boundary, groups."""
        own = self._collector.own.get(entity.logical_id, [])
        for index in own:
            if self._collector.documents[index].kind == "identity":
                self._give(entity, [index], (), self._removals.inline(entity, index, entity.logical_id))
        for place in OWN_POLICIES:
            self._doubt(entity, entity.logical_id, "Properties", place)
        if type_ in (catalogue.PERMISSION_SET, catalogue.NAMED_PERMISSION_SET):
            self._managed(entity, properties, path)
            return
        key = "Policies" if type_ in catalogue.ROLE_MAKERS else "ManagedPolicyArns"
        for named in self._named(properties.get(key), (*path, key), entity.guards, says_unread=True):
            arn = serverless.policy_arn(type_, named.name, self._environment.partition)
            self._hold(entity, named._replace(name=arn), entity.logical_id)
        for arn, below in added_policies(type_, properties, self._environment.partition):
            self._hold(entity, NamedEntity(arn, entity.guards, (*path, *below)), entity.logical_id)
        self._bound(entity, properties, path)
        for named in self._named(properties.get("Groups"), (*path, "Groups"), entity.guards):
            self._join(entity, self._groups(named, entity.logical_id), named.guards, entity.logical_id)

    def _hold(self, entity: Entity, named: NamedEntity, by: str) -> None:
        """
        Attach a managed policy that is named by its ARN.

        Args:
            by: the logical id of the resource that attaches it, and likewise the others.
        """
        held = self._policy(named.name, entity)
        policy = self._own_policy(named.name)
        meant = self._removals.meant(policy, held or (), self._policies_by_name.of(named.name))
        reason = self._removals.managed(entity, policy, named.name, by, meant)
        under = (*entity.guards, *named.guards)
        elsewhere = [under] if held is None else self._absent(named, held, under)
        foreign = [Foreign(named.name, beyond(one, entity), named.path) for one in elsewhere]
        entity.foreign += foreign
        entity.mark(foreign, reason)
        self._give(entity, self._documents(meant), named.guards, reason)

    def _absent(self, named: NamedEntity, policies: Sequence[str], under: tuple[Guard, ...]) -> list[tuple[Guard, ...]]:
        return [*where_absent(self._resolver, named.written, {p: self._collector.guards(p) for p in policies}, under)]

    def _documents(self, policies: Iterable[str]) -> list[int]:
        return [index for one in policies for index in self._collector.own.get(one, ())]

    def _attach_arns(
        self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        """Attach managed policies to holders that a resource of its own names."""
        for key, kind in catalogue.ATTACHED["AWS::IAM::Policy"].items():
            for holder in self._named(properties.get(key), (*path, key), guards):
                for entity in self._named_entities(kind, holder, logical_id):
                    place = (*path, "PolicyArns")
                    for named in self._named(properties.get("PolicyArns"), place, holder.guards, says_unread=True):
                        self._hold(entity, named, logical_id)

    def _managed(self, entity: Entity, properties: dict[str, object], path: Path) -> None:
        """
        Managed policies and boundary of a permission set: those of AWS by ARN, others by their name in each account.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sso-permissionset.html
        """
        key = "ManagedPolicies"
        for named in self._named(properties.get(key), (*path, key), entity.guards, says_unread=True):
            self._refer(entity, named)
        key = "CustomerManagedPolicyReferences"
        for value, place, guards in items(self._resolver, properties.get(key, []), (*path, key), entity.guards):
            for named in policy_references(self._resolver, value, place, guards):
                self._refer(entity, named)
        self._bound(entity, properties, path)
        entity.by_name += [i for one in entity.boundaries if one.foreign for i in self._by_name(one.foreign)]

    def _refer(self, entity: Entity, named: NamedEntity) -> None:
        """Attach a managed policy that each account may have another one of."""
        entity.foreign.append(Foreign(named.name, beyond(named.guards, entity), named.path))
        entity.mark(entity.foreign[-1:], self._removals.attached(entity, named.name, entity.logical_id))
        found = self._by_name(named.name)
        entity.by_name += found
        entity.by_reference += [(named.name, index) for index in self._guarded.under(entity, found, named.guards)]

    def _by_name(self, named: Text) -> list[int]:
        """The documents of the managed policies that a name or an ARN may mean."""
        meant = [k for k, arn in self._policies.items() if may_mean(named, arn, self._environment.deployment.account)]
        return [index for key in meant for index in self._collector.own.get(key, ())]

    def _bound(self, entity: Entity, properties: dict[str, object], path: Path) -> None:
        """
        The permissions boundary of an entity, for each outcome of the conditions that decide which it has, if any.
        """
        key = "PermissionsBoundary"
        if key not in properties:
            return
        found: list[PermissionsBoundary] = []
        of_set = entity.kind == "permission set"
        for one in named_boundaries(
            self._resolver, properties[key], (*path, key), entity.guards, of_permission_set=of_set
        ):
            guards = beyond(one.guards, entity)
            if one.named is None:
                found.append(PermissionsBoundary(guards=guards))
            elif one.is_reference:
                name = one.named.name
                found += self._removals.bounded(entity, name, [PermissionsBoundary(None, name, guards)])
            else:
                found += self._boundary(entity, one.named, guards)
        entity.boundaries = found if any(one[:2] != (None, None) for one in found) else []

    def _boundary(self, entity: Entity, named: NamedEntity, guards: tuple[Guard, ...]) -> list[PermissionsBoundary]:
        """What a policy is about that is a boundary: a document, or an ARN that no document has."""
        name, policies = named.name, self._policy(named.name, entity) or []
        absent = [*self._absent(named, policies, (*entity.guards, *guards))]
        own = self._documents(policies)
        if len(own) == 1 and not absent:
            return self._removals.bounded(entity, name, [PermissionsBoundary(own[0], None, guards)], policies)
        if own:
            # Several policies of one name: conditions decide which of them there is.
            documents = self._collector.documents
            found = [PermissionsBoundary(i, None, with_guards(guards, documents[i].guards, entity)) for i in own]
            found += [PermissionsBoundary(None, name, beyond(one, entity)) for one in absent]
            return self._removals.bounded(entity, name, found, policies)
        return self._removals.bounded(entity, name, [PermissionsBoundary(None, name, guards)])

    def _members(self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]) -> None:
        for group in self._named(properties.get("GroupName"), (*path, "GroupName"), guards):
            groups = self._groups(group, logical_id)
            for named in self._named(properties.get("Users"), (*path, "Users"), group.guards):
                for user in self._named_entities("user", named, logical_id):
                    self._join(user, groups, named.guards, logical_id)

    def _join(self, user: Entity, groups: list[Entity], guards: tuple[Guard, ...], by: str) -> None:
        """Put a user into groups of one name."""
        for group in groups:
            under = guards if group.logical_id else tuple(dict.fromkeys((*guards, *group.guards)))
            user.groups.append(Membership(group.logical_id or str(group.name), beyond(under, user)))
            user.mark(user.groups[-1:], self._removals.membership(user, group, by))
            user.doubts += group.doubts

    def _groups(self, named: NamedEntity, by: str) -> list[Entity]:
        """The groups of a name; one that nobody declares, or makes, and nothing is attached to, is only named."""
        found = self._reached("group", named.name, by) or []
        made = {one.logical_id: one.guards for one in found}
        absent = where_absent(self._resolver, named.written, made, named.guards) if found else [()]
        return [*found, *(made_up(self._resolver, self._entities, "group", named.name, guards) for guards in absent)]

    def _named_entities(self, kind: str, named: NamedEntity, by: str) -> list[Entity]:
        """The entities with a name; those that the template does not declare, or make, are made up from their name."""
        found = self._reached(kind, named.name, by)
        if found is None:
            found = self._entities[kind, named.name] = [made_up(self._resolver, self._entities, kind, named.name)]
        others = self._entities.setdefault((f"absent {kind}", named.name), [])
        made = {one.logical_id: one.guards for one in found}
        absent = where_absent(self._resolver, named.written, made, named.guards)
        wanted = dict.fromkeys(tuple(guard for guard in guards if guard not in named.guards) for guards in absent)
        new = [guards for guards in wanted if guards not in [one.guards for one in others]]
        others += [made_up(self._resolver, self._entities, kind, named.name, guards) for guards in new]
        return [*found, *(one for one in others if one.guards in wanted)]

    def _reached(self, kind: str, name: Text, by: str) -> list[Entity] | None:
        """
        The entities that a resource can mean by a name; None where there are none.

        Args:
            by: the logical id of the resource.
        """
        found = self._entities.get((kind, name), [])
        own = [one for one in found if stack_of(one.logical_id) == stack_of(by)]
        if own:
            return own
        self.named[Mention(kind, name)] = None
        reason = self._ambiguous.get((kind, str(name)))
        if reason is None:
            return found or None
        key = one_of_some(kind, name)
        if key not in self._entities:
            self._entities[key] = [made_up(self._resolver, self._entities, kind, name)]
            self._entities[key][0].doubts.append(f"the {kind} {name} is {reason}")
        return self._entities[key]

    def _policy(self, arn: Text, entity: Entity) -> list[str] | None:
        """The managed policies that an entity may have by an ARN; None where it is not known which it is."""
        name, found = self._own_policy(arn), self._policies_by_name.of(arn)
        own = [one for one in found if stack_of(one) == stack_of(entity.logical_id)]
        if not own and name is not None:
            self.named[Mention("policy", name, account_of(arn))] = None
            if (reason := self._ambiguous.get(("policy", str(name)))) is not None:
                entity.doubts.append(f"the managed policy {arn} is {reason}")
                return None
        if isinstance(arn, Symbolic):
            entity.doubts += [symbol.doubt for symbol in arn.symbols if symbol.doubt]
        if not found:
            return None
        for one in own or found:
            self._doubt(entity, one)
        return own or found

    def _own_policy(self, arn: Text) -> Text | None:
        return own_policy(arn, self._environment.deployment.account)

    def _doubt(self, entity: Entity, logical_id: str, *steps: str) -> None:
        """Keep in mind that a policy of an entity could not be read."""
        if self._unread is None:
            self._unread = unread_places(path for path, _ in self._collector.unread)
        if (*self._environment.path(logical_id), *steps) in self._unread:
            entity.unread.append(logical_id)
            entity.doubts.append(f"a policy of {logical_id} could not be read, and may deny this")

    def _give_own(self, entity: Entity, logical_id: str, guards: tuple[Guard, ...]) -> None:
        """Attach the documents of a policy to an entity that it names."""
        arn, reason = self._policies.get(logical_id), ""
        meant: Iterable[str] = (logical_id,)
        if arn is not None:
            policy = self._own_policy(arn)
            meant = self._removals.meant(policy, (logical_id,), self._policies_by_name.of(arn))
            reason = self._removals.managed(entity, policy, arn, logical_id, meant)
        for index in self._documents(meant):
            why = reason if arn is not None else self._removals.inline(entity, index, logical_id)
            self._give(entity, [index], guards, why)

    def _give(self, entity: Entity, indices: list[int], guards: tuple[Guard, ...], reason: str) -> None:
        """Attach documents to an entity, under guards that may be more than those of document and entity."""
        given = [*self._guarded.under(entity, indices, guards)]
        entity.documents += given
        entity.mark(given, reason)
