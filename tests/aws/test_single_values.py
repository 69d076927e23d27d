"""
How many values of a condition key a request has.
"""

from __future__ import annotations

import pytest

from trustproof.aws.condition_keys import lookup
from trustproof.aws.single_values import has_one, has_several


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("aws:PrincipalArn", "one"),
        ("aws:TagKeys", "several"),
        ("iam:PassedToService", "one"),
        ("S3:X-Amz-ACL", "one"),
        ("ec2:ResourceTag/team", "one"),
        ("elasticloadbalancing:ResourceTag/team", "one"),
        ("kms:EncryptionContext:aws:s3:arn", "one"),
        ("kms:EncryptionContextKeys", "several"),
        ("kms:GrantOperations", "several"),
        ("cognito-identity.amazonaws.com:amr", "several"),
        # Listed as one text, and AWS itself compares it with a set operator.
        ("ram:Principal", ""),
        ("ec2:Add/group", ""),
        ("ec2:nothing", ""),
        ("acme:key", ""),
    ],
)
def test_whether_a_request_has_several_values(key: str, values: str) -> None:
    """What the reference says, but for keys that are lists all the same; of what it does not list, nothing."""
    assert (has_one(lookup(key)), has_several(lookup(key))) == (values == "one", values == "several")
