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

from trustproof_cdk import _stacks as stacks
from trustproof_cdk._stack_checks import check_later

#: By stack, its roles and how many policies each may have.
_LIMITED: WeakKeyDictionary[cdk.Stack, list[tuple[iam.Role, int]]] = WeakKeyDictionary()


def limit_attached(role: iam.Role, maximum: int) -> None:
    """
    Fail the synthesis if a role has more managed policies than IAM attaches.

    Args:
        role: of a stack; policies of other stacks that name it are not seen.
        maximum: more than 10 only where AWS raised the quota of the account.
    """
    stack = stacks.stack_of(role)
    check_later(stack, _too_many)
    _LIMITED.setdefault(stack, []).append((role, maximum))


def _too_many(stack: cdk.Stack, there: Sequence[IConstruct]) -> list[str]:
    """What is wrong with the roles of a stack, counted when all policies are there."""
    named = _naming(stack, there)
    if not named:
        return []
    said = []
    for role, maximum in _LIMITED[stack]:
        resource = role.node.default_child
        if not isinstance(resource, iam.CfnRole):
            continue
        logical_id = stack.resolve(resource.logical_id)
        count = named[logical_id] + len(stack.resolve(resource.managed_policy_arns) or ())
        # Those that it names are counted where they are given.
        if named[logical_id] and count > maximum:
            more = ", or say max_managed_policies (up to 25) where AWS raised the quota" if maximum < 25 else ""
            said.append(
                f"{role.node.path} has {count} managed policies, with those that name it in roles and those that "
                f"the CDK makes of long grants, and IAM attaches at most {maximum}: put statements together{more}"
            )
    return said


def _naming(stack: cdk.Stack, there: Sequence[IConstruct]) -> Counter[str]:
    """By the logical id of a role, how many managed policies of the stack name it."""
    policies = [one for one in there if isinstance(one, iam.CfnManagedPolicy)]
    resolved = stack.resolve([one.roles for one in policies]) if policies else []
    return Counter(
        one["Ref"]
        for roles in resolved
        # The same policy is attached once.
        for one in {str(entry): entry for entry in roles}.values()
        if isinstance(one, dict) and isinstance(one.get("Ref"), str)
    )
