"""
What a request to deploy a template says: the template, parameters, tags and capabilities.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trustproof.aws.tags import is_reserved
from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.cloudformation.language_extensions import EXPANSION
from trustproof.sandbox.cloudformation.stack import Stack
from trustproof.sandbox.cloudformation.template import MAXIMUM_BODY, MAXIMUM_OBJECT, Template, read_template

#: What a request may ask of a deployment that is not done here, but for these values of it.
_NOT_DONE: Mapping[str, tuple[Any, ...]] = {
    "DeletionMode": ("STANDARD", "FORCE_DELETE_STACK"),
    "DeploymentConfig": ({"Mode": "STANDARD"},),
    "DeploymentMode": (),
    "ForceRollback": ("false",),
    "ResourceTypes": (),
    "RollbackConfiguration": (),
    "StackPolicyBody": (),
    "StackPolicyDuringUpdateBody": (),
    "StackPolicyDuringUpdateURL": (),
    "StackPolicyURL": (),
}

#: Of one stack.
MAXIMUM_TAGS = 50

_STACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


def check_options(parameters: Mapping[str, Any]) -> None:
    """
    See that a request asks for nothing that would be left out.

    Raises:
        Undecided: it asks for a way of deploying that there is not here: a stack policy, an import.
    """
    asked = [name for name, done in _NOT_DONE.items() if parameters.get(name) and parameters[name] not in done]
    if asked:
        said = f"the sandbox does not have {', '.join(asked)} of CloudFormation"
        if any(name.startswith("StackPolicy") for name in asked):
            said += ": no stack policy keeps anything from being updated here, so deploy without one"
        raise Undecided(said)


def checked_stack_name(name: Any) -> str:
    """
    The name of a new stack.

    Raises:
        RefusedRequest: when it is none.
    """
    if not isinstance(name, str) or not _STACK_NAME.fullmatch(name):
        raise RefusedRequest(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must"
            " satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    return name


def checked_deletion(stack: Stack, parameters: Mapping[str, Any]) -> tuple[list[str], bool]:
    """
    How a stack is to be deleted.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html

    Returns:
        the logical ids of what is to stay, and whether all that cannot be deleted is to stay.

    Raises:
        RefusedRequest: something is to stay of a stack whose deletion has not failed, or something that it has not.
    """
    retained, forced = texts(parameters, "RetainResources"), parameters.get("DeletionMode") == "FORCE_DELETE_STACK"
    if stack.status != "DELETE_FAILED":
        if retained:
            raise RefusedRequest("RetainResources is for a stack whose deletion failed.")
        if forced:
            raise RefusedRequest("FORCE_DELETE_STACK is for a stack whose deletion failed.")
    there = sorted(stack.resources)
    if not set(retained) <= set(there):
        raise RefusedRequest(
            "The specified resources to retain must be in a valid state. Do not specify successfully deleted resources."
            f" Resources currently in a valid state are {there}"
        )
    if forced and any(one.kind.name == "AWS::CloudFormation::Stack" for one in stack.resources.values()):
        raise Undecided("what a forced deletion leaves of nested stacks is not known here: delete them first")
    return retained, forced


def requested_template(
    cloud: Cloud, account: str, region: str, parameters: Mapping[str, Any], previous: Stack | None = None
) -> Template:
    """
    The template that a request carries, or names.

    Raises:
        RefusedRequest: when there is none, more than one, or it cannot be read.
    """
    body, url = parameters.get("TemplateBody"), parameters.get("TemplateURL")
    again = _true(parameters.get("UsePreviousTemplate"))
    if sum((body is not None, url is not None, again)) != 1:
        raise RefusedRequest("Either Template URL or Template Body must be specified.")
    if again:
        if previous is None:
            raise RefusedRequest("UsePreviousTemplate is for an existing stack.")
        if not previous.template.extended:
            return previous.template
        return read_template(previous.template.text, _given(parameters, previous))
    if url is not None:
        text = cloud.read_template(account, region, str(url))
        most = MAXIMUM_OBJECT
    else:
        text = str(body)
        most = MAXIMUM_BODY
    if len(text.encode()) > most:
        raise RefusedRequest(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length"
            f" less than or equal to {most}"
        )
    return read_template(text, _given(parameters, previous))


def _given(parameters: Mapping[str, Any], previous: Stack | None) -> dict[str, str]:
    """The texts that a request gives the parameters of its template."""
    found: dict[str, str] = {}
    for one in parameters.get("Parameters") or ():
        name = str(one.get("ParameterKey"))
        if one.get("ParameterValue") is not None:
            found[name] = str(one["ParameterValue"])
        elif one.get("UsePreviousValue") and previous is not None and name in previous.parameters:
            found[name] = previous.parameters[name].given
    return found


def check_capabilities(template: Template, given: list[str], *, reviewed: bool = False) -> None:
    """
    Hold a deployment to the caller's acknowledgement.

    Args:
        template: to be deployed.
        given: the capabilities of the request.
        reviewed: whether it makes a change set, which shows what the transform of the template makes of it.

    Raises:
        RefusedRequest: `InsufficientCapabilitiesException`.
    """
    needed = template.capabilities
    have = {*given, *(["CAPABILITY_IAM"] if "CAPABILITY_NAMED_IAM" in given else [])}
    if template.extended and not reviewed and EXPANSION not in given:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
        needed = [EXPANSION]
    if not set(needed) <= have:
        raise RefusedRequest(f"Requires capabilities : [{', '.join(needed)}]", "InsufficientCapabilitiesException")


def requested_tags(parameters: Mapping[str, Any], previous: list[dict[str, str]]) -> list[dict[str, str]]:
    """
    The tags of a stack; as they were, where a request says nothing of them.

    Raises:
        RefusedRequest: one has a key that only AWS sets.
    """
    if parameters.get("Tags") is None:
        return list(previous)
    if any(is_reserved(str(tag["Key"])) for tag in parameters["Tags"]):
        raise RefusedRequest("aws: prefixed tag key names are not allowed for external use.")
    if len(parameters["Tags"]) > MAXIMUM_TAGS:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
        raise RefusedRequest(
            "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less"
            f" than or equal to {MAXIMUM_TAGS}"
        )
    return [{"Key": str(tag["Key"]), "Value": str(tag.get("Value", ""))} for tag in parameters["Tags"]]


def texts(parameters: Mapping[str, Any], name: str) -> list[str]:
    """A parameter that is a list of texts."""
    return [str(item) for item in parameters.get(name) or []]


def flag(parameters: Mapping[str, Any], name: str) -> bool:
    """A parameter that is true or false."""
    return _true(parameters.get(name))


def _true(value: Any) -> bool:
    return value is True or value == "true"
