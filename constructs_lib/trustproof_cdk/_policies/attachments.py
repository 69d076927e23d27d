"""
How many managed policies a role has in the end: those that it names, and those that name it, as policies with `roles`
do and what the CDK makes of grants that are long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._names import own_policies as policies
from trustproof_cdk._names import unique
from trustproof_cdk._synthesis import raw_resources, stacks

#: By app or stage, its roles and how many policies each may have.
_LIMITED: WeakKeyDictionary[cdk.Stage, list[tuple[iam.Role, int]]] = WeakKeyDictionary()


def limit_attached(role: iam.Role, maximum: int) -> None:
    """
    Fail the synthesis if a role has more managed policies than IAM attaches.

    Args:
        role: policies of other stacks that name it count too, those of other stages do not.
        maximum: more than 10 only where AWS raised the quota of the account.
    """
    stage = unique.check_beside_names(role, _too_many)
    if stage is not None:
        _LIMITED.setdefault(stage, []).append((role, maximum))


def naming_in_its_stack(role: IConstruct) -> list[str]:
    """The ARNs of the managed policies of its stack that name a role, given its resource."""
    stack, path = stacks.stack_of(role), stacks.path_of(role)
    return [
        policy.ref
        for policy in raw_resources.all_in(stack)
        if isinstance(policy, iam.CfnManagedPolicy)
        and (roles := policy.roles)
        and any(made.node.path == path for made in policies.references(roles, stack))
    ]


def naming_elsewhere(role: IConstruct) -> list[str]:
    """
    The ARNs of the managed policies of other stacks that name a role, given its resource: by their names, since these
    stacks are deployed after that of the role; those of all policies of the account where one has none.
    """
    stack, path = stacks.stack_of(role), stacks.path_of(role)
    naming = (
        policy
        for policy in raw_resources.all_in(stacks.node_of(role).root)
        if isinstance(policy, iam.CfnManagedPolicy)
        and (theirs := stacks.stack_of(policy)) is not stack
        and (roles := policy.roles)
        and any(made.node.path == path for made in policies.references(roles, theirs))
    )
    head = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:policy"
    return [f"{head}{_path_and_name(policy)}" for policy in naming]


def _path_and_name(policy: iam.CfnManagedPolicy) -> str:
    path, name = policy.path or "/", policy.managed_policy_name or ""
    is_known = name and not arguments.is_token(name) and not arguments.is_token(path)
    return f"{path}{name}" if is_known else "/*"


def _too_many(stage: cdk.Stage, walked: Sequence[tuple[cdk.Stack, Sequence[IConstruct]]]) -> list[str]:
    """What is wrong with the roles of an app or stage, counted when all policies are there."""
    named = _naming(walked)
    if not named:
        return []
    said = []
    for role, maximum in _LIMITED[stage]:
        resource = stacks.node_of(role).default_child
        if not isinstance(resource, iam.CfnRole) or (naming := named.get(stacks.path_of(resource))) is None:
            continue
        # Those that it names are counted where they are given.
        count = naming + len(stacks.stack_of(role).resolve(resource.managed_policy_arns) or ())
        if count > maximum:
            more = ", or say max_managed_policies (up to 25) where AWS raised the quota" if maximum < 25 else ""
            said.append(
                f"{role.node.path} has {count} managed policies, with those that name it in roles and those that "
                f"the CDK makes of long grants, and IAM attaches at most {maximum}: put statements together{more}"
            )
    return said


def _naming(walked: Sequence[tuple[cdk.Stack, Sequence[IConstruct]]]) -> Counter[str]:
    """By the path of a role's resource, how many managed policies name it."""
    return Counter(
        path
        for stack, there in walked
        for policy in there
        if isinstance(policy, iam.CfnManagedPolicy) and (roles := policy.roles)
        # The same policy is attached once.
        for path in {stacks.path_of(made) for made in policies.references(roles, stack)}
    )
