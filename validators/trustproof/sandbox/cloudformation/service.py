"""
CloudFormation: its operations, over the stacks of every account and Region.

A deployment is made while the request for it waits, so every status that a caller reads is a final one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from trustproof.sandbox.cloudformation import custom_resources
from trustproof.sandbox.cloudformation.automatic_imports import check_nothing_to_import
from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.deployer import DELETE, DO_NOTHING, PAUSED, ROLLBACK, Deployer
from trustproof.sandbox.cloudformation.descriptions import Descriptions
from trustproof.sandbox.cloudformation.dynamic_references import WithSecrets
from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.cloudformation.evaluation import StackReferences, check_exports, check_lookups, evaluator_of
from trustproof.sandbox.cloudformation.functions import check_rules
from trustproof.sandbox.cloudformation.graph import check_references, creation_order
from trustproof.sandbox.cloudformation.parameters import Parameter, bind_parameters
from trustproof.sandbox.cloudformation.permissions import WithPermissions
from trustproof.sandbox.cloudformation.planning import Plan, plan
from trustproof.sandbox.cloudformation.reads import ask_parameter
from trustproof.sandbox.cloudformation.requests import (
    check_capabilities,
    check_options,
    checked_deletion,
    checked_stack_name,
    flag,
    requested_tags,
    requested_template,
    texts,
)
from trustproof.sandbox.cloudformation.resource_imports import check_imports, requested_imports
from trustproof.sandbox.cloudformation.resources import ResourceTypes
from trustproof.sandbox.cloudformation.resources.stacks import NestedStack, StackSet
from trustproof.sandbox.cloudformation.rollbacks import FAILED, failed_stacks, set_retention, skipped_resources
from trustproof.sandbox.cloudformation.stack import ChangeSet, Stack, new_change_set_id, new_stack_id
from trustproof.sandbox.cloudformation.template import Template

_UPDATABLE = frozenset(
    "CREATE_COMPLETE UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE IMPORT_COMPLETE IMPORT_ROLLBACK_COMPLETE".split()
)
_NO_UPDATES = "No updates are to be performed."
#: The CDK CLI knows an empty change set by these words.
_NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class CloudFormation(Descriptions):
    """
    The service, for every account.

    Args:
        cloud: the services behind the resources.
    """

    def __init__(self, cloud: Cloud) -> None:
        others = (NestedStack(self), StackSet(self), *(kind() for kind in custom_resources.TYPES))
        super().__init__(cloud, ResourceTypes(others, lambda kind: WithSecrets(WithPermissions(kind))))
        self._deployer = Deployer(cloud, self.types, self.stacks)
        # moto's back ends, and a stack, are changed by one request at a time.
        self._lock = threading.RLock()

    def answer(self, account: str, region: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """
        Answer a request.

        Args:
            account: the account that it is made in.
            region: the Region.
            operation: `CreateStack`.
            parameters: by the names of the input shape.

        Returns:
            members of the output shape.

        Raises:
            RefusedRequest: what AWS would answer with an error; `Undecided` where the sandbox cannot do what AWS does.
        """
        function = OPERATIONS.get(operation)
        if function is None:
            raise Undecided(f"the sandbox does not have the operation {operation} of CloudFormation")
        check_options(parameters)
        with self._lock:
            return function(self, account, region, parameters)

    # Stacks

    def create_stack(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
        name = checked_stack_name(parameters.get("StackName"))
        if self.stacks.find(account, region, name) is not None:
            raise RefusedRequest(f"Stack [{name}] already exists", "AlreadyExistsException")
        on_failure = parameters.get("OnFailure")
        if on_failure is not None and parameters.get("DisableRollback") is not None:
            raise RefusedRequest("Either DisableRollback or OnFailure can be specified, not both.")
        if on_failure not in (None, ROLLBACK, DELETE, DO_NOTHING):
            raise RefusedRequest(f"OnFailure: {on_failure} is none of DO_NOTHING, ROLLBACK and DELETE")
        template = requested_template(self.cloud, account, region, parameters)
        stack = self._new_stack(account, region, name, template)
        self._prepare(stack, template, parameters)
        stack.parameters = self._bind(stack, template, parameters)
        stack.disable_rollback = flag(parameters, "DisableRollback")
        set_retention(stack, template, parameters)
        stack.timeout = parameters.get("TimeoutInMinutes")
        stack.termination_protection = flag(parameters, "EnableTerminationProtection")
        self.stacks.add(stack)
        self._deployer.create(stack, on_failure or (DO_NOTHING if stack.disable_rollback else ROLLBACK))
        return {"StackId": stack.id}

    def update_stack(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html"""
        stack = self.existing(account, region, parameters)
        keeps = flag(parameters, "DisableRollback")
        _check_updatable(stack, keeps=keeps)
        template = requested_template(self.cloud, account, region, parameters, stack)
        self.types.check(template.types)
        check_capabilities(template, texts(parameters, "Capabilities"))
        creation_order(template)
        bound = self._bind(stack, template, parameters)
        tags = requested_tags(parameters, stack.tags)
        planned = plan(self.cloud, self.types, self.stacks, stack, template, bound, tags)
        if planned.empty and stack.status not in PAUSED:
            raise RefusedRequest(_NO_UPDATES)
        set_retention(stack, template, parameters)
        self._prepare(stack, template, parameters, keep_tags=True)
        stack.outdate_change_sets()
        stack.disable_rollback = keeps
        self._deployer.update(stack, template, bound, tags, keeps=keeps)
        return {"StackId": stack.id}

    def rollback_stack(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html"""
        stack = self.existing(account, region, parameters)
        if stack.status not in PAUSED:
            raise RefusedRequest(f"Stack [{stack.id}] is in {stack.status} state and can not be rolled back.")
        if stack.stable is None:
            raise Undecided("the sandbox does not roll back a stack that never was complete: delete it")
        set_retention(stack, stack.template, parameters)
        stack.role_arn = parameters.get("RoleARN") or stack.role_arn
        stack.outdate_change_sets()
        self._deployer.roll_back(stack)
        return {"StackId": stack.id}

    def continue_update_rollback(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html"""
        stack = self.existing(account, region, parameters)
        if stack.parent_id is not None:
            raise RefusedRequest("RollbackUpdatedStack cannot be invoked on child stacks")
        if stack.status != FAILED:
            raise RefusedRequest(f"Stack [{stack.id}] is in {stack.status} state and can not continue rollback.")
        failed = failed_stacks(self.stacks, stack)
        skipped = skipped_resources(self.stacks, stack, failed, texts(parameters, "ResourcesToSkip"))
        for one in failed:
            one.role_arn = parameters.get("RoleARN") or one.role_arn
            self._deployer.continue_rollback(one, skipped[one.id])
        return {}

    def delete_stack(
        self, account: str, region: str, parameters: Mapping[str, Any], *, nested: bool = False
    ) -> dict[str, Any]:
        """
        Delete a stack; with the one around it (`nested`), which is protected or not, or at a request.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
        """
        stack = self.stacks.find(account, region, str(parameters.get("StackName")))
        if stack is None:
            # Deleting what is not there is no error.
            return {}
        if self.stacks.root(stack).termination_protection and not nested:
            raise RefusedRequest(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        retained, forced = checked_deletion(stack, parameters)
        for output in stack.outputs:
            users = self.stacks.importers(account, region, output.export) if output.export is not None else []
            if users:
                raise RefusedRequest(f"Export {output.export} cannot be deleted as it is in use by {users[0].name}")
        stack.role_arn = parameters.get("RoleARN") or stack.role_arn
        self._deployer.delete(stack, retained, forced=forced)
        return {}

    def update_termination_protection(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html"""
        stack = self.existing(account, region, parameters)
        if stack.parent_id is not None:
            raise RefusedRequest(f"TerminationProtection of the nested stack {stack.id} is set on its root stack")
        stack.termination_protection = flag(parameters, "EnableTerminationProtection")
        return {"StackId": stack.id}

    # Change sets

    def create_change_set(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html"""
        kind = str(parameters.get("ChangeSetType") or "UPDATE")
        if kind not in ("CREATE", "IMPORT", "UPDATE"):
            raise RefusedRequest(f"ChangeSetType: {kind} is none of CREATE, UPDATE and IMPORT")
        if parameters.get("ResourcesToImport") and kind != "IMPORT":
            raise RefusedRequest("ResourcesToImport is for a change set of the type IMPORT.")
        name = checked_stack_name(parameters.get("ChangeSetName"))
        stack = self.stacks.find(account, region, str(parameters.get("StackName")))
        template = requested_template(self.cloud, account, region, parameters, stack)
        self.types.check(template.types)
        creation_order(template)
        check_capabilities(template, texts(parameters, "Capabilities"), reviewed=True)
        if kind == "CREATE":
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                raise RefusedRequest(
                    f"Stack [{stack.name}] already exists and cannot be created again with the changeSet [{name}]."
                )
        elif stack is None and kind == "UPDATE":
            raise RefusedRequest(f"Stack [{parameters.get('StackName')}] does not exist")
        elif stack is not None and (kind == "UPDATE" or stack.status != "REVIEW_IN_PROGRESS"):
            _check_updatable(stack, keeps=True)
        if parameters.get("OnStackFailure") == DELETE and kind != "CREATE":
            raise RefusedRequest("OnStackFailure: DELETE is for a change set of the type CREATE.")
        if stack is not None and name in stack.change_sets:
            raise RefusedRequest(f"ChangeSet {name} already exists", "AlreadyExistsException")
        target = stack or self._new_stack(account, region, checked_stack_name(parameters.get("StackName")), template)
        bound = self._bind(target, template, parameters)
        tags = requested_tags(parameters, target.tags)
        if flag(parameters, "ImportExistingResources"):
            check_nothing_to_import(self.cloud, self.types, self.stacks, target, template, bound)
        taken: dict[str, str] = {}
        if kind == "IMPORT":
            taken = requested_imports(parameters, self.types, template)
            changes = check_imports(self.cloud, self.types, self.stacks, target, template, bound, tags, taken)
            planned = Plan(changes, empty=False)
        else:
            planned = plan(self.cloud, self.types, self.stacks, target, template, bound, tags)
        if stack is None:
            self.stacks.add(target)
            self._deployer.status(target, "REVIEW_IN_PROGRESS", "User Initiated")
        change_set = ChangeSet(
            id=new_change_set_id(self.cloud.partition(region), account, region, name),
            name=name,
            kind=kind,
            template=template,
            parameters=bound,
            tags=tags,
            capabilities=texts(parameters, "Capabilities"),
            created=datetime.now(UTC),
            changes=planned.changes,
            description=parameters.get("Description"),
            role_arn=parameters.get("RoleARN"),
            on_failure=parameters.get("OnStackFailure"),
            notification_arns=texts(parameters, "NotificationARNs"),
            taken=taken,
        )
        if kind == "UPDATE" and planned.empty and target.status not in PAUSED:
            change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
            change_set.reason = _NO_CHANGES
        target.change_sets[name] = change_set
        return {"Id": change_set.id, "StackId": target.id}

    def delete_change_set(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """
        Deleting a change set that is not there is no error; the CDK CLI does so before every deployment.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
        """
        try:
            stack, change_set = self.change_set(account, region, parameters)
        except RefusedRequest:
            return {}
        del stack.change_sets[change_set.name]
        return {}

    def execute_change_set(self, account: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html"""
        stack, change_set = self.change_set(account, region, parameters)
        if change_set.execution_status != "AVAILABLE":
            why = f"status of [{change_set.status}]"
            if change_set.status == "CREATE_COMPLETE":
                why = f"execution status of [{change_set.execution_status}]"
            raise RefusedRequest(
                f"ChangeSet [{change_set.id}] cannot be executed in its current {why}", "InvalidChangeSetStatus"
            )
        if change_set.on_failure is not None and parameters.get("DisableRollback") is not None:
            raise RefusedRequest("Either DisableRollback or OnStackFailure can be specified, not both.")
        keeps = flag(parameters, "DisableRollback") or change_set.on_failure == DO_NOTHING
        if change_set.kind == "UPDATE":
            _check_updatable(stack, keeps=keeps)
        set_retention(stack, change_set.template, parameters)
        # All others go with it.
        stack.change_sets.clear()
        stack.capabilities = change_set.capabilities
        stack.role_arn = change_set.role_arn or stack.role_arn
        stack.notification_arns = change_set.notification_arns
        stack.disable_rollback = keeps
        if change_set.kind == "CREATE":
            stack.template, stack.parameters, stack.tags = change_set.template, change_set.parameters, change_set.tags
            self._deployer.create(stack, change_set.on_failure or (DO_NOTHING if keeps else ROLLBACK))
        elif change_set.kind == "IMPORT":
            self._deployer.take_over(stack, change_set)
        else:
            self._deployer.update(stack, change_set.template, change_set.parameters, change_set.tags, keeps=keeps)
        return {}

    # What is common to them

    def _new_stack(self, account: str, region: str, name: str, template: Template) -> Stack:
        return Stack(
            name=name,
            id=new_stack_id(self.cloud.partition(region), account, region, name),
            account=account,
            region=region,
            created=datetime.now(UTC),
            template=template,
        )

    def _prepare(
        self, stack: Stack, template: Template, parameters: Mapping[str, Any], *, keep_tags: bool = False
    ) -> None:
        self.types.check(template.types)
        creation_order(template)
        check_capabilities(template, texts(parameters, "Capabilities"))
        stack.capabilities = texts(parameters, "Capabilities")
        stack.role_arn = parameters.get("RoleARN") or stack.role_arn
        if parameters.get("NotificationARNs") is not None:
            stack.notification_arns = texts(parameters, "NotificationARNs")
        if not keep_tags:
            stack.tags = requested_tags(parameters, [])

    def _bind(self, stack: Stack, template: Template, parameters: Mapping[str, Any]) -> dict[str, Parameter]:
        bound = bind_parameters(
            template,
            parameters.get("Parameters") or [],
            stack.parameters,
            lambda name: self._parameter(stack, parameters.get("RoleARN") or stack.role_arn, name),
        )
        evaluator = evaluator_of(self.cloud, stack, template, bound, StackReferences(stack, self.stacks))
        check_rules(template, evaluator)
        check_references(template, evaluator.condition)
        check_exports(template, evaluator)
        check_lookups(template, evaluator)
        return bound

    def _parameter(self, stack: Stack, role_arn: str | None, name: str) -> tuple[str, str] | None:
        """The value and type of a parameter of Systems Manager, as whoever deploys reads it; None if there is none."""
        partition = self.cloud.partition(stack.region)
        ask_parameter(self.cloud.state, stack.account, stack.region, partition, role_arn, name)
        return self.cloud.ssm_parameter(stack.account, stack.region, name)


def _check_updatable(stack: Stack, *, keeps: bool) -> None:
    """See that a stack may be updated, keeping what goes well or not."""
    if stack.status in PAUSED and not keeps:
        raise RefusedRequest(
            f"This stack is currently in a non-terminal [{stack.status}] state. To update the stack from this state,"
            " please use the disable-rollback parameter with update-stack API. To rollback to the last known good"
            " state, use the rollback-stack API"
        )
    if stack.status not in PAUSED and stack.status not in _UPDATABLE:
        raise RefusedRequest(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


_Operation = Callable[[CloudFormation, str, str, Mapping[str, Any]], dict[str, Any]]

#: Operations by their names in the service's model.
OPERATIONS: dict[str, _Operation] = {
    "ContinueUpdateRollback": CloudFormation.continue_update_rollback,
    "CreateChangeSet": CloudFormation.create_change_set,
    "CreateStack": CloudFormation.create_stack,
    "DeleteChangeSet": CloudFormation.delete_change_set,
    "DeleteStack": CloudFormation.delete_stack,
    "DescribeChangeSet": CloudFormation.describe_change_set,
    "DescribeEvents": CloudFormation.describe_events,
    "DescribeStackEvents": CloudFormation.describe_stack_events,
    "DescribeStackResource": CloudFormation.describe_stack_resource,
    "DescribeStackResources": CloudFormation.describe_stack_resources,
    "DescribeStacks": CloudFormation.describe_stacks,
    "ExecuteChangeSet": CloudFormation.execute_change_set,
    "GetTemplate": CloudFormation.get_template,
    "GetTemplateSummary": CloudFormation.get_template_summary,
    "ListChangeSets": CloudFormation.list_change_sets,
    "ListExports": CloudFormation.list_exports,
    "ListImports": CloudFormation.list_imports,
    "ListStackInstances": CloudFormation.list_stack_instances,
    "ListStackResources": CloudFormation.list_stack_resources,
    "ListStacks": CloudFormation.list_stacks,
    "RollbackStack": CloudFormation.rollback_stack,
    "UpdateStack": CloudFormation.update_stack,
    "UpdateTerminationProtection": CloudFormation.update_termination_protection,
    "ValidateTemplate": CloudFormation.validate_template,
}
