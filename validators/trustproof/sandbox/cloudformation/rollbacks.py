"""
A rollback that failed and goes on: in which stacks, of those that are nested in one, and what of them is skipped.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.cloudformation.requests import flag
from trustproof.sandbox.cloudformation.resource_deployer import STACK_TYPE
from trustproof.sandbox.cloudformation.stack import Stack
from trustproof.sandbox.cloudformation.stacks import Stacks
from trustproof.sandbox.cloudformation.template import Template

FAILED = "UPDATE_ROLLBACK_FAILED"


def set_retention(stack: Stack, template: Template, parameters: Mapping[str, Any]) -> None:
    """
    Let a rollback delete what is new, whatever its `DeletionPolicy`, where a request says `RetainExceptOnCreate`.

    Raises:
        Undecided: there are nested stacks, of which nobody says whether it is meant for them.
    """
    asked = flag(parameters, "RetainExceptOnCreate")
    if asked and STACK_TYPE in (*template.types, *(one.kind.name for one in stack.resources.values())):
        raise Undecided("whether RetainExceptOnCreate is meant for what is new in nested stacks is not known")
    stack.retain_except_on_create = asked


def failed_stacks(stacks: Stacks, stack: Stack) -> list[Stack]:
    """
    A stack and those nested in it, at any depth, whose rollback failed; the innermost first.

    Args:
        stacks: all.
        stack: the outermost one.
    """
    nested = [one for one in stacks.existing(stack.account, stack.region) if one.parent_id == stack.id]
    inner = [one for child in nested for one in failed_stacks(stacks, child)]
    return [*inner, stack] if stack.status == FAILED else inner


def skipped_resources(
    stacks: Stacks, stack: Stack, failed: Iterable[Stack], wanted: Iterable[str]
) -> dict[str, list[str]]:
    """
    What is skipped of each stack.

    Args:
        stacks: all.
        stack: the outermost one, whose resources are named by their logical ids.
        failed: the stacks whose rollback failed; resources of nested ones are named `NAME.LogicalId`, by the name that
            the nested stack has, and not by its logical id.
        wanted: what is to be skipped.

    Returns:
        the id of each of these stacks, to logical ids.

    Raises:
        RefusedRequest: a resource did not fail in the rollback, or is a stack that is there.
    """
    found: dict[str, list[str]] = {one.id: [] for one in failed}
    named = {one.name: one for one in failed if one is not stack}
    for text in wanted:
        name, nested, logical_id = text.rpartition(".")
        holder = named.get(name) if nested else stack
        if holder is None or logical_id not in {one.logical_id for one in holder.unfinished if not one.deletes}:
            raise RefusedRequest(f"ResourcesToSkip: {text} did not fail in the rollback of {stack.name}")
        resource = holder.before[logical_id]
        if resource.kind.name == STACK_TYPE:
            embedded = stacks.find(holder.account, holder.region, resource.made.physical_id, or_deleted=True)
            if embedded is not None and not embedded.status.startswith("DELETE_"):
                raise RefusedRequest(
                    f"ResourcesToSkip: {text} is a stack in {embedded.status} state: name resources of it, as"
                    f" {embedded.name}.LogicalId"
                )
        found[holder.id].append(logical_id)
    return found
