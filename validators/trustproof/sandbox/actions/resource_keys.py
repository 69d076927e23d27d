"""
Condition keys of the resource that a request is about, and of what the request says of it, where both are known here.

What is not there, or may be something else, is not told: what hangs on it is undecided.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.model.request import ContextValue
from trustproof.sandbox.actions.common import arn_of
from trustproof.sandbox.moto import resource_tags
from trustproof.sandbox.wire import Call


class Told(NamedTuple):
    """
    What is known.
    """

    #: Lower-cased.
    keys: dict[str, ContextValue]
    #: Keys that were looked for, and families of them, which end in `/`.
    computed: tuple[str, ...]


_NOTHING = Told({}, ())
#: Operations with one item, to the parameter with its key.
_ITEM = {"DeleteItem": "Key", "GetItem": "Key", "PutItem": "Item", "UpdateItem": "Key"}
#: How identifiers of EC2 begin, to what they are in an ARN with an account.
_KINDS = {
    "acl": "network-acl",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "rtb": "route-table",
    "sg": "security-group",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}


def tagged(call: Call) -> list[str | None]:
    """The ARNs of what a request to EC2 gives tags to, or takes them from; None for one that is not known."""
    named = [str(one) for one in call.parameters.get("Resources") or ()]
    kinds = [(_KINDS.get(one.partition("-")[0]), one) for one in named]
    found = [None if kind is None else arn_of(call, "ec2", f"{kind}/{one}") for kind, one in kinds]
    return list(dict.fromkeys(found)) or [None]


def of_resource(call: Call, prefix: str, resource: str | None) -> Told:
    """
    What is known of the resource of a request.

    Args:
        call: the request.
        prefix: of the service's actions.
        resource: its ARN; None where it is not known.
    """
    fields = (resource or "").split(":", 5)
    if len(fields) < 6 or not fields[3] or not fields[4]:
        return _NOTHING
    _, _, _, region, account, name = fields
    if prefix == "ec2":
        return _of_ec2(call, account, region, *name.partition("/")[::2])
    if prefix == "secretsmanager":
        return _of_secret(call, account, region, str(resource))
    if prefix == "dynamodb":
        return _of_item(call, account, region, name.removeprefix("table/"))
    return _NOTHING


def _tags(service: str, tags: Mapping[str, str]) -> Told:
    """The keys of tags, under the name that all services have for them and under that of one."""
    families = ("aws:resourcetag/", f"{service}:resourcetag/")
    lowered = {name.lower() for name in tags}
    if len(lowered) < len(tags):
        # Two that differ in case only are one condition key.
        return _NOTHING
    return Told({f"{family}{name.lower()}": value for family in families for name, value in tags.items()}, families)


def _of_ec2(call: Call, account: str, region: str, kind: str, identifier: str) -> Told:
    if kind == "instance" and call.operation == "RunInstances":
        # A launch template, or the default of AWS, says which it is where the request does not.
        given = call.parameters.get("InstanceType")
        if not given or call.parameters.get("LaunchTemplate"):
            return _NOTHING
        return Told({"ec2:instancetype": str(given)}, ("ec2:instancetype",))
    # Of tags that are given by themselves, no other request says what it makes.
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    by_itself = ("ec2:createaction",) if call.operation == "CreateTags" else ()
    tags = resource_tags.of_ec2(account, region, kind, identifier)
    if tags is None:
        return Told({}, by_itself)
    found = _tags("ec2", tags)
    found = Told(found.keys, (*found.computed, *by_itself))
    type_ = resource_tags.type_of_instance(account, region, identifier) if kind == "instance" else None
    if type_ is None:
        return found
    return Told({**found.keys, "ec2:instancetype": type_}, (*found.computed, "ec2:instancetype"))


def _of_secret(call: Call, account: str, region: str, arn: str) -> Told:
    tags = resource_tags.of_secret(account, region, arn)
    found = _NOTHING if tags is None else _tags("secretsmanager", tags)
    keys, computed = dict(found.keys), list(found.computed)
    if call.operation == "GetSecretValue":
        # Whether the stage that counts without one is told, is not documented.
        for parameter, name in (("VersionId", "versionid"), ("VersionStage", "versionstage")):
            if given := call.parameters.get(parameter):
                keys[f"secretsmanager:{name}"] = str(given)
                computed.append(f"secretsmanager:{name}")
    return Told(keys, tuple(computed))


def _of_item(call: Call, account: str, region: str, table: str) -> Told:
    """
    The partition key of the item that a request is about.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    if call.operation not in _ITEM:
        return _NOTHING
    attribute = resource_tags.partition_key(account, region, table)
    item = call.parameters.get(_ITEM[call.operation]) or {}
    values = list(_texts(item.get(attribute) or {}))
    if len(values) != 1:
        return _NOTHING
    return Told({"dynamodb:leadingkeys": tuple(values)}, ("dynamodb:leadingkeys",))


def _texts(value: Any) -> Iterator[str]:
    """A value of an attribute as text; nothing where that is not known of its type."""
    if isinstance(value, Mapping):
        yield from (str(one) for kind, one in value.items() if kind in ("N", "S"))
