"""
The values of other stacks, and how much they are, written out: each may take another one twice, and so double it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.linked_values import LinkedValues

#: How many parts an expression may have that is a value of another stack.
MAX_PARTS = 20_000


class UnresolvedValue(NamedTuple):
    """Why nobody can say what a value is."""

    reason: str


class ResolvedValue(NamedTuple):
    """A value of another stack: an expression, what it refers to, when it is there, and who has to do with it."""

    value: object
    linked_values: LinkedValues
    exists: object
    sources: tuple[int, ...]


class ExpressionSizes:
    """
    The sizes of expressions that are made of each other.
    """

    def __init__(self) -> None:
        #: By what it is in memory, which is kept there: an expression, and how many parts it has.
        self._known: dict[int, tuple[object, int]] = {}

    def of(self, value: object) -> int:
        """How many parts an expression has, those that others have been asked about looked up."""
        size, waiting = 0, [value]
        while waiting:
            one = waiting.pop()
            known = self._known.get(id(one))
            if known is not None:
                size += known[1]
                continue
            size += 1
            if isinstance(one, Mapping):
                waiting += one.values()
            elif isinstance(one, (list, tuple)):
                waiting += one
        if isinstance(value, (Mapping, list)):
            self._known[id(value)] = value, size
        return size
