"""
A template in the place where it is deployed: what its functions find there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.dynamic_references import read_parameter, with_parameters
from trustproof.sandbox.cloudformation.errors import (
    RefusedRequest,
    ResourceFailed,
    Undecided,
    format_error,
    template_error,
)
from trustproof.sandbox.cloudformation.functions import NO_VALUE, Evaluator
from trustproof.sandbox.cloudformation.graph import creation_order, mentioned_names
from trustproof.sandbox.cloudformation.parameters import Parameter
from trustproof.sandbox.cloudformation.resource_type import Properties, ResourceType, with_stack_tags
from trustproof.sandbox.cloudformation.stack import Output, Stack
from trustproof.sandbox.cloudformation.template import Template

#: What a change set shows of a value that only the deployment will tell.
KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"
#: Functions that find one of several values.
_LOOKUPS = ("Fn::FindInMap", "Fn::Select")
_EXPORT_NAME = re.compile(r"[A-Za-z0-9:-]+")


class Exports(Protocol):
    """What the stacks of an account and Region export."""

    def value(self, account: str, region: str, name: str) -> str | None:
        """The value under a name; None when nobody exports it."""
        ...

    def owner(self, account: str, region: str, name: str) -> Stack | None:
        """The stack that exports a name."""
        ...

    def importers(self, account: str, region: str, name: str) -> list[Stack]:
        """The stacks that import a name."""
        ...


class StackReferences:
    """
    References of a template to the resources of its stack, and to other stacks.

    Args:
        stack: the stack.
        exports: of all stacks.
        unknown: logical ids of resources that do not exist yet, for a change set: of these nothing is known.
    """

    def __init__(self, stack: Stack, exports: Exports, unknown: set[str] | None = None) -> None:
        self._stack = stack
        self._exports = exports
        self._unknown = unknown
        self.imports: set[str] = set()

    def reference(self, logical_id: str) -> Any:
        """What `Ref` of a resource is."""
        if self._unknown is not None and logical_id in self._unknown:
            return KNOWN_AFTER_APPLY
        return self._resource(logical_id).made.physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        """What `Fn::GetAtt` of a resource is."""
        if self._unknown is not None and logical_id in self._unknown:
            return KNOWN_AFTER_APPLY
        resource = self._resource(logical_id)
        try:
            return resource.kind.attribute(resource.made, name)
        except ResourceFailed as error:
            raise template_error(error.reason) from None

    def import_value(self, name: str) -> str:
        """What another stack exports under a name."""
        found = self._exports.value(self._stack.account, self._stack.region, name)
        if found is None:
            raise RefusedRequest(f"No export named {name} found.")
        self.imports.add(name)
        return found

    def _resource(self, logical_id: str) -> Any:
        if logical_id not in self._stack.resources:
            raise template_error(
                f"Unresolved resource dependencies [{logical_id}] in the Resources block of the template"
            )
        return self._stack.resources[logical_id]


def evaluator_of(
    cloud: Cloud,
    stack: Stack,
    template: Template,
    parameters: Mapping[str, Parameter],
    references: StackReferences,
) -> Evaluator:
    """What resolves the functions of a template of a stack."""
    values: dict[str, Any] = {name: parameter.value for name, parameter in parameters.items()}
    values |= {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": list(stack.notification_arns),
        "AWS::Partition": cloud.partition(stack.region),
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": cloud.url_suffix(stack.region),
    }
    partition = cloud.partition(stack.region)

    def read(name: str) -> str:
        return read_parameter(cloud.state, stack.account, stack.region, partition, stack.role_arn, name)

    return Evaluator(template, values, references, cloud.zones, read)


def active_resources(template: Template, evaluator: Evaluator) -> list[str]:
    """The resources whose condition holds, each after what it depends on."""
    found = []
    for logical_id in creation_order(template):
        condition = template.resources[logical_id].get("Condition")
        if condition is None or evaluator.condition(str(condition)):
            found.append(logical_id)
    return found


def resolved_properties(
    evaluator: Evaluator, kind: ResourceType, declared: Mapping[str, Any], stack_tags: list[dict[str, str]]
) -> Properties:
    """
    The properties of a resource.

    Raises:
        RefusedRequest: when a function cannot be evaluated.
    """
    found = with_parameters(evaluator.properties(declared.get("Properties") or {}), evaluator.read_parameter)
    if found is NO_VALUE or not isinstance(found, dict):
        raise template_error("Properties must be a map")
    return with_stack_tags(kind, found, stack_tags)


def check_exports(template: Template, evaluator: Evaluator) -> None:
    """
    See that the outputs whose condition holds are exported under names, each of its own.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html

    Raises:
        RefusedRequest: when one is no name, depends on what is made, or stands there twice.
    """
    names: list[str] = []
    for key, declared in template.outputs.items():
        export = declared.get("Export")
        if not isinstance(export, dict) or "Name" not in export:
            continue
        if "Condition" in declared and not evaluator.condition(str(declared["Condition"])):
            continue
        given = export["Name"]
        if _names_what_is_made(given) or any(one in template.resources for one in mentioned_names(given)):
            raise format_error(
                f"Output {key} is malformed. The Name field of Export must not depend on any resources, imported"
                " values, or Fn::GetAZs."
            )
        names.append(evaluator.text(given, "Export"))
        if not _EXPORT_NAME.fullmatch(names[-1]):
            raise format_error(
                f"Output {key} is malformed. The Name field of every Export member must be specified and consist only"
                " of alphanumeric characters, colons, or hyphens."
            )
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise format_error(
            f"The Outputs section contains duplicate Export names: [{', '.join(twice)}]. Specify a unique name for each"
            " export."
        )


def check_lookups(template: Template, evaluator: Evaluator) -> None:
    """
    See that lookups find something before anything is made, where nothing that is made is a part of them.

    Of conditions one branch is looked at. Whatever else is wrong with a function shows when it is evaluated.

    Raises:
        RefusedRequest: a mapping has no such entry, or a list no such item.
    """
    entries = [(one, one.get("Properties")) for one in template.resources.values()]
    entries += [(one, one.get("Value")) for one in template.outputs.values()]
    for declared, value in entries:
        if "Condition" in declared and not evaluator.condition(str(declared["Condition"])):
            continue
        for function in _lookups(value, evaluator):
            if _names_what_is_made(function) or any(one in template.resources for one in mentioned_names(function)):
                continue
            with suppress(Undecided):
                evaluator.resolve(function)


def _lookups(value: Any, evaluator: Evaluator) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _lookups(one, evaluator)
    if not isinstance(value, dict):
        return
    name, argument = next(iter(value.items()), ("", None))
    if len(value) == 1 and name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
        yield from _lookups(argument[1 if evaluator.condition(str(argument[0])) else 2], evaluator)
        return
    if len(value) == 1 and name in _LOOKUPS:
        yield value
    for one in value.values():
        yield from _lookups(one, evaluator)


def _names_what_is_made(value: Any) -> bool:
    if isinstance(value, dict):
        return any(name in ("Fn::GetAZs", "Fn::ImportValue") or _names_what_is_made(one) for name, one in value.items())
    return isinstance(value, list) and any(map(_names_what_is_made, value))


def resolved_outputs(template: Template, evaluator: Evaluator) -> list[Output]:
    """
    The outputs whose condition holds.

    Raises:
        RefusedRequest: when one is no text.
    """
    found = []
    for key, declared in template.outputs.items():
        if "Condition" in declared and not evaluator.condition(str(declared["Condition"])):
            continue
        if "Value" not in declared:
            raise RefusedRequest(f"Template format error: Output {key} has no Value")
        value = evaluator.resolve(declared["Value"])
        if isinstance(value, bool):
            value = "true" if value else "false"
        if not isinstance(value, (str, int, float)):
            raise RefusedRequest(
                f"Template format error: Output {key} is malformed. The Value of an Output must be a string"
            )
        export = declared.get("Export")
        name = evaluator.text(export["Name"], "Export") if isinstance(export, dict) and "Name" in export else None
        found.append(Output(key, str(value), declared.get("Description"), name))
    return found
