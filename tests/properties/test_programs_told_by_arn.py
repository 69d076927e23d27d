"""
Programs that are told a role in their environment assume it, however its ARN is written there.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN = "111122223333"
SUB: Json = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/app/target"}
JOIN: Json = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", OWN, ":role/app/target"]]}


def role(principal: Json, **more: object) -> Json:
    """A role that lets in a principal."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    content = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": content, **more}}


def template(told: object, own: object = None) -> Json:
    """A role for the account, and a function that is told something."""
    properties = {
        "Role": {"Fn::GetAtt": ["Own", "Arn"]} if own is None else own,
        "Environment": {"Variables": {"TARGET": told}},
    }
    return {
        "Resources": {
            "Target": role({"AWS": OWN}, RoleName="target", Path="/app/"),
            "Own": role({"Service": "lambda.amazonaws.com"}),
            "Program": {"Type": "AWS::Lambda::Function", "Properties": properties},
        }
    }


@pytest.mark.parametrize("account", [OWN, None])
@pytest.mark.parametrize(
    ("told", "own", "is_meant"),
    [
        (f"arn:aws:iam::{OWN}:role/app/target", None, True),
        (SUB, None, True),
        (JOIN, None, True),
        ({"Fn::GetAtt": ["Target", "Arn"]}, None, True),
        (f"arn:aws:iam::{OWN}:role/app/target2", None, False),
        ("app/target", None, False),
        (SUB, SUB, False),
    ],
)
def test_a_program_that_is_told_an_arn_is_kept_in(
    told: object, own: object, is_meant: bool, account: str | None
) -> None:
    """A demand for MFA is words where a program assumes the role; a program that runs as the role assumes nothing."""
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([template(told, own)], config=config, account=account, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert ("name the role of Program as principal" in found.remedy.text) is is_meant
    if is_meant:
        assert not found.remedy.edits


@pytest.mark.parametrize(
    "principal", [f"arn:aws:iam::{OWN}:role/app/target", "arn:aws:iam::${AWS::AccountId}:role/app/target"]
)
def test_a_policy_that_lets_a_role_in_tells_nobody_of_it(principal: str) -> None:
    """Whom the policy of a bucket names calls the bucket; that the policy is a text makes no program of it."""
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "%s"}, '
        '"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}'
    )
    properties = {"Bucket": "b", "PolicyDocument": {"Fn::Sub": text % principal}}
    bucket = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    resources = {"Target": role({"AWS": OWN}, RoleName="target", Path="/app/"), "Bucket": bucket}
    report = trustproof.check([{"Resources": resources}], account=OWN, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert "Bool aws:MultiFactorAuthPresent true" in found.remedy.text
    assert "Bucket" not in found.remedy.text
