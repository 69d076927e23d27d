"""
The tags of a user, role or other resource: its own, and those that its provider gives to everything.
"""

from __future__ import annotations

from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value, reference
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.types.types_of_aws import CLOUD_CONTROL
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.merged_objects import MergedObject
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, Known, Unknown, Value

#: What has a policy that may look at its tags.
_TAGGED = frozenset(
    (
        "aws_kms_external_key",
        "aws_kms_key",
        "aws_kms_replica_external_key",
        "aws_kms_replica_key",
        "aws_secretsmanager_secret",
        "aws_sns_topic",
        "aws_sqs_queue",
    )
)


class _NotKnown(Exception):
    """Which tags there are is not known."""


def tags_of(made: Lowering, instance: Instance) -> object:
    """The tags as CloudFormation writes them; `ABSENT` where there are none."""
    try:
        every = made.value(instance, "tags_all")
        if every is None and instance.type == "aws_iam_user" and (known := _in_any_case(made, instance)):
            return known
        # What a plan or state knows has the provider's in it.
        entries = _entries(every) if every is not None else _with_defaults(made, instance)
        ignored = _ignored(made, instance)
        entries = tuple(entry for entry in entries if not ignored or _key(entry) not in ignored)
    except _NotKnown:
        # Of tags that nobody knows none is known to be missing. What they are made of is in their name.
        given = made.value(instance, "tags")
        return reference(given.shown if isinstance(given, Unknown) else f"{instance.address}.tags")
    if not entries and not ignored:
        return ABSENT
    found = [{"Key": lower_value(entry.key, made), "Value": lower_value(entry.value, made)} for entry in entries]
    return [*found, *({"Key": key, "Value": {"Ref": f"{instance.address}.tags.{key}"}} for key in ignored)]


def tags_in_requests(made: Lowering, instance: Instance) -> dict[str, object]:
    """The tags, as a property, of what has a resource policy: requests to it may carry them."""
    tags = tags_of(made, instance) if instance.type in _TAGGED else ABSENT
    return {} if tags is ABSENT else {"Tags": tags}


def _in_any_case(made: Lowering, instance: Instance) -> list[dict[str, object]]:
    """
    The tags that are there whatever those are that nobody knows and that they are merged with, and one for all those.

    It is so of users alone, who may have any other tag too: of a role, what is not listed is missing.
    """
    merged = made.value(instance, "tags")
    if not isinstance(merged, MergedObject):
        return []
    ignored = _ignored(made, instance)
    found = [
        {"Key": key, "Value": lower_value(value, made)} for key, value in merged.entries.items() if key not in ignored
    ]
    rest = reference(merged.shown)
    return [*found, {"Key": rest, "Value": rest}] if found else []


def _with_defaults(made: Lowering, instance: Instance) -> tuple[Entry, ...]:
    """
    Those of the provider, of which the resource's own win.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
    """
    configuration = made.providers.get(instance.provider)
    own = _entries(made.value(instance, "tags"))
    block = configuration.arguments.get("default_tags") if configuration is not None else None
    if block is None or instance.type.startswith(CLOUD_CONTROL):
        return own
    rows = block.items if isinstance(block, Items) else (block,)
    defaults = [entry for row in rows for one in _entries(row) if _key(one) == "tags" for entry in _entries(one.value)]
    if not defaults:
        return own
    names = {_key(entry) for entry in own}
    return (*(entry for entry in defaults if _key(entry) not in names), *own)


def _ignored(made: Lowering, instance: Instance) -> tuple[str, ...]:
    """
    The keys of the tags that the provider leaves as others set them, and never looks at.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs#ignore_tags-configuration-block
    """
    configuration = made.providers.get(instance.provider)
    block = configuration.arguments.get("ignore_tags") if configuration is not None else None
    if block is None or instance.type.startswith(CLOUD_CONTROL):
        return ()
    rows = block.items if isinstance(block, Items) else (block,)
    found: list[str] = []
    for named in (one for row in rows for one in _entries(row)):
        listed = named.value.items if isinstance(named.value, Items) else (named.value,)
        known = [str(one.value) for one in listed if isinstance(one, Known) and one.value is not None]
        if any(not isinstance(one, Known) for one in listed) or (known and _key(named) == "key_prefixes"):
            # Of a prefix nobody knows which keys there are.
            raise _NotKnown
        found += known
    return tuple(found)


def _key(entry: Entry) -> object:
    if not isinstance(entry.key, Known):
        raise _NotKnown
    return entry.key.value


def _entries(value: Value | None) -> tuple[Entry, ...]:
    if value is None or (isinstance(value, Known) and value.value is None):
        return ()
    if not isinstance(value, Fields):
        raise _NotKnown
    return value.entries
