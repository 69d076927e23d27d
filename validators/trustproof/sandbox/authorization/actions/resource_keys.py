"""
Condition keys of the resource that a request is about, and of what the request says of it, where both are known here.

What is not there, or may be something else, is not told: what hangs on it is undecided.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions import entries
from trustproof.sandbox.authorization.actions.common import TAGS_OF_REQUEST, arn_of, tag_keys, tags_by_type
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.moto import resource_tags
from trustproof.sandbox.requests.wire import Call


class ResourceFacts(NamedTuple):
    """
    What is known.
    """

    #: Lower-cased.
    keys: dict[str, ContextValue]
    #: Keys that were looked for, and families of them, which end in `/`.
    computed: tuple[str, ...]
    #: What of it is known to policies of identities only: of these it is not documented that policies of resources
    #: are told.
    identity_only: tuple[str, ...] = ()


_NOTHING = ResourceFacts({}, ())
_RESOURCE_TAG = "aws:resourcetag/"
#: Services that say in policies of identities which tags their resources have.
_TAGS_FOR_IDENTITIES = ("ecr", "kms", "lambda", "sns", "sqs")
#: Those of them that have a key of their own for these tags.
_WITH_OWN_KEY = ("ecr",)
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


def tags_of_request(
    call: Call, resource: str | None, keys: dict[str, ContextValue], computed: tuple[str, ...]
) -> tuple[dict[str, ContextValue], tuple[str, ...]]:
    """
    The condition keys of the tags that a request gives to one of the things that it is about.

    EC2 asks for each thing with the tags of its type.

    Args:
        call: the request.
        resource: the ARN of the thing; None where that is not known.
        keys: of all tags of the request.
        computed: the keys that were looked for.

    Returns:
        both, as they are of this thing.
    """
    by_type = tags_by_type(call.parameters)
    others = {name: value for name, value in keys.items() if not name.startswith(TAGS_OF_REQUEST)}
    if call.operation == "RunInstances" and call.parameters.get("LaunchTemplate"):
        # That may have tags of its own.
        return others, tuple(one for one in computed if one not in TAGS_OF_REQUEST)
    if not by_type or TAGS_OF_REQUEST[0] not in computed:
        return keys, computed
    if resource is None or resource == "*":
        # Of what type it is, is not known, and so whose tags they are.
        alike = all(one == next(iter(by_type.values())) for one in by_type.values())
        return (keys, computed) if alike else (others, tuple(one for one in computed if one not in TAGS_OF_REQUEST))
    kind = resource.split(":", 5)[-1].partition("/")[0]
    return {**others, **tag_keys(by_type.get(kind, {}))}, computed


def of_resource(call: Call, prefix: str, resource: str | None) -> ResourceFacts:
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
        return _of_table(call, account, region, name)
    if prefix in _TAGS_FOR_IDENTITIES:
        return of_identities_tags(prefix, str(resource))
    return _NOTHING


def of_identities_tags(prefix: str, arn: str) -> ResourceFacts:
    """
    The tags of a repository, a key, a queue, a topic or a function, of which policies of identities are told.

    Those of a function are not said to be those of its versions and aliases.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-supported-iam-actions-tagging.html
    https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-abac-condition-keys.html
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html

    Args:
        prefix: of the service's actions.
        arn: of the resource.
    """
    _, _, _, region, account, name = arn.split(":", 5)
    if prefix == "ecr":
        tags = resource_tags.of_repository(account, region, name.removeprefix("repository/"))
    elif prefix == "kms":
        tags = resource_tags.of_key(account, region, name.removeprefix("key/")) if name.startswith("key/") else None
    elif prefix == "lambda":
        tags = resource_tags.of_function(account, region, name.removeprefix("function:"))
    else:
        tags = resource_tags.of_queue(account, region, name) if prefix == "sqs" else None
        tags = resource_tags.of_topic(account, region, arn) if prefix == "sns" else tags
    found = _NOTHING if tags is None else _tags(prefix if prefix in _WITH_OWN_KEY else None, tags)
    return found._replace(identity_only=found.computed)


def _tags(service: str | None, tags: Mapping[str, str]) -> ResourceFacts:
    """The keys of tags, under the name that all services have for them and under that of one, if that has its own."""
    families = (_RESOURCE_TAG,) if service is None else (_RESOURCE_TAG, f"{service}:resourcetag/")
    lowered = {name.lower() for name in tags}
    if len(lowered) < len(tags):
        # Two that differ in case only are one condition key.
        return _NOTHING
    return ResourceFacts(
        {f"{family}{name.lower()}": value for family in families for name, value in tags.items()}, families
    )


def _of_ec2(call: Call, account: str, region: str, kind: str, identifier: str) -> ResourceFacts:
    if kind == "instance" and call.operation == "RunInstances":
        # A launch template, or the default of AWS, says which it is where the request does not.
        given = call.parameters.get("InstanceType")
        if not given or call.parameters.get("LaunchTemplate"):
            return _NOTHING
        return ResourceFacts({"ec2:instancetype": str(given)}, ("ec2:instancetype",))
    # Of tags that are given by themselves, no other request says what it makes.
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    by_itself = ("ec2:createaction",) if call.operation == "CreateTags" else ()
    tags = resource_tags.of_ec2(account, region, kind, identifier)
    if tags is None:
        return ResourceFacts({}, by_itself)
    found = _tags("ec2", tags)
    found = ResourceFacts(found.keys, (*found.computed, *by_itself))
    type_ = resource_tags.type_of_instance(account, region, identifier) if kind == "instance" else None
    if type_ is None:
        return found
    return ResourceFacts({**found.keys, "ec2:instancetype": type_}, (*found.computed, "ec2:instancetype"))


def _of_secret(call: Call, account: str, region: str, arn: str) -> ResourceFacts:
    tags = resource_tags.of_secret(account, region, arn)
    found = _NOTHING if tags is None else _tags("secretsmanager", tags)
    keys, computed = dict(found.keys), list(found.computed)
    # Whether the version that counts without one is told, is not documented.
    if call.operation == "GetSecretValue" and (given := call.parameters.get("VersionId")):
        keys["secretsmanager:versionid"] = str(given)
        computed.append("secretsmanager:versionid")
    return ResourceFacts(keys, tuple(computed))


def _of_table(call: Call, account: str, region: str, name: str) -> ResourceFacts:
    """
    The tags of a table, which its indexes have as well; an account that takes them for none has been set to do so.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/abac-enable-ddb.html
    """
    parts = name.split("/")
    if parts[0] != "table" or parts[2:3] not in ([], ["index"]):
        return _NOTHING
    tags = resource_tags.of_table(account, region, parts[1])
    of_tags = _NOTHING if tags is None else _tags(None, tags)
    of_item = _of_item(call, account, region, parts[1])
    return ResourceFacts({**of_tags.keys, **of_item.keys}, (*of_tags.computed, *of_item.computed))


def _of_item(call: Call, account: str, region: str, table: str) -> ResourceFacts:
    """The partition keys of the items of a table that a request is about."""
    values: list[Any]
    if call.operation == "Query":
        # Whether the key of an index by another attribute is meant is not documented.
        values = [resource_tags.of_query(account, region, table, call.parameters)]
    elif call.operation in _ITEM:
        return leading_keys(account, region, table, [call.parameters.get(_ITEM[call.operation])])
    elif call.operation in entries.BATCHES:
        return leading_keys(account, region, table, list(entries.items_of(call, table)))
    else:
        return _NOTHING
    return _leading_keys(values)


def leading_keys(account: str, region: str, table: str, items: Sequence[Any]) -> ResourceFacts:
    """
    The partition keys of items, as far as they are known.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html

    Args:
        account: of the table.
        region: of it.
        table: its name.
        items: each with its key, or the key alone, as DynamoDB has them.
    """
    attribute = resource_tags.partition_key(account, region, table)
    return _leading_keys([one.get(attribute) if isinstance(one, Mapping) else None for one in items])


def of_part(call: Call, need: Need, item: object) -> Need:
    """
    What a part of a transaction needs, with what is known of the table and the item.

    Args:
        call: the transaction.
        need: the action and the table.
        item: what the part is about, or its key.
    """
    told = of_resource(call, "dynamodb", need.resource)
    fields = (need.resource or "").split(":", 5)
    table = fields[-1].removeprefix("table/")
    key = _leading_keys([]) if len(fields) < 6 else leading_keys(fields[4], fields[3], table, [item])
    return replace(
        need,
        keys={**need.keys, **told.keys, **key.keys},
        computed=(*need.computed, *told.computed, *key.computed),
    )


def _leading_keys(values: Sequence[Any]) -> ResourceFacts:
    texts = [list(_texts(one)) for one in values]
    if not texts or any(len(one) != 1 for one in texts):
        return _NOTHING
    found = tuple(dict.fromkeys(one[0] for one in texts))
    return ResourceFacts({"dynamodb:leadingkeys": found}, ("dynamodb:leadingkeys",))


def _texts(value: Any) -> Iterator[str]:
    """A value of an attribute as text; nothing where that is not known of its type."""
    if isinstance(value, Mapping):
        yield from (str(one) for kind, one in value.items() if kind in ("N", "S"))
