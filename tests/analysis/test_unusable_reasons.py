"""
Why nobody can use a statement of an identity policy: what is said is what is so.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
SECURE = {"Bool": {"aws:SecureTransport": "true"}}
OWN = "arn:aws:iam::*:user/${aws:username}"


def allow(action: object, resource: object = "*", **condition: object) -> Json:
    """A statement with a condition."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": {**SECURE, **condition}}


def document(*statements: Json) -> Json:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def unusable(folder: Path, type_: str, statements: list[Json], limit: object = None) -> trustproof.Result:
    """The result about the policy of a user or role with a permissions boundary."""
    properties: Json = {"Policies": [{"PolicyName": "p", "PolicyDocument": document(*statements)}]}
    resources: Json = {"Holder": {"Type": type_, "Properties": properties}}
    if type_ == "AWS::IAM::Role":
        service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        properties["AssumeRolePolicyDocument"] = document(service)
    if isinstance(limit, dict):
        resources["Limit"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(limit)}}
        limit = {"Ref": "Limit"}
    if limit is not None:
        properties["PermissionsBoundary"] = limit
    file = folder / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    return found


USER, ROLE = "AWS::IAM::User", "AWS::IAM::Role"
EC2_ONLY = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
NO_S3 = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
NO_ROOT = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"


@pytest.mark.parametrize(
    ("type_", "statements", "limit", "said"),
    [
        (USER, [allow("s3:*")], EC2_ONLY, "the permissions boundary Limit allows it too, and it allows none"),
        (ROLE, [allow("s3:*")], EC2_ONLY, "the permissions boundary Limit allows it too, and it allows none"),
        (USER, [allow("s3:*")], NO_ROOT, f"the permissions boundary {NO_ROOT} allows it too, and it allows none"),
        # A Deny is a Deny, in the policy as in the boundary.
        (USER, [allow("s3:*"), NO_S3], EC2_ONLY, "the permissions boundary Limit allows it too, and it allows none"),
        (USER, [allow("s3:*"), NO_S3], None, "Deny"),
        # No session of a role has a user's name.
        (ROLE, [allow("iam:GetUser", OWN)], None, "aws:username is never in the request"),
        (ROLE, [allow("iam:GetUser", [OWN, f"{OWN}/x"])], None, "aws:username is never in the request"),
    ],
)
def test_why(type_: str, statements: list[Json], limit: object, said: str, tmp_path: Path) -> None:
    """Nothing is said of a Deny where there is none."""
    found = unusable(tmp_path, type_, statements, limit)
    assert any(said in reason for reason in found.why), found.why
    assert found.remedy is not None
    if "Deny" not in said:
        assert "Deny" not in str((found.label, found.why, found.remedy))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("12", "an account id has 12 digits, and this is none: 12"),
        ("1234567890123", "an account id has 12 digits, and this is none: 1234567890123"),
        ("arn:aws:iam::12:root", "an account id has 12 digits, and 12 has 2: arn:aws:iam::12:root"),
    ],
)
@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize("type_", ["AWS::IAM::Role", "AWS::SQS::QueuePolicy"])
def test_what_lets_in_only_an_account_that_is_none(type_: str, given: str, said: str, *, imported: bool) -> None:
    """That nobody outside gets in is no good news: it is said that nobody does, also where another stack gives it."""
    who = {"Fn::ImportValue": "partner"} if imported else given
    statement = {"Effect": "Allow", "Principal": {"AWS": who}}
    trust = document({**statement, "Action": "sts:AssumeRole"})
    sending = document({**statement, "Action": "sqs:SendMessage", "Resource": "*"})
    queues = {"Queues": ["https://sqs.us-east-1.amazonaws.com/111122223333/q"], "PolicyDocument": sending}
    properties = {"AssumeRolePolicyDocument": trust} if type_ == "AWS::IAM::Role" else queues
    exports: Json = {"Resources": {}, "Outputs": {"O": {"Value": given, "Export": {"Name": "partner"}}}}
    templates = [{"Resources": {"R": {"Type": type_, "Properties": properties}}}, exports]
    report = trustproof.check(templates, account="111122223333", properties=["inside-boundary", "statement-usable"])
    found = {result.property: result for result in report.results}
    assert (found["inside-boundary"].verdict, found["statement-usable"].verdict) == ("proved", "refuted")
    assert said in found["statement-usable"].why


@pytest.mark.parametrize(
    ("named", "severity"),
    [
        ("1234567890", "note"),
        ("arn:aws:iam::1234567890123:role/x", "note"),
        ("arn:aws:iam::0:root", "note"),
        ("arn:aws:iam::000:role/x", "note"),
        # An account of twelve zeros is one as AWS reads it, and another digit is a slip.
        ("arn:aws:iam::01:root", "error"),
        # What is no number of an example is a slip.
        ("11112222333", "error"),
        (["1234567890", "11112222333"], "error"),
    ],
)
def test_a_number_of_an_example_fails_no_build(named: object, severity: str) -> None:
    """AWS takes no policy with a number that is only counted out: it is replaced before anything is deployed."""
    trust = document({"Effect": "Allow", "Principal": {"AWS": named}, "Action": "sts:AssumeRole"})
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    report = trustproof.check([{"Resources": {"R": role}}], properties=["statement-usable"])
    assert [(one.verdict, one.severity) for one in report.results] == [("refuted", severity)]
