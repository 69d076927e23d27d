"""
Property injectors of the scopes around a construct: the CDK has them change the properties of what it makes, of what a
construct here is too.

https://docs.aws.amazon.com/cdk/v2/guide/blueprints.html
"""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._synthesis import stacks


def injector_of(construct: IConstruct, kind: str) -> str:
    """
    The injector that the CDK asked about a construct when it was made, in words.

    Args:
        construct: that was made.
        kind: of construct, by its id (``PROPERTY_INJECTION_ID``).

    Returns:
        Empty where there is none.
    """
    # The nearest one is asked alone.
    for around in reversed(stacks.node_of(construct).scopes[:-1]):
        found = cdk.PropertyInjectors.of(around).for_(kind) if _has(around) else None
        if found is not None:
            return f"the property injector {type(found).__name__} of {stacks.path_of(around) or 'the app'}"
    return ""


def inherit(scope: IConstruct, stack: cdk.Stack, kinds: str) -> None:
    """
    Have the injectors of the scopes around one asked about what is made in a stack of another app, too.

    Args:
        scope: in the app around.
        stack: in the other app.
        kinds: how the ids of the constructs begin that they are asked about.
    """
    found: dict[str, cdk.IPropertyInjector] = {}
    for around in filter(_has, stacks.node_of(scope).scopes):
        there = cdk.PropertyInjectors.of(around)
        for kind in there.supported_classes():
            injector = there.for_(kind) if kind.startswith(kinds) else None
            if injector is not None:
                found[kind] = injector
    if found:
        cdk.PropertyInjectors.of(stack).add(*found.values())


def _has(scope: IConstruct) -> bool:
    return bool(cdk.PropertyInjectors.has_property_injectors(scope))
