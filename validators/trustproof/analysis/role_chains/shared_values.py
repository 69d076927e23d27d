"""
The values of parameters that several templates know: what is passed on to nested stacks is one thing for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.model.deployments import Assignment, excluded_values
from trustproof.model.made_names import is_made
from trustproof.model.names import in_stack

_NOTHING: Mapping[str, str] = {}


class SharedValues(NamedTuple):
    """
    At which values of parameters something was read, by the names that all stacks know these by.
    """

    given: Mapping[str, str] = _NOTHING
    #: Those that it was read at the default of, and the defaults.
    at_default: Mapping[str, str] = _NOTHING
    #: Parameters and values that they do not have.
    excluded: frozenset[tuple[str, str]] = frozenset()
    #: Parameters that do not have their defaults.
    not_default: frozenset[str] = frozenset()

    def excludes(self, other: SharedValues) -> str:
        """A parameter that would have two values if both are so; empty where there is none."""
        mine, others = {**self.at_default, **self.given}, {**other.at_default, **other.given}
        names = (*mine, *others, *self.not_default)
        return next((name for name in names if self._excludes(name, mine, other, others)), "")

    def joined(self, other: SharedValues) -> SharedValues:
        """What is so where both are, of which neither excludes the other."""
        return SharedValues(
            {**self.given, **other.given},
            {**self.at_default, **other.at_default},
            self.excluded | other.excluded,
            self.not_default | other.not_default,
        )

    def _excludes(self, name: str, mine: Mapping[str, str], other: SharedValues, others: Mapping[str, str]) -> bool:
        here, there = mine.get(name), others.get(name)
        if here is not None and there is not None and here != there:
            return True
        is_excluded = (name, str(here)) in other.excluded or (name, str(there)) in self.excluded
        is_opened = name in self.at_default and name in other.not_default
        return is_excluded or is_opened or (name in other.at_default and name in self.not_default)


def shared_values(stack: str, assignment: Assignment | None, defaults: Mapping[str, str] = _NOTHING) -> SharedValues:
    """
    The values of an assignment of a template.

    Args:
        stack: how the names begin by which others speak of its parameters.
        defaults: what else was read at which default.
    """
    if assignment is None:
        return SharedValues(at_default={_shared(stack, name): value for name, value in defaults.items()})
    given = {_shared(stack, name): value for name, value in assignment.values if not is_made(name)}
    not_default = frozenset(_shared(stack, name) for name in assignment.not_default)
    left = {_shared(stack, name): value for name, value in defaults.items()}
    return SharedValues(
        given,
        {name: value for name, value in left.items() if name not in given and name not in not_default},
        frozenset((_shared(stack, name), value) for name, value in excluded_values(assignment)),
        not_default,
    )


def _shared(stack: str, name: str) -> str:
    return name if in_stack(name)[0] else f"{stack}/{name}"


def at_two_values(values: Sequence[SharedValues]) -> str:
    """The first parameter that would have two values if all are so; empty where there is none."""
    return next(filter(None, _clashes(values)), "")


def _clashes(values: Sequence[SharedValues]) -> Iterator[str]:
    for place, one in enumerate(values):
        yield from (one.excludes(other) for other in values[:place])
