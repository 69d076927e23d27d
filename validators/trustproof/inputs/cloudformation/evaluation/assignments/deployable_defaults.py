"""
Defaults that cannot be deployed together with the values of other parameters: a rule, a nested stack, a mapping or a
resource that is not there refuses them, in some or in all of the deployments.

A parameter that is judged at its default is judged there wherever this can be deployed. Elsewhere it is judged at each
class of values that what refuses the default tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.assignments.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.assignments.dependencies import Dependencies
from trustproof.inputs.cloudformation.evaluation.conditions.refusing_conditions import conjuncts, may_fail
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.names_read import NameReads
from trustproof.inputs.cloudformation.evaluation.declarations.value_classes import (
    class_of_others,
    joined,
    pinned,
)
from trustproof.inputs.cloudformation.evaluation.declarations.work import MAX_STEPS
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.deployments import Assignment, excluded_values
from trustproof.model.policy import Guard
from trustproof.sets.search import BudgetReached

#: So many values of parameters are tried together where their defaults are refused.
MAX_CHOICES = 1024


class _Clause(NamedTuple):
    """
    A condition that holds in every deployment.
    """

    expression: object
    #: What it compares.
    read: NameReads


class DeployableDefaults:
    """
    Finds the defaults that some deployments cannot have, and what stands in their place there.

    Args:
        environment: of the template.
        values: names that have been given a value.
        assignments: which values its parameters may have together.
        dependencies: which names its conditions read.
    """

    def __init__(
        self, environment: Environment, values: Mapping[str, str], assignments: Assignments, dependencies: Dependencies
    ) -> None:
        self._environment = environment
        self._values = values
        self._assignments = assignments
        self._dependencies = dependencies
        #: Many policies ask the same.
        self._known: dict[tuple[object, tuple[str, ...]], dict[int, _Clause]] = {}

    def tell_apart(self, read: NameReads) -> None:
        """Let the classes of what is read tell apart what decides whether its defaults can be deployed."""
        wanted = self._read_in(read)
        for clause in self._refused({}, wanted).values() if wanted else ():
            for name, texts in clause.read.compared.items():
                if name in wanted or name not in self._environment.parameters:
                    continue
                read.values[name] = read.in_names[name] = None
                read.compared.setdefault(name, {}).update(texts)
                read.in_part.update(dict.fromkeys(clause.read.in_part.keys() & {name}))

    def at(self, assignment: Assignment, read: NameReads) -> Iterator[Assignment]:
        """
        An assignment; where it leaves parameters to defaults that cannot be deployed with it, with each class of their
        values instead.

        Raises:
            BudgetReached: there are too many.
        """
        assigned = {*(name for name, _ in assignment.values), *assignment.not_default}
        wanted = [name for name in self._read_in(read) if name not in assigned]
        refused = self._refused(dict(assignment.values), wanted) if wanted else {}
        if not refused:
            yield assignment
            return
        clauses = [*refused.values()]
        names = sorted(self._names_in(clauses) & {*wanted})
        options = [self._options(name, assignment, clauses) for name in names]
        if prod(map(len, options)) > MAX_CHOICES:
            raise BudgetReached("values of template parameters whose defaults are refused", MAX_CHOICES)
        certain: list[Assignment] = []
        # What has more defaults is first.
        for chosen in sorted(product(*options), key=lambda one: len(_names(joined(one)))):
            choice = joined(chosen)
            if any({*other.values, *other.not_default} <= {*choice.values, *choice.not_default} for other in certain):
                # With these values, the rest can keep its defaults.
                continue
            found, kept = joined((assignment, choice)), [name for name in wanted if name not in _names(choice)]
            satisfying = self._satisfied(found, kept)
            if satisfying is None:
                continue
            values = {**dict(assignment.values), **dict(choice.values)}
            if not self._refused(values, kept):
                certain.append(choice)
            else:
                # Among other deployments there are some with these defaults.
                found = joined((found, *(pinned(name, self._default(name)) for name in names if name in kept)))
            yield found._replace(named=tuple((n, satisfying.get(n, v)) for n, v in found.named))

    def named(self, assignment: Assignment) -> Assignment:
        """An assignment by values that CloudFormation takes together, where it refuses those that name its classes."""
        if not assignment.not_default or not self._environment.rules:
            return assignment
        guards = [Guard(name, value) for name, value in assignment.named if name in self._environment.parameters]
        try:
            if self._assignments.satisfy(guards) is not None:
                return assignment
        except UndeterminedGuards:
            return assignment
        satisfying = self._satisfied(assignment, ()) or {}
        others = {name: value for name, value in satisfying.items() if name in assignment.not_default}
        return assignment._replace(named=tuple((name, others.get(name, value)) for name, value in assignment.named))

    # -- what refuses defaults

    @cached_property
    def _clauses(self) -> Sequence[_Clause]:
        """The conditions that hold in every deployment."""
        environment = self._environment
        found: list[_Clause] = []
        for rule in environment.rules:
            for expression in conjuncts(environment.conditions.get(rule)):
                read = self._dependencies.compared_in(expression)
                if any(map(self._is_left, read.compared)):
                    found.append(_Clause(expression, read))
        return found

    @cached_property
    def _clauses_about(self) -> Mapping[str, Sequence[int]]:
        """The positions of the clauses that compare a name."""
        found: dict[str, list[int]] = {}
        for number, clause in enumerate(self._clauses):
            for name in clause.read.compared:
                found.setdefault(name, []).append(number)
        return found

    def _refused(self, values: Mapping[str, str], kept: Sequence[str]) -> dict[int, _Clause]:
        """The clauses that may not hold next to some values with the defaults of others, or where these give way."""
        about = {number for name in kept for number in self._clauses_about.get(name, ())}
        if not about:
            return {}
        key = (frozenset(values.items()), tuple(kept))
        if key not in self._known:
            self._known[key] = self._find_refused(values, kept, about)
        return self._known[key]

    def _find_refused(self, values: Mapping[str, str], kept: Sequence[str], about: set[int]) -> dict[int, _Clause]:
        found: dict[int, _Clause] = {}
        free: set[str] = set()
        while True:
            there = {**{name: self._default(name) for name in kept if name not in free}, **values}
            opened = self._assignments.opened(there)
            new = {
                number: clause
                for number in sorted(about - found.keys())
                if may_fail(opened, (clause := self._clauses[number]).expression)
            }
            if not new:
                return found
            found |= new
            free |= self._names_in(new.values())

    # -- names

    def _read_in(self, read: NameReads) -> list[str]:
        """What is read at a default that some deployment may not have."""
        # What conditions compare is judged at each class that they make of it.
        left = [n for n in sorted(read.values) if n not in read.compared and self._is_left(n)] if self._clauses else []
        refused = self._names_in(self._refused({}, left).values()) if left else set()
        return [name for name in left if name in refused]

    def _names_in(self, clauses: Iterable[_Clause]) -> set[str]:
        return {name for clause in clauses for name in clause.read.compared}

    def _is_left(self, name: str) -> bool:
        """Whether a parameter may be left to its default, and is judged there."""
        if name in self._values or name in self._environment.bindings or name not in self._environment.parameters:
            return False
        return self._declared(name).judged_default is not None and not self._is_listed(name)

    def _is_listed(self, name: str) -> bool:
        parameter = self._environment.parameters.get(name)
        return parameter is not None and not parameter.is_ssm and bool(parameter.listed)

    def _declared(self, name: str) -> Parameter:
        """A parameter as it is declared: a rule may have taken its default away where all have their defaults."""
        return self._environment.declared.get(name) or self._environment.parameters[name]

    def _default(self, name: str) -> str:
        return self._declared(name).judged_default or ""

    def _options(self, name: str, assignment: Assignment, clauses: Sequence[_Clause]) -> list[Assignment]:
        """The default of a parameter, and the classes of its other values that clauses tell apart."""
        parameter = self._declared(name)
        texts = dict.fromkeys(text for clause in clauses for text in clause.read.compared.get(name, ()))
        in_part = {one for clause in clauses for one in clause.read.in_part}
        if name in in_part:
            # It may have to be what another one is.
            texts.update(dict.fromkeys(value for other, value in assignment.values if other in in_part))
        literals = [text for text in texts if text != parameter.default and parameter.refusal(text) is None]
        found = [Assignment((), (), ()), *(pinned(name, text) for text in literals)]
        return [*found, class_of_others(parameter, [*texts, self._default(name)])]

    def _satisfied(self, assignment: Assignment, kept: Sequence[str]) -> Mapping[str, str] | None:
        """
        Values with which some deployment has an assignment, and the defaults that it leaves parameters to; None where
        none has.
        """
        declared = self._environment.parameters
        values = {name: value for name, value in assignment.values if name in declared}
        values |= {name: self._default(name) for name in kept}
        others = [*excluded_values(assignment), *((name, self._default(name)) for name in assignment.not_default)]
        guards = [Guard(name, value) for name, value in values.items()]
        try:
            return self._assignments.satisfy((*guards, *self._rules), other_than=others)
        except UndeterminedGuards as undetermined:
            if self._environment.work.is_spent:
                raise BudgetReached("functions and conditions of a template", MAX_STEPS) from undetermined
            return {}

    @cached_property
    def _rules(self) -> tuple[Guard, ...]:
        return tuple(Guard(rule, True) for rule in self._environment.rules)


def _names(assignment: Assignment) -> set[str]:
    return {name for name, _ in assignment.named} | {*assignment.not_default}
