"""
Whether CloudFormation takes the values that parameters have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader
from trustproof.inputs.cloudformation.evaluation.conditions.refusing_conditions import conjuncts
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.texts.leftovers import stands_for_something
from trustproof.inputs.cloudformation.parameters.rules import (
    MAX_COMPARISONS,
    referred_names,
    rules_together,
    without_defaults,
)
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Text
from trustproof.results.result import BUDGET

#: What descriptions of a stack have in the place of a value that is not to be shown.
_HIDDEN = "****"


def refused_value(environment: Environment) -> tuple[str, Path] | None:
    """
    What is wrong with a value that the user has pinned, or with the rules for all values, and the place of that; None
    where nothing is.
    """
    if environment.has_too_many_rules:
        return f"{BUDGET}: comparisons in Rules ({MAX_COMPARISONS})", ("Rules",)
    for name, value in environment.pinned.items():
        if value == _HIDDEN:
            return f'the value "{value}" of the parameter {name} is what AWS shows of one with NoEcho', (
                "Parameters",
                name,
            )
        reason = environment.parameters[name].refusal(value)
        if reason is not None:
            return f'the value "{value}" of the parameter {name} {reason}', ("Parameters", name)
    return None


def follow_rules(environment: Environment, values: Mapping[str, str]) -> tuple[str, Path] | None:
    """
    Take no parameters at their defaults that a rule does not admit together, and pass over rules that nothing
    satisfies: the environment then says which these are.

    Returns:
        What to say of a rule that the given values do not satisfy, and its place; None where there is none.
    """
    linked_values = environment.deployment.linked_values
    given = {*environment.pinned, *environment.deployment.bindings}
    # Those of other templates have been read by these.
    own = [rule for rule in environment.rules if linked_values is None or rule not in linked_values.rules]
    for rule in own:
        # Each part has to hold, whatever becomes of the others.
        for part in conjuncts(environment.conditions[rule]):
            refuted = ConditionReader(Resolver(environment, values)).expression(part) is False
            if refuted and not without_defaults(environment.parameters, part, given):
                return _passed_over(environment, values, [rule], given)
    if own and _is_contradictory(environment, values, own):
        return _passed_over(environment, values, own, given)
    return None


def _is_contradictory(environment: Environment, values: Mapping[str, str], rules: Sequence[str]) -> bool:
    """Whether nothing satisfies rules together: those that speak of the same parameters, and of no others."""
    for together in rules_together(rules, environment.conditions, environment.bindings):
        try:
            found = solver.satisfy(Resolver(environment, values), tuple(Guard(rule, True) for rule in together))
        except UndeterminedGuards:
            return False
        if found is None:
            return True
    return False


def _passed_over(
    environment: Environment, values: Mapping[str, str], rules: Sequence[str], given: Collection[str]
) -> tuple[str, Path] | None:
    """Read a template as if some rules were not there; where values were given that they speak of, these are wrong."""
    names = [rule.partition("/")[2] for rule in rules]
    said = f"the rule {names[0]}" if len(names) == 1 else f"the rules {', '.join(names)} together"
    about = {name for rule in rules for name in referred_names(environment.conditions[rule])}
    problem = f"no values of the parameters that are not given satisfy {said}"
    if not about.isdisjoint(environment.pinned):
        return problem, ("Rules", names[0])
    passed = [environment.bindings[name] for name in sorted(about.intersection(given))]
    if passed and not environment.is_unfinished and not any(map(_may_be_another, passed)):
        environment.refused = problem
    environment.pass_over(rules, said)
    return follow_rules(environment, values)


def _may_be_another(passed: Text) -> bool:
    """Whether nobody knows all that a nested stack may be passed as a value."""
    if isinstance(passed, str):
        return stands_for_something(passed)
    return any(symbol.doubt or not symbol.allowed for symbol in passed.symbols)
