"""
Invariants of what a policy of its own is put on: by its name, logical id, address and ARN, however the policy says it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

OURS, OTHERS = "111122223333", "444455556666"
Json = dict[str, Any]

OF_ONE: Json = {"Out": {"Type": "Custom::Of", "Properties": {"ServiceToken": f"arn:aws:lambda:eu-west-1:{OURS}:f"}}}


def policy(action: str) -> Json:
    """A policy that lets in an account of others."""
    return {"Statement": {"Effect": "Allow", "Principal": {"AWS": OTHERS}, "Action": action, "Resource": "*"}}


def verdicts(given: object, pattern: str) -> list[str]:
    """What an invariant with a pattern, that admits one's own account, says of a template."""
    config = {"invariant": [{"name": "mine", "resources": [pattern], "accounts": [OURS]}]}
    report = trustproof.check(
        [given],  # type: ignore[list-item]
        config=config,
        account=OURS,
        region="eu-west-1",
        properties=["invariant-mine"],
    )
    assert not report.errors
    return [one.verdict for one in report.results]


def template(type_: str, properties: Json, **others: Json) -> Json:
    """A template with a policy, and what it may be put on."""
    return {"Resources": {"It": {"Type": type_, "Properties": properties}, **others}}


@pytest.mark.parametrize(
    ("type_", "properties", "default", "pattern"),
    [
        ("AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "Of"}]}, f"arn:aws:sns:eu-west-1:{OURS}:dev", "sns:*:*:prod"),
        (
            "AWS::SQS::QueuePolicy",
            {"Queues": [{"Ref": "Of"}]},
            f"https://sqs.eu-west-1.amazonaws.com/{OURS}/dev",
            "sqs:*:*:prod",
        ),
        (
            "AWS::SecretsManager::ResourcePolicy",
            {"SecretId": {"Ref": "Of"}},
            "dev/db",
            "secretsmanager:*:*:secret:prod/*",
        ),
        ("AWS::Lambda::Permission", {"FunctionName": {"Ref": "Of"}}, "dev", "lambda:*:*:function:prod"),
        ("AWS::Events::EventBusPolicy", {"EventBusName": {"Ref": "Of"}}, "dev", "events:*:*:event-bus/prod"),
        (
            "AWS::Kinesis::ResourcePolicy",
            {"ResourceArn": {"Ref": "Of"}},
            f"arn:aws:kinesis:eu-west-1:{OURS}:stream/dev",
            "kinesis:*:*:stream/prod",
        ),
    ],
)
def test_what_a_parameter_names_may_have_any_arn_of_its_service(
    type_: str, properties: Json, default: str, pattern: str
) -> None:
    """The default says one of them, and another one is as much the invariant's."""
    action = {
        "AWS::SNS::TopicPolicy": "sns:Publish",
        "AWS::SQS::QueuePolicy": "sqs:SendMessage",
        "AWS::SecretsManager::ResourcePolicy": "secretsmanager:GetSecretValue",
        "AWS::Lambda::Permission": "lambda:InvokeFunction",
        "AWS::Events::EventBusPolicy": "events:PutEvents",
        "AWS::Kinesis::ResourcePolicy": "kinesis:PutRecord",
    }[type_]
    written: Json = {
        "AWS::SecretsManager::ResourcePolicy": {"ResourcePolicy": policy(action)},
        "AWS::Kinesis::ResourcePolicy": {"ResourcePolicy": policy(action)},
        "AWS::Lambda::Permission": {"Action": action, "Principal": OTHERS},
        "AWS::Events::EventBusPolicy": {"StatementId": "s", "Action": action, "Principal": OTHERS},
    }.get(type_, {"PolicyDocument": policy(action)})
    given = {
        "Parameters": {"Of": {"Type": "String", "Default": default}},
        **template(type_, {**properties, **written}),
    }
    assert verdicts(given, f"arn:aws:{pattern}") == ["refuted"]
    assert not verdicts(given, "arn:aws:iam::*:role/prod")
    # A name of which nothing is written is matched by the default alone.
    assert not verdicts(given, "prod")


@pytest.mark.parametrize(
    "made",
    [
        {"Fn::Sub": "deploy-${Out.Name}"},
        {"Fn::Sub": "deploy-${Out}"},
        {"Fn::Join": ["-", ["deploy", {"Fn::GetAtt": ["Out", "Name"]}]]},
    ],
)
def test_an_attribute_beside_what_is_written_may_be_any_part_of_a_name(made: Json) -> None:
    """Like an import: nobody knows what another resource gives out."""
    trust = {"Statement": {"Effect": "Allow", "Principal": {"AWS": OTHERS}, "Action": "sts:AssumeRole"}}
    given = template("AWS::IAM::Role", {"RoleName": made, "AssumeRolePolicyDocument": trust}, **OF_ONE)
    for pattern in ("deploy-*", "deploy-1", "arn:aws:iam::*:role/deploy-*"):
        assert verdicts(given, pattern) == ["refuted"], pattern
    assert not verdicts(given, "web-*")


@pytest.mark.parametrize(
    ("type_", "properties", "other", "matching"),
    [
        (
            "AWS::S3::BucketPolicy",
            {"Bucket": "deploy", "PolicyDocument": policy("s3:ListBucket")},
            {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "deploy"}},
            ["Of", "It", "deploy"],
        ),
        (
            "AWS::SQS::QueuePolicy",
            {
                "Queues": [f"https://sqs.eu-west-1.amazonaws.com/{OURS}/deploy"],
                "PolicyDocument": policy("sqs:SendMessage"),
            },
            {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "deploy"}},
            ["Of", "It", "deploy"],
        ),
        (
            "AWS::S3::MultiRegionAccessPointPolicy",
            {"MrapName": "deploy", "Policy": policy("s3:GetObject")},
            {"Type": "AWS::S3::MultiRegionAccessPoint", "Properties": {"Name": "deploy", "Regions": []}},
            ["It", "deploy"],
        ),
        (
            "AWS::Lambda::LayerVersionPermission",
            {"LayerVersionArn": {"Ref": "Of"}, "Action": "lambda:GetLayerVersion", "Principal": OTHERS},
            {"Type": "AWS::Lambda::LayerVersion", "Properties": {"LayerName": "deploy", "Content": {}}},
            ["Of", "It", "deploy", "arn:aws:lambda:*:*:layer:deploy:*"],
        ),
        (
            "AWS::Kinesis::ResourcePolicy",
            {
                "ResourceArn": {"Fn::GetAtt": ["Of", "ConsumerARN"]},
                "ResourcePolicy": policy("kinesis:SubscribeToShard"),
            },
            {
                "Type": "AWS::Kinesis::StreamConsumer",
                "Properties": {"ConsumerName": "deploy", "StreamARN": f"arn:aws:kinesis:eu-west-1:{OURS}:stream/s"},
            },
            ["Of", "It", "deploy"],
        ),
        (
            "AWS::MSK::ClusterPolicy",
            {
                "ClusterArn": f"arn:aws:kafka:eu-west-1:{OURS}:cluster/deploy/a-1",
                "Policy": policy("kafka:CreateVpcConnection"),
            },
            {"Type": "AWS::SNS::Topic"},
            ["It", "deploy"],
        ),
        (
            "AWS::ACMPCA::Permission",
            {
                "CertificateAuthorityArn": f"arn:aws:acm-pca:eu-west-1:{OURS}:certificate-authority/a",
                "Actions": ["IssueCertificate"],
                "Principal": "acm.amazonaws.com",
            },
            {"Type": "AWS::SNS::Topic"},
            ["It", "arn:aws:acm-pca:*:*:certificate-authority/*"],
        ),
        (
            "AWS::XRay::ResourcePolicy",
            {"PolicyName": "deploy", "PolicyDocument": json.dumps(policy("xray:PutTraceSegments"))},
            {"Type": "AWS::SNS::Topic"},
            ["It", "deploy"],
        ),
    ],
)
def test_a_policy_is_called_as_what_it_is_put_on(
    type_: str, properties: Json, other: Json, matching: list[str]
) -> None:
    """By the name that it writes out, the resource of the template that has the name, and the name in its ARN."""
    given = template(type_, properties, Of=other)
    for pattern in matching:
        assert verdicts(given, pattern) == ["refuted"], pattern
    for pattern in ("web", "Other", "arn:aws:iam::*:role/deploy"):
        assert not verdicts(given, pattern), pattern


