"""
Whether a stack is there at all, by the conditions of the stacks around it.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import decide_named
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.model.deployments import IS_THERE


def is_there(resolver: Resolver) -> bool | None:
    """Whether a stack is there where a template is read; None where that is not known."""
    linked_values = resolver.environment.deployment.linked_values
    if linked_values is None or IS_THERE not in linked_values.requirements:
        return None
    return decide_named(IS_THERE, resolver)


def may_be_there(resolver: Resolver) -> bool:
    """Whether some deployment of the stacks around a stack has it; so it is taken where that is not decided."""
    linked_values = resolver.environment.deployment.linked_values
    # What is deployed with some values is there.
    if linked_values is None or IS_THERE not in linked_values.requirements or resolver.closed:
        return True
    try:
        return solver.satisfy(resolver, ()) is not None
    except UndeterminedGuards:
        return True
