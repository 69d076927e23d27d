"""
Assignments of what is judged apart, put together: where parts of a policy have nothing to do with each other, one
deployment says of each of them what it is there, and there are as many as of one part, and not as of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.value_classes import joined
from trustproof.model.deployments import Assignment

_PSEUDO = "AWS::"


class Part(NamedTuple):
    """
    A part that is judged apart.
    """

    #: All that it reads.
    names: Collection[str]
    #: Its assignments, each as the classes that it is made of.
    assignments: Sequence[tuple[Assignment, ...]]


class _Row:
    """An assignment that several parts share."""

    def __init__(self) -> None:
        self.classes: dict[frozenset[str], Assignment] = {}
        self.names: set[str] = set()
        #: What its parts read, and what is decided together with that.
        self.read: set[str] = set()
        self.parts: set[int] = set()

    def takes(self, classes: Mapping[frozenset[str], Assignment], read: Collection[str]) -> bool:
        """Whether it may have some more classes: those of the same names are the same, and no others are read."""
        if any(self.classes.get(names, one) != one for names, one in classes.items()):
            return False
        own = set[str]().union(*classes)
        return not (self.names - own) & set(read) and not (own - self.names) & self.read

    def add(self, number: int, classes: Mapping[frozenset[str], Assignment], read: Collection[str]) -> None:
        self.parts.add(number)
        self.classes.update(classes)
        self.names.update(*classes)
        self.read.update(read)

    def with_classes(self, classes: Mapping[frozenset[str], Assignment]) -> Assignment:
        return joined(tuple({**self.classes, **classes}.values()))


def merged(
    parts: Sequence[Part], together: Iterable[Collection[str]], exists: Callable[[Assignment], bool]
) -> list[Assignment]:
    """
    Assignments in which each of those of each part is.

    Args:
        together: names of which some decide which values others may have.
        exists: whether some deployment has an assignment.
    """
    groups = _groups(together)
    rows: list[_Row] = []
    for number, part in enumerate(parts):
        read = _with_all(map(_called, part.names), groups)
        for chosen in part.assignments:
            classes = {_names(one): one for one in chosen}
            fitting = (row for row in rows if number not in row.parts and row.takes(classes, read))
            row = next((row for row in fitting if exists(row.with_classes(classes))), None)
            if row is None:
                rows.append(row := _Row())
            row.add(number, classes, read)
    return [row.with_classes({}) for row in rows]


def _called(name: str) -> str:
    """A name; where a stack is, is one thing."""
    return _PSEUDO if name.startswith(_PSEUDO) else name


def _names(one: Assignment) -> frozenset[str]:
    """The names that a class is of."""
    given = (name for name, _ in one.values if not name.startswith("Fn::"))
    return frozenset(map(_called, (*given, *one.not_default, *(name for name, _ in one.named))))


def _groups(together: Iterable[Collection[str]]) -> list[set[str]]:
    """Names of which some decide about others, also over a third one."""
    groups: list[set[str]] = []
    for names in together:
        new = set(map(_called, names))
        near = [one for one in groups if not one.isdisjoint(new)]
        groups = [one for one in groups if one.isdisjoint(new)]
        groups.append(new.union(*near))
    return groups


def _with_all(names: Iterable[str], groups: Sequence[set[str]]) -> set[str]:
    read = set(names)
    return read.union(*(group for group in groups if not group.isdisjoint(read)))
