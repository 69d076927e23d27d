"""
What a plan speaks of and does not plan: changes that it puts off, and blocks of its configuration that it was made
without. Nobody looks into them, and that is said.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
https://developer.hashicorp.com/terraform/cli/commands/plan#resource-targeting
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from trustproof.inputs.terraform.plans.plan_configuration import PlanConfiguration
from trustproof.inputs.terraform.snapshots.detect import list_of_objects, object_of, text
from trustproof.inputs.terraform.types.table import table
from trustproof.inputs.terraform.values.instances import Instance, Note, without_keys

#: Of one block, that are said to be left out.
_MOST_INSTANCES = 1_000
_LEFT_OUT = "the configuration has, and the plan says nothing of: it was made of others"
_LEFT_OUT_OR_NONE = f"{_LEFT_OUT}, or none of it is enabled"


def deferred_changes(content: Mapping[str, object], file: str) -> Iterator[Note]:
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


def left_out(configured: PlanConfiguration, addresses: Collection[str], *, is_partial: bool) -> Iterator[Note]:
    """
    What may hold policies, and a plan says nothing of though it was made of its configuration.

    A plan that does not say whether it was made of some resources only, as one of OpenTofu, is seen to be where a block
    is left out of which ``count`` and ``for_each`` cannot make none. Else those that may make none are not given.

    Args:
        addresses: of what it says something.
        is_partial: whether it was made of some resources only, as far as it says so.
    """
    there = _blocks(addresses)
    is_partial = is_partial or any(block not in there and not many for block, many in configured.managed.items())
    for block, many in configured.managed.items():
        if _type(block) not in table():
            continue
        number = configured.numbers.get(block)
        if number is not None:
            # Whoever writes the plan writes the number: what is gone through and said of it has an end.
            every = (one for one in range(number) if f"{block}[{one}]" not in addresses)
            absent = list(islice(every, _MOST_INSTANCES))
            if absent and (len(absent) < number if number <= _MOST_INSTANCES else block in there):
                yield from (Note(f"{block}[{one}]", _LEFT_OUT, is_left_out=True) for one in absent)
                continue
        if block not in there and (is_partial or not many or number):
            yield Note(block, _LEFT_OUT if number else _LEFT_OUT_OR_NONE, is_left_out=True)


def not_made(written: Iterable[Instance], addresses: Collection[str]) -> Iterator[Note]:
    """
    The resources that a configuration makes in any case, that may hold policies, and of which its plan says nothing.

    Args:
        written: what the configuration makes.
        addresses: of what the plan says something.
    """
    for instance in written:
        is_certain = instance.condition is None and not instance.is_data and not instance.address.endswith("[*]")
        if is_certain and instance.type in table() and instance.address not in addresses:
            yield Note(instance.address, _LEFT_OUT, instance.place, is_left_out=True)


def never_made(written: Sequence[Instance], addresses: Iterable[str], blocks: Collection[str]) -> str:
    """
    The first resource that a plan makes, and its configuration does not: that is known of each of its block. Empty
    where there is none.

    Args:
        written: what the configuration makes.
        addresses: of the resources that the plan makes.
        blocks: those of the configuration, without keys.
    """
    made = {one.address for one in written}
    absent = sorted(one for one in addresses if one not in made and without_keys(one) in blocks)
    if not absent:
        return ""
    undecided = {without_keys(one.address) for one in written if one.condition is not None or "[*]" in one.address}
    # Of a block that makes none nobody has seen here whether that is known.
    told = {without_keys(one.address) for one in written} - undecided
    return next((one for one in absent if without_keys(one) in told), "")


def _blocks(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(map(without_keys, addresses))


def _type(block: str) -> str:
    return block.split(".")[-2]
