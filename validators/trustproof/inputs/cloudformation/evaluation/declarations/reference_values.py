"""
What references to resources are made of.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import names_in

#: Properties that decide what a reference to a resource gives, besides its names.
_NAMING = ("Path", "Url", "Value")


def deciding_reference(environment: Environment, logical_id: str) -> Iterator[object]:
    """The properties of a resource that decide what ``Ref`` and ``Fn::GetAtt`` give for it."""
    for key, value in environment.properties(logical_id).items():
        if key in _NAMING or key.endswith("Name"):
            yield value


def names_through_resources(environment: Environment, value: object) -> set[str]:
    """The parameters and resources that something names, and that what it gives for these resources is made of."""
    found: set[str] = set()
    asked = [value]
    while asked:
        new = {*names_in(asked.pop())} - found
        found |= new
        for name in sorted(new - environment.parameters.keys()):
            asked += deciding_reference(environment, name)
    return found
