"""
`MfaPolicy`: allowed with MFA, and only then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from trustproof_cdk import MfaPolicy

STOP_AND_TERMINATE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:StopInstances","ec2:TerminateInstances"],'
    '"Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}'
)

Resources = Callable[[str], list[dict[str, Any]]]


def test_document_is_exact(stack: cdk.Stack, resources: Resources) -> None:
    """Two actions on everything give the document that AWS shows for it, and nothing more."""
    MfaPolicy(stack, "Policy", actions=["ec2:StopInstances", "ec2:TerminateInstances"], resources=["*"])
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["PolicyDocument"] == json.loads(STOP_AND_TERMINATE)


def test_arguments_reach_the_template(stack: cdk.Stack, resources: Resources) -> None:
    """Name, path, description, groups and users are those of a managed policy."""
    group = iam.Group(stack, "Operators")
    MfaPolicy(
        stack,
        "Policy",
        actions=["ec2:StopInstances"],
        resources=[f"arn:{cdk.Aws.PARTITION}:ec2:*:*:instance/*"],
        max_mfa_age=cdk.Duration.hours(1),
        conditions={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}},
        managed_policy_name="StopWithMfa",
        path="/people/",
        description="Stop instances",
        groups=[group],
        users=[iam.User.from_user_name(stack, "Alice", "alice")],
    )
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    (statement,) = properties.pop("PolicyDocument")["Statement"]
    assert statement["Condition"] == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "3600"},
        "StringEquals": {"aws:RequestedRegion": "eu-central-1"},
    }
    assert properties == {
        "ManagedPolicyName": "StopWithMfa",
        "Path": "/people/",
        "Description": "Stop instances",
        "Groups": [stack.resolve(group.group_name)],
        "Users": ["alice"],
    }


def test_groups_take_it_as_a_managed_policy(stack: cdk.Stack, resources: Resources) -> None:
    """The construct is a managed policy: whoever takes one takes it."""
    policy = MfaPolicy(stack, "Policy", actions=["ec2:StopInstances"], resources=["*"])
    iam.Group(stack, "Operators").add_managed_policy(policy)
    (properties,) = resources("AWS::IAM::Group")
    assert properties["ManagedPolicyArns"] == [stack.resolve(policy.managed_policy_arn)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"actions": [], "resources": ["*"]}, "actions must have at least one entry, got none"),
        ({"actions": ["StopInstances"], "resources": ["*"]}, "actions must be an action like 'ec2:StopInstances', got"),
        ({"actions": ["ec2:StopInstances"], "resources": ["i-1234"]}, "resources must be an ARN, or '*', got 'i-1234'"),
        (
            {"actions": ["ec2:*"], "resources": ["*"], "max_mfa_age": cdk.Duration.seconds(0)},
            "max_mfa_age must be 1 second to 36 hours in whole seconds",
        ),
        (
            {"actions": ["ec2:*"], "resources": ["*"], "managed_policy_name": "a b"},
            "managed_policy_name must be 1 to 128 letters, digits or any of _+=,.@-, got 'a b'",
        ),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        MfaPolicy(stack, "Policy", **arguments)


def test_one_action_must_be_in_a_list(stack: cdk.Stack) -> None:
    """A string is not a list of its characters."""
    with pytest.raises(TypeError, match="actions must be a list of strings, got 'ec2:StopInstances'"):
        MfaPolicy(stack, "Policy", actions="ec2:StopInstances", resources=["*"])


#: Actions, resources given a bucket, and the actions that nobody gets.
ABOUT: list[tuple[list[str], Callable[[s3.Bucket], list[str]], list[str]]] = [
    (["s3:GetObject", "s3:ListBucket"], lambda _: ["arn:aws:s3:::ledger"], ["s3:GetObject"]),
    (["s3:GetObject", "s3:ListBucket"], lambda _: ["arn:aws:s3:::ledger/*"], ["s3:ListBucket"]),
    (["s3:GetObject", "s3:ListBucket"], lambda _: ["arn:aws:s3:::ledger", "arn:aws:s3:::ledger/*"], []),
    (["s3:GetObject", "s3:ListBucket"], lambda _: ["arn:aws:s3:::*"], []),
    (["s3:GetObject", "s3:ListBucket"], lambda made: [made.bucket_arn], ["s3:GetObject"]),
    (["s3:GetObject", "s3:ListBucket"], lambda made: [made.arn_for_objects("*")], ["s3:ListBucket"]),
    (["s3:*", "kms:Decrypt"], lambda _: ["arn:aws:s3:::ledger/*"], ["kms:Decrypt"]),
    (["ec2:StopInstances", "ec2:DescribeInstances"], lambda _: ["arn:aws:ec2:*:*:instance/*"], []),
    (["iam:ListUsers", "iam:CreateAccessKey"], lambda _: ["arn:aws:iam::*:user/${aws:username}"], []),
    (["s3:GetObject"], lambda _: [cdk.Fn.import_value("Objects")], []),
]


def test_actions_that_are_about_no_resource_are_warned_of(app: cdk.App, stack: cdk.Stack) -> None:
    """IAM takes them, and nobody gets anything by them."""
    bucket = s3.Bucket(stack, "Bucket")
    made = [
        MfaPolicy(stack, f"Policy{number}", actions=actions, resources=resources(bucket))
        for number, (actions, resources, _) in enumerate(ABOUT)
    ]
    app.synth()
    for policy, (_, _, expected) in zip(made, ABOUT, strict=True):
        warned = [str(entry.data) for entry in policy.node.metadata if entry.type == "aws:cdk:warning"]
        assert [re.findall(r"allows nobody (\S+), which is about", one)[0] for one in warned] == expected
