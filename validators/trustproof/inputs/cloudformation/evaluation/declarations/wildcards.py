"""
Values that may have a wildcard, as far as the template says what they are.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import attributes_of, names_in
from trustproof.inputs.cloudformation.values.references import CROSS_STACK_FUNCTIONS, OUTPUTS
from trustproof.model.text import Symbol, Symbolic
from trustproof.model.wildcards import may_stand_for_wildcard


def may_have_wildcard(environment: Environment, value: object) -> bool:
    """Whether what a template writes may have a wildcard; what it takes from other stacks may."""
    if isinstance(value, str):
        # Who reads it may decode it.
        return may_stand_for_wildcard(value)
    if isinstance(value, list):
        return any(may_have_wildcard(environment, one) for one in value)
    if not isinstance(value, dict):
        return False
    # Of what this stack takes from others, nothing is asked here.
    others = any(
        key in CROSS_STACK_FUNCTIONS or any(OUTPUTS in str(named) for named in attributes_of(key, inner))
        for key, inner in value.items()
    )
    mapped = "Fn::FindInMap" in value and may_have_wildcard(environment, [*environment.mappings.values()])
    named = any(_is_wild_parameter(environment, name) for name in names_in(value))
    return others or mapped or named or any(may_have_wildcard(environment, one) for one in value.values())


def _is_wild_parameter(environment: Environment, name: str) -> bool:
    """Whether one of the values that are known of a parameter has a wildcard, or nobody knows which others pass."""
    passed, parameter = environment.bindings.get(name), environment.parameters.get(name)
    if isinstance(passed, Symbolic):
        parts = [part.allowed or () if isinstance(part, Symbol) else part for part in passed.parts]
        is_taken = any(isinstance(part, Symbol) and part.kind != "parameter" for part in passed.parts)
        return is_taken or may_have_wildcard(environment, [[*one] if isinstance(one, tuple) else one for one in parts])
    if passed is not None:
        return may_have_wildcard(environment, passed)
    if parameter is None:
        return False
    return may_have_wildcard(environment, [parameter.default or "", *(parameter.allowed or ()), *parameter.listed])
