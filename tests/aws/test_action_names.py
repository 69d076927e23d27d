"""
Names of actions: which ones AWS has published, and what was meant by another one.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.aws.operation_names import ACTION_OF_OPERATION


@pytest.mark.parametrize(
    ("pattern", "published"),
    [
        ("ec2:StopInstances", ("ec2:StopInstances",)),
        ("EC2:stopinstances", ("ec2:StopInstances",)),
        ("dynamodb:Put*em", ("dynamodb:PutItem",)),
        ("iam:Get?FADevice", ("iam:GetMFADevice",)),
        ("ec2:StopInstnces", ()),
        ("lamda:*", ()),
        ("ec2:[S]topInstances", ()),
        ("", ()),
    ],
)
def test_a_pattern_is_asked_of_what_aws_has_published(pattern: str, published: tuple[str, ...]) -> None:
    """As IAM matches it: with two wildcards, and in any case of letters."""
    assert trustproof.published_actions(pattern) == published


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        ("ec2:StopInstances", None),
        ("ec2:StopInstnces", "ec2:StopInstances"),
        ("lamda:InvokeFunction", "lambda:InvokeFunction"),
        ("lamda:InvokeFuncton", "lambda:InvokeFunction"),
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("S3:headobject", "s3:GetObject"),
        ("s3:GetBucketLifecycle", "s3:GetLifecycleConfiguration"),
        ("s3:DeleteBucketEncryption", "s3:PutEncryptionConfiguration"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("nothing:Like", None),
        ("ec2:Quux", None),
        ("", None),
    ],
)
def test_the_action_that_was_meant(action: str, meant: str | None) -> None:
    """Its service may be misspelt too."""
    assert trustproof.action_meant(action) == meant


def test_operations_that_are_no_actions_need_some_that_are() -> None:
    assert not [one for one in ACTION_OF_OPERATION if trustproof.published_actions(one)]
    assert not [one for one in ACTION_OF_OPERATION.values() if not trustproof.published_actions(one)]
