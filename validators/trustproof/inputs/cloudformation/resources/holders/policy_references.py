"""
Managed policies that a holder names: those of a permission set by their name in each account, and boundaries.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions.branches import branches
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.holders.named_entities import NamedEntity, named_entities
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.values import NO_VALUE
from trustproof.model.policy import Guard, Path

_REFERENCE = "CustomerManagedPolicyReference"
_BOUNDARY = "PermissionsBoundary"


class NamedBoundary(NamedTuple):
    """What a holder's permissions boundary is where some conditions hold."""

    #: The policy that is the boundary; None where there is none.
    named: NamedEntity | None
    #: All that holds then.
    guards: tuple[Guard, ...]
    #: Whether it is a policy that each account has its own one of, by its name.
    is_reference: bool = False


def policy_references(
    resolver: Resolver, value: object, path: Path, guards: tuple[Guard, ...]
) -> Iterator[NamedEntity]:
    """
    The customer managed policy that an object names, for each outcome of the conditions that decide it.

    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CustomerManagedPolicyReference.html
    """
    for one, place, inner in branches(resolver, value, path, guards):
        is_written = isinstance(one, dict) and intrinsic_name(one) is None
        name = one.get("Name") if is_written and isinstance(one, dict) else None
        found = [*named_entities(resolver, name, (*place, "Name"), inner)]
        yield from found or [NamedEntity(resolver.unresolved(_REFERENCE, one), inner, place, one)]


def named_boundaries(
    resolver: Resolver, value: object, path: Path, guards: tuple[Guard, ...], *, of_permission_set: bool
) -> Iterator[NamedBoundary]:
    """
    The permissions boundary of a holder, for each outcome of the conditions that decide which it has, if any.

    Args:
        of_permission_set: whether it is an object that names a policy in one of two ways.
    """
    for one, place, inner in branches(resolver, value, path, guards, absent=True):
        if one is NO_VALUE or (of_permission_set and one == {}):
            yield NamedBoundary(None, inner)
        elif of_permission_set and isinstance(one, dict) and intrinsic_name(one) is None:
            if "ManagedPolicyArn" in one:
                at = (*place, "ManagedPolicyArn")
                yield from named_boundaries(resolver, one["ManagedPolicyArn"], at, inner, of_permission_set=False)
            else:
                for named in policy_references(resolver, one.get(_REFERENCE), (*place, _REFERENCE), inner):
                    yield NamedBoundary(named, named.guards, is_reference=True)
        else:
            found = [*named_entities(resolver, one, place, inner)]
            for named in found or [NamedEntity(resolver.unresolved(_BOUNDARY, one), inner, place, one)]:
                yield NamedBoundary(named, named.guards)
