"""
What the roles of all ways in have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypedDict, cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.access import Level

#: Below each construct, what `within` has made: the CDK would have to be asked for every part of every path.
_MADE: WeakKeyDictionary[Construct, dict[tuple[str, ...], Construct]] = WeakKeyDictionary()


class RoleArguments(TypedDict):
    """
    Arguments that every role construct takes.
    """

    role_name: str
    description: str
    managed_policies: Sequence[iam.IManagedPolicy]
    permissions_boundary: iam.IManagedPolicy | None
    inline_policies: Mapping[str, iam.PolicyDocument] | None


def role_arguments(stack: cdk.Stack, name: str, level: Level, whose: str | None = None) -> RoleArguments:
    """A role of this name that may do what the level says, for somebody who is not a person of ours."""
    boundary = level.permissions_boundary
    return {
        "role_name": name,
        "description": level.description if whose is None else f"{whose}: {level.description}",
        "managed_policies": [
            *(_of_aws(policy) for policy in level.managed_policies),
            *(_of_account(stack, policy) for policy in level.customer_managed_policies),
        ],
        "permissions_boundary": None if boundary is None else _of_account(stack, boundary),
        "inline_policies": {"RolesOfTheOrganization": _roles_of_the_organization()} if level.deploys else None,
    }


@lru_cache
def _roles_of_the_organization() -> iam.PolicyDocument:
    """
    What the policies of AWS for levels that deploy leave open: roles of accounts that are not ours.

    Whoever is tricked into assuming one hands over what it carries.
    """
    ours = {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:AssumeRole"], resources=["*"], conditions=ours)
    return iam.PolicyDocument(statements=[deny])


@lru_cache
def _of_aws(name: str) -> iam.IManagedPolicy:
    """A few policies are in every account; asking the CDK for each anew would take a tenth of the synthesis."""
    return iam.ManagedPolicy.from_aws_managed_policy_name(name)


def _of_account(stack: cdk.Stack, name: str) -> iam.IManagedPolicy:
    """A managed policy that is in the account of the stack, by its name with its path."""
    scope, construct_id = within(stack, "policies"), name.replace("/", ".")
    found = scope.node.try_find_child(construct_id)
    if found is None:
        return iam.ManagedPolicy.from_managed_policy_name(scope, construct_id, name)
    return cast("iam.IManagedPolicy", found)


def within(scope: Construct, *path: str) -> Construct:
    """The scope at a path below another one, made where it is not there yet."""
    made = _MADE.setdefault(scope, {})
    for length, name in enumerate(path, 1):
        below = made.get(path[:length])
        if below is None:
            below = made[path[:length]] = Construct(scope, name)
        scope = below
    return scope
