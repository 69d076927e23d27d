"""
The roles of a template before it is deployed: what the template alone says of their names and their trust policies.

An entity of IAM that a template gives a name to has an ARN that follows from it; the name of any other one is made up
by CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-resource-name.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trustproof.live.references import UNRESOLVED
from trustproof.live.verify import StackOfApp
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import NO_VALUE, Evaluator
from trustproof.sandbox.cloudformation.template import Template

#: Type to the word for it in an ARN, and the property with its name.
_ENTITIES = {
    "AWS::IAM::Group": ("group", "GroupName"),
    "AWS::IAM::Role": ("role", "RoleName"),
    "AWS::IAM::User": ("user", "UserName"),
}
#: Types of providers, of which both `Ref` and an attribute are the ARN, likewise.
_PROVIDERS = {
    "AWS::IAM::OIDCProvider": ("oidc-provider", "Url"),
    # What CDK's OpenIdConnectProvider makes with a function of its own.
    "Custom::AWSCDKOpenIdConnectProvider": ("oidc-provider", "Url"),
    "AWS::IAM::SAMLProvider": ("saml-provider", "Name"),
}
#: Principals that are no users.
_OTHERS = ("CanonicalUser", "Federated", "Service")
#: What the trust policy of a role, and its ARN, are in.
_WANTED = ("RoleName", "Path", "MaxSessionDuration", "AssumeRolePolicyDocument")


class RoleOfApp(NamedTuple):
    """
    A role of a template.
    """

    logical_id: str
    #: What the template says of it; as a text, why that is not known before it is deployed.
    properties: Mapping[str, Any] | str
    #: Whether its trust policy may name an IAM user, or an account, as far as the template says.
    may_trust_users: bool = True

    def arn(self, partition: str, account: str) -> str | None:
        """Its ARN; None where only the deployment tells its name."""
        if isinstance(self.properties, str) or "RoleName" not in self.properties:
            return None
        return f"arn:{partition}:iam::{account}:role{self.properties.get('Path') or '/'}{self.properties['RoleName']}"


def roles_of(stack: StackOfApp, partition: str, app: Sequence[StackOfApp] = ()) -> Iterator[RoleOfApp]:
    """
    The roles that a stack makes.

    Args:
        stack: which one.
        partition: of its account.
        app: the stacks whose exports it may import.
    """
    if stack.template is None:
        return
    if not stack.template.resources:
        yield RoleOfApp("Fn::ForEach", "what its loops are over is given when it is deployed")
        return
    evaluator = _Undeployed(stack, stack.template, partition, app).evaluator
    for logical_id, resource in stack.template.resources.items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        declared = resource.get("Properties") or {}
        try:
            condition = resource.get("Condition")
            if condition is not None and not evaluator.condition(str(condition)):
                continue
            properties = evaluator.resolve({key: declared[key] for key in _WANTED if key in declared})
        except RefusedRequest as refused:
            trusting = _may_trust_users(declared.get("AssumeRolePolicyDocument"), stack.template)
            yield RoleOfApp(logical_id, refused.message, trusting)
            continue
        if isinstance(properties, dict) and "AssumeRolePolicyDocument" in properties:
            yield RoleOfApp(logical_id, properties)


def _may_trust_users(document: Any, template: Template) -> bool:
    """Whether a trust policy, as the template has it, may trust an IAM user: not where it names others only."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for one in statements if isinstance(statements, list) else [statements]:
        principal = one.get("Principal") if isinstance(one, Mapping) else None
        if not isinstance(principal, Mapping) or not {"AWS", *_OTHERS}.issuperset(principal):
            return True
        named = principal.get("AWS", [])
        if not all(_is_role(item, template) for item in (named if isinstance(named, list) else [named])):
            return True
    return False


def _is_role(principal: Any, template: Template) -> bool:
    """Whether a principal is the ARN of a role of the template, whatever its name will be."""
    found = principal.get("Fn::GetAtt") if isinstance(principal, Mapping) and len(principal) == 1 else None
    parts = found.split(".") if isinstance(found, str) else found
    if not isinstance(parts, list) or len(parts) != 2 or parts[1] != "Arn" or not isinstance(parts[0], str):
        return False
    return template.resources.get(parts[0], {}).get("Type") == "AWS::IAM::Role"


