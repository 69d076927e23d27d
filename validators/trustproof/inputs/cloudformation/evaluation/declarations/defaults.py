"""
Which parameters' defaults a judgement rests on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import named_conditions
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.loop_turns import without_loops
from trustproof.inputs.cloudformation.evaluation.declarations.reference_values import deciding_reference
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, attributes_of, names_in
from trustproof.inputs.cloudformation.values.passed_defaults import AtDefault
from trustproof.inputs.cloudformation.values.references import CROSS_STACK_FUNCTIONS, IMPORT
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic


class Defaults:
    """
    Finds the parameters that a part of a template refers to, through the resources that it refers to.

    Args:
        data: the whole template.
        environment: its declarations.
        values: names that have been given a value, so that their default plays no part.
    """

    def __init__(self, data: Mapping[str, object], environment: Environment, values: Mapping[str, str]) -> None:
        self._data = data
        section = data.get("Resources")
        resources = section if isinstance(section, dict) else {}
        # What loops make is read as they make it.
        self._made = {**data, "Resources": {**resources, **environment.resources}} if environment.has_loops else data
        self._environment = environment
        self._values = values
        #: Conditions by what stands at a path: that is asked about for all whom it is attached to.
        self._conditions_at: dict[Path, tuple[str, ...]] = {}

    def used_at(self, path: Path, beside: object = None) -> dict[str, str]:
        """
        The parameters judged at their default in what stands at a path, sorted, with the defaults.

        Args:
            beside: what else of the template decides what that means.
        """
        if not self._defaults and not self._environment.at_default:
            return {}
        return {**self._whole} if not path and beside is None else self._at_default(self._used_at(path, beside))

    @cached_property
    def _whole(self) -> Mapping[str, str]:
        # Each policy is asked which of them it was judged at.
        return self._at_default(self._used_at((), None))

    def _used_at(self, path: Path, beside: object) -> set[str]:
        """The parameters that are named in what stands at a path, or decide what that means."""
        names: set[str] = set()
        seen: set[str] = set()
        for value in (beside, *self._collections_above(path)):
            self._collect(value, names, seen)
        for each in without_loops(self._environment, path):
            self._collect(self._value(each), names, seen)
            for name in self._conditions_above(each):
                self._condition(name, names, seen)
            self._resource_condition(each, names, seen)
        return names

    def deciding_at(self, path: Path) -> dict[str, str]:
        """The same for the parameters by which a condition decides what stands at a path."""
        if not self._defaults and not self._environment.at_default:
            return {}
        names: set[str] = set()
        seen: set[str] = set()
        for each in without_loops(self._environment, path):
            if each not in self._conditions_at:
                self._conditions_at[each] = tuple(named_conditions(self._value(each)))
            for name in self._conditions_at[each]:
                self._condition(name, names, seen)
            self._resource_condition(each, names, seen)
        return self._at_default(names)

    @cached_property
    def _defaults(self) -> dict[str, str]:
        """The parameters whose default is what the template sees, and need not be their value; with the defaults."""
        parameters = self._environment.parameters.items()
        judged = ((name, one, one.judged_default) for name, one in parameters)
        return {
            name: default
            for name, one, default in judged
            if default is not None and (one.is_list or one.listed != (default,))
        }

    def _at_default(self, names: set[str]) -> dict[str, str]:
        """Those that are judged at their default, sorted: nobody gives them another value."""
        bound, passed = self._environment.bindings, self._environment.at_default
        own = {name: self._defaults[name] for name in names if name in self._defaults and name not in bound}
        around = {of: default for name in names if name in bound for of, default in _passed(passed, name)}
        given = {*self._values, *self._environment.not_default}
        return {name: default for name, default in sorted({**own, **around}.items()) if name not in given}

    def _condition(self, name: object, names: set[str], seen: set[str]) -> None:
        """The parameters that a condition of the template compares."""
        marker = f"condition {name}"
        if isinstance(name, str) and name in self._environment.conditions and marker not in seen:
            seen.add(marker)
            self._collect(self._environment.conditions[name], names, seen)

    def _resource_condition(self, path: Path, names: set[str], seen: set[str]) -> None:
        """The parameters by which it is decided whether there is the resource at a path."""
        if len(path) > 1 and path[0] == "Resources":
            resource = self._environment.resources.get(str(path[1]), {})
            self._condition(resource.get("Condition"), names, seen)

    def _along(self, data: object, path: Path) -> Iterator[tuple[str | int, object]]:
        """The steps of a path, each with what it leads to, as far as they lead somewhere."""
        value = data
        for step in path:
            found = _entry(value, step)
            if not found:
                return
            (value,) = found
            yield step, value

    def _value(self, path: Path) -> object:
        """What stands at a path; the last thing on the way where it leads into a text."""
        value: object = self._made
        for _, found in self._along(self._made, path):
            value = found
        return value

    def _collections_above(self, path: Path) -> Iterator[object]:
        """What the loops go over that write out what stands at a path, and those inside of it."""
        for logical_id in dict.fromkeys(
            str(each[1]) for each in without_loops(self._environment, path) if len(each) > 1
        ):
            yield from self._environment.collections_of(logical_id)
        for step, value in self._along(self._data, path):
            if isinstance(step, str) and step.startswith(FOREACH) and isinstance(value, list) and len(value) > 1:
                yield value[1]

    def _conditions_above(self, path: Path) -> Iterator[object]:
        """What the ``Fn::If`` ask in whose branches a path stands."""
        for step, value in self._along(self._made, path):
            if step == "Fn::If" and isinstance(value, list) and value:
                yield value[0]

    def _collect(self, value: object, names: set[str], seen: set[str]) -> None:
        for linked_values in taken_values(self._environment, value, seen):
            self._collect(linked_values, names, seen)
        for name in named_conditions(value):
            self._condition(name, names, seen)
        for name in names_in(value):
            if name in self._environment.parameters:
                names.add(name)
                if f"passed {name}" not in seen:
                    seen.add(f"passed {name}")
                    for expression in passed_expressions(self._environment, name):
                        self._collect(expression, names, seen)
                    # What is passed as it is, is the value of a parameter that may be one of its own.
                    bound = self._environment.bindings.get(name)
                    names.update(s.name for s in (bound.symbols if isinstance(bound, Symbolic) else ()))
            elif name not in seen and self._environment.resource(name) is not None:
                # A name or path of the resource may come from a parameter.
                seen.add(name)
                for inner in deciding_reference(self._environment, name):
                    self._collect(inner, names, seen)


def _passed(passed: AtDefault, name: str) -> Collection[tuple[str, str]]:
    """The defaults of stacks around it that a parameter of a nested stack is passed."""
    return passed[name].defaults.items() if name in passed else ()


def _entry(value: object, step: str | int) -> tuple[object, ...]:
    """What a step of a path leads to; nothing where it leads nowhere."""
    if isinstance(value, list):
        return tuple(value[step : step + 1]) if isinstance(step, int) else ()
    return (value[step],) if isinstance(value, dict) and step in value else ()


def taken_values(environment: Environment, value: object, seen: set[str]) -> Iterator[object]:
    """
    What other stacks give under the names that are written in a value, each once; where a name is an expression
    (``Fn::ImportValue: !Sub "${Env}-x"``), under each that the template takes by such a function.

    Args:
        seen: the names that were met before; those that are met are added.
    """
    given = environment.deployment.linked_values
    for name in _taken(value, given.values) if given is not None else ():
        if given is not None and name in given.values and name not in seen:
            seen.add(name)
            yield given.values[name]


def passed_expressions(environment: Environment, name: str) -> Iterator[object]:
    """The expressions of parents that a parameter of a nested stack is, or is made of."""
    given, bound = environment.deployment.linked_values, environment.bindings.get(name)
    for symbol in bound.symbols if given is not None and isinstance(bound, Symbolic) else ():
        if given is not None and symbol.name in given.values:
            yield given.values[symbol.name]


def given_in(environment: Environment, value: object) -> list[object]:
    """What other stacks give to a value, by names that are written in it or as parameters, and to what these give."""
    found: list[object] = []
    seen: set[str] = set()
    asked = [value]
    while asked:
        one = asked.pop()
        given = [*taken_values(environment, one, seen)]
        for name in dict.fromkeys(names_in(one)):
            if name in environment.bindings and f"passed {name}" not in seen:
                seen.add(f"passed {name}")
                given += passed_expressions(environment, name)
        found += given
        asked += given
    return found


def _taken(value: object, given: Collection[str]) -> Iterator[str]:
    """What stands for the values of other stacks that a value takes, of those that are given."""
    if isinstance(value, list):
        for item in value:
            yield from _taken(item, given)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == IMPORT and isinstance(inner, str):
                yield f"{key} {inner}"
            elif key in CROSS_STACK_FUNCTIONS:
                # Which of them it is may depend on parameters: it may be any.
                yield from (name for name in given if name.startswith(f"{key} "))
            for logical_id, attribute in attributes_of(key, inner):
                yield from _outputs(logical_id, attribute, given)
            yield from _taken(inner, given)


def _outputs(logical_id: object, attribute: object, given: Collection[str]) -> Iterator[str]:
    """Which of the values that are given an attribute may be: a function may say what it is called."""
    if isinstance(logical_id, str) and isinstance(attribute, str):
        yield f"{logical_id}.{attribute}"
        return
    for name in given:
        of, _, called = name.partition(".")
        if all(not isinstance(asked, str) or asked == part for asked, part in ((logical_id, of), (attribute, called))):
            yield name
