"""
What a template says that a stack holds, once its parameters and the names of its resources are known.

Where something stays unknown, nothing is said of it: such a policy is neither same nor different.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trustproof.live.account import Identity, LiveAccount, StackFacts
from trustproof.sandbox.cloudformation.errors import Refused
from trustproof.sandbox.cloudformation.functions import NO_VALUE, Evaluator
from trustproof.sandbox.cloudformation.template import Template

#: Types of identities: the kind, and the properties that hold its name and managed policies.
_IDENTITIES = {"AWS::IAM::Role": "role", "AWS::IAM::User": "user", "AWS::IAM::Group": "group"}
_TARGETS = {"Roles": "role", "Users": "user", "Groups": "group"}
_OF_ONE = {
    "AWS::IAM::RolePolicy": ("role", "RoleName"),
    "AWS::IAM::UserPolicy": ("user", "UserName"),
    "AWS::IAM::GroupPolicy": ("group", "GroupName"),
}
_NESTED = "AWS::CloudFormation::Stack"
_OUTPUT = "Outputs."


@dataclass(frozen=True)
class Nested:
    """
    A nested stack.

    Args:
        place: the stack and the logical id.
        asset: the file in the cloud assembly with its template; None where the template that has it does not say.
        id: its ARN.
        region: of the stack.
    """

    place: str
    asset: str | None
    id: str
    region: str


@dataclass
class Holding:
    """
    What a role, user or group should hold.

    Args:
        documents: place in a template to the text of a policy.
        attached: ARNs of managed policies that no template makes.
        trust: the text of the trust policy of a role.
        facts: further properties that decide who may do what: name to value.
        made: whether a template makes the identity itself.
    """

    documents: dict[str, str] = field(default_factory=dict)
    attached: set[str] = field(default_factory=set)
    trust: str | None = None
    facts: dict[str, str | None] = field(default_factory=dict)
    made: bool = False
    stack: str = ""


@dataclass
class Expected:
    """
    What the templates of one account say.

    Args:
        holdings: kind and name of an identity to what it should hold.
        buckets: name, with the Region, to the text of the policy.
        managed: the ARN of a managed policy that a template makes to its text.
        missing: what templates make and is not deployed.
        unknown: what cannot be told, with the reason.
        nested: stacks that these stacks make.
    """

    holdings: dict[tuple[str, str], Holding] = field(default_factory=dict)
    buckets: dict[tuple[str, str], str] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    nested: list[Nested] = field(default_factory=list)

    def holding(self, kind: str, name: str) -> Holding:
        """What an identity should hold, to be added to."""
        return self.holdings.setdefault((kind, name), Holding())


class _Deployed:
    """References to the resources of a deployed stack."""

    def __init__(self, account: LiveAccount, facts: StackFacts, template: Template, region: str) -> None:
        self._account = account
        self._facts = facts
        self._template = template
        self._region = region
        self._inner: dict[str, StackFacts | None] = {}

    def reference(self, logical_id: str) -> Any:
        """The physical id of a resource."""
        if logical_id not in self._facts.physical_ids:
            raise Refused(f"{logical_id} is not deployed")
        return self._facts.physical_ids[logical_id]

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute, where it follows from the physical id or from what was read of IAM."""
        physical_id = str(self.reference(logical_id))
        type_name = str(self._template.resources[logical_id]["Type"])
        kind = _IDENTITIES.get(type_name)
        if kind is not None and name == "Arn" and (kind, physical_id) in self._account.identities:
            return self._account.identities[kind, physical_id].arn
        if type_name in ("AWS::IAM::ManagedPolicy", "AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider") and name in (
            "Arn",
            "PolicyArn",
        ):
            return physical_id
        if type_name == "AWS::S3::Bucket" and name == "Arn":
            return f"arn:{self._facts.id.split(':')[1]}:s3:::{physical_id}"
        if type_name == _NESTED and name.startswith(_OUTPUT):
            if physical_id not in self._inner:
                self._inner[physical_id] = self._account.stack(physical_id, self._region)
            inner = self._inner[physical_id]
            if inner is not None and name.removeprefix(_OUTPUT) in inner.outputs:
                return inner.outputs[name.removeprefix(_OUTPUT)]
        raise Refused(f"the attribute {name} of {logical_id} is not known")

    def import_value(self, name: str) -> str:
        """What another stack exports."""
        found = self._account.exports(self._region).get(name)
        if found is None:
            raise Refused(f"nobody exports {name}")
        return found


