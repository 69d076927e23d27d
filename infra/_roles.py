"""
What the roles of all ways in have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.access import Level


class RoleArguments(TypedDict):
    """
    Arguments that every role construct takes.
    """

    role_name: str
    description: str
    managed_policies: Sequence[iam.IManagedPolicy]


def role_arguments(name: str, level: Level, whose: str | None = None) -> RoleArguments:
    """A role of this name that may do what the level says, for somebody who is not a person of ours."""
    return {
        "role_name": name,
        "description": level.description if whose is None else f"{whose}: {level.description}",
        "managed_policies": [_managed_policy(policy) for policy in level.managed_policies],
    }


@lru_cache
def _managed_policy(name: str) -> iam.IManagedPolicy:
    """A few policies are in every account; asking the CDK for each anew would take a tenth of the synthesis."""
    return iam.ManagedPolicy.from_aws_managed_policy_name(name)


def within(scope: Construct, *path: str) -> Construct:
    """The scope at a path below another one, made where it is not there yet."""
    for name in path:
        found = scope.node.try_find_child(name)
        scope = found if isinstance(found, Construct) else Construct(scope, name)
    return scope
