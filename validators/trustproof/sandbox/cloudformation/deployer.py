"""
Makes, changes and deletes the resources of a stack, and takes back what was done when one of them fails.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.evaluation import (
    Exports,
    StackReferences,
    active_resources,
    evaluator_of,
    resolved_outputs,
)
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.sandbox.cloudformation.graph import creation_order, dependencies
from trustproof.sandbox.cloudformation.parameters import Parameter
from trustproof.sandbox.cloudformation.replacements import is_retained
from trustproof.sandbox.cloudformation.resource_deployer import (
    FAILURES,
    DeploymentFailed,
    ResourceDeployer,
    Update,
    now,
    outlives_rollback,
)
from trustproof.sandbox.cloudformation.resource_type import ResourceType
from trustproof.sandbox.cloudformation.stack import ChangeSet, Output, Resource, Stable, Stack, Undo
from trustproof.sandbox.cloudformation.template import Template

#: What a creation that fails leaves.
ROLLBACK = "ROLLBACK"
DELETE = "DELETE"
DO_NOTHING = "DO_NOTHING"
#: In what state a stack is that has kept what went well, after something failed.
PAUSED = ("CREATE_FAILED", "UPDATE_FAILED")


class Deployer(ResourceDeployer):
    """
    Brings stacks from one template to another.

    Args:
        cloud: the services behind the resources.
        type_of: a resource type by its name.
        exports: of all stacks.
    """

    def __init__(self, cloud: Cloud, type_of: Callable[[str], ResourceType], exports: Exports) -> None:
        super().__init__(cloud, type_of)
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
            declared = stack.template.resources
            self._each(
                stack.template,
                self._active(stack.template, evaluator),
                lambda name: self._make(stack, name, declared[name], evaluator, stack.tags),
                goes_on=on_failure == DO_NOTHING,
            )
            stack.outputs = self._outputs(stack, stack.template, evaluator)
        except DeploymentFailed as error:
            if on_failure == DO_NOTHING:
                stack.imports = references.imports
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
            if not outlives_rollback(stack, resource) and not self._remove(stack, resource)
        ]
        self.status(stack, "ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE")

    def update(
        self,
        stack: Stack,
        template: Template,
        parameters: Mapping[str, Parameter],
        tags: list[dict[str, str]],
        *,
        keeps: bool = False,
    ) -> None:
        """
        Bring a stack to another template.

        Args:
            stack: the stack.
            template: the other one.
            parameters: of it.
            tags: of the stack, from now on.
            keeps: whether, when a resource fails, the stack keeps what went well; else it gets back what it had.
        """
        if stack.status not in PAUSED:
            stack.stable = Stable(
                stack.template, stack.parameters, stack.tags, stack.outputs, stack.imports, dict(stack.resources)
            )
            stack.unfinished = []
        self.status(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        stack.updated = now()
        before = dict(stack.resources)
        references = StackReferences(stack, self._exports)
        evaluator = evaluator_of(self._cloud, stack, template, parameters, references)
        update = Update(template, evaluator, tags, keeps)
        try:
            wanted = self._active(template, evaluator)
            self._each(template, wanted, lambda name: self._bring(stack, name, update), goes_on=keeps)
            outputs = self._outputs(stack, template, evaluator, stack.outputs)
        except DeploymentFailed as error:
            if not keeps:
                self._roll_back(stack, before, update.undo, error.summary)
                return
            stack.template, stack.parameters, stack.tags = template, parameters, tags
            stack.imports = stack.imports | references.imports
            stack.unfinished += update.undo
            self.status(stack, "UPDATE_FAILED", error.summary)
            return
        stack.stable, stack.unfinished = None, []
        outdated = update.outdated + [resource for name, resource in before.items() if name not in wanted]
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

    def take_over(self, stack: Stack, change_set: ChangeSet) -> None:
        """
        Bring what exists into a stack, as it is: whether it is what the template says, nobody looks.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
        """
        template, before = change_set.template, dict(stack.resources)
        evaluator = evaluator_of(
            self._cloud, stack, template, change_set.parameters, StackReferences(stack, self._exports)
        )
        self.status(stack, "IMPORT_IN_PROGRESS", "User Initiated")
        try:
            for logical_id in self._active(template, evaluator):
                if logical_id in change_set.taken:
                    declared = template.resources[logical_id]
                    self._take(stack, logical_id, declared, evaluator, change_set.taken[logical_id])
        except DeploymentFailed as error:
            self.status(stack, "IMPORT_ROLLBACK_IN_PROGRESS", error.summary)
            stack.resources = before
            self.status(stack, "IMPORT_ROLLBACK_COMPLETE")
            return
        stack.template, stack.parameters, stack.tags = template, change_set.parameters, change_set.tags
        stack.updated = now()
        self.status(stack, "IMPORT_COMPLETE")

    def roll_back(self, stack: Stack) -> None:
        """Take a stack that has kept what went well back to what it was before, which there has to be."""
        stable = stack.stable
        assert stable is not None
        stack.template, stack.parameters, stack.tags = stable.template, stable.parameters, stable.tags
        stack.outputs, stack.imports = stable.outputs, stable.imports
        self._roll_back(stack, stable.resources, stack.unfinished, "User Initiated")

    def delete(self, stack: Stack, retained: Iterable[str] = (), *, forced: bool = False) -> None:
        """
        Delete a stack with its resources.

        Args:
            stack: the stack.
            retained: logical ids of resources to leave behind.
            forced: whether to leave behind what cannot be deleted, too.
        """
        self.status(stack, "DELETE_IN_PROGRESS", "User Initiated")
        kept = set(retained)
        order = _order(stack.template)
        failed = []
        # What the template does not have any more is what an update that failed was to delete at its end.
        last = len(order)
        for resource in sorted(stack.resources.values(), key=lambda one: order.get(one.logical_id, last), reverse=True):
            policy = resource.declared.get("DeletionPolicy")
            if resource.logical_id in kept or policy in ("Retain", "RetainExceptOnCreate"):
                self._event(stack, resource, "DELETE_SKIPPED")
                del stack.resources[resource.logical_id]
            elif self._remove(stack, resource):
                continue
            elif forced:
                self._event(stack, resource, "DELETE_SKIPPED")
                del stack.resources[resource.logical_id]
            else:
                failed.append(resource.logical_id)
        if failed:
            self.status(
                stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}]. "
            )
            return
        stack.outputs, stack.imports = [], set()
        stack.deleted = now()
        self.status(stack, "DELETE_COMPLETE")

    # All of them

    def _active(self, template: Template, evaluator: Evaluator) -> list[str]:
        try:
            return active_resources(template, evaluator)
        except RefusedRequest as error:
            raise DeploymentFailed([], error.message) from None

    def _each(
        self, template: Template, wanted: Iterable[str], deploy: Callable[[str], object], *, goes_on: bool
    ) -> None:
        """
        Deploy one resource after the other.

        Args:
            template: the template.
            wanted: their logical ids, each after what it depends on.
            deploy: makes or changes one.
            goes_on: whether to go on, when one fails, with what does not depend on it.

        Raises:
            DeploymentFailed: one failed, or several.
        """
        errors: list[DeploymentFailed] = []
        left: set[str] = set()
        for logical_id in wanted:
            if left.intersection(dependencies(template, logical_id, template.resources[logical_id])):
                left.add(logical_id)
                continue
            try:
                deploy(logical_id)
            except DeploymentFailed as error:
                if not goes_on:
                    raise
                errors.append(error)
                left.add(logical_id)
        if errors:
            raise DeploymentFailed([one for error in errors for one in error.failed], errors[0].reason)

    def _roll_back(self, stack: Stack, before: dict[str, Resource], undo: list[Undo], summary: str) -> None:
        """
        Bring what was there to the old template, each after what it depends on there, and then delete what is new.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
        """
        self.status(stack, "UPDATE_ROLLBACK_IN_PROGRESS", summary)
        order = _order(stack.template)
        new = [one for one in reversed(undo) if one.deletes]
        changed = [one for one in reversed(undo) if not one.deletes and one.logical_id in before]
        failed, stack.before, stack.unfinished = [], before, []
        for one in sorted(changed, key=lambda one: order.get(one.logical_id, 0)):
            try:
                one.run()
            except FAILURES as error:
                failed.append(one.logical_id)
                stack.unfinished.insert(0, one)
                self._event(stack, before[one.logical_id], "UPDATE_FAILED", str(error))
        if failed:
            stack.unfinished = [*reversed(new), *stack.unfinished]
            self.status(
                stack,
                "UPDATE_ROLLBACK_FAILED",
                f"The following resource(s) failed to update: [{', '.join(sorted(failed))}]. ",
            )
            return
        self.status(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for one in new:
            one.run()
        stack.resources = {
            logical_id: _taken_back(stack.resources.get(logical_id, old), old) for logical_id, old in before.items()
        }
        self.status(stack, "UPDATE_ROLLBACK_COMPLETE")

    def continue_rollback(self, stack: Stack, skipped: Iterable[str]) -> None:
        """Take back what could not be taken back before; what is skipped counts as if it were."""
        for logical_id in skipped:
            stack.resources[logical_id] = replace(stack.before[logical_id], status="UPDATE_COMPLETE", changed=now())
        undo = [one for one in stack.unfinished if one.deletes or one.logical_id not in skipped]
        self._roll_back(stack, stack.before, undo, "User Initiated")

    # Outputs

    def _outputs(
        self, stack: Stack, template: Template, evaluator: Evaluator, previous: Iterable[Output] = ()
    ) -> list[Output]:
        try:
            outputs = resolved_outputs(template, evaluator)
        except RefusedRequest as error:
            raise DeploymentFailed([], error.message) from None
        exported = {output.export: output.value for output in outputs if output.export is not None}
        for name in exported:
            owner = self._exports.owner(stack.account, stack.region, name)
            if owner is not None and owner is not stack:
                raise DeploymentFailed([], f"Export with name {name} is already exported by stack {owner.name}. ")
        for output in previous:
            if output.export is None or exported.get(output.export) == output.value:
                continue
            users = self._exports.importers(stack.account, stack.region, output.export)
            if users:
                verb = "updated" if output.export in exported else "deleted"
                raise DeploymentFailed(
                    [],
                    f"Export {output.export} cannot be {verb} as it is in use by "
                    f"{', '.join(sorted(user.name for user in users))}. ",
                )
        return outputs


def _taken_back(resource: Resource, old: Resource) -> Resource:
    """A resource after a rollback: as the old template has it, also where nothing of it was changed."""
    status = "UPDATE_COMPLETE" if resource.status == "UPDATE_FAILED" else resource.status
    return replace(resource, declared=old.declared, status=status)


def _order(template: Template) -> dict[str, int]:
    return {logical_id: number for number, logical_id in enumerate(creation_order(template))}
