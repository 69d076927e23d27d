"""
Stacks as resources: `AWS::CloudFormation::Stack`, and `AWS::CloudFormation::StackSet` with service-managed permissions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from trustproof.sandbox.authorization.effective_caller import act_as
from trustproof.sandbox.cloudformation.errors import RefusedRequest, ResourceFailed
from trustproof.sandbox.cloudformation.language_extensions import EXPANSION
from trustproof.sandbox.cloudformation.reads import ask_template
from trustproof.sandbox.cloudformation.resource_type import (
    INTEGER,
    LIST,
    OBJECT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    random_part,
)
from trustproof.sandbox.cloudformation.stack import Stack
from trustproof.sandbox.cloudformation.stacks import Stacks

_NO_UPDATES = "No updates are to be performed."


class Service(Protocol):
    """What of CloudFormation a stack in a stack needs."""

    stacks: Stacks

    def create_stack(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Create a stack."""
        ...

    def update_stack(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Update a stack."""
        ...

    def delete_stack(
        self, account: str, region: str, parameters: Mapping[str, Any], *, nested: bool = False
    ) -> dict[str, Any]:
        """Delete a stack, perhaps since the one around it goes."""
        ...


def _bring(service: Service, account: str, region: str, name: str, request: Mapping[str, Any]) -> Stack:
    """
    Create a stack, or update it; and see that it went well.

    Raises:
        ResourceFailed: when the stack did not come to be as asked.
    """
    call = service.create_stack if service.stacks.find(account, region, name) is None else service.update_stack
    good = ["CREATE_COMPLETE", "UPDATE_COMPLETE"]
    try:
        call(account, region, {"StackName": name, **request})
    except RefusedRequest as error:
        if error.message != _NO_UPDATES:
            raise ResourceFailed(f"{name} in {account}: {error.message}") from None
        # It is as asked already; it may have gone back to that by itself.
        good.append("UPDATE_ROLLBACK_COMPLETE")
    stack = service.stacks.find(account, region, name)
    assert stack is not None
    if stack.status not in good:
        why = next((event.reason for event in stack.events if event.status.endswith("_FAILED")), stack.reason)
        raise ResourceFailed(f"Embedded stack {stack.id} was not successfully created or updated: {why}")
    return stack


def _drop(service: Service, account: str, region: str, name: str, *, nested: bool = False) -> None:
    stack = service.stacks.find(account, region, name)
    if stack is None:
        return
    try:
        service.delete_stack(account, region, {"StackName": stack.id}, nested=nested)
    except RefusedRequest as error:
        raise ResourceFailed(error.message) from None
    if stack.deleted is None:
        raise ResourceFailed(f"Embedded stack {stack.id} was not successfully deleted: {stack.reason}")


def _ask(place: Place, properties: Properties) -> None:
    """See that the template may be read by whoever deploys."""
    if "TemplateURL" not in properties:
        return
    try:
        url = str(properties["TemplateURL"])
        ask_template(place.cloud.state, place.region, place.partition, place.role_arn, url)
    except RefusedRequest as refused:
        raise ResourceFailed(f"S3 error: {refused.message}") from None


class NestedStack(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-stack.html"""

    name = "AWS::CloudFormation::Stack"
    properties: ClassVar[Mapping[str, str]] = {
        "NotificationARNs": LIST,
        "Parameters": OBJECT,
        "Tags": LIST,
        "TemplateURL": STRING,
        "TimeoutInMinutes": INTEGER,
    }
    required: ClassVar[frozenset[str]] = frozenset({"TemplateURL"})

    def __init__(self, service: Service) -> None:
        self._service = service

    def create(self, place: Place, properties: Properties) -> Made:
        name = place.generated_name(128)
        try:
            stack = _bring(self._service, place.account, place.region, name, self._request(place, properties))
        except ResourceFailed:
            _drop(self._service, place.account, place.region, name, nested=True)
            raise
        stack.parent_id = place.stack_id
        return self._made(stack)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        stack = self._service.stacks.find(place.account, place.region, made.physical_id)
        if stack is None:
            raise ResourceFailed(f"Stack [{made.physical_id}] does not exist")
        return self._made(_bring(self._service, place.account, place.region, stack.name, self._request(place, new)))

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        _drop(self._service, place.account, place.region, made.physical_id, nested=True)

    def _request(self, place: Place, properties: Properties) -> dict[str, Any]:
        _ask(place, properties)
        request: dict[str, Any] = {
            "Capabilities": self._acknowledged(place),
            "TemplateURL": properties["TemplateURL"],
            "Parameters": [
                {
                    "ParameterKey": name,
                    "ParameterValue": ",".join(map(str, value)) if isinstance(value, list) else str(value),
                }
                for name, value in (properties.get("Parameters") or {}).items()
            ],
        }
        if "Tags" in properties:
            request["Tags"] = properties["Tags"]
        if place.role_arn is not None:
            request["RoleARN"] = place.role_arn
        return request

    def _acknowledged(self, place: Place) -> list[str]:
        """What was acknowledged for the outer stack is for the inner one too; what was there before needs nothing."""
        outer = self._service.stacks.find(place.account, place.region, place.stack_id)
        assert outer is not None
        return ["CAPABILITY_NAMED_IAM", EXPANSION] if "ROLLBACK" in outer.status else outer.capabilities

    def _made(self, stack: Stack) -> Made:
        return Made(stack.id, {f"Outputs.{output.key}": output.value for output in stack.outputs})


#: Accounts and Regions to the parameters that their stacks are given instead of those of all.
_Targets = dict[tuple[str, str], list[Properties]]


class StackSet(DeclaredType):
    """
    One stack in each account of the organizational units, and each Region; the management account is never a target.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-stackset.html
    """

    name = "AWS::CloudFormation::StackSet"
    name_property: str = "StackSetName"
    properties: ClassVar[Mapping[str, str]] = {
        "AdministrationRoleARN": STRING,
        "AutoDeployment": OBJECT,
        "CallAs": STRING,
        "Capabilities": LIST,
        "Description": STRING,
        "ExecutionRoleName": STRING,
        "ManagedExecution": OBJECT,
        "OperationPreferences": OBJECT,
        "Parameters": LIST,
        "PermissionModel": STRING,
        "StackInstancesGroup": LIST,
        "StackSetName": STRING,
        "Tags": LIST,
        "TemplateBody": STRING,
        "TemplateURL": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PermissionModel", "StackSetName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"PermissionModel", "StackSetName"})

    def __init__(self, service: Service) -> None:
        self._service = service

    def create(self, place: Place, properties: Properties) -> Made:
        _ask(place, properties)
        identifier = f"{properties['StackSetName']}:{random_part().lower()}"
        made = Made(identifier, {"StackSetId": identifier}, self._prefix(identifier))
        try:
            with act_as(None):
                self._deploy(place, made, {}, self._targets(place, properties), properties)
        except ResourceFailed:
            self.delete(place, made, properties)
            raise
        return made

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        _ask(place, new)
        with act_as(None):
            self._deploy(place, made, self._targets(place, old), self._targets(place, new), new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        with act_as(None):
            for account, region in self._targets(place, properties):
                _drop(self._service, account, region, made.handle)

    def _prefix(self, identifier: str) -> str:
        return f"StackSet-{identifier.replace(':', '-')}"[:128]

    def _deploy(
        self,
        place: Place,
        made: Made,
        before: _Targets,
        after: _Targets,
        properties: Properties,
    ) -> None:
        for account, region in before:
            if (account, region) not in after:
                _drop(self._service, account, region, made.handle)
        body = self._template(place, properties)
        for (account, region), overrides in after.items():
            request = {
                "Capabilities": properties.get("Capabilities"),
                "Parameters": _overridden(properties.get("Parameters") or [], overrides),
                "TemplateBody": body,
            }
            if "Tags" in properties:
                request["Tags"] = properties["Tags"]
            _bring(self._service, account, region, made.handle, request)

    def _template(self, place: Place, properties: Properties) -> str:
        if ("TemplateBody" in properties) == ("TemplateURL" in properties):
            raise ResourceFailed("Either Template URL or Template Body must be specified.")
        if "TemplateBody" in properties:
            return str(properties["TemplateBody"])
        try:
            return place.cloud.read_template(place.account, place.region, str(properties["TemplateURL"]))
        except RefusedRequest as error:
            raise ResourceFailed(error.message) from None

    def _targets(self, place: Place, properties: Properties) -> _Targets:
        if properties["PermissionModel"] != "SERVICE_MANAGED":
            raise ResourceFailed("the sandbox has stack sets with service-managed permissions only")
        found: _Targets = {}
        for group in properties.get("StackInstancesGroup") or []:
            targets = group.get("DeploymentTargets") or {}
            kind = targets.get("AccountFilterType", "NONE")
            named = [str(account) for account in targets.get("Accounts") or []]
            try:
                accounts = place.cloud.organization.accounts_in(map(str, targets.get("OrganizationalUnitIds") or []))
            except KeyError as error:
                raise ResourceFailed(f"the organization has no unit {error.args[0]}") from None
            if kind == "INTERSECTION":
                accounts = [account for account in accounts if account in named]
            elif kind == "DIFFERENCE":
                accounts = [account for account in accounts if account not in named]
            elif kind == "UNION":
                accounts = list(dict.fromkeys([*accounts, *named]))
            elif kind != "NONE":
                raise ResourceFailed(f"#/AccountFilterType: {kind} is not a valid enum value")
            overrides = list(group.get("ParameterOverrides") or [])
            for region in group.get("Regions") or []:
                for account in accounts:
                    found[account, str(region)] = [*found.get((account, str(region)), []), *overrides]
        return found


def _overridden(parameters: list[Properties], overrides: list[Properties]) -> list[Properties]:
    """
    What the stacks of some accounts are given.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stackinstances-override.html
    """
    return list({str(one.get("ParameterKey")): one for one in (*parameters, *overrides)}.values())
