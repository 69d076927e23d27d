"""
A condition on the tags of a queue, topic, key or secret is about those that the template gives it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
CONFIG: dict[str, object] = {"boundary": {"accounts": ["111122223333"]}}
ACCOUNT, OUTSIDE = "111122223333", "999988887777"
OPS: Json = {"Tags": [{"Key": "Zone", "Value": "ops"}]}
PARAMETER: Json = {"Tags": [{"Key": "Zone", "Value": {"Ref": "Zone"}}]}
DEFAULT: Json = {"Tags": [{"Key": "Zone", "Value": {"Ref": "Usual"}}]}
BOOLEAN: Json = {"Tags": [{"Key": "Zone", "Value": False}]}
NUMBER: Json = {"Tags": [{"Key": "Zone", "Value": 1.5}]}
RESOLVED: Json = {"Tags": [{"Key": "Zone", "Value": "{{resolve:ssm:/zone}}"}]}
INCLUDED: Json = {**OPS, "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}}
BOTH: Json = {"Tags": [{"Key": "zone", "Value": "prod"}, {"Key": "Zone", "Value": "ops"}]}
SAYS_OPS: Json = {"StringEquals": {"aws:ResourceTag/zone": "ops"}}
SAYS_PROD: Json = {"StringEquals": {"aws:ResourceTag/zone": "prod"}}
#: What stands where, as its policy names it: the type of the resource, that of the policy, and what it is named by.
PLACES = {
    "sqs:SendMessage": ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues", "PolicyDocument"),
    "sns:Publish": ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", "PolicyDocument"),
    "secretsmanager:GetSecretValue": (
        "AWS::SecretsManager::Secret",
        "AWS::SecretsManager::ResourcePolicy",
        "SecretId",
        "ResourcePolicy",
    ),
}


def template(action: str, tags: Json, condition: Json) -> Json:
    """A resource with tags, and its policy that lets in another account under a condition."""
    type_, policy, names, holds = PLACES[action]
    statement = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": action, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    named = {"Ref": "R"} if names == "SecretId" else [{"Ref": "R"}]
    return {
        "Parameters": {"Zone": {"Type": "String"}, "Usual": {"Type": "String", "Default": "ops"}},
        "Resources": {
            "R": {"Type": type_, "Properties": tags},
            "P": {"Type": policy, "Properties": {names: named, holds: document}},
        },
    }


def verdict(folder: Path, given: Json) -> str:
    """What is said of who gets in; a proof is checked again."""
    (folder / "t.json").write_text(json.dumps(given))
    report = trustproof.check(
        [str(folder)], account=ACCOUNT, config=CONFIG, properties=["inside-boundary"], certify=True
    )
    assert not report.errors
    found = sorted({one.verdict for one in report.results if one.logical_id in ("P", "K")})
    assert len(found) == 1
    return found[0]


#: Tags, a condition, and whether somebody of another account gets in.
CASES: list[tuple[str, Json, Json, str]] = [
    ("sqs:SendMessage", OPS, SAYS_OPS, "refuted"),
    ("sqs:SendMessage", OPS, SAYS_PROD, "proved"),
    ("sqs:SendMessage", OPS, {"StringLike": {"aws:ResourceTag/ZONE": "p*"}}, "proved"),
    ("sqs:SendMessage", OPS, {"ForAnyValue:StringEquals": {"aws:ResourceTag/zone": "prod"}}, "proved"),
    # Which calls carry them is not known of all: one may have none.
    ("sqs:SendMessage", OPS, {"StringNotEquals": {"aws:ResourceTag/zone": "ops"}}, "unknown"),
    ("sqs:SendMessage", OPS, {"StringNotEquals": {"aws:ResourceTag/zone": "prod"}}, "refuted"),
    ("sqs:SendMessage", OPS, {"StringEqualsIfExists": {"aws:ResourceTag/zone": "prod"}}, "unknown"),
    ("sqs:SendMessage", OPS, {"StringEqualsIfExists": {"aws:ResourceTag/zone": "ops"}}, "refuted"),
    ("sqs:SendMessage", OPS, {"Null": {"aws:ResourceTag/zone": "true"}}, "unknown"),
    ("sqs:SendMessage", OPS, {"Null": {"aws:ResourceTag/zone": "false"}}, "refuted"),
    ("sqs:SendMessage", OPS, {"StringNotEquals": {"aws:ResourceTag/stage": "ops"}}, "refuted"),
    # A stack may give more, nobody knows a parameter, and of two tags not which one is compared.
    ("sqs:SendMessage", OPS, {"StringEquals": {"aws:ResourceTag/stage": "prod"}}, "refuted"),
    ("sqs:SendMessage", {}, SAYS_PROD, "refuted"),
    ("sqs:SendMessage", PARAMETER, SAYS_PROD, "refuted"),
    ("sqs:SendMessage", DEFAULT, SAYS_PROD, "refuted"),
    ("sqs:SendMessage", BOTH, SAYS_PROD, "refuted"),
    ("sqs:SendMessage", INCLUDED, SAYS_PROD, "refuted"),
    ("sqs:SendMessage", RESOLVED, SAYS_PROD, "refuted"),
    # CloudFormation makes a text of what YAML takes for a Boolean.
    ("sqs:SendMessage", BOOLEAN, {"StringEquals": {"aws:ResourceTag/zone": "true"}}, "proved"),
    ("sqs:SendMessage", BOOLEAN, {"StringEquals": {"aws:ResourceTag/zone": "false"}}, "refuted"),
    ("sqs:SendMessage", NUMBER, SAYS_PROD, "refuted"),
    ("sns:Publish", OPS, SAYS_PROD, "proved"),
    ("secretsmanager:GetSecretValue", OPS, SAYS_PROD, "proved"),
    ("secretsmanager:GetSecretValue", OPS, {"StringEquals": {"secretsmanager:ResourceTag/Zone": "prod"}}, "proved"),
    ("secretsmanager:GetSecretValue", OPS, {"StringEquals": {"secretsmanager:ResourceTag/Zone": "ops"}}, "refuted"),
    (
        "secretsmanager:GetSecretValue",
        OPS,
        {"ForAnyValue:StringEquals": {"secretsmanager:ResourceTag/Zone": "prod"}},
        "proved",
    ),
]


@pytest.mark.parametrize(("action", "tags", "condition", "expected"), CASES)
def test_tags_of_what_a_policy_stands_on(
    tmp_path: Path, action: str, tags: Json, condition: Json, expected: str
) -> None:
    """They have no other values than these."""
    assert verdict(tmp_path, template(action, tags, condition)) == expected


PRIMARY: Json = {"PrimaryKeyArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-0123456789abcdef0123456789abcdef"}


@pytest.mark.parametrize(
    ("more", "condition", "expected"),
    [
        ({}, SAYS_OPS, "refuted"),
        ({}, SAYS_PROD, "proved"),
        (PRIMARY, SAYS_OPS, "refuted"),
        (PRIMARY, SAYS_PROD, "proved"),
    ],
)
def test_tags_of_a_key(tmp_path: Path, more: Json, condition: Json, expected: str) -> None:
    """A key has its policy itself; a replica has tags of its own, and the id of its primary key."""
    statement = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    type_ = "AWS::KMS::ReplicaKey" if more else "AWS::KMS::Key"
    key = {"Type": type_, "Properties": {"KeyPolicy": policy, **OPS, **more}}
    assert verdict(tmp_path, {"Resources": {"K": key}}) == expected


def test_a_policy_of_two_queues(tmp_path: Path) -> None:
    """Each has its own tags, and one of them lets somebody in."""
    given = template("sqs:SendMessage", OPS, SAYS_PROD)
    resources = given["Resources"]
    assert isinstance(resources, dict)
    resources["Other"] = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "other", "Tags": [{"Key": "zone", "Value": "prod"}]},
    }
    resources["P"]["Properties"]["Queues"] = [{"Ref": "R"}, {"Ref": "Other"}]
    (tmp_path / "t.json").write_text(json.dumps(given))
    report = trustproof.check([str(tmp_path)], account=ACCOUNT, config=CONFIG, properties=["inside-boundary"])
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    assert found.counterexample is not None
    assert found.counterexample.resource.endswith(":other")


@pytest.mark.parametrize(("condition", "expected"), [(None, "refuted"), ("Made", "proved")])
def test_a_queue_that_is_made_under_a_condition(tmp_path: Path, condition: str | None, expected: str) -> None:
    """Where it is not made, a policy that is made may stand on a queue of that name with any tags."""
    given = template("sqs:SendMessage", {**OPS, "QueueName": "q"}, SAYS_PROD)
    given["Conditions"] = {"Made": {"Fn::Equals": [{"Ref": "Zone"}, "x"]}}
    resources = given["Resources"]
    assert isinstance(resources, dict)
    resources["R"]["Condition"] = "Made"
    elsewhere = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q"
    resources["P"]["Properties"]["Queues"] = [{"Fn::If": ["Made", {"Ref": "R"}, elsewhere]}]
    if condition:
        resources["P"]["Condition"] = condition
    assert verdict(tmp_path, given) == expected
