"""
Roles that an identity policy lets somebody assume.
"""

from __future__ import annotations

import pytest

import trustproof

OWN = "111122223333"

CASES: list[tuple[object, dict[str, object], str]] = [
    (f"arn:aws:iam::{OWN}:role/deploy", {}, "proved"),
    # What the CDK's pipelines write; the path of a role may hold a colon, and a wildcard still stays in its segment.
    (
        f"arn:*:iam::{OWN}:role/*",
        {"ForAnyValue:StringEquals": {"iam:ResourceTag/aws-cdk:bootstrap-role": "deploy"}},
        "proved",
    ),
    ("arn:aws:iam::*:role/deploy", {}, "refuted"),
    ("arn:aws:iam::*:role/deploy", {"StringEquals": {"aws:ResourceAccount": OWN}}, "proved"),
    # The organization is the caller's, and not that of the role.
    ("arn:aws:iam::*:role/deploy", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "refuted"),
    ("arn:aws:iam::*:role/deploy", {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, "proved"),
    ("*", {}, "refuted"),
    ("arn:aws:iam::444455556666:role/deploy", {}, "unknown"),
]


@pytest.mark.parametrize(("resource", "condition", "expected"), CASES)
def test_verdict(resource: object, condition: dict[str, object], expected: str) -> None:
    """The resource, or a condition on whose it is, confines the roles."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "assume-role-scoped", account=OWN).verdict == expected
