"""
What the control policies of the app are attached to.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._arguments import references
from trustproof_cdk._policies import written_out
from trustproof_cdk._synthesis import stacks

#: Begins the id of a root, and stands for that of the organization of the app, which only a deployment knows.
ROOT = "r-"
_OF_ORGANIZATION = ("AWS::Organizations::Organization", "RootId")


def targets_of(policy: organizations.CfnPolicy) -> list[str]:
    """The known ids of what a policy is attached to; `ROOT` alone stands for the root of the app's organization."""
    given = policy.target_ids
    listed = given if isinstance(given, list) and not cdk.Token.is_unresolved(given) else []
    return [one for one in (_target(value, stacks.stack_of(policy)) for value in listed) if one is not None]


def reaches(policy: organizations.CfnPolicy, account: str) -> bool:
    """
    Whether a policy is attached to an account, or to the root of its organization.

    In which unit an account is the app does not say, and nothing reaches the management account, which may be that of
    the policy's own stack.
    """
    is_attached = any(one == account or one.startswith(ROOT) for one in targets_of(policy))
    return is_attached and stacks.account_of(stacks.stack_of(policy)) != account


def _target(value: str, stack: cdk.Stack) -> str | None:
    found = references.attribute_of(value)
    if found is not None and (found.resource.cfn_resource_type, found.name) == _OF_ORGANIZATION:
        return ROOT
    return written_out.text_of(stack.resolve(value), stack)
