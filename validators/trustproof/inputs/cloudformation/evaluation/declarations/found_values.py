"""
What searches for values of parameters have found: at each assignment of a template, they are asked the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.aws.partitions import may_be_together
from trustproof.inputs.cloudformation.values.parameter import Parameter

_PSEUDO = "AWS::"
#: So much of one template is kept, and about so many values and names together: of thousands of parameters, one
#: question is about each of them.
_MAX_KEPT, _MAX_NAMED = 20_000, 1_000_000


class Found(NamedTuple):
    """
    What a search has found.
    """

    #: None where no deployment has what was asked for.
    values: Mapping[str, str] | None
    #: Why it is not known; empty where it is.
    undecided: str
    #: How much work it was, in steps.
    steps: int


class SharedKey(NamedTuple):
    """
    What it is kept by, and what has to be the same besides.
    """

    about: tuple[object, ...]
    parameters: tuple[Parameter | None, ...]


class FoundValues:
    """
    What was found for one template as it is written, wherever and at whatever assignment it is read.
    """

    def __init__(self) -> None:
        #: What the template declares, in each way in which it has been read.
        self._declared: list[tuple[object, ...]] = []
        self._numbers: dict[tuple[int, ...], tuple[tuple[object, ...], int]] = {}
        self._names: dict[tuple[object, ...], tuple[str, ...] | None] = {}
        self._found: dict[tuple[object, ...], tuple[tuple[Parameter | None, ...], Found]] = {}
        self._always: dict[int, frozenset[str]] = {}
        #: How many values and names there are in what is kept.
        self._named = 0

    def number(self, declared: tuple[object, ...]) -> int:
        """A number for what a template declares, the same where that is equal."""
        ids = tuple(map(id, declared))
        if ids not in self._numbers:
            equal = (number for number, one in enumerate(self._declared) if one == declared)
            if (number := next(equal, None)) is None:
                number = len(self._declared)
                self._declared.append(declared)
            self._numbers[ids] = (declared, number)
        return self._numbers[ids][1]

    def always(self, number: int) -> frozenset[str] | None:
        """Those of some demands that always hold, by the number of what is declared; None where nobody asked."""
        return self._always.get(number)

    def keep_always(self, number: int, demands: frozenset[str]) -> None:
        """Keep which of some demands always hold."""
        self._always[number] = demands

    def names(self, question: tuple[object, ...]) -> tuple[str, ...] | None:
        """The names that matter to what is asked; None where that is not known, or nothing can be kept."""
        return self._names.get(question)

    def is_known(self, question: tuple[object, ...]) -> bool:
        """Whether it has been said which names matter to what is asked."""
        return question in self._names

    def put_names(self, question: tuple[object, ...], names: Sequence[str] | None) -> None:
        """Say which names matter to what is asked; None where nothing can be kept."""
        if len(self._names) < _MAX_KEPT and self._has_room(len(names or ())):
            self._names[question] = None if names is None else tuple(names)

    def key(
        self,
        question: tuple[object, ...],
        names: Sequence[str],
        values: Mapping[str, str],
        excluded: Mapping[str, Sequence[tuple[str, str]]],
        parameters: Mapping[str, Parameter],
    ) -> SharedKey:
        """
        What an answer is kept by.

        Args:
            names: those that matter.
            values: that are known.
            excluded: how comparisons come out, by the parameter that is compared.
            parameters: as they are declared where it is asked.
        """
        is_placed = any(name.startswith(_PSEUDO) for name in names)
        place = sorted(pair for pair in values.items() if is_placed and pair[0].startswith(_PSEUDO))
        place += [pair for name in names for pair in excluded.get(name, ())]
        is_one = may_be_together(values.get("AWS::Region"), values.get("AWS::Partition"))
        return SharedKey((question, is_one, *map(values.get, names), *place), tuple(map(parameters.get, names)))

    def get(self, key: SharedKey) -> Found | None:
        """What was found; None where nobody asked."""
        parameters, found = self._found.get(key.about, ((), None))
        return found if parameters == key.parameters else None

    def keep(self, key: SharedKey, found: Found) -> None:
        """Keep what was found."""
        if len(self._found) < _MAX_KEPT and self._has_room(len(key.about) + len(key.parameters)):
            self._found[key.about] = (key.parameters, found)

    def _has_room(self, named: int) -> bool:
        """Whether so many more values and names are kept."""
        self._named += named
        return self._named <= _MAX_NAMED