class _Undeployed:
    """
    A stack of which nothing exists yet.
    """

    def __init__(self, stack: StackOfApp, template: Template, partition: str, app: Sequence[StackOfApp]) -> None:
        self._stack, self._template, self._partition, self._app = stack, template, partition, app
        #: Whose name is being looked for.
        self._pending: list[str] = []
        values: dict[str, Any] = {
            name: str(declaration["Default"])
            for name, declaration in template.parameters.items()
            if "Default" in declaration
        }
        places = {"AWS::AccountId": stack.account, "AWS::Region": stack.region}
        values |= {name: value for name, value in places.items() if value is not None}
        values |= {
            "AWS::Partition": partition,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        }
        self.evaluator = Evaluator(template, values, self, lambda _: [], unresolved=UNRESOLVED)

    def reference(self, logical_id: str) -> Any:
        """The name that the template gives to an entity of IAM, and the ARN of a provider."""
        if logical_id in self._template.parameters:
            raise RefusedRequest(f"the parameter {logical_id} is given when it is deployed")
        type_name = self._type(logical_id)
        if type_name in _ENTITIES:
            return self._property(logical_id, _ENTITIES[type_name][1], "name")
        if type_name in _PROVIDERS:
            return self._provider(logical_id, *_PROVIDERS[type_name], "ARN")
        raise RefusedRequest(f"{logical_id} has no name before it is deployed")

    def attribute(self, logical_id: str, name: str) -> Any:
        """The ARN of what the template gives a name to."""
        type_name = self._type(logical_id)
        if name == "Arn" and type_name in _ENTITIES:
            kind, named = _ENTITIES[type_name]
            path = self._property(logical_id, "Path", name, default="/")
            return self._arn(kind + path + self._property(logical_id, named, name))
        if name == "Arn" and type_name in _PROVIDERS:
            return self._provider(logical_id, *_PROVIDERS[type_name], name)
        raise RefusedRequest(f"{logical_id} has no {name} before it is deployed")

    def import_value(self, name: str) -> str:
        """What another stack of the app exports, to the same account and Region."""
        here = (self._stack.account, self._stack.region)
        for other in self._app:
            if other.template is None or (other.account, other.region) != here or other.name == self._stack.name:
                continue
            undeployed = _Undeployed(other, other.template, self._partition, ())
            for output in other.template.outputs.values():
                exported = (output.get("Export") or {}).get("Name")
                if exported is not None and undeployed.evaluator.resolve(exported) == name:
                    return str(undeployed.evaluator.resolve(output["Value"]))
        raise RefusedRequest(f"the export {name} is not known")

    def _type(self, logical_id: str) -> str:
        return str(self._template.resources.get(logical_id, {}).get("Type", ""))

    def _provider(self, logical_id: str, kind: str, named: str, wanted: str) -> str:
        name = self._property(logical_id, named, wanted)
        return self._arn(f"{kind}/{name.removeprefix('https://').rstrip('/')}")

    def _arn(self, rest: str) -> str:
        if self._stack.account is None:
            raise RefusedRequest("the account of its stack is not known before it is deployed")
        return f"arn:{self._partition}:iam::{self._stack.account}:{rest}"

    def _property(self, logical_id: str, name: str, wanted: str, *, default: str | None = None) -> str:
        declared = self._template.resources[logical_id].get("Properties") or {}
        if logical_id in self._pending or not isinstance(declared, Mapping) or (name not in declared and not default):
            raise RefusedRequest(f"{logical_id} has no {wanted} before it is deployed")
        self._pending.append(logical_id)
        try:
            found = self.evaluator.resolve(declared.get(name, default))
        finally:
            self._pending.pop()
        if found is NO_VALUE and default:
            return default
        if not isinstance(found, str):
            raise RefusedRequest(f"{logical_id} has no {wanted} before it is deployed")
        return found
