"""
Principals that ``Ref`` gives: the name or id of a resource, which is no principal.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
ACCOUNT = "111122223333"
#: Properties that all resources of a type have here.
TRUST: Json = {
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
}


def answers(folder: Path, principal: Json, type_: str, properties: Json) -> dict[str, trustproof.Result]:
    """What is said of a role that trusts a principal, by property, beside a resource X."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources = {
        "X": {"Type": type_, "Properties": properties},
        "R": {"Type": "AWS::IAM::Role", "Properties": trust},
    }
    file = folder / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(file)], account=ACCOUNT, region="us-east-1", certify=True)
    assert report.errors == ()
    return {result.property: result for result in report.results if result.logical_id == "R"}


REF: Json = {"Ref": "X"}
#: The type of a resource, its properties, a key of ``Principal``, and its value.
NAMES: list[tuple[str, Json, str, object]] = [
    ("AWS::IAM::Role", TRUST, "AWS", REF),
    ("AWS::IAM::Role", TRUST, "AWS", {"Fn::Sub": "${X}"}),
    ("AWS::IAM::Role", TRUST, "Service", REF),
    ("AWS::IAM::Role", TRUST, "Federated", REF),
    ("AWS::IAM::Role", {**TRUST, "RoleName": "deploy"}, "AWS", REF),
    ("AWS::IAM::User", {}, "AWS", REF),
    ("AWS::IAM::Group", {}, "AWS", REF),
    ("AWS::SQS::Queue", {}, "AWS", REF),
    ("AWS::S3::Bucket", {}, "AWS", REF),
    ("AWS::KMS::Key", {}, "AWS", REF),
    ("AWS::Lambda::Function", {}, "AWS", REF),
    ("AWS::SNS::Topic", {}, "AWS", REF),
]


@pytest.mark.parametrize(("type_", "properties", "key", "value"), NAMES, ids=str)
def test_a_name_is_no_principal(type_: str, properties: Json, key: str, value: object, tmp_path: Path) -> None:
    """Nobody gets in by the name of a resource, whatever name it will have, so that nobody can use the statement."""
    found = answers(tmp_path, {key: value}, type_, properties)
    assert found["statement-usable"].verdict == trustproof.REFUTED
    assert found["statement-usable"].label == "no caller that this names can exist"
    assert found["mfa-required"].verdict == found["inside-boundary"].verdict == trustproof.PROVED


#: What gives a principal, or may: an ARN, and what is not known.
PRINCIPALS: list[tuple[str, Json, object]] = [
    ("AWS::IAM::Role", TRUST, {"Fn::GetAtt": ["X", "Arn"]}),
    ("AWS::IAM::Role", TRUST, {"Fn::Sub": "arn:aws:iam::111122223333:role/${X}"}),
    ("AWS::IAM::User", {}, {"Fn::GetAtt": ["X", "Arn"]}),
    ("AWS::IAM::User", {}, {"Fn::Join": ["/", ["arn:aws:iam::111122223333:user", REF]]}),
    ("AWS::Organizations::Account", {}, REF),
    ("Custom::Account", {}, REF),
]


@pytest.mark.parametrize(("type_", "properties", "value"), PRINCIPALS, ids=str)
def test_what_may_be_a_principal(type_: str, properties: Json, value: object, tmp_path: Path) -> None:
    """An ARN that is made of a name is a principal, and so may be what is not known to be a name."""
    found = answers(tmp_path, {"AWS": value}, type_, properties)
    assert found["statement-usable"].verdict == trustproof.PROVED


def test_the_remedy_names_the_attribute(tmp_path: Path) -> None:
    """Of a role by its name, the finding says that this is no principal, and what gives the ARN."""
    found = answers(tmp_path, {"AWS": REF}, "AWS::IAM::Role", TRUST)["statement-usable"]
    assert found.why == ("a name or an id of X is no principal: <X>",)
    assert found.remedy is not None
    assert found.remedy.text == "name the principal by its ARN: the attribute Arn of a user or role"
    # So it is of a name that the template gives.
    named = answers(tmp_path, {"AWS": REF}, "AWS::IAM::Role", {**TRUST, "RoleName": "deploy"})["statement-usable"]
    assert named.why == ("a name is no principal: deploy",)
    assert named.remedy == found.remedy


TERRAFORM = """
resource "aws_iam_role" "x" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.x.ATTRIBUTE }, Action = "sts:AssumeRole" }]
  })
}
"""


@pytest.mark.parametrize(("attribute", "is_usable"), [("id", False), ("name", False), ("arn", True), ("tags", True)])
def test_an_attribute_in_terraform(attribute: str, is_usable: bool, tmp_path: Path) -> None:
    """In Terraform, the name or id of a role is no principal either; its ARN is, and what is not known may be one."""
    (tmp_path / "main.tf").write_text(TERRAFORM.replace("ATTRIBUTE", attribute), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], account=ACCOUNT, properties=["statement-usable"])
    assert report.errors == ()
    (found,) = (result for result in report.results if result.logical_id == "aws_iam_role.r")
    assert (found.verdict == trustproof.PROVED) is is_usable
