"""
What is asked for where something is not known before deployment: what can decide, and nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import Result
from trustproof.results.groups import groups, reasons_once

Json = dict[str, object]
PARTNER = {"AWS": {"Fn::Sub": "arn:aws:iam::${Partner}:root"}}
NAMES = ("Partner", "Key", "Bucket", "Prefix", "Tag")


def allow(action: str, **more: object) -> Json:
    """A statement for an account that a parameter gives."""
    return {"Effect": "Allow", "Principal": PARTNER, "Action": action, **more}


def unknowns(tmp_path: Path, statements: list[Json], **given: str) -> dict[str, Result]:
    """What is not known, by property, of a role; of a bucket or, at *, of a secret where the statements
    have a Resource."""
    policy: Json = {"Version": "2012-10-17", "Statement": statements}
    resource: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    if "Resource" in statements[0]:
        resource = {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy},
        }
        if statements[0]["Resource"] == "*":
            resource = {
                "Type": "AWS::SecretsManager::ResourcePolicy",
                "Properties": {"SecretId": {"Ref": "Bucket"}, "ResourcePolicy": policy},
            }
    parameters = {name: {"Type": "String", "NoEcho": name == "Key"} for name in NAMES}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Parameters": parameters, "Resources": {"R": resource}}))
    found = trustproof.check([file], parameters=given).results
    return {one.property: one for one in found if one.verdict == "unknown"}


EXTERNAL_ID: Json = {"StringEquals": {"sts:ExternalId": {"Ref": "Key"}}}
OBJECTS = {"Fn::Sub": "arn:aws:s3:::${Bucket}/${Prefix}/*"}
TAGGED: Json = {"StringEquals": {"s3:RequestObjectTag/x": {"Ref": "Tag"}}}


@pytest.mark.parametrize(
    "statement",
    [
        allow("sts:AssumeRole", Condition=EXTERNAL_ID),
        allow("sts:AssumeRole", Condition={"StringLike": {"sts:RoleSessionName": {"Fn::Sub": "${Tag}-*"}}}),
        allow("s3:PutObject", Resource=OBJECTS, Condition=TAGGED),
        allow(
            "secretsmanager:GetSecretValue",
            Resource="*",
            Condition={"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}},
        ),
    ],
)
def test_whose_account_it_is_asks_for_the_account(tmp_path: Path, statement: Json) -> None:
    """What callers write as they like, and what is theirs to read, says nothing of who gets in."""
    (reason, hint) = unknowns(tmp_path, [statement])["inside-boundary"].reasons
    assert "<Partner>" in reason
    assert hint == "give the value of Partner: --parameter Partner=VALUE"
    given = unknowns(tmp_path, [statement], Partner="444455556666")["inside-boundary"]
    assert not any("not known" in reason for reason in given.reasons)


@pytest.mark.parametrize(
    ("statements", "name"),
    [
        # The organization of the caller, and networks, say who gets in.
        ([allow("sts:AssumeRole", Condition={"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Tag"}}})], "Tag"),
        # Two statements of one key may leave nothing.
        (
            [
                allow("sts:AssumeRole", Condition=EXTERNAL_ID),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringNotEquals": {"sts:ExternalId": "ours"}},
                },
            ],
            "Key",
        ),
    ],
)
def test_what_can_decide_is_asked_for(tmp_path: Path, statements: list[Json], name: str) -> None:
    """A value at which nobody gets in has to be known."""
    reasons = unknowns(tmp_path, statements)["inside-boundary"].reasons
    assert f"give the value of {name}: --parameter {name}=VALUE" in reasons


def test_a_value_of_the_parameter_store_is_asked_for_once() -> None:
    """Two permissions for paths of one API that another stack has written down are one unknown."""
    stored = {"Type": "AWS::SSM::Parameter::Value<String>"}
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "apigateway.amazonaws.com"}
    resources = {
        f"P{path}": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {**permission, "SourceArn": {"Fn::Sub": f"${{Api}}/*/GET/{path}"}},
        }
        for path in ("a", "b")
    }
    template = {"Parameters": {"Api": stored}, "Resources": resources}
    found = trustproof.check([template], properties=["no-confused-deputy"], config={}).results
    (group,) = groups(found)
    assert len(group.results) == 2
    assert len(reasons_once(group.results)) == len(group.lead.reasons)


def test_one_value_is_asked_for_once_whatever_it_is_for() -> None:
    """A topic and a bus that rest on the same parameter are one unknown, and so they are in several templates."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrgId"}}},
    }
    topic = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sns:Publish"}]}
    bus = {**statement, "Action": "events:PutEvents"}
    found = [
        trustproof.check([one], properties=["inside-boundary"], config={}).results
        for one in (
            {
                "Parameters": {"OrgId": {"Type": "String"}},
                "Resources": {
                    f"Topic{number}": {
                        "Type": "AWS::SNS::TopicPolicy",
                        "Properties": {"Topics": ["arn:aws:sns:eu-west-1:111122223333:t"], "PolicyDocument": topic},
                    },
                    f"Bus{number}": {
                        "Type": "AWS::Events::EventBusPolicy",
                        "Properties": {"StatementId": "s", "Statement": {**bus, "Sid": "s"}},
                    },
                },
            }
            for number in (1, 2)
        )
    ]
    for results in found:
        (group,) = [one for one in groups(results) if one.lead.verdict == trustproof.UNKNOWN]
        assert len(group.results) == 2
        assert len(reasons_once(group.results)) == 2


def test_a_value_inside_of_a_function_is_asked_for() -> None:
    """Of a list that a template splits, the text is what can be given."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Split": [",", {"Ref": "Q"}]}},
        "Action": "sts:AssumeRole",
    }
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    template = {"Parameters": {"Q": {"Type": "String"}}, "Resources": {"R": role}}
    (found,) = trustproof.check([template], properties=["inside-boundary"], config={}).results
    assert "give the value of Q: --parameter Q=VALUE" in found.reasons
