"""
Whether CloudFormation takes the values that parameters have.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.evaluation.conditions import ConditionReader
from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.parameters.rules import without_defaults
from trustproof.model.policy import Path


def refused_value(environment: Environment) -> tuple[str, Path] | None:
    """What is wrong with a value that the user has pinned, and the place of its parameter; None where nothing is."""
    for name, value in environment.pinned.items():
        reason = environment.parameters[name].refusal(value)
        if reason is not None:
            return f'the value "{value}" of the parameter {name} {reason}', ("Parameters", name)
    return None


def follow_rules(environment: Environment, values: Mapping[str, str]) -> tuple[str, Path] | None:
    """
    Take no parameters at their defaults that a rule does not admit together.

    Returns:
        What to say of a rule that no values satisfy, and its place; None where there is none.
    """
    linked_values = environment.deployment.linked_values
    given = {*environment.pinned, *environment.deployment.bindings}
    for rule in environment.rules:
        if linked_values is not None and rule in linked_values.rules:
            # Its own template has been read by it.
            continue
        refuted = ConditionReader(Resolver(environment, values)).named(rule) is False
        if refuted and not without_defaults(environment.parameters, environment.conditions[rule], given):
            name = rule.partition("/")[2]
            return f"no values of the parameters that are not given satisfy the rule {name}", ("Rules", name)
    return None
