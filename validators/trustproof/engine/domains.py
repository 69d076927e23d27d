"""
Values of one dimension of a request: a set, and whether the key may be absent.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.strings import StringSet

Present: TypeAlias = "StringSet | NumberSet | AddressSet | CollectionSet[StringSet]"


class Values:
    """
    The values a key may have: `absent`, or a member of `present` (None: it cannot be present).
    """

    __slots__ = ("absent", "present")

    absent: Final[bool]
    present: Final[Present | None]

    def __init__(self, absent: bool, present: Present | None) -> None:
        self.absent = absent
        self.present = present

    def __and__(self, other: Values) -> Values:
        if self.present is None or other.present is None:
            return Values(self.absent and other.absent, None)
        if type(self.present) is not type(other.present):
            raise AssertionError(f"one dimension has two types: {self.present!r} and {other.present!r}")
        return Values(self.absent and other.absent, self.present & other.present)  # type: ignore[operator]

    def is_apart_from(self, other: Values) -> bool:
        """Whether it surely has no value in common with other values: a quick look, and False says nothing."""
        if self.absent and other.absent:
            return False
        here, there = self.present, other.present
        return isinstance(here, StringSet) and isinstance(there, StringSet) and here.begins_otherwise(there)

    @property
    def beginning(self) -> str:
        """What all of the values begin with, as far as a quick look says it."""
        return self.present.beginning if not self.absent and isinstance(self.present, StringSet) else ""

    @property
    def is_empty(self) -> bool:
        """
        Whether no value is left.

        Raises:
            BudgetReached: when deciding that would take more than the named number of steps.
        """
        return not self.absent and (self.present is None or self.present.sample() is None)

    def with_member(self) -> Values:
        """The same values, with what a search for one of them finds, where they are strings that must be there."""
        if self.absent or not isinstance(self.present, StringSet):
            return self
        return Values(False, self.present.with_member())

    def with_member_of(self, wider: Values) -> Values | None:
        """The same values, with what was found of wider ones that are no others; None where that is none of these."""
        here, there = self.present, wider.present
        if self.absent or not isinstance(here, StringSet) or not isinstance(there, StringSet):
            return None
        found = here.with_member_of(there)
        return None if found is None else Values(False, found)

    @property
    def searched(self) -> tuple[StringSet, ...]:
        """The sets of strings that a look for a member searches."""
        if self.absent or self.present is None:
            return ()
        if isinstance(self.present, StringSet):
            return (self.present,)
        return self.present.searched if isinstance(self.present, CollectionSet) else ()

    @property
    def width(self) -> int:
        """Of how many intervals it consists; what else there is, is counted where it is searched."""
        if isinstance(self.present, NumberSet):
            return len(self.present.intervals)
        return self.present.width if isinstance(self.present, AddressSet) else 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Values) and (self.absent, self.present) == (other.absent, other.present)

    def __hash__(self) -> int:
        return hash((self.absent, self.present))

    def __repr__(self) -> str:
        return f"<Values {'absent or ' if self.absent else ''}{self.present!r}>"


#: No value at all.
NOTHING = Values(False, None)
ABSENT = Values(True, None)


def text(*patterns: tuple[object, ...]) -> Values:
    """Strings that match one of the patterns; never absent."""
    return Values(False, StringSet.of(patterns))  # type: ignore[arg-type]


def not_text(*patterns: tuple[object, ...]) -> Values:
    """Strings that match none of the patterns; never absent."""
    return Values(False, StringSet.outside(patterns))  # type: ignore[arg-type]
