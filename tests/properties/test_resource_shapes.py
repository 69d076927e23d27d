"""
ARNs that no action of a statement is about: which field is wrong.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

ROLE = "arn:*:iam::ACCOUNT:role/*"
#: The action, the resource, and what is said of it; nothing where it can be used.
CASES: list[tuple[object, object, str]] = [
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/x", ""),
    (
        "sts:AssumeRole",
        "arn:aws:aws::*:role/x",
        f"arn:aws:aws::*:role/x is read with the service aws: sts:AssumeRole is about {ROLE}",
    ),
    (
        "sts:AssumeRole",
        "arn:aws:iam:us-east-1:111122223333:role/x",
        f"arn:aws:iam:us-east-1:111122223333:role/x is read with the Region us-east-1: sts:AssumeRole is about {ROLE}",
    ),
    (
        "sts:AssumeRole",
        "arn:aws:iam:::role/x",
        f"arn:aws:iam:::role/x is read with the account (empty): sts:AssumeRole is about {ROLE}",
    ),
    (
        "sts:AssumeRole",
        "arn:aws:iam::1111222233:role/x",
        f"arn:aws:iam::1111222233:role/x is read with the account 1111222233: sts:AssumeRole is about {ROLE}",
    ),
    (
        "sts:AssumeRole",
        "arn:aws:iam::111122223333:user/x",
        f"arn:aws:iam::111122223333:user/x is read with the resource user/x: sts:AssumeRole is about {ROLE}",
    ),
    (
        "iam:GetRole",
        "arn:aws:iam::111122223333:roles/x",
        "arn:aws:iam::111122223333:roles/x is read with the resource roles/x: iam:GetRole is about arn:*:iam::*:role/*",
    ),
    (
        "s3:GetObject",
        "arn:aws:s3:us-east-1:111122223333:bucket/x",
        (
            "arn:aws:s3:us-east-1:111122223333:bucket/x is read with the resource bucket/x:"
            " s3:GetObject is about arn:*:s3:REGION:ACCOUNT:accesspoint/*/object/*"
        ),
    ),
    (
        "sqs:SendMessage",
        "arn:aws:sns:us-east-1:111122223333:x",
        (
            "arn:aws:sns:us-east-1:111122223333:x is read with the service sns:"
            " sqs:SendMessage is about arn:*:sqs:REGION:ACCOUNT:*"
        ),
    ),
    # One service under two names: the CDK writes actions of the old name for connections of the new one.
    ("codestar-connections:UseConnection", "arn:aws:codeconnections:us-east-1:111122223333:connection/x", ""),
    ("codeconnections:UseConnection", "arn:aws:codestar-connections:us-east-1:111122223333:connection/x", ""),
    ("codestar-connections:UseConnection", "arn:aws:codeconnections:us-east-1:111122223333:host/x", ""),
    (
        "codestar-connections:UseConnection",
        "arn:aws:codepipeline:us-east-1:111122223333:x",
        (
            "arn:aws:codepipeline:us-east-1:111122223333:x is read with the service codepipeline:"
            " codestar-connections:UseConnection is about arn:*:codestar-connections:*:*:*"
        ),
    ),
    # One action that can be used is enough, and so is one resource.
    (["sts:AssumeRole", "sqs:SendMessage"], "arn:aws:sqs:us-east-1:111122223333:x", ""),
    ("sts:AssumeRole", ["arn:aws:aws::*:role/x", "arn:aws:iam::111122223333:role/x"], ""),
    ("sts:AssumeRole", "*", ""),
    ("sts:AssumeRole", "arn:aws:iam::*", ""),
    ("acme:Anything", "arn:aws:aws::*:role/x", ""),
]


@pytest.mark.parametrize(("action", "resource", "said"), CASES)
def test_which_field_is_wrong(action: object, resource: object, said: str, tmp_path: Path) -> None:
    """A statement whose actions are about none of its resources is used by nobody, and the finding says why."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}}}))
    (found,) = trustproof.check([str(file)], account="111122223333", properties=["statement-usable"]).results
    assert found.verdict == ("refuted" if said else "proved")
    assert found.why == ((said,) if said else ())