def read_expected(
    expected: Expected, account: LiveAccount, name: str, template: Template, facts: StackFacts, region: str
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
    evaluator = Evaluator(template, values, _Deployed(account, facts, template, region), lambda _: [])
    for logical_id, resource in template.resources.items():
        try:
            condition = resource.get("Condition")
            if condition is not None and not evaluator.condition(str(condition)):
                continue
            _read_resource(expected, name, logical_id, resource, evaluator, facts, region)
        except Refused as error:
            if str(resource["Type"]).startswith("AWS::IAM::") or resource["Type"] == "AWS::S3::BucketPolicy":
                expected.unknown.append(f"{name}: {logical_id}: {error.message}")


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


def _read_resource(
    expected: Expected,
    stack: str,
    logical_id: str,
    resource: Mapping[str, Any],
    evaluator: Evaluator,
    facts: StackFacts,
    region: str,
) -> None:
    type_name = str(resource["Type"])
    if not type_name.startswith("AWS::IAM::") and type_name not in ("AWS::S3::BucketPolicy", _NESTED):
        return
    if logical_id not in facts.physical_ids:
        expected.missing.append(f"{stack}: {logical_id} ({type_name})")
        return
    if type_name == _NESTED:
        asset = (resource.get("Metadata") or {}).get("aws:asset:path")
        inner = facts.physical_ids[logical_id]
        expected.nested.append(Nested(f"{stack}/{logical_id}", None if asset is None else str(asset), inner, region))
        return
    properties = evaluator.resolve(resource.get("Properties") or {})
    if properties is NO_VALUE:
        return
    physical_id = facts.physical_ids[logical_id]
    place = f"{stack}/{logical_id}"
    kind = _IDENTITIES.get(type_name)
    if kind is not None:
        _read_identity(expected.holding(kind, physical_id), kind, place, stack, properties)
    elif type_name in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for key, target in _TARGETS.items():
            for name in properties.get(key) or []:
                expected.holding(target, str(name)).documents[place] = _text(properties["PolicyDocument"])
        if type_name == "AWS::IAM::ManagedPolicy":
            expected.managed[physical_id] = _text(properties["PolicyDocument"])
    elif type_name in _OF_ONE:
        target, key = _OF_ONE[type_name]
        expected.holding(target, str(properties[key])).documents[place] = _text(properties["PolicyDocument"])
    elif type_name == "AWS::S3::BucketPolicy":
        expected.buckets[str(properties["Bucket"]), region] = _text(properties["PolicyDocument"])


def _read_identity(holding: Holding, kind: str, place: str, stack: str, properties: Mapping[str, Any]) -> None:
    holding.made = True
    holding.stack = stack
    holding.attached |= {str(arn) for arn in properties.get("ManagedPolicyArns") or []}
    for one in properties.get("Policies") or []:
        holding.documents[f"{place}/{one['PolicyName']}"] = _text(one["PolicyDocument"])
    if kind != "group":
        holding.facts["permissions boundary"] = properties.get("PermissionsBoundary")
    if kind == "role":
        holding.trust = _text(properties["AssumeRolePolicyDocument"])
        holding.facts["maximum session duration"] = str(properties.get("MaxSessionDuration") or 3_600)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def is_linked(identity: Identity) -> bool:
    """Whether a role is AWS's own: of a service, of a stack set, or of Identity Center."""
    return identity.path.startswith(("/aws-service-role/", "/aws-reserved/")) or identity.name.startswith(
        "stacksets-exec-"
    )
