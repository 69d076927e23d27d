"""
Makes, changes and deletes one resource of a stack, and takes that back; and writes the history of the stack.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import NotPermitted, RefusedRequest, ResourceFailed
from trustproof.sandbox.cloudformation.evaluation import resolved_properties
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.sandbox.cloudformation.replacements import check_replacement
from trustproof.sandbox.cloudformation.resource_type import Place, ResourceType
from trustproof.sandbox.cloudformation.stack import Event, Resource, Stack, Undo
from trustproof.sandbox.cloudformation.template import Template
from trustproof.sandbox.moto.cloudformation import SERVICE_ERRORS, describe_error

STACK_TYPE = "AWS::CloudFormation::Stack"
#: With what a resource fails.
FAILURES = (RefusedRequest, ResourceFailed, *SERVICE_ERRORS)


class DeploymentFailed(Exception):
    """A resource of the stack failed, or several: their logical ids, each with what it failed to do, and the reason."""

    def __init__(self, failed: Iterable[tuple[str, str]], reason: str) -> None:
        super().__init__(reason)
        self.failed: list[tuple[str, str]] = list(failed)
        self.reason = reason

    @property
    def summary(self) -> str:
        """How the stack says it."""
        verbs = dict.fromkeys(verb for _, verb in self.failed)
        named = {verb: ", ".join(name for name, did in self.failed if did == verb) for verb in verbs}
        parts = [f"The following resource(s) failed to {verb}: [{names}]. " for verb, names in named.items()]
        return "".join(parts) or f"{self.reason.rstrip('. ')}. "


@dataclass
class Update:
    """
    An update of a stack that is under way.

    Args:
        template: the new one.
        evaluator: of its functions.
        tags: of the stack.
        keeps: whether what went well is to stay when something fails; then nothing is replaced.
        undo: how to take back what was done, the last at the end.
        outdated: what has been replaced.
    """

    template: Template
    evaluator: Evaluator
    tags: list[dict[str, str]]
    keeps: bool
    undo: list[Undo] = field(default_factory=list)
    outdated: list[Resource] = field(default_factory=list)


class ResourceDeployer:
    """
    Deploys resources one by one.

    Args:
        cloud: the services behind the resources.
        type_of: a resource type by its name.
    """

    def __init__(self, cloud: Cloud, type_of: Callable[[str], ResourceType]) -> None:
        self._cloud = cloud
        self._type_of = type_of

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
        except FAILURES as error:
            reason = _reason(error, kind)
            self._record(stack, logical_id, None, kind.name, "CREATE_FAILED", reason)
            raise DeploymentFailed([(logical_id, "create")], reason) from None
        resource = Resource(logical_id, kind, made, properties, declared, "CREATE_COMPLETE", now())
        stack.resources[logical_id] = resource
        self._event(stack, resource, "CREATE_COMPLETE")
        return resource

    def _take(
        self, stack: Stack, logical_id: str, declared: Mapping[str, Any], evaluator: Evaluator, physical_id: str
    ) -> None:
        """Make what exists a resource of the stack."""
        kind = self._type_of(str(declared["Type"]))
        self._record(stack, logical_id, physical_id, kind.name, "IMPORT_IN_PROGRESS")
        try:
            properties = resolved_properties(evaluator, kind, declared, [])
            kind.check(properties)
            made = kind.existing(self._place(stack, logical_id), physical_id)
        except FAILURES as error:
            reason = _reason(error, kind)
            self._record(stack, logical_id, physical_id, kind.name, "IMPORT_FAILED", reason)
            raise DeploymentFailed([(logical_id, "import")], reason) from None
        resource = Resource(logical_id, kind, made, properties, declared, "IMPORT_COMPLETE", now())
        stack.resources[logical_id] = resource
        self._event(stack, resource, "IMPORT_COMPLETE")

    def _bring(self, stack: Stack, logical_id: str, update: Update) -> None:
        """Make, change or replace one resource, and say how to take it back."""
        declared = update.template.resources[logical_id]
        old = stack.resources.get(logical_id)
        if old is None:
            new = self._make(stack, logical_id, declared, update.evaluator, update.tags)
            update.undo.append(Undo(logical_id, lambda: self._clean_up(stack, new), deletes=True))
            return
        kind = old.kind
        place = self._place(stack, logical_id)
        try:
            properties = resolved_properties(update.evaluator, kind, declared, update.tags)
            if properties == old.properties:
                status = "UPDATE_COMPLETE" if old.status == "UPDATE_FAILED" else old.status
                stack.resources[logical_id] = replace(old, declared=declared, status=status, reason=None)
                return
            kind.check(properties)
            if kind.replaces(old.properties, properties):
                self._event(
                    stack,
                    old,
                    "UPDATE_IN_PROGRESS",
                    "Requested update requires the creation of a new physical resource; hence creating one.",
                )
                if update.keeps:
                    raise ResourceFailed("Replacement type updates not supported on stack with disable-rollback.")
                check_replacement(old, declared, properties)
                made = kind.create(place, properties)
                update.outdated.append(old)
            else:
                kind.check_update(old.properties, properties)
                self._event(stack, old, "UPDATE_IN_PROGRESS")
                # From here on the resource may be anything between the two.
                update.undo.append(Undo(logical_id, lambda: self._change_back(stack, old, properties)))
                made = kind.update(place, old.made, old.properties, properties)
        except FAILURES as error:
            reason = _reason(error, kind)
            self._record(stack, logical_id, old.made.physical_id, kind.name, "UPDATE_FAILED", reason)
            if update.keeps:
                self._keep(stack, logical_id, update, reason)
            raise DeploymentFailed([(logical_id, "update")], reason) from None
        changed = Resource(logical_id, kind, made, properties, declared, "UPDATE_COMPLETE", now())
        stack.resources[logical_id] = changed
        self._event(stack, changed, "UPDATE_COMPLETE")
        if update.outdated and update.outdated[-1] is old:
            update.undo.append(Undo(logical_id, lambda: self._put_back(stack, old)))
            update.undo.append(Undo(logical_id, lambda: self._clean_up(stack, changed), deletes=True))

    def _keep(self, stack: Stack, logical_id: str, update: Update, reason: str) -> None:
        """Bring a resource whose change failed back to what it was, as one that failed."""
        if update.undo and update.undo[-1].logical_id == logical_id:
            try:
                update.undo[-1].run()
                update.undo.pop()
            except FAILURES as error:
                self._event(stack, stack.resources[logical_id], "UPDATE_FAILED", str(error))
        kept = stack.resources[logical_id]
        stack.resources[logical_id] = replace(kept, status="UPDATE_FAILED", reason=reason, changed=now())

    def _change_back(self, stack: Stack, old: Resource, properties: Mapping[str, Any]) -> None:
        current = stack.resources[old.logical_id]
        place = self._place(stack, old.logical_id)
        try:
            made = old.kind.update(place, current.made, properties, old.properties)
        except NotPermitted:
            raise
        except ResourceFailed:
            # What was asked for may be what nobody can read; then nothing of it came to be.
            made = old.kind.update(place, current.made, old.properties, old.properties)
        stack.resources[old.logical_id] = replace(old, made=made, status="UPDATE_COMPLETE", changed=now())
        self._event(stack, stack.resources[old.logical_id], "UPDATE_COMPLETE")

    def _put_back(self, stack: Stack, old: Resource) -> None:
        stack.resources[old.logical_id] = old

    def _clean_up(self, stack: Stack, new: Resource) -> None:
        """Delete what an update made; as after an update, what cannot be deleted is left."""
        added = new.logical_id not in stack.before
        current = stack.resources.pop(new.logical_id) if added else new
        if added and outlives_rollback(stack, current):
            self._event(stack, current, "DELETE_SKIPPED")
        else:
            self._delete(stack, current)

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
        except FAILURES as error:
            self._event(stack, resource, "DELETE_FAILED", _reason(error, resource.kind))
            if stack.resources.get(resource.logical_id) is resource:
                stack.resources[resource.logical_id] = replace(
                    resource, status="DELETE_FAILED", reason=_reason(error, resource.kind), changed=now()
                )
            return False
        self._event(stack, resource, "DELETE_COMPLETE")
        return True

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
        stack.events.append(Event(str(uuid.uuid4()), logical_id, physical_id, type_name, status, now(), reason))

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


def outlives_rollback(stack: Stack, new: Resource) -> bool:
    """
    Whether a rollback leaves behind what is new.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
    """
    return new.declared.get("DeletionPolicy") == "Retain" and not stack.retain_except_on_create


def _reason(error: Exception, kind: ResourceType) -> str:
    if isinstance(error, ResourceFailed):
        return error.reason
    if isinstance(error, RefusedRequest):
        return error.message
    return describe_error(error, kind.name.split("::")[1])


def now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)
