"""
Collects what a template says about access: its policy documents, its roles, and what could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial

from trustproof.inputs.cloudformation.evaluation.conditions.faults import locate_faults
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import branches, items
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.stack_conditions import may_be_there
from trustproof.inputs.cloudformation.resources.access import control_policies, grants
from trustproof.inputs.cloudformation.resources.access.public_access import surrounded
from trustproof.inputs.cloudformation.resources.access.replicas import with_replicas
from trustproof.inputs.cloudformation.resources.access.resource_tags import OF_TAGGED, tags_by_arn, with_tags
from trustproof.inputs.cloudformation.resources.collection import stands_on
from trustproof.inputs.cloudformation.resources.collection.relevant_types import is_relevant
from trustproof.inputs.cloudformation.resources.collection.uses import with_uses
from trustproof.inputs.cloudformation.resources.policies import api_definitions, streams
from trustproof.inputs.cloudformation.resources.policies.entity_names import INLINE, refused_names
from trustproof.inputs.cloudformation.resources.policies.inactive_policies import inactive_policy
from trustproof.inputs.cloudformation.resources.policies.missing_documents import (
    is_given,
    missing_document,
    mistaken_type,
)
from trustproof.inputs.cloudformation.resources.policies.session_durations import (
    DEFAULT_SESSION_DURATION,
    ROLE,
    at_most,
    durations,
    sessions,
    wrong,
)
from trustproof.inputs.cloudformation.resources.policies.shares_of_work import SharesOfWork
from trustproof.inputs.cloudformation.resources.policies.statement_ids import refused_id
from trustproof.inputs.cloudformation.sam import roles as serverless
from trustproof.inputs.cloudformation.sam.documents import ServerlessReader
from trustproof.inputs.cloudformation.sam.role_policies import read_policies
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.expressions import Choices
from trustproof.inputs.grammar.key_policies import as_key_policy
from trustproof.inputs.grammar.malformed_policies import NONE_EMPTIED, MalformedPolicy
from trustproof.inputs.grammar.policies import PolicyReader
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.inputs.grammar.variants import MAX_VARIANTS, TooManyVariants, variants
from trustproof.model.construct_paths import construct_path
from trustproof.model.document import IDENTITY, RESOURCE, TRUST, Document
from trustproof.model.policy import Guard, Path, Policy
from trustproof.model.principals import RoleFacts, SessionFacts
from trustproof.model.query import looks_at_resource_tags
from trustproof.model.text import Symbolic, Text
from trustproof.results.result import BUDGET


class Collector:
    """
    Reads one resource after the other and keeps what it finds.

    Args:
        resolver: of the template.
        data: the whole template, for its ``Globals``.
        construct_paths: of resources, by logical id, where an assembly gives them.
        has_macros: whether macros that are not known here may add what is missing.
        emptied: the statements that have an empty list of resources, or of principals, only where something has its
            default: why nothing is known of whom they let in, and the empty text where they are about nothing.
    """

    def __init__(
        self,
        resolver: Resolver,
        data: Mapping[str, object],
        construct_paths: Mapping[str, str],
        *,
        has_macros: bool = False,
        emptied: Mapping[Path, str] = NONE_EMPTIED,
    ) -> None:
        self.resolver = resolver
        self.environment: Environment = resolver.environment
        self.documents: list[Document] = []
        self.roles: list[RoleFacts] = []
        self.sessions: list[SessionFacts] = []
        self.unread: list[tuple[Path, str]] = []
        self.malformed: list[MalformedPolicy] = []
        #: Logical id to the documents that stand on the resource itself.
        self.own: dict[str, list[int]] = {}
        self._data = data
        self._construct_paths = construct_paths
        self._has_macros = has_macros
        self._is_there = may_be_there(resolver)
        self._shares = SharesOfWork(self.environment, self.unread)
        self._readers = {kind: PolicyReader(resolver, kind, emptied) for kind in (TRUST, IDENTITY, RESOURCE)}

    def resource(self, logical_id: str) -> None:
        """Read the documents of one resource; what takes too much work is a place that could not be read."""
        self._shares.of_resource(logical_id, partial(self._resource, logical_id), self.documents)

    def _resource(self, logical_id: str) -> None:
        resource = self.environment.resources[logical_id]
        type_ = resource.get("Type")
        guards = self.guards(logical_id)
        if not isinstance(type_, str) or guards is None or not is_relevant(type_):
            self.malformed += mistaken_type(logical_id, type_, self.environment.path(logical_id))
            return
        path = (*self.environment.path(logical_id), "Properties")
        properties = {} if resource.get("Properties") is None else resource["Properties"]
        if not isinstance(properties, dict) or any(key.startswith("Fn::") for key in properties):
            self.unread.append((path, f"the properties of {logical_id} come from a macro or an intrinsic function"))
            return
        if (place := api_definitions.policy_place(type_, properties)) is not None:
            self._documents(RESOURCE, place, logical_id, properties, path, guards)
        if type_.startswith("AWS::Serverless::"):
            ServerlessReader(self, self._data).read(logical_id, type_, properties, path, guards)
        else:
            self.properties(logical_id, type_, properties, path, guards)
        self._faults(logical_id)

    def guards(self, logical_id: str) -> tuple[Guard, ...] | None:
        """What must hold for a resource to exist; None where it is never there."""
        condition = self.environment.resources[logical_id].get("Condition")
        if not self._is_there:
            return None
        if not isinstance(condition, str):
            return ()
        decided = self.resolver.under(Choices()).decide(condition)
        self._faults(logical_id)
        guards = (Guard(condition, True),) if decided is None else ()
        # What has a contradiction for a condition is never there either.
        return guards if decided is not False and self.resolver.under(Choices(guards)).possible() else None

    def _faults(self, logical_id: str) -> None:
        """Keep what is wrong with the conditions that a resource depends on."""
        if self.environment.faults_met:
            self.malformed += locate_faults(self.environment, logical_id)

    def construct_path(self, logical_id: str) -> str | None:
        """The construct that a resource was made by."""
        return construct_path(self.environment.resources[logical_id], self._construct_paths.get(logical_id))

    def properties(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        """Read the documents that the properties of a resource hold."""
        self.malformed += () if self._has_macros else missing_document(logical_id, type_, properties, path)
        self.malformed += refused_names(type_, properties, path, self.environment)
        if type_ == catalogue.ROLE:
            self._role(logical_id, properties, path, guards)
            self._inline(logical_id, properties, path, guards)
        elif type_ in catalogue.ENTITIES:
            self._inline(logical_id, properties, path, guards)
        elif type_ in catalogue.ATTACHED:
            self._documents(IDENTITY, ("PolicyDocument",), logical_id, properties, path, guards)
        elif type_ == catalogue.PERMISSION_SET:
            self._documents(IDENTITY, ("InlinePolicy",), logical_id, properties, path, guards)
        elif type_ in catalogue.ROLE_MAKERS:
            without = serverless.role_guards(self.resolver, type_, properties, guards)
            if without is not None:
                self._generated_role(logical_id, type_, properties, path, without)
        elif grants.is_grant(type_):
            self._grant(logical_id, type_, properties, path, guards)
        elif type_ == control_policies.CONTROL_POLICY:
            control_policies.read(self, logical_id, properties, path, guards)
        if type_ in catalogue.SESSIONS:
            self._sessions(logical_id, type_, properties, path, guards)
        for place in catalogue.resource_policies(type_, properties):
            self._documents(RESOURCE, place, logical_id, properties, path, guards)
        self.unread += inactive_policy(self.resolver, logical_id)

    # -- roles

    def _role(self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]) -> None:
        key = "AssumeRolePolicyDocument"
        trust = None
        if is_given(properties, key):
            trust = self.document(TRUST, properties[key], (*path, key), guards, logical_id)
        elif self._has_macros:
            self.unread.append((path, f"the {key} of {logical_id} is left to a macro"))
        else:
            self.malformed.append(MalformedPolicy(f"the role {logical_id} has no {key}", path))
        self._facts(logical_id, properties, path, guards, trust)

    def _generated_role(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        key = "AssumeRolePolicyDocument"
        if key in properties:
            trust = self.document(TRUST, properties[key], (*path, key), guards, logical_id)
        else:
            service = catalogue.ROLE_MAKERS[type_]
            trust = self.document(TRUST, serverless.default_trust(service), path[:-1], guards, logical_id)
        self._facts(logical_id, {}, path, guards, trust)
        read_policies(self, logical_id, properties, path, guards)

    def _facts(
        self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...], trust: int | None
    ) -> None:
        given = properties.get("MaxSessionDuration")
        place = path[:-1] if given is None else (*path, "MaxSessionDuration")
        arn = self.arn(logical_id)
        construct = self.construct_path(logical_id)
        tags = self.tags(properties["Tags"]) if "Tags" in properties else ()
        if tags and trust is not None and looks_at_resource_tags(self.documents[trust].policy):
            known = tuple((tag.lower(), value) for tag, value in tags if isinstance(value, str))
            self.documents[trust] = self.documents[trust]._replace(resource_tags=known)
        if given is None or isinstance(given, int):
            # Most roles do not say, and need no reader.
            seconds = DEFAULT_SESSION_DURATION if given is None else given
            self.roles.append(RoleFacts(logical_id, arn, seconds, place, trust, construct, guards, None, tags))
            return
        for duration, inner, _ in durations(self.resolver, ROLE, given, guards):
            if isinstance(duration, str):
                self.malformed.append(wrong(ROLE, duration, place))
                continue
            longest = at_most(self.resolver, ROLE, duration)
            self.roles.append(RoleFacts(logical_id, arn, duration, place, trust, construct, inner, longest, tags))

    def _sessions(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        construct = self.construct_path(logical_id)
        for found in sessions(self.resolver, logical_id, type_, properties, path, guards, construct):
            if isinstance(found, MalformedPolicy):
                self.malformed.append(found)
            else:
                self.sessions.append(found)

    def tags(self, given: object, *, in_part: bool = False) -> tuple[tuple[str, Text], ...] | None:
        """The tags of a role or user; None where they are not known; `in_part`, without unknown keys."""
        try:
            listed = self.resolver.resolve(given)
            tags = [self.resolver.resolve(tag) for tag in listed] if isinstance(listed, list) else [listed]
            found: list[tuple[str, Text]] = []
            for tag in tags:
                if tag is NO_VALUE:
                    continue
                if not isinstance(tag, dict):
                    return None
                key, value = self.resolver.text(tag.get("Key")), self.resolver.text(tag.get("Value"))
                if in_part and isinstance(key, Symbolic):
                    continue
                if not isinstance(key, str) or not isinstance(value, (str, Symbolic)):
                    return None
                found.append((key, value))
            return tuple(found)
        except Unreadable:
            return None

    def arn(self, logical_id: str, *, of_role: bool = True, region: object = None) -> Text:
        """
        The ARN of a resource, ``*`` where it is not known which; what depends on a condition is a symbol in it. That of
        the role may be wanted of what makes one of its own, as a function of SAM's does. For `region` see `arns.arn`.
        """
        try:
            if self.environment.resource(logical_id) is None:
                return "*"
            role = catalogue.generated_role(logical_id)
            if of_role and self.environment.generated_roles.get(role) == logical_id:
                return arns.value(self.resolver, role, "Arn")
            return arns.arn(self.resolver, logical_id, region)
        except Unreadable:
            return "*"

    # -- documents

    def _inline(self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]) -> None:
        """The inline ``Policies`` of a user, group or role."""
        for value, place, inner in items(self.resolver, properties.get("Policies", []), (*path, "Policies"), guards):
            if intrinsic_name(value) is not None or not isinstance(value, dict):
                self.unread.append((place, "the inline policy is not known before deployment"))
            elif "PolicyDocument" in value:
                self.malformed += refused_names(INLINE, value, place, self.environment)
                document = (*place, "PolicyDocument")
                self.document(IDENTITY, value["PolicyDocument"], document, inner, logical_id, value.get("PolicyName"))
            elif not self._has_macros:
                self.malformed.append(MalformedPolicy(f"an inline policy of {logical_id} has no PolicyDocument", place))

    def _documents(
        self,
        kind: str,
        place: catalogue.Place,
        logical_id: str,
        properties: dict[str, object],
        path: Path,
        guards: tuple[Guard, ...],
    ) -> None:
        """The documents at a place of the catalogue."""
        for value, found, inner in self.walk(properties, place, path, guards):
            if isinstance(value, dict) and place[-1] in value and "Statement" not in value:
                # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-logs-deliverydestination-destinationpolicy.html
                self._documents(kind, place[-1:], logical_id, value, found, inner)
                continue
            self.document(kind, value, found, inner, logical_id, properties.get("PolicyName"))

    def walk(
        self, value: object, place: catalogue.Place, path: Path, guards: tuple[Guard, ...]
    ) -> Iterator[tuple[object, Path, tuple[Guard, ...]]]:
        """The values at a place below a value, with the guards under which each of them is there."""
        if not place:
            yield value, path, guards
            return
        head, *rest = place
        walk = items if head == "*" else branches
        for inner, found, inner_guards in walk(self.resolver, value, path, guards):
            if head == "*":
                yield from self.walk(inner, tuple(rest), found, inner_guards)
            elif isinstance(inner, dict) and head in inner:
                yield from self.walk(inner[head], tuple(rest), (*found, head), inner_guards)
            elif intrinsic_name(inner) is not None:
                self.unread.append((found, f"{head} is not known before deployment"))

    def document(
        self, kind: str, value: object, path: Path, guards: tuple[Guard, ...], logical_id: str, name: object = None
    ) -> int | None:
        """Read one document; its index, or None where there is none or it could not be read."""
        try:
            policy = self._readers[kind].read(value, path, guards)
        except MalformedPolicy as error:
            self.malformed.append(error)
        except Unreadable as error:
            self.unread.append((path, str(error)))
        except TooManyVariants:
            reason = f"{BUDGET}: combinations of conditions that a policy depends on ({MAX_VARIANTS})"
            self.unread.append((path, reason))
        else:
            type_ = str(self.environment.resources[logical_id].get("Type"))
            if policy is not None and (refused := refused_id(type_, kind, policy)) is not None:
                self.malformed.append(refused)
            elif policy is not None:
                return self._add(kind, policy, logical_id, path, guards, name if isinstance(name, str) else "")
        return None

    def _add(self, kind: str, policy: Policy, logical_id: str, path: Path, guards: tuple[Guard, ...], name: str) -> int:
        type_ = str(self.environment.resources[logical_id].get("Type"))
        policy = as_key_policy(policy) if kind == RESOURCE and type_.startswith("AWS::KMS::") else policy
        # A function's own ARN is that of its role: nothing else of it has a policy that names a resource.
        on_role = kind == TRUST or type_ not in catalogue.ROLE_MAKERS
        places = self._places(kind, logical_id, guards, path) if kind != IDENTITY and on_role else [(guards, ["*"])]
        copies = [
            Document(kind, policy, logical_id, type_, path, self.construct_path(logical_id), arn, place, inner, name)
            for inner, found in places
            for place, arn in enumerate(streams.at(found, path))
        ]
        if kind == RESOURCE and type_ in catalogue.SURROUNDED:
            copies = [copy for document in copies for copy in self._surrounded(document)]
        if kind != IDENTITY:
            here = stands_on.region_of(self.resolver, logical_id, path) if kind == RESOURCE else ""
            copies = with_replicas(self.resolver, [with_uses(self.resolver, c)._replace(region=here) for c in copies])
            copies = [self._with_tags(one) for one in copies] if type_ in OF_TAGGED and kind == RESOURCE else copies
        elif type_ == catalogue.MANAGED_POLICY:
            copies = [one._replace(policy_arn=self.arn(logical_id)) for one in copies]
        self.documents += copies
        index = len(self.documents) - len(copies)
        self.own.setdefault(logical_id, []).extend(range(index, len(self.documents)))
        return index

    def _places(
        self, kind: str, logical_id: str, guards: tuple[Guard, ...], path: Path
    ) -> list[tuple[tuple[Guard, ...], list[Text]]]:
        """What a policy stands on, for each outcome of the conditions that decide it."""
        arn = partial(
            self.arn, of_role=kind == TRUST, region=stands_on.replica_region(self.environment, logical_id, path)
        )
        if "Fn::If" in str(stands_on.place_of(self.resolver, logical_id)):
            try:
                return variants(self.resolver, guards, lambda reading: stands_on.stands_on(reading, logical_id, arn))
            except TooManyVariants:
                return [(guards, ["*"])]
        return [(guards, stands_on.stands_on(self.resolver, logical_id, arn))]

    @cached_property
    def _with_tags(self) -> Callable[[Document], Document]:
        if self._has_macros:
            return lambda document: document
        return partial(with_tags, self.environment, tags_by_arn(self.environment, self.arn))

    def _surrounded(self, document: Document) -> Iterable[Document]:
        """A policy, once for each outcome of what decides what stands around it."""
        for found in surrounded(self.resolver, document):
            yield found._replace(bucket_arn=stands_on.bucket_behind(self.resolver, document.logical_id, self.arn))

    def _grant(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        name = properties.get("StatementId")
        if type_ == "AWS::Events::EventBusPolicy" and "Statement" in properties:
            for value, _, inner in branches(self.resolver, properties["Statement"], (*path, "Statement"), guards):
                self.document(RESOURCE, grants.around(value), path, inner, logical_id, name)
            return
        try:
            policy = self._readers[RESOURCE].structured(
                lambda reading: grants.statement(reading, type_, properties), path, guards
            )
        except MalformedPolicy as error:
            self.malformed.append(error)
        except Unreadable as error:
            self.unread.append((path, str(error)))
        else:
            called = name if isinstance(name, str) else ""
            index = self._add(RESOURCE, grants.with_condition_places(policy, path), logical_id, path, guards, called)
            self.documents[index:] = [one._replace(grant=grants.form(type_)) for one in self.documents[index:]]
