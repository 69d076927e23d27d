"""
What a plan speaks of and does not plan: changes that it puts off, and blocks of its configuration that it was made
without. Nobody looks into them, and that is said.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
https://developer.hashicorp.com/terraform/cli/commands/plan#resource-targeting
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from trustproof.inputs.terraform.detect import list_of_objects, object_of, text
from trustproof.inputs.terraform.instances import Note, without_keys
from trustproof.inputs.terraform.plan_configuration import Configured
from trustproof.inputs.terraform.table import table


def deferred(content: Mapping[str, object], file: str) -> Iterator[Note]:
    """
    The resources whose changes a plan puts off.

    Raises:
        InputError: they are malformed.
    """
    for entry in list_of_objects(content.get("deferred_changes"), "deferred_changes", file):
        change = object_of(entry.get("resource_change"), "the resource_change of a deferred change", file)
        if change.get("mode") != "data" and change.get("type") in table():
            address = text(change.get("address"), "the address of a deferred change", file)
            why = entry.get("reason")
            reason = f" ({why})" if isinstance(why, str) and why else ""
            yield Note(address, f"the plan puts off{reason}: a later plan says what it will be", is_left_out=True)


def left_out(configured: Configured, addresses: Collection[str], *, is_partial: bool) -> Iterator[Note]:
    """
    The blocks that may hold policies, of which a plan says nothing though it was made of their configuration.

    Of a plan that does not say whether it was made of some resources only, as of one of OpenTofu, those are given of
    which ``count`` and ``for_each`` cannot make none.

    Args:
        addresses: of what it says something.
        is_partial: whether it was made of some resources only, as far as it says so.
    """
    there = _blocks(addresses)
    for block, many in configured.managed.items():
        if block not in there and (is_partial or not many) and _type(block) in table():
            reason = (
                "the configuration has, and the plan says nothing of: it was made of others, or none of it is enabled"
            )
            yield Note(block, reason, is_left_out=True)


def _blocks(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(map(without_keys, addresses))


def _type(block: str) -> str:
    return block.split(".")[-2]
