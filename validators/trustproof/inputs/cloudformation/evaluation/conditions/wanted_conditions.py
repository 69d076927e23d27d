"""
Conditions that are to come out some way, decided again only as far as a value that is added may matter to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader
from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import Equality, Reads
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope

#: So many comparisons that are kept cost as much as one that is read.
_KEPT = 4


class Decisions(NamedTuple):
    """
    How the conditions come out with some values.
    """

    #: By their position: whether each holds; None for one that is not decided.
    states: list[bool | None]
    #: By their position: the comparisons that were met and not decided.
    open: list[Mapping[str, Equality]]

    def together(self) -> dict[str, Equality]:
        """The comparisons that are not decided, in the order in which they are met."""
        found: dict[str, Equality] = {}
        for one in self.open:
            for key, equality in one.items():
                found.setdefault(key, equality)
        return found


class WantedConditions:
    """
    Several conditions, each with how it is to come out.

    Args:
        scope: one without the values that are tried.
        wanted: the names of conditions, each with whether it is to hold.
    """

    def __init__(self, scope: Scope, wanted: Sequence[tuple[str, bool]]) -> None:
        self._scope = scope
        self._wanted = wanted
        #: Those that name a condition in common are read together. Each group, by the positions of its conditions.
        self._groups: list[list[int]] = []
        #: For each parameter, the groups that read it.
        self._about: dict[str, list[int]] = {}
        #: The groups to which anything may matter.
        self._always: list[int] = []
        self._group(are_plain=scope.environment.outcomes.are_plain)

    def decide(self, values: Mapping[str, str], known: tuple[Decisions, str] | None) -> Decisions:
        """
        How the conditions come out with some values.

        Args:
            known: how they come out without the last of these, and what that is the value of; None where nobody asked.

        Raises:
            OverBudget: the template has asked for too much work.
        """
        count = len(self._wanted)
        groups: Iterable[int] = range(len(self._groups))
        if known is None:
            found = Decisions([None] * count, [{}] * count)
        else:
            before, name = known
            found = Decisions([*before.states], [*before.open])
            if name in self._scope.environment.parameters:
                groups = (*self._always, *self._about.get(name, ()))
        self._scope.environment.work.step(1 + count // _KEPT)
        opened = self._scope.opened(values)
        for group in groups:
            reading = ConditionReader(opened)
            for position in self._groups[group]:
                met = len(reading.open)
                found.states[position] = reading.named(self._wanted[position][0])
                found.open[position] = dict([*reading.open.items()][met:])
        return found

    def _group(self, *, are_plain: bool) -> None:
        """Find out which conditions are read together, and what matters to them."""
        environment = self._scope.environment
        read = [environment.outcomes.reads(name) if are_plain else Reads({name}, None) for name, _ in self._wanted]
        if are_plain:
            environment.work.name(sum(len(one.conditions) for one in read))
        group_of: dict[str, int] = {}
        groups: dict[int, list[int]] = {}
        for position, one in enumerate(read):
            joined = sorted({group_of[name] for name in one.conditions if name in group_of}) if are_plain else [0]
            positions = sorted([*(p for group in joined for p in groups.pop(group, ())), position])
            groups[positions[0]] = positions
            for name in (name for p in positions for name in read[p].conditions) if len(joined) > 1 else one.conditions:
                group_of[name] = positions[0]
        for number, positions in enumerate(groups.values()):
            self._groups.append(positions)
            parameters: set[str] = set()
            for position in positions:
                parameters.update(read[position].parameters or ())
            if any(read[position].names is None for position in positions):
                self._always.append(number)
                continue
            for name in parameters:
                self._about.setdefault(name, []).append(number)
