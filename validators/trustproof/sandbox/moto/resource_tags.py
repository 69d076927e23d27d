"""
The door to what moto keeps of resources that condition keys ask for: their tags, and what they are.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def of_ec2(account: str, region: str, kind: str, identifier: str) -> dict[str, str] | None:
    """
    The tags of something of EC2.

    Args:
        account: of it.
        region: of it.
        kind: as in its ARN.
        identifier: of it: `i-0123456789abcdef0`.

    Returns:
        None where there is no such thing, or that is not known.
    """
    held = _backend("ec2", account, region)
    if kind == "instance":
        found = _instance(held, identifier) is not None
    else:
        places: dict[str, Mapping[str, Any]] = {"snapshot": held.snapshots, "volume": held.volumes, "vpc": held.vpcs}
        found = identifier in places.get(kind, {})
    return dict(held.tags.get(identifier, {})) if found else None


def type_of_instance(account: str, region: str, identifier: str) -> str | None:
    """The type of an instance; None where there is no such instance."""
    found = _instance(_backend("ec2", account, region), identifier)
    return None if found is None else str(found.instance_type)


def _instance(held: Any, identifier: str) -> Any:
    return next((one for one in held.all_instances() if one.id == identifier), None)


def instance_of_volume(account: str, region: str, identifier: str) -> str | None:
    """The instance that a volume is attached to; None where there is no such volume, or it is on none."""
    found = _backend("ec2", account, region).volumes.get(identifier)
    attachment = None if found is None else found.attachment
    return None if attachment is None else str(attachment.instance.id)


def of_secret(account: str, region: str, arn: str) -> dict[str, str] | None:
    """The tags of a secret; None where there is no such secret."""
    held = _backend("secretsmanager", account, region).secrets
    return _listed(held[arn].tags) if arn in held else None


def of_key(account: str, region: str, identifier: str) -> dict[str, str] | None:
    """The tags of a key of KMS, by its id; None where there is no such key."""
    held = _backend("kms", account, region)
    return _listed(held.list_resource_tags(identifier)["Tags"], "Tag") if identifier in held.keys else None


def of_repository(account: str, region: str, name: str) -> dict[str, str] | None:
    """The tags of a repository of images; None where there is no such repository."""
    held = _backend("ecr", account, region)
    found = held.repositories.get(name)
    return None if found is None else dict(held.tagger.get_tag_dict_for_resource(found.arn))


def of_queue(account: str, region: str, name: str) -> dict[str, str] | None:
    """The tags of a queue; None where there is no such queue."""
    found = _backend("sqs", account, region).queues.get(name)
    return None if found is None else dict(found.tags)


def of_topic(account: str, region: str, arn: str) -> dict[str, str] | None:
    """The tags of a topic; None where there is no such topic."""
    found = _backend("sns", account, region).topics.get(arn)
    return None if found is None else dict(found._tags)


def of_function(account: str, region: str, name: str) -> dict[str, str] | None:
    """The tags of a function; None where there is no such function."""
    functions = _backend("lambda", account, region).list_functions()
    found = next((one for one in functions if one.function_name == name), None)
    return None if found is None else dict(found.tags)


def of_table(account: str, region: str, name: str) -> dict[str, str] | None:
    """The tags of a table; None where there is no such table."""
    found = _backend("dynamodb", account, region).tables.get(name)
    # A tag that is put there again stands in the list twice, and the last one counts.
    return None if found is None else _listed(found.tags)


def _listed(tags: Any, prefix: str = "") -> dict[str, str]:
    return {str(tag[f"{prefix}Key"]): str(tag[f"{prefix}Value"]) for tag in tags or ()}


def of_object(bucket: str, key: str, version: str | None = None) -> dict[str, str] | None:
    """The tags of an object; None where there is no such object."""
    from moto.s3.models import FakeKey, s3_backends

    owner = s3_backends.bucket_accounts.get(bucket)
    held = None if owner is None else s3_backends[owner[1]][owner[0]].get_bucket(bucket)
    versions = [] if held is None else held.keys.getlist(key, default=[])
    chosen = [one for one in versions if version is None or str(one.version_id) == str(version)]
    if not chosen or not isinstance(chosen[-1], FakeKey):
        return None
    tagger = s3_backends[chosen[-1].account_id][chosen[-1].partition].tagger
    return dict(tagger.get_tag_dict_for_resource(chosen[-1].arn))


def partition_key(account: str, region: str, table: str) -> str | None:
    """The attribute that is the partition key of a table; None where there is no such table."""
    found = _backend("dynamodb", account, region).tables.get(table)
    return None if found is None else str(found.hash_key_attr)


def of_query(account: str, region: str, table: str, parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """
    The value of the partition key that a query of a table is about, as DynamoDB has values: `{"S": "a"}`; also of a
    query of an index that has the partition key of the table.

    Args:
        account: of the table.
        region: of it.
        table: its name.
        parameters: of the request.

    Returns:
        None where there is no such table or index, the index has another partition key, or the query does not say one.
    """
    from moto.dynamodb.parsing.key_condition_expression import parse_expression

    found = _backend("dynamodb", account, region).tables.get(table)
    expression = parameters.get("KeyConditionExpression")
    schema = None if found is None else _schema(found, parameters.get("IndexName"))
    if found is None or schema is None or not expression:
        return None
    values, names = parameters.get("ExpressionAttributeValues") or {}, parameters.get("ExpressionAttributeNames") or {}
    try:
        asked, *_ = parse_expression(str(expression), values, names, schema)
    except Exception:  # noqa: BLE001 - whatever moto cannot read it refuses, once the request is allowed
        return None
    given = [value for name, value in asked if name == found.hash_key_attr]
    # What is no placeholder is read as if it were a text.
    return given[0] if len(asked) == len(given) == 1 and given[0] in values.values() else None


def _schema(table: Any, index: object) -> list[dict[str, Any]] | None:
    """The keys of a table, or of an index of it by the same partition key; None where there is none of that name."""
    if not index:
        return list(table.schema)
    schemas = [list(one.schema) for one in (*table.indexes, *table.global_indexes) if one.name == index]
    return next((one for one in schemas if one[0] == table.schema[0]), None)


def _backend(service: str, account: str, region: str) -> Any:
    from moto.backends import get_backend

    return get_backend(service)[account][region]  # type: ignore[call-overload]
