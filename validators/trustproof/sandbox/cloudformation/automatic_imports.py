"""
What a change set with `ImportExistingResources` would import: something that is there under the name that the template
gives a resource, and in no stack. None of it is imported here, which is said before anything is done.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest, ResourceFailed, Undecided
from trustproof.sandbox.cloudformation.evaluation import (
    StackReferences,
    active_resources,
    evaluator_of,
    resolved_properties,
)
from trustproof.sandbox.cloudformation.parameters import Parameter
from trustproof.sandbox.cloudformation.resource_type import ResourceType
from trustproof.sandbox.cloudformation.stack import Stack
from trustproof.sandbox.cloudformation.stacks import Stacks
from trustproof.sandbox.cloudformation.template import Template
from trustproof.sandbox.moto.cloudformation import exists


def check_nothing_to_import(
    cloud: Cloud,
    type_of: Callable[[str], ResourceType],
    stacks: Stacks,
    stack: Stack,
    template: Template,
    parameters: Mapping[str, Parameter],
) -> None:
    """
    See that nothing is there already that the template would bring into the stack.

    Args:
        cloud: the services behind the resources.
        type_of: a resource type by its name.
        stacks: all of them; what is in one is not imported into another.
        stack: the one that the change set is for.
        template: the new one.
        parameters: of it.

    Raises:
        Undecided: there is something.
    """
    owned = {
        (resource.kind.name, resource.made.physical_id)
        for one in stacks.existing(stack.account, stack.region)
        for resource in one.resources.values()
    }
    found = [
        f"{type_name} {name}"
        for type_name, name in _names(cloud, type_of, stacks, stack, template, parameters)
        if (type_name, name) not in owned
        and exists(type_name, stack.account, stack.region, cloud.partition(stack.region), name)
    ]
    if found:
        raise Undecided(f"the sandbox imports no resources into stacks, and these are there: {', '.join(found)}")


def _names(
    cloud: Cloud,
    type_of: Callable[[str], ResourceType],
    stacks: Stacks,
    stack: Stack,
    template: Template,
    parameters: Mapping[str, Parameter],
) -> Iterator[tuple[str, str]]:
    """The types of the resources that would be made under a name of the template's, and the names."""
    unknown = set(template.resources) - set(stack.resources)
    evaluator = evaluator_of(cloud, stack, template, parameters, StackReferences(stack, stacks, unknown))
    for logical_id in active_resources(template, evaluator):
        declared = template.resources[logical_id]
        kind = type_of(str(declared["Type"]))
        if kind.name_property is None or logical_id in stack.resources:
            continue
        try:
            name = resolved_properties(evaluator, kind, declared, []).get(kind.name_property)
        except (RefusedRequest, ResourceFailed):
            # It fails where it is made, with the reason.
            continue
        if name is not None:
            yield kind.name, str(name)
