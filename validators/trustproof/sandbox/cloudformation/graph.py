"""
In which order the resources of a template are made.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from trustproof.sandbox.cloudformation.errors import RefusedRequest, format_error
from trustproof.sandbox.cloudformation.template import Template

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def creation_order(template: Template) -> list[str]:
    """
    The logical ids of all resources, each after what it depends on; otherwise as in the template.

    Raises:
        RefusedRequest: when resources depend on each other in a circle, or on one that the template does not have.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for logical_id, resource in template.resources.items():
        sorter.add(logical_id, *dependencies(template, logical_id, resource))
    try:
        sorter.prepare()
    except CycleError as error:
        raise RefusedRequest(
            f"Circular dependency between resources: [{', '.join(sorted(set(error.args[1])))}]"
        ) from None
    place = {logical_id: number for number, logical_id in enumerate(template.resources)}
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        order += ready
        sorter.done(*ready)
    return order


def dependencies(template: Template, logical_id: str, resource: Any) -> list[str]:
    """
    The resources that one depends on.

    Raises:
        RefusedRequest: when it names one that the template does not have.
    """
    explicit = resource.get("DependsOn") or []
    explicit = [explicit] if isinstance(explicit, str) else explicit
    if not all(isinstance(name, str) for name in explicit):
        raise format_error(f"Every DependsOn value of resource {logical_id} must be a string.")
    mentioned = [*explicit, *mentioned_names(resource.get("Properties") or {})]
    unresolved = [
        name
        for name in mentioned
        if name not in template.resources and name not in template.parameters and not name.startswith("AWS::")
    ]
    if unresolved:
        raise format_error(f"Unresolved resource dependencies [{unresolved[0]}] in the Resources block of the template")
    return sorted({name for name in mentioned if name in template.resources})


def mentioned_names(value: Any, holds: Callable[[str], bool] | None = None) -> Iterator[str]:
    """
    The parameters and resources that a value names in `Ref`, `Fn::GetAtt` and `Fn::Sub`.

    Args:
        value: of a template.
        holds: tells of a condition whether it holds, so that of `Fn::If` one branch is looked at; None for both.
    """
    if isinstance(value, list):
        for item in value:
            yield from mentioned_names(item, holds)
        return
    if not isinstance(value, dict):
        return
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" and isinstance(argument, str):
            yield argument
            return
        if name == "Fn::GetAtt":
            yield argument.split(".")[0] if isinstance(argument, str) else str(argument[0])
            if isinstance(argument, list):
                yield from mentioned_names(argument[1:], holds)
            return
        if name == "Fn::Sub":
            yield from _substituted(argument, holds)
            return
        if name == "Fn::If" and holds is not None and isinstance(argument, list) and len(argument) == 3:
            yield from mentioned_names(argument[1 if holds(str(argument[0])) else 2], holds)
            return
    for item in value.values():
        yield from mentioned_names(item, holds)


def check_references(template: Template, holds: Callable[[str], bool]) -> None:
    """
    See that nothing that is made, and no output, names a resource that is not there, or not made since its condition
    does not hold.

    Args:
        template: the template.
        holds: tells of a condition whether it holds.

    Raises:
        RefusedRequest: with the first such resource, as CloudFormation says it.
    """
    made = {name for name, one in template.resources.items() if _is_there(one, holds)}
    for block, items, member in (
        ("Resources", template.resources, "Properties"),
        ("Outputs", template.outputs, "Value"),
    ):
        for one in items.values():
            if not _is_there(one, holds):
                continue
            for name in mentioned_names(one.get(member), holds):
                if name not in made and name not in template.parameters and not name.startswith("AWS::"):
                    raise format_error(
                        f"Unresolved resource dependencies [{name}] in the {block} block of the template"
                    )


def _is_there(declared: Any, holds: Callable[[str], bool]) -> bool:
    condition = declared.get("Condition")
    return condition is None or holds(str(condition))


def _substituted(argument: Any, holds: Callable[[str], bool] | None) -> Iterator[str]:
    text, own = argument, {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        text, own = argument
        yield from mentioned_names(own, holds)
    if isinstance(text, str):
        for found in _VARIABLE.findall(text):
            name = found.strip()
            if name not in own:
                yield name.split(".")[0]
