"""
Sets of items: each of them once, in the order in which Terraform goes through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trustproof.inputs.terraform.configuration.evaluation import equality
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.set_order import in_order
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Items, Value

#: With so many of those before it an item that is not known is compared.
_COMPARED = 200


def set_of(
    found: Iterable[Value], place: Place | None, sensitive: bool = False, step: Callable[[], object] = lambda: None
) -> Items:
    """
    A set of items, in the order in which Terraform goes through it as far as that is known.

    Args:
        step: called for each item.

    Raises:
        NotKnown: whether two of them are one is not known.
    """
    return Items(tuple(in_order(without_doubles(found, step))), True, place, sensitive)


def without_doubles(found: Iterable[Value], step: Callable[[], object]) -> list[Value]:
    """
    The items without those that are known to be another one.

    Args:
        step: called for each item.

    Raises:
        NotKnown: whether two of them are one is not known.
    """
    known: set[str] = set()
    kept: list[Value] = []
    for item in found:
        step()
        if item.is_known:
            # As JSON, "1" and 1 are two.
            key = convert.to_json(convert.plain(item))
            if key in known:
                continue
            known.add(key)
        elif any(equality.equal(item, other) for other in kept[:_COMPARED] if type(other) is type(item)):
            continue
        kept.append(item)
    return kept
