"""
Policies of queues, topics, secrets, logs, event buses and functions: `AWS::SQS::QueuePolicy`, `AWS::SNS::TopicPolicy`,
`AWS::SecretsManager::ResourcePolicy`, `AWS::Logs::ResourcePolicy`, `AWS::Events::EventBusPolicy` and
`AWS::Lambda::Permission`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queuepolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topicpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-resourcepolicy.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.authorization.actions.exact_resources import is_bus_of
from trustproof.sandbox.authorization.actions.resource_accounts import function_name
from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    BOOLEAN,
    DOCUMENT,
    LIST,
    OBJECT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    random_part,
)
from trustproof.sandbox.cloudformation.resources.iam_identities import policy_text
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.iam.named_principals import check_permission
from trustproof.sandbox.moto import buses
from trustproof.sandbox.moto.lambda_permissions import add_permission, remove_permission
from trustproof.sandbox.moto.operations import operation
from trustproof.sandbox.moto.policies import set_resource_policy
from trustproof.sandbox.resource_policies import resource_policy_grammar
from trustproof.sandbox.resource_policies.public_access import is_public


def checked_policy(place: Place, prefix: str, document: Any) -> str:
    """
    The text of the policy of a resource.

    Args:
        place: of the resource.
        prefix: of the actions of its service.
        document: the policy.

    Raises:
        ResourceFailed: AWS would refuse it.
    """
    text = policy_text(document)
    try:
        resource_policy_grammar.check(prefix, text, place.account)
    except Undecided as undecided:
        raise ResourceFailed(undecided.message) from None
    except RefusedRequest as refused:
        raise ResourceFailed(f"{refused.message} ({refused.code})") from None
    return text


class _ResourcePolicy(DeclaredType):
    """The one policy of each resource that it names."""

    #: Of the actions of the service.
    prefix: ClassVar[str]
    document: ClassVar[str] = "PolicyDocument"
    #: The property that names the resources.
    named: ClassVar[str]

    def create(self, place: Place, properties: Properties) -> Made:
        self._put(place, properties)
        return Made(self._physical_id(place, properties))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        kept = self._resources(new)
        self._put(place, new)
        for name in self._resources(old):
            if name not in kept:
                self._take(place, name)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        for name in self._resources(properties):
            self._take(place, name)

    def _physical_id(self, place: Place, properties: Properties) -> str:
        return f"{place.stack_name}-{place.logical_id}-{random_part()}"

    def _resources(self, properties: Properties) -> list[str]:
        given = properties[self.named]
        return [self._name(str(one)) for one in (given if isinstance(given, list) else [given])]

    def _name(self, given: str) -> str:
        return given

    def _put(self, place: Place, properties: Properties) -> None:
        text = checked_policy(place, self.prefix, properties[self.document])
        for name in self._resources(properties):
            if not set_resource_policy(self.prefix, place.account, place.region, name, text):
                raise ResourceFailed(f"{self.named}: {name} does not exist")

    def _take(self, place: Place, name: str) -> None:
        set_resource_policy(self.prefix, place.account, place.region, name, None)


class QueuePolicy(_ResourcePolicy):
    """Of queues, by their URLs."""

    name = "AWS::SQS::QueuePolicy"
    properties: ClassVar[Mapping[str, str]] = {"Queues": LIST, "PolicyDocument": DOCUMENT}
    required: ClassVar[frozenset[str]] = frozenset({"Queues", "PolicyDocument"})
    prefix = "sqs"
    named = "Queues"

    def _name(self, given: str) -> str:
        return given.rpartition("/")[2]


class TopicPolicy(_ResourcePolicy):
    """Of topics, by their ARNs; without it a topic has the policy that it was made with."""

    name = "AWS::SNS::TopicPolicy"
    properties: ClassVar[Mapping[str, str]] = {"Topics": LIST, "PolicyDocument": DOCUMENT}
    required: ClassVar[frozenset[str]] = frozenset({"Topics", "PolicyDocument"})
    prefix = "sns"
    named = "Topics"


class LogPolicy(DeclaredType):
    """
    Of all logs of an account in a Region.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-resourcepolicy.html
    """

    name = "AWS::Logs::ResourcePolicy"
    name_property: str | None = "PolicyName"
    properties: ClassVar[Mapping[str, str]] = {
        "PolicyDocument": DOCUMENT,
        "PolicyName": STRING,
        "ResourceArn": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PolicyDocument", "PolicyName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"PolicyName"})

    def create(self, place: Place, properties: Properties) -> Made:
        name = str(properties["PolicyName"])
        held = operation("logs", "DescribeResourcePolicies", place.account, place.region, {})
        if any(one["policyName"] == name for one in held.get("resourcePolicies") or ()):
            raise ResourceFailed(f"{name} already exists")
        self._put(place, properties)
        return Made(name)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        try:
            operation("logs", "DeleteResourcePolicy", place.account, place.region, {"policyName": made.physical_id})
        except RefusedRequest as refused:
            if refused.code != "ResourceNotFoundException":
                raise

    def _put(self, place: Place, properties: Properties) -> None:
        text = checked_policy(place, "logs", properties["PolicyDocument"])
        given = {"policyName": str(properties["PolicyName"]), "policyDocument": text}
        operation("logs", "PutResourcePolicy", place.account, place.region, given)


class SecretPolicy(_ResourcePolicy):
    """Of a secret, by its ARN or its name."""

    name = "AWS::SecretsManager::ResourcePolicy"
    properties: ClassVar[Mapping[str, str]] = {
        "BlockPublicPolicy": BOOLEAN,
        "ResourcePolicy": DOCUMENT,
        "SecretId": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"SecretId", "ResourcePolicy"})
    create_only: ClassVar[frozenset[str]] = frozenset({"SecretId"})
    prefix = "secretsmanager"
    document = "ResourcePolicy"
    named = "SecretId"

    def _put(self, place: Place, properties: Properties) -> None:
        try:
            blocked = str(properties.get("BlockPublicPolicy", "false")).lower() == "true"
            if blocked and is_public(policy_text(properties["ResourcePolicy"])):
                raise ResourceFailed("You can't attach a policy that allows broad access to the secret.")
        except Undecided as undecided:
            raise ResourceFailed(str(undecided)) from None
        super()._put(place, properties)

    def _physical_id(self, place: Place, properties: Properties) -> str:
        return str(properties["SecretId"])


class BusPolicy(DeclaredType):
    """
    A statement of the policy of an event bus.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html
    """

    name = "AWS::Events::EventBusPolicy"
    properties: ClassVar[Mapping[str, str]] = {
        "Action": STRING,
        "Condition": OBJECT,
        "EventBusName": STRING,
        "Principal": STRING,
        "Statement": OBJECT,
        "StatementId": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"StatementId"})
    create_only: ClassVar[frozenset[str]] = frozenset({"EventBusName", "StatementId"})

    def create(self, place: Place, properties: Properties) -> Made:
        sid = str(properties["StatementId"])
        if any(one.get("Sid") == sid for one in buses.statements_of(self._bus(place, properties))):
            raise ResourceFailed(f"{sid} already exists")
        self._put(place, properties)
        return Made(sid)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        found = buses.found_bus(place.account, place.region, _bus_name(properties))
        if found is not None:
            found.remove_statement(made.physical_id)

    def _put(self, place: Place, properties: Properties) -> None:
        bus = self._bus(place, properties)
        document = json.loads(buses.with_statement(bus, _bus_statement(properties, str(bus.arn))))
        bus.policy = checked_policy(place, "events", document)

    def _bus(self, place: Place, properties: Properties) -> Any:
        name = _bus_name(properties)
        found = buses.found_bus(place.account, place.region, name)
        if found is None or not is_bus_of(name, place.account, place.region):
            raise ResourceFailed(f"Event bus {name} does not exist.")
        return found


def _bus_name(properties: Properties) -> str:
    return str(properties.get("EventBusName") or "default")


def _bus_statement(properties: Properties, arn: str) -> dict[str, Any]:
    """The statement, which older templates give in parts; those are about the whole bus."""
    sid = {"Sid": str(properties["StatementId"])}
    if "Statement" in properties:
        return {**properties["Statement"], **sid}
    principal, condition = str(properties.get("Principal") or ""), properties.get("Condition")
    if not principal or "Action" not in properties:
        raise ResourceFailed("#: either Statement, or Action and Principal, are given")
    caller: Any = principal if principal == "*" else {"AWS": principal}
    statement = {**sid, "Effect": "Allow", "Principal": caller, "Action": str(properties["Action"]), "Resource": arn}
    if condition:
        statement["Condition"] = {str(condition.get("Type")): {str(condition.get("Key")): condition.get("Value")}}
    return statement


class Permission(DeclaredType):
    """
    A statement of the policy of a function.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-permission.html
    """

    name = "AWS::Lambda::Permission"
    properties: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            (
                "Action",
                "EventSourceToken",
                "FunctionName",
                "FunctionUrlAuthType",
                "Principal",
                "PrincipalOrgID",
                "SourceAccount",
                "SourceArn",
            ),
            STRING,
        ),
        "InvokedViaFunctionUrl": BOOLEAN,
    }
    required: ClassVar[frozenset[str]] = frozenset({"Action", "FunctionName", "Principal"})
    create_only: ClassVar[frozenset[str]] = frozenset(properties)

    def create(self, place: Place, properties: Properties) -> Made:
        named = str(properties["FunctionName"])
        function, qualifier = function_name(named)
        whose = re.match(r"(?:arn:[^:]*:lambda:(?P<region>[^:]*):)?(?P<account>[0-9]{12}):", named, re.ASCII)
        if whose is not None and (whose["account"] != place.account or whose["region"] not in (None, place.region)):
            raise ResourceFailed(f"Function not found: {named}")
        try:
            check_permission(str(properties["Principal"]), place.account)
        except RefusedRequest as refused:
            raise ResourceFailed(refused.message) from None
        given = {name: value for name, value in properties.items() if name != "FunctionName"}
        # The id of the statement is the physical id, as on AWS.
        given["StatementId"] = f"{place.stack_name}-{place.logical_id}-{random_part()}"
        sid = add_permission(place.account, place.region, function, qualifier, given)
        if sid is None:
            raise ResourceFailed(f"Function not found: {named}")
        return Made(sid, {"Id": sid}, sid)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        function, _ = function_name(str(properties["FunctionName"]))
        remove_permission(place.account, place.region, function, made.handle)