BUCKETS = """
resource "aws_s3_bucket" "of" {
  for_each = toset(["a", "b"])
  bucket   = "deploy-${each.key}"
}
resource "aws_s3_bucket_policy" "it" {
  for_each = aws_s3_bucket.of
  bucket   = each.value.id
  policy = jsonencode({
    Statement = {
      Effect = "Allow", Principal = { AWS = "444455556666" }, Action = "s3:GetObject", Resource = "${each.value.arn}/*"
    }
  })
}
"""


def test_an_address_without_a_key_stands_for_what_a_policy_is_put_on(tmp_path: Path) -> None:
    """As for the instances of a role."""
    (tmp_path / "main.tf").write_text(f'provider "aws" {{ region = "eu-west-1" }}\n{BUCKETS}')
    assert verdicts(tmp_path, "aws_s3_bucket.of") == ["refuted", "refuted"]
    assert verdicts(tmp_path, 'aws_s3_bucket.of["a"]') == ["refuted"]
    assert not verdicts(tmp_path, "aws_s3_bucket.other")


@pytest.mark.parametrize(
    ("type_", "argument", "action", "default", "pattern"),
    [
        ("aws_s3_bucket_policy", "bucket", "s3:ListBucket", "dev", "s3:::prod"),
        ("aws_sns_topic_policy", "arn", "sns:Publish", f"arn:aws:sns:eu-west-1:{OURS}:dev", "sns:*:*:prod"),
        ("aws_cloudwatch_event_bus_policy", "event_bus_name", "events:PutEvents", "dev", "events:*:*:event-bus/prod"),
    ],
)
def test_what_a_variable_of_terraform_names_may_have_any_arn_of_its_service(
    tmp_path: Path, type_: str, argument: str, action: str, default: str, pattern: str
) -> None:
    """As for a parameter."""
    resource = "arn:aws:s3:::${var.of}" if action.startswith("s3:") else "*"
    statement = f'Effect = "Allow", Principal = {{ AWS = "{OTHERS}" }}, Action = "{action}", Resource = "{resource}"'
    (tmp_path / "main.tf").write_text(
        f"""provider "aws" {{ region = "eu-west-1" }}
variable "of" {{ default = "{default}" }}
resource "{type_}" "it" {{
  {argument} = var.of
  policy = jsonencode({{ Statement = {{ {statement} }} }})
}}
"""
    )
    assert verdicts(tmp_path, f"arn:aws:{pattern}") == ["refuted"]
    assert not verdicts(tmp_path, "prod")


