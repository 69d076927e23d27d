"""
What a template says that a stack holds, once its parameters and the names of its resources are known.

Where something stays unknown, nothing is said of it: such a policy is neither same nor different.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from trustproof.inputs.cloudformation.values.catalogue import RESOURCE_POLICIES
from trustproof.live import controls, handed_roles, identity_center, settings
from trustproof.live.account import LiveAccount, StackFacts
from trustproof.live.buckets import BucketAccess
from trustproof.live.controls import ControlPolicy, control_policy
from trustproof.live.holdings import Holding, bounded, read_document, read_identity, read_trust
from trustproof.live.identity_center import IdentityCenter
from trustproof.live.names import compare_name
from trustproof.live.policy_bounds import PolicyBounds
from trustproof.live.policy_comparison import Comparison
from trustproof.live.references import IDENTITIES, NESTED, UNRESOLVED, DeployedReferences, text_in
from trustproof.live.resource_policies import NOT_READ, ROWS
from trustproof.live.resource_properties import ResourceProperties
from trustproof.live.resources import Key, PolicyResource, read_resource
from trustproof.live.settings import ALIAS, Setting, settings_of
from trustproof.live.template_tags import TaggedResource, tagged_resource
from trustproof.live.what_runs import Running, running
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.sandbox.cloudformation.template import Template

_TARGETS = {"Roles": "role", "Users": "user", "Groups": "group"}
_OF_ONE = {
    "AWS::IAM::RolePolicy": ("role", "RoleName"),
    "AWS::IAM::UserPolicy": ("user", "UserName"),
    "AWS::IAM::GroupPolicy": ("group", "GroupName"),
}
_MEMBERSHIP = "AWS::IAM::UserToGroupAddition"
_STACK_SET = "AWS::CloudFormation::StackSet"
#: Beginnings of types that all decide who may do what.
_IAM = ("AWS::IAM::", "AWS::SSO::", "AWS::RolesAnywhere::")


@dataclass(frozen=True)
class NestedStack:
    """
    A nested stack.

    Args:
        place: the stack and the logical id.
        location: of its template, as the template that has it says.
        id: its ARN.
        region: of the stack.
    """

    place: str
    location: object
    id: str
    region: str


@dataclass(frozen=True)
class StackSet:
    """
    A stack set.

    Args:
        place: the stack and the logical id.
        name: of the stack set.
        template: the text of its template; None where the template that has it does not say.
        location: of its template, likewise.
        call_as: `SELF` or `DELEGATED_ADMIN`.
        region: of the stack that makes it.
    """

    place: str
    name: str
    template: str | None
    location: object
    call_as: str
    region: str


@dataclass
class Expectation:
    """
    What the templates of one account say.

    Args:
        holdings: kind and name of an identity to what it should hold.
        held: policies that stand on resources, by how they are asked for.
        settings: what decides besides policies.
        roles: with which roles resources act.
        running: resources that run what others say.
        tagged_resources: resources with their tags.
        aliases: the Region and the id of a key to the aliases that templates give to it.
        controls: policies of the organization.
        identity_center: permission sets and who has them.
        unclear: kinds of identities, and what resources are called, of which any may have what is not known.
        managed: the ARN of a managed policy that a template makes to its text.
        managed_bounds: the same of those of which not all is known.
        missing: what templates make and is not deployed.
        surplus: what stacks have and their templates do not make.
        renamed: what templates give a name to and stacks call otherwise.
        unknown: what cannot be told, with the reason.
        nested: stacks that these stacks make.
        stack_sets: likewise.
    """

    holdings: dict[tuple[str, str], Holding] = field(default_factory=dict)
    held: dict[Key, PolicyResource] = field(default_factory=dict)
    settings: list[Setting | BucketAccess] = field(default_factory=list)
    roles: list[Setting] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)
    tagged_resources: list[TaggedResource] = field(default_factory=list)
    aliases: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    controls: list[ControlPolicy] = field(default_factory=list)
    identity_center: IdentityCenter = field(default_factory=IdentityCenter)
    unclear: set[str] = field(default_factory=set)
    managed: dict[str, str] = field(default_factory=dict)
    managed_bounds: dict[str, PolicyBounds] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    renamed: dict[str, Comparison] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    nested: list[NestedStack] = field(default_factory=list)
    stack_sets: list[StackSet] = field(default_factory=list)

    def holding(self, kind: str, name: str) -> Holding:
        """What an identity should hold, to be added to."""
        return self.holdings.setdefault((kind, name), Holding())


def read_expectation(
    expected: Expectation, account: LiveAccount, name: str, template: Template, facts: StackFacts, region: str
) -> None:
    """
    Add what one stack should hold.

    Args:
        expected: of the account; added to.
        account: where the stack is.
        name: of the stack.
        template: the template that was proved.
        facts: what CloudFormation says of the stack.
        region: of the stack.
    """
    partition = facts.id.split(":")[1]
    values: dict[str, Any] = {
        **_parameters(template, facts),
        "AWS::AccountId": account.id,
        "AWS::NotificationARNs": [],
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::StackId": facts.id,
        "AWS::StackName": name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }
    deployed = DeployedReferences(account, facts, template, region)
    evaluator = Evaluator(template, values, deployed, lambda _: [], unresolved=UNRESOLVED)
    reading = _Reading(expected, name, facts, deployed)
    made: set[str] = set()
    for logical_id, resource in template.resources.items():
        try:
            condition = resource.get("Condition")
            if condition is not None and not evaluator.condition(str(condition)):
                continue
            made.add(logical_id)
            reading.read(logical_id, resource, evaluator)
        except RefusedRequest as error:
            if _is_about_access(str(resource["Type"])):
                expected.unknown.append(f"{name}: {logical_id}: {error.message}")
            made.add(logical_id)
    expected.surplus += [
        f"{name}: {logical_id} ({type_name})"
        for logical_id, type_name in facts.types.items()
        if logical_id not in made and _is_about_access(type_name)
    ]


def _is_about_access(type_name: str) -> bool:
    """Whether a resource of a type decides who may do what."""
    types = (*ROWS, *NOT_READ, *RESOURCE_POLICIES, *settings.TYPES, controls.TYPE, NESTED, _STACK_SET)
    return type_name.startswith(_IAM) or type_name in types


def _parameters(template: Template, facts: StackFacts) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, declaration in template.parameters.items():
        # A parameter of the template that the stack does not have yet has its default there.
        text = facts.parameters.get(name, declaration.get("Default"))
        if text is None or text == "****":
            continue
        listed = "List" in str(declaration.get("Type", "String"))
        found[name] = [item.strip() for item in str(text).split(",")] if listed else str(text)
    return found


class _Reading:
    """
    One stack, resource by resource.
    """

    def __init__(self, expected: Expectation, stack: str, facts: StackFacts, deployed: DeployedReferences) -> None:
        self._expected = expected
        self._stack = stack
        self._facts = facts
        self._deployed = deployed

    def read(self, logical_id: str, resource: Mapping[str, Any], evaluator: Evaluator) -> None:
        """Add what a resource says."""
        type_name = str(resource["Type"])
        self._besides_access(type_name, logical_id, resource.get("Properties") or {}, evaluator)
        about_access = _is_about_access(type_name)
        if not about_access and not handed_roles.hands_over(type_name, resource.get("Properties") or {}):
            return
        place = f"{self._stack}/{logical_id}"
        if logical_id not in self._facts.physical_ids:
            self._expected.missing.append(f"{self._stack}: {logical_id} ({type_name})")
            return
        if type_name in NOT_READ:
            raise RefusedRequest(f"{type_name} is not compared: {NOT_READ[type_name]}")
        given = resource.get("Properties") or {}
        properties = ResourceProperties(given, evaluator)
        physical_id = self._facts.physical_ids[logical_id]
        self._roles(type_name, place, physical_id, given, evaluator)
        if not about_access:
            return
        if (other := compare_name(type_name, physical_id, properties)) is not None:
            self._expected.renamed[f"{self._stack}: {logical_id} ({type_name}): name"] = other
        if type_name == NESTED:
            self._nested(place, physical_id, resource)
        elif type_name == _STACK_SET:
            self._stack_set(place, physical_id, properties, resource)
        elif type_name == controls.TYPE:
            self._expected.controls.append(control_policy(physical_id, properties))
        elif type_name in identity_center.TYPES:
            self._identity_center(type_name, physical_id, properties)
        elif type_name in ROWS:
            self._resource(type_name, place, physical_id, properties)
        else:
            self._iam(type_name, place, physical_id, properties)
        here = self._deployed.place
        setting = settings_of(type_name, physical_id, properties, here["account"], here["region"])
        if setting is not None:
            self._expected.settings.append(setting)
        if type_name == ALIAS:
            key = str(properties["TargetKeyId"]).rpartition("/")[2]
            self._expected.aliases.setdefault((here["region"], key), set()).add(physical_id)

    def _besides_access(self, type_name: str, logical_id: str, given: Mapping[str, Any], evaluator: Evaluator) -> None:
        """Add the tags of a resource, and what it runs."""
        physical_id = self._facts.physical_ids.get(logical_id)
        if physical_id is None:
            return
        tags = tagged_resource(type_name, physical_id, given, self._facts.tags, self._deployed, evaluator)
        self._expected.tagged_resources += [] if tags is None else [tags]
        try:
            runs = running(type_name, physical_id, given, evaluator.resolve, self._deployed.place["region"])
            self._expected.running += [] if runs is None else [runs]
        except RefusedRequest as error:
            self._expected.unknown.append(f"{self._stack}/{logical_id}: what it runs: {error.message}")

    def _roles(
        self, type_name: str, place: str, physical_id: str, given: Mapping[str, Any], evaluator: Evaluator
    ) -> None:
        if not handed_roles.hands_over(type_name, given):
            return
        here = self._deployed.place
        try:
            self._expected.roles += handed_roles.settings_of(
                type_name, physical_id, given, evaluator.resolve, here["account"], here["region"]
            )
            handed_roles.refuse_others(type_name, given, evaluator.resolve, here["account"])
        except RefusedRequest as error:
            self._expected.unknown.append(f"{place}: its role: {error.message}")

    def _resource(self, type_name: str, place: str, physical_id: str, properties: ResourceProperties) -> None:
        held = self._expected.held
        before = sum(one.unclear for one in held.values())
        try:
            read_resource(held, type_name, place, physical_id, properties, self._deployed)
        except RefusedRequest:
            if before == sum(one.unclear for one in held.values()):
                self._expected.unclear.add(ROWS[type_name].noun)
            raise

    def _identity_center(self, type_name: str, physical_id: str, properties: Mapping[str, Any]) -> None:
        center = self._expected.identity_center
        try:
            center.read(type_name, physical_id, properties, self._deployed.place["region"])
        except RefusedRequest:
            center.unclear = True
            raise

    def _nested(self, place: str, physical_id: str, resource: Mapping[str, Any]) -> None:
        self._expected.nested.append(
            NestedStack(place, _location(resource), physical_id, self._deployed.place["region"])
        )

    def _stack_set(
        self, place: str, physical_id: str, properties: Mapping[str, Any], resource: Mapping[str, Any]
    ) -> None:
        body = properties.get("TemplateBody")
        self._expected.stack_sets.append(
            StackSet(
                place,
                physical_id.partition(":")[0],
                None if body is None else text_in(body),
                _location(resource),
                str(properties.get("CallAs") or "SELF"),
                self._deployed.place["region"],
            )
        )

    def _iam(self, type_name: str, place: str, physical_id: str, properties: ResourceProperties) -> None:
        expected = self._expected
        kind = IDENTITIES.get(type_name)
        if kind is not None:
            holding = expected.holding(kind, physical_id)
            holding.made = True
            with _unclear(holding):
                read_identity(holding, kind, place, properties, self._facts.tags)
            if kind == "role":
                read_trust(holding, properties)
        elif type_name in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for key, target in _TARGETS.items():
                for name in self._targets(properties, key, target):
                    holding = expected.holding(target, name)
                    with _unclear(holding):
                        is_managed = type_name == "AWS::IAM::ManagedPolicy"
                        read_document(holding, place, properties, physical_id if is_managed else "")
            if type_name == "AWS::IAM::ManagedPolicy":
                text, bounds = bounded(properties.given["PolicyDocument"], properties.evaluator)
                if bounds is None:
                    expected.managed[physical_id] = text
                else:
                    expected.managed_bounds[physical_id] = bounds
        elif type_name in _OF_ONE:
            target, key = _OF_ONE[type_name]
            for name in self._targets(properties, key, target):
                holding = expected.holding(target, name)
                with _unclear(holding):
                    read_document(holding, place, properties)
        elif type_name == _MEMBERSHIP:
            for name in self._targets(properties, "Users", "user"):
                holding = expected.holding("user", name)
                with _unclear(holding):
                    holding.groups.add(str(properties["GroupName"]))

    def _targets(self, properties: Mapping[str, Any], key: str, kind: str) -> list[str]:
        """Who is named by a property; where that is not known, it may be any of the kind."""
        try:
            found = properties.get(key) or []
        except RefusedRequest:
            self._expected.unclear.add(kind)
            raise
        return [str(name) for name in (found if isinstance(found, list) else [found])]


@contextmanager
def _unclear(holding: Holding) -> Iterator[None]:
    """Let an identity be unclear where what is read of it is not known."""
    try:
        yield
    except RefusedRequest:
        holding.unclear = True
        raise


def _location(resource: Mapping[str, Any]) -> object:
    """Where CloudFormation takes a template from; what metadata say of it says nobody to CloudFormation."""
    return (resource.get("Properties") or {}).get("TemplateURL")
