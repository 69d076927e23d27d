"""
The operations of CloudFormation that change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.graph import creation_order
from trustproof.sandbox.cloudformation.parameters import declared_parameters
from trustproof.sandbox.cloudformation.requests import flag, requested_template, texts
from trustproof.sandbox.cloudformation.resources import ResourceTypes
from trustproof.sandbox.cloudformation.stack import ChangeSet, Stack
from trustproof.sandbox.cloudformation.stacks import Stacks
from trustproof.sandbox.cloudformation.template import Template

STACK_SET = "AWS::CloudFormation::StackSet"


class Descriptions:
    """
    What can be asked of stacks, templates and change sets.

    Args:
        cloud: the services behind the resources.
        types: of resources.
    """

    def __init__(self, cloud: Cloud, types: ResourceTypes) -> None:
        self.stacks: Stacks = Stacks()
        self.cloud = cloud
        self.types = types

    def describe_stacks(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html"""
        if parameters.get("StackName") is None:
            found = self.stacks.existing(account, region)
        else:
            found = [self.existing(account, region, parameters, or_deleted=True)]
        return {"Stacks": [stack.describe(self.stacks.root(stack)) for stack in found]}

    def list_stacks(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html"""
        wanted = texts(parameters, "StackStatusFilter")
        found = []
        for stack in self.stacks.all(account, region):
            if not wanted or stack.status in wanted:
                described = stack.describe(self.stacks.root(stack))
                described["TemplateDescription"] = stack.template.description
                found.append({key: value for key, value in described.items() if value is not None})
        return {"StackSummaries": found}

    def describe_stack_events(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html"""
        stack = self.existing(account, region, parameters, or_deleted=True)
        return {"StackEvents": [stack.describe_event(event) for event in reversed(stack.events)]}

    def describe_events(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html"""
        stack = self.existing(account, region, parameters, or_deleted=True)
        failed = flag(parameters.get("Filters") or {}, "FailedEvents")
        events = [event for event in reversed(stack.events) if not failed or event.status.endswith("_FAILED")]
        return {"OperationEvents": [stack.describe_event(event) for event in events]}

    def describe_stack_resources(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html"""
        stack = self.existing(account, region, parameters, or_deleted=True)
        only = parameters.get("LogicalResourceId")
        found = [one for one in stack.resources.values() if only is None or one.logical_id == only]
        return {"StackResources": [stack.describe_resource(one) for one in found]}

    def list_stack_resources(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html"""
        stack = self.existing(account, region, parameters, or_deleted=True)
        return {"StackResourceSummaries": [stack.describe_resource(one) for one in stack.resources.values()]}

    def describe_stack_resource(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html"""
        stack = self.existing(account, region, parameters, or_deleted=True)
        logical_id = str(parameters.get("LogicalResourceId"))
        if logical_id not in stack.resources:
            raise RefusedRequest(f"Resource {logical_id} does not exist for stack {stack.name}")
        return {"StackResourceDetail": stack.describe_resource(stack.resources[logical_id])}

    def get_template(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html"""
        if parameters.get("ChangeSetName") is not None:
            template = self.change_set(account, region, parameters)[1].template
        else:
            stack = self.existing(account, region, parameters, or_deleted=True)
            template = stack.template
        return {"TemplateBody": template.text, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html"""
        if parameters.get("StackName") is not None:
            template = self.existing(account, region, parameters).template
        else:
            template = requested_template(self.cloud, account, region, parameters)
        found = self._describe_template(template)
        found["ResourceTypes"] = template.types
        found["ResourceIdentifierSummaries"] = self._identifiers(template)
        found["Version"] = "2010-09-09"
        return found

    def _identifiers(self, template: Template) -> list[dict[str, Any]]:
        """By what the resources are named that may be taken into a stack."""
        found = {name: kind.identifier for name in template.types if (kind := self.types.find(name)) is not None}
        return [
            {
                "ResourceType": name,
                "LogicalResourceIds": [one for one, declared in template.resources.items() if declared["Type"] == name],
                "ResourceIdentifiers": [identifier],
            }
            for name, identifier in found.items()
            if identifier is not None
        ]

    def validate_template(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html"""
        template = requested_template(self.cloud, account, region, parameters)
        self.types.check(template.types)
        creation_order(template)
        return self._describe_template(template)

    def _describe_template(self, template: Template) -> dict[str, Any]:
        found: dict[str, Any] = {"Parameters": declared_parameters(template)}
        if template.description is not None:
            found["Description"] = template.description
        if template.capabilities:
            found["Capabilities"] = template.capabilities
            found["CapabilitiesReason"] = "The following resource(s) require capabilities: [AWS::IAM]"
        return found

    def list_exports(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html"""
        return {
            "Exports": [
                {"ExportingStackId": stack.id, "Name": output.export, "Value": output.value}
                for stack in self.stacks.existing(account, region)
                for output in stack.outputs
                if output.export is not None
            ]
        }

    def list_imports(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html"""
        name = str(parameters.get("ExportName"))
        users = self.stacks.importers(account, region, name)
        if not users:
            raise RefusedRequest(f"Export '{name}' is not imported by any stack.")
        return {"Imports": [stack.name for stack in users]}

    def describe_change_set(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html"""
        stack, change_set = self.change_set(account, region, parameters)
        return stack.describe_change_set(change_set)

    def list_change_sets(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html"""
        stack = self.existing(account, region, parameters)
        return {"Summaries": [stack.describe_change_set(one) for one in stack.change_sets.values()]}

    def list_stack_instances(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html"""
        name = str(parameters.get("StackSetName"))
        for stack in self.stacks.existing(account, region):
            for resource in stack.resources.values():
                set_id = resource.made.physical_id
                if resource.kind.name != STACK_SET or name not in (set_id, set_id.partition(":")[0]):
                    continue
                found = self.stacks.called(resource.made.handle)
                return {
                    "Summaries": [
                        {
                            "StackSetId": set_id,
                            "Account": one.account,
                            "Region": one.region,
                            "StackId": one.id,
                            "Status": "CURRENT",
                            "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
                        }
                        for one in sorted(found, key=lambda one: (one.account, one.region))
                    ]
                }
        raise RefusedRequest(f"StackSet {name} not found", "StackSetNotFoundException", 404)

    def existing(self, account: str, region: str, parameters: Mapping[str, Any], *, or_deleted: bool = False) -> Stack:
        name = str(parameters.get("StackName"))
        stack = self.stacks.find(account, region, name, or_deleted=or_deleted)
        if stack is None:
            raise RefusedRequest(f"Stack with id {name} does not exist")
        return stack

    def change_set(self, account: str, region: str, parameters: Mapping[str, Any]) -> tuple[Stack, ChangeSet]:
        """The change set that a request names, with its stack; an error when there is none."""
        name = str(parameters.get("ChangeSetName"))
        wanted = parameters.get("StackName")
        if wanted is None and not name.startswith("arn:"):
            raise RefusedRequest("StackName must be specified if ChangeSetName is not specified as an ARN.")
        for stack in self.stacks.existing(account, region):
            if wanted is not None and wanted not in (stack.name, stack.id):
                continue
            for change_set in stack.change_sets.values():
                if name in (change_set.name, change_set.id):
                    return stack, change_set
        raise RefusedRequest(f"ChangeSet [{name}] does not exist", "ChangeSetNotFound", 404)
