"""
Change sets that take what exists into a stack: `cdk import`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.cloudformation.evaluation import (
    StackReferences,
    active_resources,
    evaluator_of,
    resolved_properties,
)
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.sandbox.cloudformation.parameters import Parameter
from trustproof.sandbox.cloudformation.resource_type import ResourceType
from trustproof.sandbox.cloudformation.stack import Change, Stack
from trustproof.sandbox.cloudformation.stacks import Stacks
from trustproof.sandbox.cloudformation.template import Template


def requested_imports(
    parameters: Mapping[str, Any], type_of: Callable[[str], ResourceType], template: Template
) -> dict[str, str]:
    """
    What a request wants to be taken into a stack.

    Args:
        parameters: of CreateChangeSet.
        type_of: a resource type by its name.
        template: that the request carries.

    Returns:
        logical id to physical id.

    Raises:
        RefusedRequest: it names what the template does not have, or not as the type is named.
        Undecided: there is no taking of such a type here.
    """
    found: dict[str, str] = {}
    for one in parameters.get("ResourcesToImport") or []:
        logical_id, type_name = str(one.get("LogicalResourceId")), str(one.get("ResourceType"))
        declared = template.resources.get(logical_id)
        if declared is None or declared["Type"] != type_name:
            raise RefusedRequest(f"The template has no resource {logical_id} of the type {type_name} to import.")
        identifier = type_of(type_name).identifier
        if identifier is None:
            raise Undecided(f"the sandbox imports no resources of type {type_name}")
        named = one.get("ResourceIdentifier") or {}
        if set(named) != {identifier}:
            raise RefusedRequest(f"A resource of type {type_name} is identified by [{identifier}] and by nothing else.")
        if "DeletionPolicy" not in declared:
            raise RefusedRequest(f"Resources [{logical_id}] to import must have the attribute DeletionPolicy.")
        found[logical_id] = str(named[identifier])
    return found


def check_imports(
    cloud: Cloud,
    type_of: Callable[[str], ResourceType],
    stacks: Stacks,
    stack: Stack,
    template: Template,
    parameters: Mapping[str, Parameter],
    tags: list[dict[str, str]],
    taken: Mapping[str, str],
) -> list[Change]:
    """
    See that a change set takes what exists, and changes nothing else.

    Args:
        cloud: the services behind the resources.
        type_of: a resource type by its name.
        stacks: all of them; what is in one is not taken into another.
        stack: the one that the change set is for.
        template: the new one.
        parameters: of it.
        tags: of the stack.
        taken: logical id to physical id.

    Raises:
        RefusedRequest: it changes something else, or a stack has what is to be taken.
        Undecided: whether tags of the stack would come to what is taken, nobody here knows.
    """
    if not taken:
        raise RefusedRequest("ResourcesToImport must be specified for a change set of the type IMPORT.")
    evaluator = evaluator_of(cloud, stack, template, parameters, StackReferences(stack, stacks, set(taken)))
    wanted = active_resources(template, evaluator)
    if missing := sorted(set(wanted) - {*stack.resources, *taken}):
        raise RefusedRequest(f"Resources [{', '.join(missing)}] are missing from ResourcesToImport list")
    if again := sorted(set(taken) & stack.resources.keys()):
        raise RefusedRequest(f"Resources [{', '.join(again)}] passed in ResourcesToImport are already in the stack")
    changed = [
        logical_id
        for logical_id, resource in stack.resources.items()
        if logical_id not in wanted
        or resolved_properties(evaluator, resource.kind, template.resources[logical_id], tags) != resource.properties
    ]
    if changed:
        raise RefusedRequest(
            f"You have modified resources [{', '.join(sorted(changed))}] in your template that are not being imported."
            " Update, create or delete operations cannot be executed during import operations."
        )
    if template.outputs != (stack.template.outputs if stack.resources else {}):
        raise RefusedRequest("As part of the import operation, you cannot modify or add [Outputs]")
    owned = {
        (resource.kind.name, resource.made.physical_id): one.name
        for one in stacks.of_account(stack.account)
        for resource in one.resources.values()
    }
    changes: list[Change] = []
    for logical_id, physical_id in taken.items():
        kind = type_of(str(template.resources[logical_id]["Type"]))
        if (kind.name, physical_id) in owned:
            raise RefusedRequest(f"{kind.name} {physical_id} is in the stack {owned[kind.name, physical_id]} already")
        if tags and kind.has_tags:
            raise Undecided("whether the tags of a stack come to what it imports is not known here")
        _check_name(evaluator, kind, template.resources[logical_id], physical_id)
        changes.append(Change("Import", logical_id, kind.name, physical_id))
    return changes


def _check_name(evaluator: Evaluator, kind: ResourceType, declared: Mapping[str, Any], physical_id: str) -> None:
    """See that the template gives what is taken the name that it has, where it gives one."""
    named = resolved_properties(evaluator, kind, declared, []).get(str(kind.name_property))
    if named is not None and physical_id.rpartition("/")[2] != str(named):
        raise RefusedRequest(f"The template calls a resource {named} that is to be imported as {physical_id}.")