@pytest.mark.parametrize("bucket", [{"Ref": "Of"}, "deploy", {"Fn::Sub": "${Of}"}, {"Fn::ImportValue": "of"}])
def test_an_access_point_is_a_way_into_its_bucket(bucket: object) -> None:
    """It lets in to what the bucket holds: by its policy alone, whoever is of the account."""
    put_on = {"Bucket": bucket, "Name": "front", "Policy": policy("s3:GetObject")}
    given = template(
        "AWS::S3::AccessPoint", put_on, Of={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "deploy"}}
    )
    known = not isinstance(bucket, dict) or "Fn::ImportValue" not in bucket
    for pattern in ("deploy", "Of"):
        assert verdicts(given, pattern) == (["refuted"] if known else [])
    assert verdicts(given, "front") == verdicts(given, "It") == ["refuted"]
    assert not verdicts(given, "other")


@pytest.mark.parametrize("default", ["dev", "prod"])
def test_an_access_point_leads_into_a_bucket_whose_name_a_parameter_makes(default: str) -> None:
    """As the policy of such a bucket: it is asked of what it is at the values that make the name."""
    put_on = {"Bucket": {"Fn::Sub": "${Env}-deploy"}, "Name": "front", "Policy": policy("s3:GetObject")}
    given = template("AWS::S3::AccessPoint", put_on)
    given["Parameters"] = {"Env": {"Type": "String", "Default": default}}
    assert verdicts(given, "prod-deploy") == ["refuted"]
    assert not verdicts(given, "prod-other")


def test_small_letters_are_not_capital_ones() -> None:
    """As in an ARN; both are to be named."""
    given = template("AWS::S3::AccessPoint", {"Bucket": "b", "Name": "deploy", "Policy": policy("s3:GetObject")})
    assert not verdicts(given, "DEPLOY")


@pytest.mark.parametrize(
    ("type_", "on", "named", "action"),
    [
        (
            "AWS::S3ObjectLambda::AccessPoint",
            {"ObjectLambdaAccessPoint": {"Ref": "Of"}},
            {"Fn::GetAtt": ["Of", "Arn"]},
            "s3-object-lambda:GetObject",
        ),
        (
            "AWS::S3::MultiRegionAccessPoint",
            {"MrapName": {"Ref": "Of"}},
            {"Fn::Sub": "arn:aws:s3::${AWS::AccountId}:accesspoint/${Of.Alias}/object/*"},
            "s3:GetObject",
        ),
    ],
)
@pytest.mark.parametrize("pattern", ["Of", "It", "deploy"])
def test_access_points_of_other_kinds_are_named_likewise(
    type_: str, on: Json, named: Json, action: str, pattern: str
) -> None:
    """Their policies are resources of their own, which write out the ARN that CloudFormation gives."""
    document = policy(action)
    document["Statement"]["Resource"] = named
    key = "Policy" if "MultiRegion" in type_ else "PolicyDocument"
    given = template(f"{type_}Policy", {**on, key: document}, Of={"Type": type_, "Properties": {"Name": "deploy"}})
    assert verdicts(given, pattern) == ["refuted"]
