"""
What a template says where a parameter may have each of its ``AllowedValues``.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver


def at_listed_values(resolver: Resolver) -> Resolver:
    """
    A resolver for which a parameter that has a default and ``AllowedValues`` is any of these; every other one is what
    it is for `resolver`, which is also where such a parameter has been given a value.
    """
    declared = resolver.environment.parameters.values()
    defaults = {one.name: one.judged_default for one in declared if not one.listed}
    known = {name: value for name, value in defaults.items() if value is not None}
    passed = resolver.environment.bindings
    kept = {name: value for name, value in known.items() if name not in passed}
    return Resolver(resolver.environment, {**kept, **resolver.values}, defaults=False)
