"""
A parameter that only chooses a row of a mapping may be what no row has: then the ``DefaultValue`` is judged.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "999988887777"
ENV: Json = {"Type": "String"}
ROWS: Json = {"dev": {"Id": OWN}, "prod": {"Id": OWN}}


def principal(default: str | None, key: object = None) -> Json:
    """The account of a row."""
    more = [] if default is None else [{"DefaultValue": default}]
    return {"AWS": {"Fn::FindInMap": ["M", {"Ref": "Env"} if key is None else key, "Id", *more]}}


def check(allow: Json, parameter: Json, **sections: object) -> trustproof.Result:
    """What is said of who gets in."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **allow}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Env": parameter},
        "Mappings": {"M": ROWS},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
        **sections,
    }
    (found,) = trustproof.check(
        [template],
        account=OWN,
        config={"boundary": {"accounts": [OWN]}},
        properties=["inside-boundary"],
        certify=True,
    ).results
    return found


@pytest.mark.parametrize(
    ("default", "parameter", "verdict"),
    [
        ("*", ENV, "refuted"),
        (OTHER, ENV, "refuted"),
        (OWN, ENV, "proved"),
        # A row is not found at deployment.
        (None, ENV, "proved"),
        ("*", {**ENV, "AllowedValues": ["dev", "prod"]}, "proved"),
        ("*", {**ENV, "AllowedValues": ["dev", "stage"]}, "refuted"),
        ("*", {**ENV, "AllowedPattern": "dev|prod"}, "proved"),
        ("*", {**ENV, "AllowedPattern": "dev|prod|stage"}, "refuted"),
        ("*", {**ENV, "Default": "dev"}, "proved"),
        ("*", {**ENV, "Default": "stage"}, "refuted"),
    ],
)
def test_what_no_row_has(default: str | None, parameter: Json, verdict: str) -> None:
    """The default is judged wherever the parameter may be something else, and an open role is an error."""
    found = check({"Principal": principal(default)}, parameter)
    assert found.verdict == verdict
    assert verdict == "proved" or found.severity == "error"


def test_a_parameter_that_is_text_elsewhere_is_not_one_value() -> None:
    """What the statement says with the parameter differs from value to value, so one of them proves nothing."""
    allow: Json = {
        "Principal": principal("*"),
        "Condition": {"StringNotLike": {"aws:PrincipalAccount": {"Ref": "Env"}}},
    }
    assert check(allow, ENV).verdict != "proved"


def test_a_row_that_one_value_of_the_parameter_has() -> None:
    """Each row is judged besides the default."""
    rows: Json = {**ROWS, "open": {"Id": "*"}}
    assert check({"Principal": principal(OWN)}, ENV, Mappings={"M": rows}).verdict == "refuted"


#: Resources with a policy of their own kind, the attribute with the ARN, and an action.
OWN_ARNS: list[tuple[str, Json, str, str, str]] = [
    (
        "S3Express::DirectoryBucket",
        {},
        "S3Express::BucketPolicy Bucket PolicyDocument",
        "Arn",
        "s3express:CreateSession",
    ),
    (
        "S3Tables::TableBucket",
        {"TableBucketName": "b"},
        "S3Tables::TableBucketPolicy TableBucketARN ResourcePolicy",
        "TableBucketARN",
        "s3tables:CreateNamespace",
    ),
    ("MSK::Cluster", {}, "MSK::ClusterPolicy ClusterArn Policy", "Arn", "kafka:CreateVpcConnection"),
    (
        "CloudTrail::EventDataStore",
        {},
        "CloudTrail::ResourcePolicy ResourceArn ResourcePolicy",
        "EventDataStoreArn",
        "cloudtrail:StartQuery",
    ),
]


@pytest.mark.parametrize(("type_", "properties", "policy", "attribute", "action"), OWN_ARNS)
def test_a_policy_that_names_its_own_resource(
    type_: str, properties: Json, policy: str, attribute: str, action: str
) -> None:
    """The ARN of a resource of the template is known to be in its account, and of its service."""
    policy_type, on, body = policy.split()
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": action,
        "Resource": {"Fn::GetAtt": ["B", attribute]},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources = {
        "B": {"Type": f"AWS::{type_}", "Properties": properties},
        "P": {"Type": f"AWS::{policy_type}", "Properties": {on: {"Ref": "B"}, body: document}},
    }
    report = trustproof.check([{"Resources": resources}], account=OWN, properties=["inside-boundary"])
    (found,) = report.results
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert f":{OWN}:" in found.counterexample.resource
