"""
The replicas of a secret and of a table are in other Regions, each with a policy.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
READ, GET = "secretsmanager:GetSecretValue", "dynamodb:GetItem"
SECRET: Json = {"Ref": "Secret"}
ANY_REGION: Json = {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:*:${AWS::AccountId}:secret:shared-??????"}
HERE: Json = {"Fn::Sub": "arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:shared-??????"}
TABLE: Json = {"Fn::Sub": f"arn:aws:dynamodb:${{AWS::Region}}:{OWN}:table/t"}
FAR: Json = {"Region": "eu-west-1"}


def policy(action: str, denied: object, condition: Json | None = None) -> Json:
    """Everybody is let in, and outsiders are denied what is named."""
    outside = condition or {"StringNotEquals": {"aws:PrincipalAccount": OWN}}
    everybody: Json = {"Principal": {"AWS": "*"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", **everybody, "Action": action, "Resource": "*"},
            {"Effect": "Deny", **everybody, "Action": "*", "Resource": denied, "Condition": outside},
        ],
    }


def secret(replicas: object, denied: object, condition: Json | None = None, named: object = None) -> Json:
    """A secret with replicas, and its policy."""
    more = {} if replicas is None else {"ReplicaRegions": replicas}
    return {
        "Parameters": {"Far": {"Type": "String"}, "Is": {"Type": "String", "AllowedValues": ["a", "b"]}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Is"}, "a"]}},
        "Resources": {
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "shared", **more}},
            "A": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": {"SecretId": SECRET}},
            "P": {
                "Type": "AWS::SecretsManager::ResourcePolicy",
                "Properties": {"SecretId": named or SECRET, "ResourcePolicy": policy(READ, denied, condition)},
            },
        },
    }


def table(*regions: str) -> Json:
    """A table in some Regions, which denies outsiders the one in the Region of the template."""
    replicas = [{"Region": one, "ResourcePolicy": {"PolicyDocument": policy(GET, TABLE)}} for one in regions]
    properties = {"TableName": "t", "Replicas": replicas}
    return {"Resources": {"T": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}}}


NEAR: Json = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


def verdict(tmp_path: Path, template: Json, region: str | None) -> str:
    """What is said of the policies of a template, in the worst case."""
    (tmp_path / "template.json").write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], account=OWN, region=region, config={"boundary": {}}, properties=["inside-boundary"]
    )
    found = {one.verdict for one in report.results}
    return next((one for one in ("refuted", "unknown") if one in found), "proved")


@pytest.mark.parametrize("region", [None, "us-east-1"])
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (secret(None, ANY_REGION), "proved"),
        (secret(None, HERE), "proved"),
        (secret([FAR], HERE), "refuted"),
        (secret(None, SECRET), "proved"),
        (secret([], SECRET), "proved"),
        (secret([FAR], SECRET), "refuted"),
        (secret([FAR], SECRET, named={"Ref": "A"}), "refuted"),
        (secret([FAR], "*"), "proved"),
        (secret([FAR], ANY_REGION), "proved"),
        (secret([FAR], "*", NEAR), "refuted"),
        (secret({"Fn::If": ["Is", [FAR], {"Ref": "AWS::NoValue"}]}, SECRET), "refuted"),
        (secret([{"Fn::If": ["Is", FAR, {"Ref": "AWS::NoValue"}]}], SECRET), "refuted"),
        (secret([{"Region": {"Ref": "Far"}}], "*"), "proved"),
        (secret([{"Region": {"Ref": "Far"}}], SECRET), "unknown"),
        (table("us-east-1"), "proved"),
        (table("us-east-1", "eu-west-1"), "refuted"),
    ],
)
def test_a_replica_is_another_resource(template: Json, region: str | None, expected: str, tmp_path: Path) -> None:
    """What denies outsiders the resource in one Region, by its ARN or the Region that is called, denies no other."""
    if template == table("us-east-1") and region is None:
        expected = "unknown"
    assert verdict(tmp_path, template, region) == expected


ARN = f"arn:aws:secretsmanager:us-east-1:{OWN}:secret:made-AbCdEf"
ANYWHERE = f"arn:aws:secretsmanager:*:{OWN}:secret:made-AbCdEf"


@pytest.mark.parametrize(
    ("named", "denied", "condition", "expected"),
    [
        (ARN, ARN, None, "unknown"),
        (ARN, ANYWHERE, None, "proved"),
        (ARN, "*", None, "proved"),
        (ARN, "*", NEAR, "unknown"),
        ({"Ref": "Far"}, {"Ref": "Far"}, None, "unknown"),
        ({"Ref": "Far"}, "*", None, "proved"),
        ("shared", HERE, None, "proved"),
        ("made", ARN, None, "refuted"),
    ],
)
def test_a_secret_that_is_made_elsewhere_may_have_replicas(
    named: object, denied: object, condition: Json | None, expected: str, tmp_path: Path
) -> None:
    """What denies outsiders the resource in one Region leaves open whether they get in in another one."""
    assert verdict(tmp_path, secret(None, denied, condition, named), "us-east-1") == expected


@pytest.mark.parametrize(("replicas", "expected"), [([FAR], "refuted"), ([], "proved")])
def test_the_secret_of_another_stack_says_where_its_replicas_are(
    replicas: list[Json], expected: str, tmp_path: Path
) -> None:
    """What a policy stands on by its export is read where it is made."""
    made = secret(replicas, "*")
    made["Outputs"] = {"Secret": {"Value": SECRET, "Export": {"Name": "secret"}}}
    (tmp_path / "made.json").write_text(json.dumps(made), encoding="utf-8")
    imported: Json = {"Fn::ImportValue": "secret"}
    policy_of_it = {"SecretId": imported, "ResourcePolicy": policy(READ, imported)}
    template: Json = {"Resources": {"P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": policy_of_it}}}
    assert verdict(tmp_path, template, "us-east-1") == expected


def test_a_secret_of_terraform_has_replicas_too(tmp_path: Path) -> None:
    """Its blocks say in which Regions."""
    source = """
        resource "aws_secretsmanager_secret" "s" {
          name = "shared"
          replica { region = "eu-west-1" }
        }
        resource "aws_secretsmanager_secret_policy" "p" {
          secret_arn = aws_secretsmanager_secret.s.arn
          policy     = jsonencode({ Version = "2012-10-17", Statement = [
            { Effect = "Allow", Principal = { AWS = "*" }, Action = "secretsmanager:GetSecretValue", Resource = "*" },
            { Effect = "Deny", Principal = { AWS = "*" }, Action = "*", Resource = aws_secretsmanager_secret.s.arn,
              Condition = { StringNotEquals = { "aws:PrincipalAccount" = "111122223333" } } },
          ] })
        }
    """
    (tmp_path / "main.tf").write_text(source, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], account=OWN, config={"boundary": {}}, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(("replicas", "expected"), [("", "proved"), ('replica { region = "eu-west-1" }', "refuted")])
def test_the_name_of_a_secret_of_terraform_is_part_of_its_arn(replicas: str, expected: str, tmp_path: Path) -> None:
    """A Deny on the ARN that the name makes is about that secret, and about no replica of it."""
    source = f"""
        resource "aws_secretsmanager_secret" "s" {{
          name = "shared"
          {replicas}
        }}
        resource "aws_secretsmanager_secret_policy" "p" {{
          secret_arn = aws_secretsmanager_secret.s.arn
          policy     = jsonencode({{ Version = "2012-10-17", Statement = [
            {{ Effect = "Allow", Principal = {{ AWS = "*" }}, Action = "{READ}", Resource = "*" }},
            {{ Effect = "Deny", Principal = {{ AWS = "*" }}, Action = "*",
              Resource = "arn:aws:secretsmanager:us-east-1:111122223333:secret:shared-??????",
              Condition = {{ StringNotEquals = {{ "aws:PrincipalAccount" = "111122223333" }} }} }},
          ] }})
        }}
    """
    (tmp_path / "main.tf").write_text(source, encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], account=OWN, region="us-east-1", config={"boundary": {}}, properties=["inside-boundary"]
    )
    assert [one.verdict for one in report.results] == [expected]
