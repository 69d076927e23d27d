"""
Policies for people that roles have as well, attached where nobody asks: the sessions of a role get nothing by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import policy_arns as arns
from trustproof_cdk._names import unique
from trustproof_cdk._policies import boundaries
from trustproof_cdk._synthesis import stacks

NO_MFA = "no session of a role has MFA"
#: By app or stage, the policies, and why roles get nothing by each.
_POLICIES: WeakKeyDictionary[cdk.Stage, list[tuple[iam.ManagedPolicy, str]]] = WeakKeyDictionary()


def warn_of_roles(policy: iam.ManagedPolicy, why: str) -> None:
    """
    Warn of roles that a policy is attached to, by `add_managed_policy` or otherwise, when everything is there.

    Args:
        policy: which lets no session of a role do anything.
        why: that is so, to end the message.
    """
    stage = unique.check_beside_names(policy, _check)
    if stage is not None:
        _POLICIES.setdefault(stage, []).append((policy, why))


def _check(stage: cdk.Stage, walked: boundaries.Walked) -> list[str]:
    # Nobody of another account can have them, and to ask a role for its policies takes long.
    accounts = {stacks.account_of(stacks.stack_of(policy)) for policy, _ in _POLICIES[stage]}
    near = [(stack, there) for stack, there in walked if stacks.account_of(stack) in accounts]
    roles = [one for _, there in near for one in there if isinstance(one, iam.CfnRole)]
    holders = membership.Holders(near, roles)
    for policy, why in _POLICIES[stage]:
        for role in holders.of(policy).callers:
            if isinstance(role, iam.CfnRole):
                cdk.Annotations.of(policy).add_warning_v2(
                    f"trustproof:role-gets-nothing-{role.node.path}",
                    f"{role.node.path} gets nothing by this policy, since {why}: take it off the role",
                )
    _warn_of_bounded(stage, roles)
    return []


def _warn_of_bounded(stage: cdk.Stage, roles: Iterable[iam.CfnRole]) -> None:
    """Warn of roles that have such a policy as their permissions boundary, and are left nothing by it."""
    # The CDK may show one resource as several objects.
    those = {stacks.path_of(policy): (policy, why) for policy, why in _POLICIES[stage]}
    for role in roles:
        boundary = boundaries.boundary_of(role)
        made = None if boundary is None else arns.policy_of_app(boundary)
        found = None if made is None or made.node.scope is None else those.get(made.node.scope.node.path)
        if found is not None:
            policy, why = found
            cdk.Annotations.of(policy).add_warning_v2(
                f"trustproof:role-is-left-nothing-{role.node.path}",
                f"{role.node.path} has this policy as its permissions boundary, whose statement leaves it nothing, "
                f"since {why}: give it another boundary",
            )
