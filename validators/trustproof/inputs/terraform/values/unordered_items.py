"""
Lists of which nobody knows the order: what is made of a set, item by item, where that of the set is not known.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Items, Value


class Unordered(Items):
    """A list whose items are known, and not in which order they are, nor whether some of them are one."""

    __slots__ = ()


def listed(found: Iterable[Value], in_order: bool, place: Place | None, sensitive: bool = False) -> Items:
    """
    A list.

    Args:
        in_order: whether its order is known.
    """
    items = tuple(found)
    return Items(items, False, place, sensitive) if in_order else Unordered(items, True, place, sensitive)
