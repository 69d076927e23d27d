"""
`DecodeAuthorizationGrant`, and the two actions of STS that no construct takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import DecodeAuthorizationGrant, MfaPolicy

Resources = Callable[[str], list[dict[str, Any]]]

ALLOW = {"Effect": "Allow", "Action": "sts:DecodeAuthorizationMessage", "Resource": "*"}


def test_people_need_mfa(stack: cdk.Stack, resources: Resources) -> None:
    """The message says much about policies."""
    people = iam.Group(stack, "People")
    DecodeAuthorizationGrant(stack, "Grant", groups=[people])
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["Groups"] == [stack.resolve(people.group_name)]
    assert properties["PolicyDocument"]["Statement"] == [
        {**ALLOW, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    ]


def test_roles_cannot_have_it(stack: cdk.Stack, resources: Resources) -> None:
    """For roles there is a grant without MFA, which must be asked for."""
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    with pytest.raises(ValueError, match="roles cannot be given with mfa=True: role sessions never carry"):
        DecodeAuthorizationGrant(stack, "Refused", roles=[role])
    DecodeAuthorizationGrant(stack, "Grant", roles=[role], mfa=False)
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["PolicyDocument"]["Statement"] == [ALLOW]


def test_mfa_is_a_decision(stack: cdk.Stack) -> None:
    """An empty setting must not take MFA away."""
    with pytest.raises(TypeError, match="mfa must be True or False, got None"):
        DecodeAuthorizationGrant(stack, "Grant", mfa=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ("sts:GetCallerIdentity", "sts:GetCallerIdentity"),
        ("sts:getsessiontoken", "sts:GetSessionToken"),
        ("sts:GetCaller*", "sts:GetCallerIdentity"),
        ("sts:Get?essionToken", "sts:GetSessionToken"),
    ],
)
def test_actions_that_no_policy_governs_are_refused(stack: cdk.Stack, action: str, named: str) -> None:
    """A statement about nothing else would be a promise that AWS does not keep."""
    message = f"actions cannot be {action!r}, since no policy can allow or deny {named}: "
    with pytest.raises(ValueError, match=re.escape(message)):
        MfaPolicy(stack, "Policy", actions=[action], resources=["*"])


@pytest.mark.parametrize("action", ["sts:*", "sts:Get*", "*", "sts:AssumeRole", "s3:GetSessionToken"])
def test_actions_that_a_policy_governs_as_well_are_taken(stack: cdk.Stack, action: str) -> None:
    """A pattern that matches others too says something."""
    MfaPolicy(stack, "Policy", actions=[action], resources=["*"], allow_unknown_actions=True)


def test_a_group_that_is_misnamed_is_refused(stack: cdk.Stack) -> None:
    """From an ARN with a path, the CDK takes the path for a part of the name, and IAM attaches nothing to that."""
    group = iam.Group.from_group_arn(stack, "Imported", "arn:aws:iam::111122223333:group/team/people")
    with pytest.raises(ValueError, match=r"calls 'team/people', path and all, where IAM knows it as 'people': import"):
        DecodeAuthorizationGrant(stack, "Refused", groups=[group])
    named = iam.Group.from_group_name(stack, "Named", "people")
    DecodeAuthorizationGrant(stack, "Grant", groups=[named])
