"""
The tags of a user or role: its own, and those that its provider gives to everything.
"""

from __future__ import annotations

from trustproof.inputs.terraform.expressions import ABSENT, lower_value
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.lowering import Lowering
from trustproof.inputs.terraform.values import Entry, Fields, Items, Known, Value


class _NotKnown(Exception):
    """Which tags there are is not known."""


def tags_of(made: Lowering, instance: Instance) -> object:
    """The tags as CloudFormation writes them; `ABSENT` where there are none."""
    try:
        every = made.value(instance, "tags_all")
        # What a plan or state knows has the provider's in it.
        entries = _entries(every) if every is not None else _with_defaults(made, instance)
    except _NotKnown:
        # Of tags that nobody knows none is known to be missing.
        return {"Ref": f"{instance.address}.tags"}
    if not entries:
        return ABSENT
    return [{"Key": lower_value(entry.key, made), "Value": lower_value(entry.value, made)} for entry in entries]


def _with_defaults(made: Lowering, instance: Instance) -> tuple[Entry, ...]:
    """
    Those of the provider, of which the resource's own win.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
    """
    configuration = made.providers.get(instance.provider)
    own = _entries(made.value(instance, "tags"))
    block = configuration.arguments.get("default_tags") if configuration is not None else None
    if block is None or instance.type.startswith("awscc_"):
        return own
    rows = block.items if isinstance(block, Items) else (block,)
    defaults = [entry for row in rows for one in _entries(row) if _key(one) == "tags" for entry in _entries(one.value)]
    if not defaults:
        return own
    names = {_key(entry) for entry in own}
    return (*(entry for entry in defaults if _key(entry) not in names), *own)


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
