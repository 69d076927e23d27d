"""
Managed policies, users, groups and roles that are named by a text in deployments where the template does not make them:
the text then names what somebody else has made, and nobody knows here what that says, or has besides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import product

from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import follow_expressions
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.grammar.expressions import Choices
from trustproof.model.policy import Guard


def where_absent(
    resolver: Resolver, written: object, entities: Mapping[str, tuple[Guard, ...] | None], under: tuple[Guard, ...]
) -> Iterator[tuple[Guard, ...]]:
    """
    What holds where none is made of the entities that a value names, in each way; nothing where that cannot be.

    CloudFormation refuses a reference to a resource that is not there.

    Args:
        written: what names them.
        entities: logical ids of all that it may mean, each with what holds where it is made; None for what never is.
        under: what holds where it is named.
    """
    made = [guards for guards in entities.values() if guards is not None]
    if not made or () in made or _refers(resolver, written, entities):
        return
    # Each is not made where one of its conditions does not hold.
    for unmet in product(*made):
        both = tuple(dict.fromkeys((*under, *(guard._replace(value=not guard.value) for guard in unmet))))
        if len({guard.name for guard in both}) == len(both) and resolver.under(Choices(both)).possible():
            yield both


def _refers(resolver: Resolver, written: object, entities: Collection[str]) -> bool:
    """Whether a value refers to one of some resources, by way of other stacks, too."""
    return not set(entities).isdisjoint(names_in(follow_expressions(resolver, written)))
