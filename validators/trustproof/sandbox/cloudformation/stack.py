"""
A stack: its resources, outputs, events and change sets.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacks.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trustproof.sandbox.cloudformation.parameters import HIDDEN, Parameter
from trustproof.sandbox.cloudformation.resource_type import Made, Properties, ResourceType
from trustproof.sandbox.cloudformation.template import Template


@dataclass(frozen=True)
class Resource:
    """
    A resource that a stack owns.

    Args:
        logical_id: its name in the template.
        kind: its type.
        made: what exists.
        properties: what it was made of, with every function evaluated and the stack's tags.
        declared: what the template says of it.
        status: the last status.
        changed: when it came to that status.
        reason: why, after a failure.
    """

    logical_id: str
    kind: ResourceType
    made: Made
    properties: Properties
    declared: Mapping[str, Any]
    status: str
    changed: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Undo:
    """
    How to take back one thing that an update did.

    Args:
        logical_id: of the resource.
        run: takes it back.
        deletes: whether that is to delete what the update made, which is done last.
    """

    logical_id: str
    run: Callable[[], None]
    deletes: bool = False


@dataclass(frozen=True)
class Event:
    """One line of the history of a stack."""

    id: str
    logical_id: str
    physical_id: str | None
    type_name: str
    status: str
    time: datetime
    reason: str | None = None
    properties: str | None = None


@dataclass(frozen=True)
class Output:
    """One output of a stack, with the name under which others import it."""

    key: str
    value: str
    description: str | None = None
    export: str | None = None


@dataclass(frozen=True)
class Change:
    """
    What a change set would do to one resource.

    Args:
        action: `Add`, `Import`, `Modify` or `Remove`.
        replacement: `True`, `False` or `Conditional`; None for other actions.
        properties: the names of the properties that change.
    """

    action: str
    logical_id: str
    type_name: str
    physical_id: str | None = None
    replacement: str | None = None
    properties: tuple[str, ...] = ()


@dataclass
class ChangeSet:
    """A change that has been worked out and not made."""

    id: str
    name: str
    kind: str
    template: Template
    parameters: Mapping[str, Parameter]
    tags: list[dict[str, str]]
    capabilities: list[str]
    created: datetime
    changes: list[Change] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    reason: str | None = None
    description: str | None = None
    role_arn: str | None = None
    on_failure: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    #: Logical id of what is to be taken into the stack to its physical id.
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stable:
    """
    What a stack was before a deployment.

    Args:
        template: the template.
        parameters: of it.
        tags: of the stack.
        outputs: likewise.
        imports: the names of what it imported.
        resources: by their logical ids.
    """

    template: Template
    parameters: Mapping[str, Parameter]
    tags: list[dict[str, str]]
    outputs: list[Output]
    imports: set[str]
    resources: dict[str, Resource]


@dataclass
class Stack:
    """
    Resources that are made, changed and deleted together.
    """

    name: str
    id: str
    account: str
    region: str
    created: datetime
    template: Template
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=list)
    role_arn: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    updated: datetime | None = None
    deleted: datetime | None = None
    disable_rollback: bool = False
    #: Whether a rollback deletes what is new in spite of `DeletionPolicy: Retain`.
    retain_except_on_create: bool = False
    termination_protection: bool = False
    timeout: int | None = None
    policy: str | None = None
    parent_id: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    #: Of a stack that has kept what went well: what it was before; None where it never was complete.
    stable: Stable | None = None
    #: Of a rollback that failed: the resources before the update; and what is still to be taken back, also of a stack
    #: that has kept what went well.
    before: dict[str, Resource] = field(default_factory=dict)
    unfinished: list[Undo] = field(default_factory=list)

    def outdate_change_sets(self) -> None:
        """
        What was worked out for the stack as it was is of no use for the stack as it is now.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ChangeSetSummary.html
        """
        for change_set in self.change_sets.values():
            if change_set.execution_status == "AVAILABLE":
                change_set.execution_status = "OBSOLETE"

    def describe(self, root: Stack) -> dict[str, Any]:
        """
        The stack as DescribeStacks gives it.

        Args:
            root: the outermost of those that it is nested in, or itself.
        """
        found: dict[str, Any] = {
            "StackId": self.id,
            "StackName": self.name,
            "Description": self.template.description,
            "Parameters": describe_parameters(self.parameters),
            "CreationTime": self.created,
            "DeletionTime": self.deleted,
            "LastUpdatedTime": self.updated,
            "StackStatus": self.status,
            "StackStatusReason": self.reason,
            "DisableRollback": self.disable_rollback,
            "RetainExceptOnCreate": self.retain_except_on_create,
            "NotificationARNs": self.notification_arns,
            "TimeoutInMinutes": self.timeout,
            "Capabilities": self.capabilities,
            "RoleARN": self.role_arn,
            "Tags": self.tags,
            "EnableTerminationProtection": root.termination_protection,
            "ParentId": self.parent_id,
            "RootId": None if self.parent_id is None else root.id,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
            "Outputs": [
                {
                    "OutputKey": output.key,
                    "OutputValue": output.value,
                    "Description": output.description,
                    "ExportName": output.export,
                }
                for output in self.outputs
            ],
        }
        return {key: value for key, value in found.items() if value is not None}

    def describe_resource(self, resource: Resource) -> dict[str, Any]:
        """A resource as DescribeStackResources gives it."""
        found = {
            "StackName": self.name,
            "StackId": self.id,
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.made.physical_id,
            "ResourceType": resource.kind.name,
            "Timestamp": resource.changed,
            "LastUpdatedTimestamp": resource.changed,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        return {key: value for key, value in found.items() if value is not None}

    def describe_event(self, event: Event) -> dict[str, Any]:
        """An event as DescribeStackEvents gives it."""
        found = {
            "StackId": self.id,
            "EventId": event.id,
            "StackName": self.name,
            "LogicalResourceId": event.logical_id,
            "PhysicalResourceId": event.physical_id,
            "ResourceType": event.type_name,
            "Timestamp": event.time,
            "ResourceStatus": event.status,
            "ResourceStatusReason": event.reason,
            "ResourceProperties": event.properties,
        }
        return {key: value for key, value in found.items() if value is not None}

    def describe_change_set(self, change_set: ChangeSet) -> dict[str, Any]:
        """A change set as DescribeChangeSet gives it."""
        found: dict[str, Any] = {
            "ChangeSetName": change_set.name,
            "ChangeSetId": change_set.id,
            "StackId": self.id,
            "StackName": self.name,
            "Description": change_set.description,
            "Parameters": describe_parameters(change_set.parameters),
            "CreationTime": change_set.created,
            "ExecutionStatus": change_set.execution_status,
            "Status": change_set.status,
            "StatusReason": change_set.reason,
            "NotificationARNs": change_set.notification_arns,
            "Capabilities": change_set.capabilities,
            "Tags": change_set.tags,
            "Changes": [_describe_change(change) for change in change_set.changes],
            "IncludeNestedStacks": False,
            "OnStackFailure": change_set.on_failure,
        }
        return {key: value for key, value in found.items() if value is not None}


def describe_parameters(parameters: Mapping[str, Parameter]) -> list[dict[str, str]]:
    """Parameters as answers give them."""
    found = []
    for name, parameter in parameters.items():
        one = {"ParameterKey": name, "ParameterValue": HIDDEN if parameter.hidden else parameter.given}
        if parameter.resolved is not None:
            one["ResolvedValue"] = HIDDEN if parameter.hidden else parameter.resolved
        found.append(one)
    return found


def _describe_change(change: Change) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "ResourceType": change.type_name,
        "Scope": ["Properties"] if change.properties else [],
        "Details": [
            {
                "Target": {
                    "Attribute": "Properties",
                    "Name": name,
                    "RequiresRecreation": "Never" if change.replacement == "False" else "Conditionally",
                },
                "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }
            for name in change.properties
        ],
    }
    if change.physical_id is not None:
        resource["PhysicalResourceId"] = change.physical_id
    if change.replacement is not None:
        resource["Replacement"] = change.replacement
    return {"Type": "Resource", "ResourceChange": resource}


def new_stack_id(partition: str, account: str, region: str, name: str) -> str:
    """The ARN of a new stack."""
    return f"arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"


def new_change_set_id(partition: str, account: str, region: str, name: str) -> str:
    """The ARN of a new change set."""
    return f"arn:{partition}:cloudformation:{region}:{account}:changeSet/{name}/{uuid.uuid4()}"
