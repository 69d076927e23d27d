"""
Whether conditions contradict each other by how they are put together, whatever the values of parameters are.

A search that has to try values finds that too, once it has tried all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import fault
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.deployments import equality_key

#: What follows from what is wanted is looked for so often.
_MAX_ROUNDS = 4
#: What it costs to write a comparison out, in conditions that are looked up by name.
_WRITTEN = 2


def contradicts(environment: Environment, wanted: Mapping[str, bool], values: Mapping[str, str]) -> bool:
    """
    Whether conditions certainly do not come out as it is wanted, all of them together.

    Args:
        wanted: whether each condition is to hold.
        values: that parameters have, and how comparisons come out, by their names.

    Raises:
        OverBudget: the template has asked for too much work.
    """
    found = _Outcomes(environment, values)
    if not all(found.put(name, holds) for name, holds in wanted.items()):
        return True
    return not found.follow_for(_MAX_ROUNDS if len(wanted) > 1 else 1)


def holds_always(environment: Environment, name: str) -> bool:
    """
    Whether a condition certainly holds, whatever the values of parameters are.

    Raises:
        OverBudget: the template has asked for too much work.
    """
    found = _Outcomes(environment, {})
    return found.put(name, False) and not found.follow_for(_MAX_ROUNDS)


class _WrittenComparisons:
    """
    How comparisons of a template are written: each of many questions would write them out again.

    Args:
        environment: the declarations of the template.
    """

    def __init__(self, environment: Environment) -> None:
        #: By what is the same as long as the comparison is there, which is kept.
        self._texts: dict[int, tuple[object, str]] = {}

    def of(self, expression: object) -> str:
        """How one is written."""
        if id(expression) not in self._texts:
            self._texts[id(expression)] = expression, json.dumps(expression, sort_keys=True, default=str)
        return self._texts[id(expression)][1]


class _Outcomes:
    """How conditions and comparisons have to come out."""

    def __init__(self, environment: Environment, values: Mapping[str, str]) -> None:
        self._environment = environment
        self._named: dict[str, bool] = {}
        self._compared: dict[tuple[str, str], bool] = {}
        self._given = values
        self._values: dict[str, str] = {name: value for name, value in values.items() if self._is_one_text(name)}
        #: How comparisons are written, by what is the same as long as the template is there.
        self._written: dict[int, str] = {}
        #: How expressions come out, by what is the same as long as the template is there, and how much was known then:
        #: what is decided stays so, and what is open stays open until more is known.
        self._states: dict[int, tuple[bool | None, int]] = {}
        #: The conditions whose own expressions say how they come out.
        self._sound: dict[str, bool] = {}

    @property
    def count(self) -> int:
        """How much is known."""
        return len(self._named) + len(self._compared) + len(self._values)

    def put(self, name: str, holds: bool) -> bool:
        """Note how a condition has to come out; whether that contradicts nothing."""
        return self._named.setdefault(name, holds) is holds

    def follow_for(self, rounds: int) -> bool:
        """Note what follows from what is known, and what from that, so often; whether nothing contradicts it."""
        for _ in range(rounds):
            before = self.count
            if not self._follow():
                return False
            if self.count == before:
                break
        return True

    def _follow(self) -> bool:
        """Note what follows from what is known; whether nothing contradicts it."""
        for name, holds in [*self._named.items()]:
            self._environment.work.name()
            if self._is_sound(name) and not self._force(self._environment.conditions[name], holds=holds):
                return False
        return True

    def _is_sound(self, name: str) -> bool:
        if name not in self._sound:
            conditions = self._environment.conditions
            self._sound[name] = name in conditions and fault(self._environment, name) is None
        return self._sound[name]

    def _is_one_text(self, name: str) -> bool:
        """Whether the value of a name is what it is compared by."""
        parameter = self._environment.parameters.get(name)
        return parameter is not None and not parameter.is_list and not parameter.is_ssm

    def _force(self, expression: object, *, holds: bool) -> bool:
        state = self._state(expression)
        if state is not None:
            return state is holds
        assert isinstance(expression, dict)
        ((function, argument),) = expression.items()
        if function == "Condition" and isinstance(argument, str):
            return self.put(argument, holds)
        if function == "Fn::Not" and isinstance(argument, list):
            return self._force(argument[0], holds=not holds)
        if function in ("Fn::And", "Fn::Or") and isinstance(argument, list):
            if holds is (function == "Fn::And"):
                return all(self._force(part, holds=holds) for part in argument)
            left = [part for part in argument if self._state(part) is None]
            return len(left) != 1 or self._force(left[0], holds=holds)
        name, text = self._comparison(expression)
        if name and holds:
            self._values[name] = text
        else:
            self._compared[self._key(name, text, expression)] = holds
        return True

    def _state(self, expression: object) -> bool | None:
        """How an expression comes out by what is known; None where that is open."""
        state, count = self._states.get(id(expression), (None, -1))
        if state is not None or count == self.count:
            return state
        state = self._state_by_parts(expression)
        self._states[id(expression)] = state, self.count
        return state

    def _state_by_parts(self, expression: object) -> bool | None:
        self._environment.work.name()
        assert isinstance(expression, dict)
        ((function, argument),) = expression.items()
        if function == "Condition" and isinstance(argument, str):
            return self._named.get(argument)
        if function == "Fn::Not" and isinstance(argument, list):
            inner = self._state(argument[0])
            return None if inner is None else not inner
        if function in ("Fn::And", "Fn::Or") and isinstance(argument, list):
            states = {self._state(part) for part in argument}
            decisive = function == "Fn::Or"
            return decisive if decisive in states else None if None in states else not decisive
        name, text = self._comparison(expression)
        if name and name in self._values:
            return self._values[name] == text
        if name and (given := self._given.get(equality_key(name, text))) is not None:
            return given == "true"
        return self._compared.get(self._key(name, text, expression))

    def _key(self, name: str, text: str, expression: object) -> tuple[str, str]:
        """A comparison of a parameter with a text, whichever is written first; of others, how they are written."""
        if name:
            return name, text
        if id(expression) not in self._written:
            self._environment.work.name(_WRITTEN)
            texts = self._environment.indexes.of(self._environment, _WrittenComparisons)
            self._written[id(expression)] = texts.of(expression)
        return "", self._written[id(expression)]

    def _comparison(self, expression: dict[str, object]) -> tuple[str, str]:
        """The parameter that is compared with a text, and the text; empty where something else is compared."""
        sides = expression.get("Fn::Equals")
        if not isinstance(sides, list) or self._environment.dynamic:
            return "", ""
        for side, other in (sides, reversed(sides)):
            name = side.get("Ref") if isinstance(side, dict) and len(side) == 1 else None
            text = scalar_text(other)
            if isinstance(name, str) and text is not None and self._is_one_text(name):
                return name, text
        return "", ""
