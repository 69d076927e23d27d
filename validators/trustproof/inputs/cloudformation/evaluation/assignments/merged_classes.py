"""
Assignments of what is judged apart, put together: where parts of a policy have nothing to do with each other, one
deployment says of each of them what it is there, and there are as many as of one part, and not as of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import prod
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.value_classes import joined
from trustproof.model.deployments import Assignment
from trustproof.sets.search import BudgetReached

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
        if any(name in self.names and name not in own for name in read):
            return False
        return not any(name in self.read and name not in self.names for name in own)

    def is_apart_from(self, classes: Mapping[frozenset[str], Assignment]) -> bool:
        """Whether some classes are of no name that it has a value of, but for those that it has."""
        return all(names in self.classes or self.names.isdisjoint(names) for names in classes)

    def add(self, number: int, classes: Mapping[frozenset[str], Assignment], read: Collection[str]) -> None:
        self.parts.add(number)
        self.classes.update(classes)
        self.names.update(*classes)
        self.read.update(read)

    def with_classes(self, classes: Mapping[frozenset[str], Assignment]) -> Assignment:
        return joined(tuple({**self.classes, **classes}.values()))


def merged(
    parts: Sequence[Part],
    together: Iterable[Collection[str]],
    exists: Callable[[Assignment], bool],
    *,
    is_each_alone: bool = False,
) -> list[Assignment]:
    """
    Assignments in which each of those of each part is.

    Args:
        together: names of which some decide which values others may have.
        exists: whether some deployment has an assignment.
        is_each_alone: whether a deployment that has an assignment may have any values of other names besides: of
            thousands of parameters, each was asked about next to all before it.
    """
    groups = _groups(together)
    rows: list[_Row] = []
    for number, part in enumerate(parts):
        read = _with_all(map(_called, part.names), groups)
        for chosen in part.assignments:
            classes = {_names(one): one for one in chosen}
            fitting = (row for row in rows if number not in row.parts and row.takes(classes, read))
            row = next(
                (
                    row
                    for row in fitting
                    if (is_each_alone and row.is_apart_from(classes)) or exists(row.with_classes(classes))
                ),
                None,
            )
            if row is None:
                rows.append(row := _Row())
            row.add(number, classes, read)
    return [row.with_classes({}) for row in rows]


def known_to_exist(
    options: list[list[Assignment]],
    exists_alone: Callable[[Assignment], bool] | None,
    most: int,
    *,
    is_asked: bool,
) -> tuple[list[list[Assignment]], bool]:
    """
    Classes of which one of each list is chosen; and whether there is a deployment with any such choice, so that none of
    them need be asked about: of thousands of parameters, that was about all of them a thousand times.

    Args:
        exists_alone: whether some deployment has a class, where it may have any values of other names besides; None
            where values of some names decide about those of others.
        most: so many choices are looked at.
        is_asked: whether those are given as well at which there is no deployment.

    Raises:
        BudgetReached: there are more.
    """
    if not is_asked and (exists_alone is None or not _are_apart(options)):
        return options, False
    if not is_asked and exists_alone is not None:
        options = [[one for one in each if exists_alone(one)] for each in options]
    if prod(map(len, options)) > most:
        raise BudgetReached("assignments of template parameters", most)
    return options, True


def _are_apart(options: Iterable[Collection[Assignment]]) -> bool:
    """Whether each of some lists of classes is of other names than the others."""
    names = [set[str]().union(*map(_names, each)) for each in options]
    return sum(map(len, names)) == len(set[str]().union(*names))


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
