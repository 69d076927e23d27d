"""
What a request needs besides the action of its own name: to hand over the roles that it names, and to put on the tags.

The service authorization reference lists such dependent actions, and far from all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trustproof.model.request import ContextValue
from trustproof.sandbox.actions.common import TAGS_OF_REQUEST, roles_in, tag_keys, tags_by_type
from trustproof.sandbox.context import Need
from trustproof.sandbox.credentials import iam_of
from trustproof.sandbox.wire import Call

#: Parameters that hold a role: `Role`, `roleArn`, `ExecutionRoleArn`, `serviceRole`.
_ROLE = re.compile(r"role(arns?|name)?s?$", re.IGNORECASE)
_TAGS = re.compile(r"(?<!image)tags?(et|list)?$", re.IGNORECASE)
#: Beginnings of operations that change nothing: a role in them is looked for, not handed over.
_READS = ("BatchGet", "Describe", "Get", "List", "Search", "Simulate", "Test")
#: Services whose manuals say that whoever makes something with tags needs the tagging action.
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
_TAGGING = {
    "dynamodb": "TagResource",
    "ecr": "TagResource",
    "ecs": "TagResource",
    "events": "TagResource",
    "kms": "TagResource",
    "lambda": "TagResource",
    "logs": "TagResource",
    "secretsmanager": "TagResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "ssm": "AddTagsToResource",
    "states": "TagResource",
}
#: Names of tagging actions of other services.
_NAMES = ("TagResource", "TagResources", "AddTagsToResource", "AddTags", "CreateTags")
_MAKES = ("Create", "Put", "Register", "Request", "Run", "Start", "Allocate", "Import", "Copy", "Publish", "Restore")


def roles_handed_over(call: Call, prefix: str, listed: bool) -> list[str]:
    """
    The ARNs of the roles that a request hands to a service.

    Args:
        call: the request.
        prefix: of the service's actions.
        listed: whether the reference says that the operation hands over roles; then one may be anywhere in it.
    """
    if call.operation.startswith(_READS):
        return []
    found = list(roles_in(call.parameters)) if listed else []
    for name, value in _named(call.parameters):
        if not _ROLE.search(name):
            continue
        found += roles_in(value)
        if isinstance(value, str) and value and ":" not in value and (listed or (prefix, name) in _BY_NAME):
            found.append(_by_name(call, value))
    if _ROLE.search(str(call.parameters.get("AttributeName") or "")):
        # Operations that set one attribute have its value beside its name.
        found += roles_in(call.parameters.get("AttributeValue"))
    return list(dict.fromkeys(found))


#: Parameters that take the name of a role, where the reference does not list that it is handed over.
_BY_NAME = {("glue", "Role"), ("elasticmapreduce", "ServiceRole"), ("elasticmapreduce", "JobFlowRole")}


def _by_name(call: Call, name: str) -> str:
    name = name.rpartition("/")[2]
    for role in list(iam_of(call.account).roles.values()) if call.account else ():
        if role.name == name:
            return str(role.arn)
    return f"arn:{call.partition}:iam::{call.account}:role/{name}"


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of the parameters, at any depth, by its name."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name), one
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


def instance_profiles(call: Call, prefix: str) -> Iterator[Need]:
    """
    Handing over a role of which only the instance profile is named, or what has one: a launch template, an instance.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    """
    if prefix not in ("autoscaling", "ec2") or call.operation.startswith((*_READS, "Delete", "Disassociate")):
        return
    if call.operation in ("CreateLaunchTemplate", "CreateLaunchTemplateVersion", "ModifyLaunchTemplate"):
        # Nothing is handed over before somebody launches something.
        return
    named = dict(_named(call.parameters))
    if any(name == "IamInstanceProfile" and value for name, value in _named(call.parameters)):
        yield Need("iam:PassRole", None, None, computed=TAGS_OF_REQUEST, delegated=True)
    elif any("LaunchTemplate" in name for name in named) or (prefix == "autoscaling" and named.get("InstanceId")):
        doubt = "whether what is launched has an instance profile is not asked here"
        yield Need("iam:PassRole", None, None, computed=TAGS_OF_REQUEST, delegated=True, doubt=doubt)


def tagging_needs(
    call: Call,
    prefix: str,
    action: str,
    service: Mapping[str, Mapping[str, Any]],
    needs: Iterable[Need],
    keys: Mapping[str, ContextValue],
) -> Iterator[Need]:
    """
    What a request that makes something with tags needs besides.

    Args:
        call: the request.
        prefix: of the service's actions.
        action: without the prefix.
        service: the reference's entries of the service, by lower-cased action.
        needs: what the request needs itself, with the resources that are tagged.
        keys: of the tags.
    """
    if "Tag" in action or not (prefix == "ec2" or call.operation.startswith(_MAKES)):
        return
    if "aws:tagkeys" not in keys and not any(_TAGS.search(name) and value for name, value in call.parameters.items()):
        # The tag of an image is none.
        return
    name = next((one for one in _NAMES if one.lower() in service), None)
    name = "CreateTags" if prefix == "ec2" else _TAGGING.get(prefix, name)
    if name is None or name.lower() not in service:
        return
    listed = f"{prefix}:{name}" in service[action.lower()]["also"]
    sure = listed or prefix in (*_TAGGING, "ec2")
    doubt = (
        None if sure and "aws:tagkeys" in keys else f"whether {prefix}:{action} with tags needs it is not known here"
    )
    types = service[name.lower()]["types"]
    of_tags = TAGS_OF_REQUEST if "aws:tagkeys" in keys else ()
    if prefix == "ec2":
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
        for resource, given in _tagged(call, types, keys):
            said: dict[str, ContextValue] = {**given, "ec2:createaction": action}
            known = (*of_tags, "ec2:createaction")
            yield Need(f"{prefix}:{name}", resource, call.account, keys=said, computed=known, doubt=doubt)
        return
    for need in needs:
        about = None if need.resource == "*" and types else need.resource
        yield Need(f"{prefix}:{name}", about, need.owner, keys=keys, computed=of_tags, doubt=doubt)


def _tagged(
    call: Call, types: Iterable[tuple[str, bool]], keys: Mapping[str, ContextValue]
) -> Iterator[tuple[str | None, Mapping[str, ContextValue]]]:
    """What a request to EC2 makes with tags: any of its type, with the tags of that; None for one that is not known."""
    by_type = tags_by_type(call.parameters)
    if not by_type:
        yield None, keys
    for kind, tags in by_type.items():
        if not tags:
            # AWS asks only where a tag is put on.
            continue
        template = next((one for one, _ in types if one.split(":", 5)[-1].startswith(f"{kind}/")), None)
        if template is None:
            yield None, tag_keys(tags)
            continue
        # An image has no account in its ARN.
        owner = "" if "${Account}" not in template else call.account
        yield f"arn:{call.partition}:ec2:{call.region}:{owner}:{kind}/*", tag_keys(tags)
