"""
What AWS publishes of its services, policies and partitions: the files of ``aws/data``, which ``make facts`` writes.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple, cast

_DATA = os.path.join(os.path.dirname(__file__), "data")


class Action(NamedTuple):
    """
    An action of a service, as the service authorization reference lists it.
    """

    #: As AWS writes it, without the service; lower-cased where nothing else is known.
    name: str
    #: The resource types that it may be about; empty where it is about ``*``.
    resources: tuple[str, ...]
    #: Whether it is about a resource of one of these types in any case.
    required: bool
    #: The condition keys of the service, and the global ones of a part of the actions only, that it may carry.
    keys: tuple[str, ...]
    #: Whether it reads or lists, and changes nothing.
    reads: bool
    #: Whether all of that is known; what is too new has a name, and the types that it may be about.
    is_described: bool


class Service(NamedTuple):
    """
    A service: what its policies may name.
    """

    #: Resource type to its ARNs, each with a ``*`` for every part that varies.
    resources: dict[str, tuple[str, ...]]
    #: Lower-cased name, without the service, to the action.
    actions: dict[str, Action]


@cache
def service(prefix: str) -> Service | None:
    """
    A service by the prefix of its actions.

    Returns:
        None where the reference does not list it.
    """
    found = _row("actions.jsonl", "service", prefix)
    if found is None:
        return None
    resources = cast("dict[str, list[str]]", found["resources"])
    actions = cast("dict[str, dict[str, object]]", found["actions"])
    return Service(
        {type_: tuple(arns) for type_, arns in resources.items()},
        {name.lower(): _action(name, about) for name, about in actions.items()},
    )


def _action(name: str, about: Mapping[str, object]) -> Action:
    def strings(key: str) -> tuple[str, ...]:
        return tuple(cast("list[str]", about.get(key, ())))

    return Action(
        name,
        strings("resources"),
        bool(about.get("required")),
        strings("keys"),
        bool(about.get("reads")),
        not about.get("undescribed"),
    )


@cache
def actions_with(key: str) -> tuple[str, ...]:
    """
    The actions of all services that the reference lists with a condition key.

    Args:
        key: how it begins, as the reference writes it: ``aws:RequestTag/``.

    Returns:
        Lower-cased, with the prefix of the service, sorted.
    """
    found: list[str] = []
    with open(os.path.join(_DATA, "actions.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            # Most of the work is to take apart what is in a line.
            if f'"{key}' in line:
                row = json.loads(line)
                listed = (name for name, about in row["actions"].items() if _begins_one(key, about.get("keys", ())))
                found += (f"{row['service']}:{name.lower()}" for name in listed)
    return tuple(sorted(found))


def _begins_one(text: str, names: Iterable[str]) -> bool:
    return any(name.startswith(text) for name in names)


def condition_keys(prefix: str) -> Mapping[str, str]:
    """
    The condition keys whose names begin with a prefix, to the type of each, as the service authorization reference
    writes both: ``{"ec2:InstanceType": "String", "ec2:ResourceTag/${TagKey}": "String"}``.

    Returns:
        Nothing where the reference lists none.
    """
    found = _row("condition_keys.jsonl", "service", prefix)
    return {} if found is None else cast("Mapping[str, str]", found["keys"])


class Command(NamedTuple):
    """
    A command of the AWS CLI, which makes the call that an action is authorized for.
    """

    #: ``("dynamodb", "get-item")``.
    words: tuple[str, ...]
    #: The options that it needs, each with the type of its value in botocore: ``("table-name", "string")``.
    needs: tuple[tuple[str, str], ...]
    #: Whether it wants the name of a file for what comes back.
    streams: bool


@cache
def command(action: str) -> Command | None:
    """
    The command of an action.

    Args:
        action: with the prefix of its service, in any case: ``dynamodb:GetItem``. For S3, which authorizes operations
            as actions of other names, that of the operation.

    Returns:
        None where no operation has the name of the action.
    """
    prefix, _, name = action.lower().partition(":")
    found = _row("calls.jsonl", "service", prefix)
    for text in () if found is None else cast("list[str]", found["calls"]):
        service, operation, *more = text.split()
        if operation.replace("-", "") == name:
            options = (one.partition(":") for one in more if one != ">")
            return Command(
                (service, operation), tuple((one, kind or "string") for one, _, kind in options), ">" in more
            )
    return None


@cache
def managed_policy_document(name: str) -> Mapping[str, object] | None:
    """
    The document of a policy that AWS manages.

    Args:
        name: its path and name, what follows ``policy/`` in its ARN: ``job-function/ViewOnlyAccess``.

    Returns:
        None where AWS has published no such policy by the time of the release.
    """
    found = _row("managed_policies.jsonl", "policy", name)
    return None if found is None else cast("Mapping[str, object]", found["document"])


@cache
def managed_policy_names() -> tuple[str, ...]:
    """The policies that AWS manages, by path and name, in the order of their names."""
    head = '{"policy":"'
    with open(os.path.join(_DATA, "managed_policies.jsonl"), encoding="utf-8") as lines:
        return tuple(line[len(head) :].partition('"')[0] for line in lines if line.startswith(head))


@cache
def managed_policies_that_say(text: str) -> tuple[str, ...]:
    """The names, without their paths, of the policies that AWS manages and in which a text stands."""
    head = '{"policy":"'
    with open(os.path.join(_DATA, "managed_policies.jsonl"), encoding="utf-8") as lines:
        named = (line[len(head) :].partition('"')[0] for line in lines if line.startswith(head) and text in line)
        return tuple(name.rpartition("/")[2] for name in named)


class PolicyTemplate(NamedTuple):
    """
    A policy template of SAM.
    """

    #: What it has to be given; its statements refer to each by its name.
    parameters: tuple[str, ...]
    statements: tuple[object, ...]


@cache
def sam_policy_template(name: str) -> PolicyTemplate | None:
    """
    A policy template of SAM by its name: ``S3ReadPolicy``.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html

    Returns:
        None where there was no such template by the time of the release.
    """
    found = _row("sam_policy_templates.jsonl", "template", name)
    if found is None:
        return None
    return PolicyTemplate(
        tuple(cast("list[str]", found["parameters"])), tuple(cast("list[object]", found["statements"]))
    )


@cache
def handler_permissions(kind: str, handler: str) -> tuple[str, ...]:
    """
    The actions that CloudFormation may need to bring a resource from one state to another.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html

    Args:
        kind: the type of the resource: ``AWS::SQS::Queue``.
        handler: ``create``, ``update`` or ``delete``.

    Returns:
        As the schema of the type lists them, ``*`` at an end included; none where it lists none.
    """
    found = _row("handlers.jsonl", "type", kind)
    return () if found is None else tuple(cast("list[str]", found.get(handler, ())))


@cache
def named_service_principals() -> frozenset[str]:
    """The service principals that policies managed by AWS name, of the partition `aws`."""
    with open(os.path.join(_DATA, "managed_policies.jsonl"), encoding="utf-8") as text:
        return frozenset(re.findall(r'"([a-z0-9][a-z0-9.-]*\.amazonaws\.com)"', text.read()))


@cache
def partitions() -> Mapping[str, Mapping[str, object]]:
    """Partition to its ``suffix``, the ``pattern`` of its Regions, and those ``regions`` that are known."""
    return cast("Mapping[str, Mapping[str, object]]", _whole("partitions.json")["partitions"])


@cache
def service_prefixes() -> tuple[str, ...]:
    """What the actions of the services begin with, in the order of their names."""
    head = '{"service":"'
    with open(os.path.join(_DATA, "actions.jsonl"), encoding="utf-8") as lines:
        return tuple(line[len(head) :].partition('"')[0] for line in lines if line.startswith(head))


def release() -> int:
    """The day of the release, in seconds of Unix time."""
    return int(datetime.fromisoformat(release_day()).replace(tzinfo=UTC).timestamp())


def release_day() -> str:
    """The day of the release: ``2027-01-31``."""
    return str(_whole("release.json")["day"])


def _row(file: str, key: str, name: str) -> Mapping[str, object] | None:
    """The line of a file that is about a name; the other lines are neither parsed nor decoded."""
    head = f"{json.dumps({key: name}, separators=(',', ':')).removesuffix('}')},".encode()
    with open(os.path.join(_DATA, file), "rb") as lines:
        for line in lines:
            if line.startswith(head):
                return cast("Mapping[str, object]", json.loads(line))
    return None


def _whole(file: str) -> Mapping[str, object]:
    with open(os.path.join(_DATA, file), encoding="utf-8") as text:
        return cast("Mapping[str, object]", json.load(text))
