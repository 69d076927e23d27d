"""
Names of actions: which ones AWS has published, and what was meant by another one.
"""

from __future__ import annotations

import pytest

import trustproof


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
        ("nothing:Like", None),
        ("ec2:Quux", None),
        ("", None),
    ],
)
def test_the_action_that_was_meant(action: str, meant: str | None) -> None:
    """Its service may be misspelt too."""
    assert trustproof.action_meant(action) == meant
