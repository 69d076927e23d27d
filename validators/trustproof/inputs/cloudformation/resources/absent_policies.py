"""
Managed policies that are named by a text in deployments where the template does not make them: the text then names a
policy that somebody else has made, and nobody knows here what that says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation.other_stacks import follow_expressions
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.collector import Collector
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.grammar.expressions import Choices
from trustproof.model.policy import Guard


def where_absent(
    collector: Collector, written: object, policies: Sequence[str], under: tuple[Guard, ...]
) -> Iterator[tuple[Guard, ...]]:
    """
    What holds where none is made of the policies that a value names; nothing where that cannot be.

    CloudFormation refuses a reference to a resource that is not there.

    Args:
        collector: which has read them.
        written: what names them.
        policies: logical ids of all that it may mean.
        under: what holds where it is named.
    """
    made = [guards for guards in map(collector.guards, policies) if guards is not None]
    if not made or () in made or _refers(collector.resolver, written, policies):
        return
    both = tuple(dict.fromkeys((*under, *(g._replace(value=not g.value) for guards in made for g in guards))))
    if collector.resolver.under(Choices(both)).possible():
        yield both


def _refers(resolver: Resolver, written: object, policies: Sequence[str]) -> bool:
    """Whether a value refers to one of some resources, by way of other stacks, too."""
    return not set(policies).isdisjoint(names_in(follow_expressions(resolver, written)))
