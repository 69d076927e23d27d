"""
Conditions without which CloudFormation refuses a template, and whether these may refuse values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.parameters.rules import names_of_condition

#: What is looked up in the account, of which every value is taken for possible.
_LOOKED_UP = ("Fn::RefAll", "Fn::ValueOf")


def conjuncts(expression: object) -> Iterator[object]:
    """The parts that hold where a condition does."""
    ((function, argument),) = (
        expression.items() if isinstance(expression, dict) and len(expression) == 1 else (("", 0),)
    )
    if function == "Fn::And" and isinstance(argument, list):
        for part in argument:
            yield from conjuncts(part)
    elif function == "Fn::Or" and isinstance(argument, list) and argument:
        for part in conjuncts(argument[-1]):
            yield {"Fn::Or": [*argument[:-1], part]}
    else:
        yield expression


def may_fail(scope: Scope, expression: object) -> bool:
    """
    Whether a condition does not hold for some of what is not known.

    Args:
        scope: one that knows no defaults.
    """
    reader = ConditionReader(scope)
    try:
        found = reader.expression(expression)
    except OverBudget:
        return True
    if found is None:
        return not all(any(sign in key for sign in _LOOKED_UP) for key in reader.open)
    return not found


def defaults_among(scope: Scope, names: Collection[str]) -> dict[str, str]:
    """Those of some names that are parameters which may be anything and are judged at a default, with it."""
    environment = scope.environment
    return {
        name: default
        for name, parameter in environment.parameters.items()
        if name in names and name not in scope.values and name not in environment.bindings
        if not parameter.listed and (default := parameter.judged_default) is not None
    }


def may_refuse(scope: Scope, names: Collection[str]) -> bool:
    """Whether some deployment of a template cannot have the defaults of parameters among some names."""
    environment = scope.environment
    defaults = defaults_among(scope, names) if environment.rules else {}
    there = scope.opened(defaults)
    return any(
        not names_of_condition(environment.conditions, rule).isdisjoint(defaults)
        and any(may_fail(there, part) for part in conjuncts(environment.conditions.get(rule)))
        for rule in (environment.rules if defaults else ())
    )
