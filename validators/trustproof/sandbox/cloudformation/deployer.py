"""
Makes, changes and deletes the resources of a stack, and takes back what was done when one of them fails.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest, ResourceFailed
from trustproof.sandbox.cloudformation.evaluation import (
    Exports,
    StackReferences,
    active_resources,
    evaluator_of,
    resolved_outputs,
    resolved_properties,
)
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.sandbox.cloudformation.graph import creation_order
from trustproof.sandbox.cloudformation.parameters import Parameter
from trustproof.sandbox.cloudformation.replacements import check_replacement, is_retained
from trustproof.sandbox.cloudformation.resources.base import Place, ResourceType
from trustproof.sandbox.cloudformation.stack import Event, Output, Resource, Stack
from trustproof.sandbox.cloudformation.template import Template
from trustproof.sandbox.moto.cloudformation import SERVICE_ERRORS, describe_error

STACK_TYPE = "AWS::CloudFormation::Stack"

#: What a creation that fails leaves.
ROLLBACK = "ROLLBACK"
DELETE = "DELETE"
DO_NOTHING = "DO_NOTHING"

_FAILURES = (RefusedRequest, ResourceFailed, *SERVICE_ERRORS)


class _Failed(Exception):
    """A resource of the stack failed: its logical id, and how the stack says it."""

    def __init__(self, logical_id: str | None, verb: str, reason: str) -> None:
        super().__init__(reason)
        self.summary = f"The following resource(s) failed to {verb}: [{logical_id}]. " if logical_id else reason


class Deployer:
    """
    Brings stacks from one template to another.

    Args:
        cloud: the services behind the resources.
        type_of: a resource type by its name.
        exports: of all stacks.
    """

    def __init__(self, cloud: Cloud, type_of: Callable[[str], ResourceType], exports: Exports) -> None:
        self._cloud = cloud
        self._type_of = type_of
        self._exports = exports

    def create(self, stack: Stack, on_failure: str = ROLLBACK) -> None:
        """
        Make every resource of a new stack, which has its template and parameters already.

        Args:
            stack: the stack.
            on_failure: `ROLLBACK`, `DELETE` or `DO_NOTHING`.
        """
        self.status(stack, "CREATE_IN_PROGRESS", "User Initiated")
        references = StackReferences(stack, self._exports)
        try:
            evaluator = evaluator_of(self._cloud, stack, stack.template, stack.parameters, references)
            for logical_id in self._active(stack.template, evaluator):
                self._make(stack, logical_id, stack.template.resources[logical_id], evaluator, stack.tags)
            stack.outputs = self._outputs(stack, stack.template, evaluator)
        except _Failed as error:
            self._after_failed_creation(stack, error.summary, on_failure)
            return
        stack.imports = references.imports
        self.status(stack, "CREATE_COMPLETE")

    def _after_failed_creation(self, stack: Stack, summary: str, on_failure: str) -> None:
        if on_failure == DO_NOTHING:
            self.status(stack, "CREATE_FAILED", summary)
            return
        if on_failure == DELETE:
            self.status(stack, "CREATE_FAILED", summary)
            self.delete(stack)
            return
        self.status(stack, "ROLLBACK_IN_PROGRESS", f"{summary}Rollback requested by user.")
        failed = [
            resource.logical_id
            for resource in reversed(list(stack.resources.values()))
            if resource.declared.get("DeletionPolicy") != "Retain" and not self._remove(stack, resource)
        ]
        self.status(stack, "ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE")

    def update(
        self, stack: Stack, template: Template, parameters: Mapping[str, Parameter], tags: list[dict[str, str]]
    ) -> None:
        """Bring a stack to another template; to the one it had when a resource fails."""
        self.status(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        stack.updated = _now()
        before = dict(stack.resources)
        undo: list[tuple[str, Callable[[], None]]] = []
        outdated: list[Resource] = []
        references = StackReferences(stack, self._exports)
        try:
            evaluator = evaluator_of(self._cloud, stack, template, parameters, references)
            wanted = self._active(template, evaluator)
            for logical_id in wanted:
                self._bring(stack, logical_id, template, evaluator, tags, undo, outdated)
            outputs = self._outputs(stack, template, evaluator, stack.outputs)
        except _Failed as error:
            self._roll_back(stack, before, undo, error.summary)
            return
        outdated += [resource for logical_id, resource in before.items() if logical_id not in wanted]
        stack.resources = {
            **{logical_id: stack.resources[logical_id] for logical_id in wanted},
        }
        old_order = _order(stack.template)
        stack.template, stack.parameters, stack.tags, stack.outputs = template, parameters, tags, outputs
        stack.imports = references.imports
        self.status(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for resource in sorted(outdated, key=lambda one: old_order.get(one.logical_id, 0), reverse=True):
            replaced = resource.logical_id in stack.resources
            policy = resource.declared.get("DeletionPolicy")
            if is_retained(resource.declared) if replaced else policy in ("Retain", "RetainExceptOnCreate"):
                self._event(stack, resource, "DELETE_SKIPPED")
            else:
                self._delete(stack, resource)
        self.status(stack, "UPDATE_COMPLETE")

    def delete(self, stack: Stack, retained: Iterable[str] = ()) -> None:
        """
        Delete a stack with its resources.

        Args:
            stack: the stack.
            retained: logical ids of resources to leave behind.
        """
        self.status(stack, "DELETE_IN_PROGRESS", "User Initiated")
        kept = set(retained)
        order = _order(stack.template)
        failed = []
        for resource in sorted(stack.resources.values(), key=lambda one: order.get(one.logical_id, 0), reverse=True):
            policy = resource.declared.get("DeletionPolicy")
            if resource.logical_id in kept or policy in ("Retain", "RetainExceptOnCreate"):
                self._event(stack, resource, "DELETE_SKIPPED")
                del stack.resources[resource.logical_id]
            elif not self._remove(stack, resource):
                failed.append(resource.logical_id)
        if failed:
            self.status(
                stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}]. "
            )
            return
        stack.outputs, stack.imports = [], set()
        stack.deleted = _now()
        self.status(stack, "DELETE_COMPLETE")

    # One resource

    def _active(self, template: Template, evaluator: Evaluator) -> list[str]:
        try:
            return active_resources(template, evaluator)
        except RefusedRequest as error:
            raise _Failed(None, "", error.message) from None

    def _make(
        self,
        stack: Stack,
        logical_id: str,
        declared: Mapping[str, Any],
        evaluator: Evaluator,
        tags: list[dict[str, str]],
    ) -> Resource:
        kind = self._type_of(str(declared["Type"]))
        self._record(stack, logical_id, None, kind.name, "CREATE_IN_PROGRESS")
        try:
            properties = resolved_properties(evaluator, kind, declared, tags)
            kind.check(properties)
            made = kind.create(self._place(stack, logical_id), properties)
        except _FAILURES as error:
            reason = _reason(error, kind)
            self._record(stack, logical_id, None, kind.name, "CREATE_FAILED", reason)
            raise _Failed(logical_id, "create", reason) from None
        resource = Resource(logical_id, kind, made, properties, declared, "CREATE_COMPLETE", _now())
        stack.resources[logical_id] = resource
        self._event(stack, resource, "CREATE_COMPLETE")
        return resource

    def _bring(
        self,
        stack: Stack,
        logical_id: str,
        template: Template,
        evaluator: Evaluator,
        tags: list[dict[str, str]],
        undo: list[tuple[str, Callable[[], None]]],
        outdated: list[Resource],
    ) -> None:
        """Make, change or replace one resource, and say how to take it back."""
        declared = template.resources[logical_id]
        old = stack.resources.get(logical_id)
        if old is None:
            new = self._make(stack, logical_id, declared, evaluator, tags)
            undo.append((logical_id, lambda: self._take_back(stack, new, None)))
            return
        kind = old.kind
        place = self._place(stack, logical_id)
        try:
            properties = resolved_properties(evaluator, kind, declared, tags)
            if properties == old.properties:
                stack.resources[logical_id] = replace(old, declared=declared)
                return
            kind.check(properties)
            if kind.replaces(old.properties, properties):
                self._event(
                    stack,
                    old,
                    "UPDATE_IN_PROGRESS",
                    "Requested update requires the creation of a new physical resource; hence creating one.",
                )
                check_replacement(old, declared, properties)
                made = kind.create(place, properties)
                outdated.append(old)
            else:
                self._event(stack, old, "UPDATE_IN_PROGRESS")
                # From here on the resource may be anything between the two.
                undo.append((logical_id, lambda: self._change_back(stack, old, properties)))
                made = kind.update(place, old.made, old.properties, properties)
        except _FAILURES as error:
            reason = _reason(error, kind)
            self._record(stack, logical_id, old.made.physical_id, kind.name, "UPDATE_FAILED", reason)
            raise _Failed(logical_id, "update", reason) from None
        changed = Resource(logical_id, kind, made, properties, declared, "UPDATE_COMPLETE", _now())
        stack.resources[logical_id] = changed
        self._event(stack, changed, "UPDATE_COMPLETE")
        if outdated and outdated[-1] is old:
            undo.append((logical_id, lambda: self._take_back(stack, changed, old)))

    def _roll_back(
        self, stack: Stack, before: dict[str, Resource], undo: list[tuple[str, Callable[[], None]]], summary: str
    ) -> None:
        self.status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", summary)
        failed, stack.before, stack.unfinished = [], before, []
        for step in reversed(undo):
            try:
                step[1]()
            except _FAILURES as error:
                failed.append(step[0])
                stack.unfinished.insert(0, step)
                self._event(stack, before[step[0]], "UPDATE_FAILED", str(error))
        if failed:
            self.status(
                stack,
                "UPDATE_ROLLBACK_FAILED",
                f"The following resource(s) failed to update: [{', '.join(sorted(failed))}]. ",
            )
            return
        stack.resources = {logical_id: stack.resources.get(logical_id, before[logical_id]) for logical_id in before}
        self.status(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self.status(stack, "UPDATE_ROLLBACK_COMPLETE")

    def continue_rollback(self, stack: Stack, skipped: Iterable[str]) -> None:
        """Take back what could not be taken back before; what is skipped counts as if it were."""
        for logical_id in skipped:
            stack.resources[logical_id] = replace(stack.before[logical_id], status="UPDATE_COMPLETE", changed=_now())
        undo = [step for step in stack.unfinished if step[0] not in skipped]
        self._roll_back(stack, stack.before, undo, "User Initiated")

    def _change_back(self, stack: Stack, old: Resource, properties: Mapping[str, Any]) -> None:
        current = stack.resources[old.logical_id]
        place = self._place(stack, old.logical_id)
        try:
            made = old.kind.update(place, current.made, properties, old.properties)
        except ResourceFailed:
            # What was asked for may be what nobody can read; then nothing of it came to be.
            made = old.kind.update(place, current.made, old.properties, old.properties)
        stack.resources[old.logical_id] = replace(old, made=made, status="UPDATE_COMPLETE", changed=_now())
        self._event(stack, stack.resources[old.logical_id], "UPDATE_COMPLETE")

    def _take_back(self, stack: Stack, new: Resource, old: Resource | None) -> None:
        if old is None:
            del stack.resources[new.logical_id]
        else:
            stack.resources[new.logical_id] = old
        # As after an update: what cannot be deleted is left.
        self._delete(stack, new)

    def _remove(self, stack: Stack, resource: Resource) -> bool:
        """Delete a resource of a stack; whether that went well."""
        if not self._delete(stack, resource):
            return False
        del stack.resources[resource.logical_id]
        return True

    def _delete(self, stack: Stack, resource: Resource) -> bool:
        self._event(stack, resource, "DELETE_IN_PROGRESS")
        try:
            resource.kind.delete(self._place(stack, resource.logical_id), resource.made, resource.properties)
        except _FAILURES as error:
            self._event(stack, resource, "DELETE_FAILED", _reason(error, resource.kind))
            if stack.resources.get(resource.logical_id) is resource:
                stack.resources[resource.logical_id] = replace(
                    resource, status="DELETE_FAILED", reason=_reason(error, resource.kind), changed=_now()
                )
            return False
        self._event(stack, resource, "DELETE_COMPLETE")
        return True

    # Outputs

    def _outputs(
        self, stack: Stack, template: Template, evaluator: Evaluator, previous: Iterable[Output] = ()
    ) -> list[Output]:
        try:
            outputs = resolved_outputs(template, evaluator)
        except RefusedRequest as error:
            raise _Failed(None, "", error.message) from None
        exported = {output.export: output.value for output in outputs if output.export is not None}
        for name in exported:
            owner = self._exports.owner(stack.account, stack.region, name)
            if owner is not None and owner is not stack:
                raise _Failed(None, "", f"Export with name {name} is already exported by stack {owner.name}. ")
        for output in previous:
            if output.export is None or exported.get(output.export) == output.value:
                continue
            users = self._exports.importers(stack.account, stack.region, output.export)
            if users:
                verb = "updated" if output.export in exported else "deleted"
                raise _Failed(
                    None,
                    "",
                    f"Export {output.export} cannot be {verb} as it is in use by "
                    f"{', '.join(sorted(user.name for user in users))}. ",
                )
        return outputs

    # History

    def status(self, stack: Stack, status: str, reason: str | None = None) -> None:
        """Give a stack a status, and its history a line about it."""
        stack.status, stack.reason = status, reason
        self._record(stack, stack.name, stack.id, STACK_TYPE, status, reason)

    def _event(self, stack: Stack, resource: Resource, status: str, reason: str | None = None) -> None:
        self._record(stack, resource.logical_id, resource.made.physical_id, resource.kind.name, status, reason)

    def _record(
        self,
        stack: Stack,
        logical_id: str,
        physical_id: str | None,
        type_name: str,
        status: str,
        reason: str | None = None,
    ) -> None:
        stack.events.append(Event(str(uuid.uuid4()), logical_id, physical_id, type_name, status, _now(), reason))

    def _place(self, stack: Stack, logical_id: str) -> Place:
        return Place(
            cloud=self._cloud,
            account=stack.account,
            region=stack.region,
            partition=self._cloud.partition(stack.region),
            stack_name=stack.name,
            stack_id=stack.id,
            logical_id=logical_id,
            role_arn=stack.role_arn,
        )


def _reason(error: Exception, kind: ResourceType) -> str:
    if isinstance(error, ResourceFailed):
        return error.reason
    if isinstance(error, RefusedRequest):
        return error.message
    return describe_error(error, kind.name.split("::")[1])


def _order(template: Template) -> dict[str, int]:
    return {logical_id: number for number, logical_id in enumerate(creation_order(template))}


def _now() -> datetime:
    return datetime.now(UTC)
