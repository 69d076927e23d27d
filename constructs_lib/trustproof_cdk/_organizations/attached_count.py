"""
How many policies of the organization an app attaches to a root, a unit or an account.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._callers.policy_targets import targets_of
from trustproof_cdk._synthesis import stacks, walk

#: By type, how many; of resource control policies RCPFullAWSAccess, which nobody can detach, is one more.
_MOST = {"SERVICE_CONTROL_POLICY": 10, "RESOURCE_CONTROL_POLICY": 4}


def limit_attached(policy: organizations.CfnPolicy) -> None:
    """
    Fail the synthesis if AWS Organizations attaches fewer policies to a target than the app gives it.

    Args:
        policy: one of those that are counted.
    """
    walk.check_all(policy, _too_many)


def _too_many(_stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    return list(_said(walked))


def _said(walked: walk.Walked) -> Iterator[str]:
    attached: dict[tuple[str, str], list[str]] = {}
    policies = [one for _, there in walked for one in there if isinstance(one, organizations.CfnPolicy)]
    for policy in policies:
        if policy.type in _MOST and policy.cfn_options.condition is None:
            for target in set(targets_of(policy)):
                attached.setdefault((policy.type, target), []).append(stacks.path_of(policy))
    for (kind, target), paths in attached.items():
        if len(paths) > _MOST[kind]:
            besides = "" if kind == "SERVICE_CONTROL_POLICY" else " besides RCPFullAWSAccess"
            yield (
                f"{', '.join(paths)} are {len(paths)} policies of the type {kind} for {target}, and AWS Organizations "
                f"attaches {_MOST[kind]} to one target{besides}: put statements together, or attach some elsewhere"
            )
