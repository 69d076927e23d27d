"""
Services with a single endpoint: each request for them is made to one Region.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

ACCOUNT = "111122223333"
#: The actions of a statement, the Region that it asks for, that of the template, and whether somebody can use it.
CASES: list[tuple[object, object, str | None, bool]] = [
    ("iam:CreateUser", "us-east-1", None, True),
    ("iam:CreateUser", "eu-west-1", None, False),
    ("iam:CreateUser", ["eu-west-1", "us-east-1"], None, True),
    ("iam:CreateUser", "us-*", "eu-west-1", True),
    ("iam:CreateUser", "us-east-1", "cn-north-1", False),
    ("iam:CreateUser", "cn-north-1", "cn-northwest-1", True),
    ("iam:CreateUser", "us-gov-west-1", "us-gov-east-1", True),
    # All Regions that the template names are of this partition.
    ("iam:CreateUser", "us-gov-west-1", None, True),
    ("iam:CreateUser", "us-gov-east-1", None, False),
    ("organizations:LeaveOrganization", "eu-west-1", None, False),
    ("cloudfront:CreateDistribution", "eu-west-1", None, False),
    ("route53:CreateHostedZone", "eu-west-1", None, False),
    ("account:CloseAccount", "eu-west-1", None, False),
    # What is asked where the role is passed to.
    ("iam:PassRole", "eu-west-1", None, True),
    ("iam:*", "eu-west-1", None, True),
    ("s3:DeleteBucket", "eu-west-1", None, True),
    ("sts:AssumeRole", "eu-west-1", None, True),
    (["iam:CreateUser", "s3:DeleteBucket"], "eu-west-1", None, True),
    ("s3:DeleteBucket", "cn-north-1", "eu-west-1", False),
    ("s3:DeleteBucket", "eu-west-1", "cn-north-1", False),
]


@pytest.mark.parametrize(("actions", "asked", "region", "usable"), CASES)
def test_the_region_of_a_request(
    actions: object, asked: object, region: str | None, usable: bool, tmp_path: Path
) -> None:
    """What asks for another Region than that of the endpoint is used by nobody, and open to nobody."""
    condition = {"StringLike": {"aws:RequestedRegion": asked}}
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}}}))
    config = {"sensitive": {"actions": ["*"]}}
    report = trustproof.check(
        [str(file)],
        account=ACCOUNT,
        region=region,
        config=config,
        properties=["statement-usable", "sensitive-actions-require-mfa"],
        certify=True,
    )
    found = {result.property: result for result in report.results}
    assert found["statement-usable"].verdict == ("proved" if usable else "refuted")
    sensitive = found["sensitive-actions-require-mfa"]
    assert sensitive.verdict == ("refuted" if usable else "proved")
    if usable:
        assert sensitive.counterexample is not None


@pytest.mark.parametrize(
    ("asked", "topic", "expected"),
    [
        ("cn-north-1", "of-us-east-1", "refuted"),
        ("eu-west-1", "of-us-east-1", "proved"),
        # What nobody can send where the other ARNs are, somebody can where the Region is.
        ("us-east-1", "arn:aws-cn:sns:x", "refuted"),
    ],
)
def test_a_region_of_another_partition(asked: str, topic: str, expected: str, tmp_path: Path) -> None:
    """A template that names Regions of several partitions is judged in each of them."""
    condition = {"StringLike": {"aws:RequestedRegion": asked}}
    statement = {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*", "Condition": condition}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}
    other = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"U": user, "T": other}}))
    (found,) = trustproof.check([str(file)], account=ACCOUNT, properties=["sensitive-actions-require-mfa"]).results
    assert found.verdict == expected
