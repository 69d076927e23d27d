"""
What a change set would change: worked out without touching anything.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-view.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.evaluation import (
    KNOWN_AFTER_APPLY,
    Exports,
    StackReferences,
    active_resources,
    evaluator_of,
    resolved_properties,
)
from trustproof.sandbox.cloudformation.parameters import Parameter
from trustproof.sandbox.cloudformation.resource_type import ResourceType
from trustproof.sandbox.cloudformation.stack import Change, Stack
from trustproof.sandbox.cloudformation.template import Template


@dataclass(frozen=True)
class Plan:
    """
    What an update would do.

    Args:
        changes: to resources.
        empty: whether nothing would change at all: no resource, output, parameter or tag.
    """

    changes: list[Change]
    empty: bool


def plan(
    cloud: Cloud,
    type_of: Callable[[str], ResourceType],
    exports: Exports,
    stack: Stack,
    template: Template,
    parameters: Mapping[str, Parameter],
    tags: list[dict[str, str]],
) -> Plan:
    """
    The changes that bring a stack to a template.

    Raises:
        RefusedRequest: when the template cannot be deployed to this stack.
    """
    check_types_kept(stack, template)
    unknown: set[str] = set()
    evaluator = evaluator_of(cloud, stack, template, parameters, StackReferences(stack, exports, unknown))
    changes: list[Change] = []
    unattributed = False
    wanted = active_resources(template, evaluator)
    for logical_id in wanted:
        declared = template.resources[logical_id]
        kind = type_of(str(declared["Type"]))
        old = stack.resources.get(logical_id)
        if old is None:
            unknown.add(logical_id)
            changes.append(Change("Add", logical_id, kind.name))
            continue
        properties = resolved_properties(evaluator, kind, declared, tags)
        changed = _changed(old.properties, properties)
        if not changed:
            unattributed = unattributed or _attributes(old.declared) != _attributes(declared)
            continue
        replaced = kind.replaces(old.properties, properties)
        if replaced:
            unknown.add(logical_id)
        replacement = "False"
        if replaced:
            replacement = "Conditional" if _only_unknown(old.properties, properties, kind) else "True"
        changes.append(Change("Modify", logical_id, kind.name, old.made.physical_id, replacement, tuple(changed)))
    for logical_id, old in stack.resources.items():
        if logical_id not in wanted:
            changes.append(Change("Remove", logical_id, old.kind.name, old.made.physical_id))
    same = (
        not changes
        and not unattributed
        and template.outputs == stack.template.outputs
        and dict(parameters) == dict(stack.parameters)
        and tags == stack.tags
    )
    return Plan(changes, same)


def check_types_kept(stack: Stack, template: Template) -> None:
    """
    A resource keeps its type as long as it keeps its logical id.

    Raises:
        RefusedRequest: with the resources that have another type.
    """
    changed = [
        logical_id
        for logical_id, resource in stack.resources.items()
        if logical_id in template.resources and template.resources[logical_id]["Type"] != resource.kind.name
    ]
    if changed:
        raise RefusedRequest(
            "Update of resource type is not permitted. The new template modifies resource type of the following"
            f" resources: [{', '.join(sorted(changed))}]"
        )


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _attributes(declared: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in declared.items() if name not in ("Properties", "DependsOn", "Condition")}


def _only_unknown(old: Mapping[str, Any], new: Mapping[str, Any], kind: ResourceType) -> bool:
    """Whether a replacement depends on a value that is not known yet."""
    known = {name: value for name, value in new.items() if KNOWN_AFTER_APPLY not in str(value)}
    return not kind.replaces({name: value for name, value in old.items() if name in known}, known)
