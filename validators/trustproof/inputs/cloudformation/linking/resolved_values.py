"""
The values of other stacks, and how much they are, written out: each may take another one twice, and so double it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.results.result import BUDGET

#: How many parts an expression may have that is a value of another stack.
MAX_PARTS = 20_000
#: How many stacks may make a value of that of another one in turn; those that pass it on as it is do not count.
MAX_MADE_OF = 60
#: How many of them may do so where conditions decide what it is: each is decided next to all of the others.
MAX_DECIDED = 12
#: Why a value is not known that more make.
MADE_OF_TOO_MANY = f"{BUDGET}: stacks that make a value of that of another one ({MAX_MADE_OF})"
DECIDED_BY_TOO_MANY = f"{BUDGET}: stacks whose conditions decide in turn what a value is ({MAX_DECIDED})"


class UnresolvedValue(NamedTuple):
    """Why nobody can say what a value is."""

    reason: str


class ResolvedValue(NamedTuple):
    """A value of another stack: an expression, what it refers to, when it is there, and who has to do with it."""

    value: object
    linked_values: LinkedValues
    exists: object
    sources: tuple[int, ...]
    #: Those of them of which something is named in it.
    named: tuple[int, ...]
    #: How many stacks have made it of what another one gives, in turn, the first one counted.
    links: int

    def passed_on_by(self, index: int) -> ResolvedValue:
        """The same where a stack gives what it is given: whom that has it from is a question about that stack."""
        return self._replace(exists=None, sources=tuple(dict.fromkeys((index, *self.named))))


class Taken:
    """
    What a value is made of that others give.

    Args:
        own: the place of the stack that makes it.
    """

    def __init__(self, *own: int) -> None:
        self.links = 0
        #: What takes too much of it: then it would take too much to make more of that.
        self.over_budget: UnresolvedValue | None = None
        self._sources: dict[int, None] = dict.fromkeys(own)
        self._named: dict[int, None] = {}
        self._found: list[ResolvedValue] = []

    @property
    def sources(self) -> tuple[int, ...]:
        """Who has to do with it."""
        return tuple(self._sources)

    @property
    def named(self) -> tuple[int, ...]:
        """Of whom something is named in it."""
        return tuple(self._named)

    def add(self, found: ResolvedValue) -> None:
        """Have something be made of a value that another stack gives."""
        self._found.append(found)
        self.links = max(self.links, found.links)
        self._sources.update(dict.fromkeys(found.sources))
        self._named.update(dict.fromkeys(found.named))

    def fail(self, found: UnresolvedValue) -> None:
        """Have something be made of a value of another stack that nobody can say."""
        if BUDGET in found.reason:
            self.over_budget = found

    def names(self, *indices: int) -> None:
        """Have something of other stacks be named in it."""
        self._sources.update(dict.fromkeys(indices))
        self._named.update(dict.fromkeys(indices))

    def same_as(self, value: object, linked_values: LinkedValues) -> ResolvedValue | None:
        """What another stack gives, where a value, with what it refers to, is just that."""
        for one in self._found:
            brings_more = linked_values is not one.linked_values and any((*linked_values, *one.linked_values))
            if value is one.value and not brings_more:
                return one
        return None

    def value(self, value: object, linked_values: LinkedValues, exists: object) -> ResolvedValue:
        """What a stack makes of it."""
        return ResolvedValue(value, linked_values, exists, self.sources, self.named, self.links + 1)


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
