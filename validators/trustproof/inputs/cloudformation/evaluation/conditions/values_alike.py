"""
Values of a parameter that some conditions cannot tell apart: a search that failed with one fails with each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from trustproof.inputs.cloudformation.evaluation.conditions.comparison_sides import put_deciding_names
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader, fault
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope

_COMBINING = ("Fn::And", "Fn::Or", "Fn::Not")


class ValuesAlike:
    """
    Tells values apart by how what reads them comes out.

    Args:
        scope: one without the values that are tried.
        wanted: the names of conditions that depend on parameters, pseudo-parameters and mappings only.
    """

    def __init__(self, scope: Scope, wanted: Sequence[str]) -> None:
        self._scope = scope
        self._wanted = wanted
        #: A search comes to the same value beside each combination of others.
        self._outcomes: dict[tuple[str, str], tuple[bool, ...] | None] = {}

    def outcome(self, name: str, value: str) -> tuple[bool, ...] | None:
        """How all comes out that reads a parameter; None where more than its value decides that."""
        if (name, value) not in self._outcomes:
            self._outcomes[name, value] = self._outcome(name, value)
        return self._outcomes[name, value]

    def _outcome(self, name: str, value: str) -> tuple[bool, ...] | None:
        if not (asking := self._asking.get(name, ())):
            return None
        reading = ConditionReader(self._scope.opened({name: value}))
        states = [reading.expression(one) for one in asking]
        return None if None in states else tuple(map(bool, states))

    @cached_property
    def _asking(self) -> dict[str, list[object]]:
        """By the parameters that are never read together with another one: the conditions, and parts, that read it."""
        read = [*self._parts([{"Condition": name} for name in self._wanted], set())]
        together = {name for _, names in read if len(names) > 1 for name in names}
        found: dict[str, list[object]] = {}
        for one, names in read:
            for name in names - together:
                found.setdefault(name, []).append(one)
        return found

    def _parts(self, expressions: Sequence[object], seen: set[str]) -> Iterator[tuple[object, set[str]]]:
        """The largest parts of conditions that read one name, and the smallest of the others, with what each reads."""
        environment = self._scope.environment
        for one in expressions:
            environment.work.name()
            ((function, argument),) = one.items() if isinstance(one, dict) else (("", None),)
            if function == "Condition":
                if argument in seen or fault(environment, str(argument)) is not None:
                    continue
                seen.add(str(argument))
                names = environment.outcomes.reads(str(argument)).names or set()
                if len(names) == 1:
                    yield one, names
                else:
                    yield from self._parts([environment.conditions[str(argument)]], seen)
            elif function in _COMBINING and isinstance(argument, list):
                yield from self._parts(argument, seen)
            else:
                there: dict[str, None] = {}
                put_deciding_names(self._scope, one, there, set())
                yield one, {*there}
