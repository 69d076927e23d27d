"""
Who has a policy where a function gives the name or the ARN.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
PROPERTY = "sensitive-actions-require-mfa"


def policy(effect: str) -> Json:
    """A policy about access keys."""
    statement = {"Effect": effect, "Action": "iam:CreateAccessKey", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def taken_apart(logical_id: str, delimiter: str = "-", again: str = "-") -> Json:
    """What is put together of what it was taken apart to."""
    return {"Fn::Join": [again, {"Fn::Split": [delimiter, {"Ref": logical_id}]}]}


FIRST: Json = {"Fn::Join": ["-", [{"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "U"}]}]}, "x"]]}


def denied(user: object) -> Json:
    """A user with a policy, and a managed policy that denies the same to who is named."""
    allowed = {"Policies": [{"PolicyName": "p", "PolicyDocument": policy("Allow")}]}
    denial = {"Users": [user], "PolicyDocument": policy("Deny")}
    return {
        "U": {"Type": "AWS::IAM::User", "Properties": allowed},
        "D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": denial},
    }


def attached(arn: object) -> Json:
    """A user with a managed policy."""
    return {
        "U": {"Type": "AWS::IAM::User", "Properties": {"ManagedPolicyArns": [arn]}},
        "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy("Allow")}},
    }


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (denied({"Ref": "U"}), "proved"),
        (denied(taken_apart("U")), "proved"),
        (denied({"Fn::Join": ["", [{"Ref": "U"}, "-x"]]}), "refuted"),
        (denied(FIRST), "unknown"),
        (denied(taken_apart("U", "-", "_")), "unknown"),
        (attached({"Ref": "M"}), "refuted"),
        (attached(taken_apart("M")), "refuted"),
        (attached(taken_apart("M", "/")), "unknown"),
    ],
)
def test_who_has_a_policy(resources: Json, expected: str, tmp_path: Path) -> None:
    """What is put together as it was taken apart is the same, and what a function makes of a name may be one."""
    (tmp_path / "template.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], properties=[PROPERTY])
    found = {one.verdict for one in report.results}
    assert next((one for one in ("refuted", "unknown") if one in found), "proved") == expected
