"""
What is known, or written twice: values that follow from others, and resources that an Allow and a Deny name alike.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import check

OWN = "111122223333"
CONFIG = {"boundary": {"accounts": ["222233334444"], "organizations": ["o-a1b2c3d4e5"]}}
ANYONE = {"AWS": "*"}

Json = dict[str, object]


def _policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(condition: Json | None = None, **more: object) -> Json:
    found: Json = {"Effect": "Allow", "Principal": ANYONE, "Action": "kms:*", "Resource": "*", **more}
    return found if condition is None else {**found, "Condition": condition}


def _deny(condition: Json, **more: object) -> Json:
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition, **more}


INSIDE: list[tuple[str, Json, str]] = [
    # The caller's account has two names.
    ("caller account", _policy(_allow(), _deny({"StringNotEquals": {"kms:CallerAccount": OWN}})), "proved"),
    ("another's", _policy(_allow(), _deny({"StringNotEquals": {"kms:CallerAccount": "999988887777"}})), "refuted"),
    (
        "two names",
        _policy(
            _allow(
                {
                    "StringNotEquals": {"kms:CallerAccount": OWN},
                    "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*"},
                }
            )
        ),
        "proved",
    ),
    # So it has where a wildcard is compared with it.
    ("like some accounts", _policy(_allow({"StringLike": {"kms:CallerAccount": "1111*"}})), "refuted"),
    (
        "like others than the one that is named",
        _policy(_allow({"StringLike": {"kms:CallerAccount": "1111*"}}, Principal={"AWS": "999988887777"})),
        "proved",
    ),
    (
        "like the one that is named",
        _policy(_allow({"StringLike": {"kms:CallerAccount": "9999*"}}, Principal={"AWS": "999988887777"})),
        "refuted",
    ),
    (
        "unlike the one that is named",
        _policy(_allow(Principal={"AWS": "999988887777"}), _deny({"StringNotLike": {"kms:CallerAccount": "1111*"}})),
        "proved",
    ),
    # A comparison with a variable says the same from both sides.
    ("mirrored", _policy(_allow({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})), "proved"),
    (
        "not",
        _policy(_allow(), _deny({"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})),
        "proved",
    ),
    ("not in", _policy(_allow({"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})), "refuted"),
    ("organization", _policy(_allow({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}})), "proved"),
    (
        "beside another",
        _policy(_allow({"StringEquals": {"aws:ResourceAccount": ["${aws:PrincipalAccount}", OWN]}})),
        "refuted",
    ),
    # A key of another service has one value where it is tested as one.
    (
        "one value",
        _policy(
            _allow(),
            _deny({"StringEqualsIfExists": {"acme:tier": "a"}}),
            _deny({"StringNotEquals": {"acme:tier": "a"}}),
        ),
        "proved",
    ),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in INSIDE], ids=[case[0] for case in INSIDE])
def test_values_that_follow_from_others(policy: Json, expected: str) -> None:
    """The verdict is the one of the table, and the search and the evaluator agree on it."""
    found = trustproof.prove(policy, "inside-boundary", account=OWN, kind="resource", config=CONFIG)
    assert (found.verdict, found.reasons if expected != "proved" else ()) == (expected, ())


#: The resources of an Allow for everybody, and of a Deny for whoever does not come through one endpoint.
ALIKE: list[tuple[object, object, str]] = [
    ({"Fn::Sub": "${B.Arn}/*"}, [{"Fn::GetAtt": "B.Arn"}, {"Fn::Sub": "${B.Arn}/*"}], "proved"),
    ({"Fn::Sub": "${B.Arn}/reports/*"}, {"Fn::Sub": "${B.Arn}/*"}, "proved"),
    ({"Fn::Sub": "${B.Arn}/reports/*"}, {"Fn::Sub": "${B.Arn}*"}, "proved"),
    ("execute-api:/*", "execute-api:/*", "proved"),
    ({"Fn::Sub": "${B.Arn}/*"}, {"Fn::Sub": "${B.Arn}/private/*"}, "refuted"),
    # An object is what the action is about, and the bucket is none.
    ([{"Fn::GetAtt": "B.Arn"}, {"Fn::Sub": "${B.Arn}/*"}], {"Fn::Sub": "${B.Arn}/*"}, "proved"),
    # Buckets whose names begin alike are none of this policy's.
    ([{"Fn::Sub": "${B.Arn}*"}, {"Fn::Sub": "${B.Arn}/*"}], {"Fn::Sub": "${B.Arn}/*"}, "proved"),
    # S3 refuses what is about another bucket.
    ([{"Fn::Sub": "${B.Arn}/*"}, {"Fn::Sub": "${C.Arn}/*"}], {"Fn::Sub": "${B.Arn}/*"}, "proved"),
    ([{"Fn::GetAtt": "B.Arn"}, {"Fn::Sub": "${B.Arn}/*"}], {"Fn::GetAtt": "B.Arn"}, "refuted"),
]


@pytest.mark.parametrize(("allowed", "denied", "expected"), ALIKE)
def test_a_deny_of_the_same_resource_counts(tmp_path: Path, allowed: object, denied: object, expected: str) -> None:
    """What is written alike is alike, though nobody knows the name of the bucket; what is not may be another."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": {}}}
    policy = _policy(
        _allow(Action="s3:GetObject", Principal="*", Resource=allowed),
        _deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, Resource=denied),
    )
    properties = {"Bucket": {"Ref": "B"}, "PolicyDocument": policy}
    stands = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    template = {"Resources": {"B": bucket, "C": bucket, "P": stands}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    for certify in (False, True):
        report = check([str(path)], account=OWN, config=CONFIG, properties=["inside-boundary"], certify=certify)
        assert [result.verdict for result in report.results] == [expected]


BUCKET, OBJECTS = {"Fn::GetAtt": "B.Arn"}, {"Fn::Sub": "${B.Arn}/*"}
#: Denies, by action and resource, of what is allowed on a bucket and its objects.
EACH: list[tuple[list[tuple[object, object]], str]] = [
    ([("s3:GetObject", OBJECTS), ("s3:ListBucket", BUCKET)], "proved"),
    ([("s3:*", OBJECTS), ("s3:*", BUCKET)], "proved"),
    ([("s3:*", [BUCKET, OBJECTS])], "proved"),
    ([("s3:ListBucket", OBJECTS), ("s3:GetObject", BUCKET)], "refuted"),
    ([("s3:GetObject", OBJECTS)], "refuted"),
    ([("s3:ListBucket", BUCKET)], "refuted"),
]


@pytest.mark.parametrize("name", [None, "audit-logs"])
@pytest.mark.parametrize(("denies", "expected"), EACH)
def test_a_bucket_and_its_objects_are_told_apart_by_the_action(
    tmp_path: Path, denies: list[tuple[object, object]], expected: str, name: str | None
) -> None:
    """A Deny of each action on what it is about covers all, whether or not the name of the bucket is known."""
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
    policy = _policy(
        _allow(Action=["s3:GetObject", "s3:ListBucket"], Principal="*", Resource=[BUCKET, OBJECTS]),
        *(_deny(elsewhere, Action=action, Resource=resource) for action, resource in denies),
    )
    named = {} if name is None else {"BucketName": name}
    properties = {"Bucket": {"Ref": "B"}, "PolicyDocument": policy}
    template = {
        "Resources": {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {**named, "PublicAccessBlockConfiguration": {}}},
            "P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
        }
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    for certify in (False, True):
        report = check([str(path)], account=OWN, config=CONFIG, properties=["inside-boundary"], certify=certify)
        assert [result.verdict for result in report.results] == [expected]


@pytest.mark.parametrize(
    ("action", "condition", "expected"),
    [
        ("sts:AssumeRole", {"NumericLessThanEquals": {"sts:DurationSeconds": "3600"}}, "refuted"),
        ("sts:GetWebIdentityToken", {"NumericLessThanEquals": {"sts:DurationSeconds": "3600"}}, "proved"),
        ("s3:*", {"StringEquals": {"sts:ExternalId": "acme-42"}}, "refuted"),
        ("*", {"StringEquals": {"sts:ExternalId": "acme-42"}}, "proved"),
    ],
)
def test_some_keys_come_with_some_actions_only(action: str, condition: Json, expected: str) -> None:
    """A statement that tests a key which none of its actions has is usable by nobody."""
    policy = _policy({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition})
    assert trustproof.prove(policy, "statement-usable", account=OWN, kind="identity").verdict == expected


ADMIN, OTHER_ADMIN = f"arn:aws:iam::{OWN}:role/admin", "arn:aws:iam::222233334444:role/admin"
#: What an identity policy lets assume, by whose it is; whether anybody can use it, and what it reaches.
OWNERS: list[tuple[object, Json, str, str]] = [
    (ADMIN, {"StringEquals": {"aws:ResourceAccount": "222233334444"}}, "refuted", "proved"),
    (ADMIN, {"StringLike": {"aws:ResourceAccount": "2222*"}}, "refuted", "proved"),
    (ADMIN, {"StringNotEqualsIfExists": {"aws:ResourceAccount": "222233334444"}}, "proved", "proved"),
    ([ADMIN, OTHER_ADMIN], {"StringEquals": {"aws:ResourceAccount": "222233334444"}}, "proved", "unknown"),
    ([ADMIN, OTHER_ADMIN], {"StringEquals": {"aws:ResourceAccount": OWN}}, "proved", "proved"),
    (
        "arn:aws:iam::*:role/admin",
        {"StringNotEqualsIfExists": {"aws:ResourceAccount": [OWN, "222233334444"]}},
        "proved",
        "refuted",
    ),
    ("arn:aws:iam::*:role/admin", {"StringLike": {"aws:ResourceAccount": "2222*"}}, "proved", "refuted"),
    ("*", {"StringLike": {"aws:ResourceAccount": "2222*"}}, "proved", "refuted"),
]


@pytest.mark.parametrize(("resource", "condition", "usable", "scoped"), OWNERS)
def test_a_resource_is_of_the_account_in_its_arn(resource: object, condition: Json, usable: str, scoped: str) -> None:
    """A condition on the account of a resource says no more, and no less, than the ARN does."""
    policy = _policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, "Condition": condition})
    found = [
        trustproof.prove(policy, ident, account=OWN, kind="identity")
        for ident in ("statement-usable", "assume-role-scoped")
    ]
    assert [one.verdict for one in found] == [usable, scoped]
    assert not any("please report" in reason for one in found for reason in one.reasons)


ON: Json = {"Tags": [{"Key": "Zone", "Value": "ops"}]}
PARAMETER: Json = {"Tags": [{"Key": "Zone", "Value": {"Ref": "Zone"}}]}
NO_LONGER: Json = {"Tags": {"Fn::If": ["Prod", [{"Key": "zone", "Value": "ops"}], {"Ref": "AWS::NoValue"}]}}
#: What is said of a role, a condition of its trust policy, and whether users get in without MFA.
TAGGED: list[tuple[Json, Json, str]] = [
    (ON, {"StringEquals": {"aws:ResourceTag/zone": "ops"}}, "refuted"),
    (ON, {"StringEquals": {"aws:ResourceTag/zone": "prod"}}, "proved"),
    (ON, {"StringNotEquals": {"aws:ResourceTag/ZONE": "ops"}}, "proved"),
    (ON, {"Null": {"aws:ResourceTag/Zone": "true"}}, "proved"),
    (ON, {"StringLike": {"aws:ResourceTag/zone": "o*"}}, "refuted"),
    (ON, {"StringEquals": {"iam:ResourceTag/zone": "ops"}}, "refuted"),
    (ON, {"StringEquals": {"iam:ResourceTag/Zone": "prod"}}, "proved"),
    # A stack may give it more, and nobody knows what a parameter is.
    (ON, {"StringEquals": {"aws:ResourceTag/stage": "prod"}}, "refuted"),
    ({}, {"StringEquals": {"aws:ResourceTag/zone": "prod"}}, "refuted"),
    (PARAMETER, {"StringEquals": {"aws:ResourceTag/zone": "prod"}}, "refuted"),
    (NO_LONGER, {"StringEquals": {"aws:ResourceTag/zone": "prod"}}, "refuted"),
]


@pytest.mark.parametrize(("properties", "condition", "expected"), TAGGED)
def test_a_role_has_the_tags_that_the_template_gives_it(
    tmp_path: Path, properties: Json, condition: Json, expected: str
) -> None:
    """A condition on the role's own tags is about those that are written next to it."""
    trust = _policy({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole", "Condition": condition})
    tagged = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}
    # Another role says the same, and has no tags.
    plain = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    template = {
        "Parameters": {"Zone": {"Type": "String"}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Zone"}, "prod"]}},
        "Resources": {"Plain": plain, "Tagged": tagged},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    report = check([str(path)], account=OWN, properties=["mfa-required"], certify=True)
    assert {result.logical_id: result.verdict for result in report.results} == {"Plain": "refuted", "Tagged": expected}


NETWORKS: list[tuple[object, str]] = [
    ({"StringEquals": {"aws:SourceVpc": {"Ref": "V"}}}, "proved"),
    ({"StringEquals": {"aws:SourceVpce": {"Ref": "Endpoint"}}}, "proved"),
    ({"StringEqualsIfExists": {"aws:SourceVpc": {"Ref": "V"}}}, "refuted"),
    ({"StringLike": {"aws:SourceVpce": {"Ref": "Endpoint"}}}, "unknown"),
    ({"StringEquals": {"aws:VpceAccount": OWN}}, "proved"),
    ({"StringEquals": {"aws:VpceAccount": "999988887777"}}, "refuted"),
    ({"StringEquals": {"aws:VpceOrgID": "o-a1b2c3d4e5"}}, "proved"),
    ({"StringEqualsIfExists": {"aws:VpceOrgID": "o-a1b2c3d4e5"}}, "refuted"),
    ({"ForAnyValue:StringLike": {"aws:VpceOrgPaths": "o-a1b2c3d4e5/*"}}, "proved"),
    ({"ForAllValues:StringLike": {"aws:VpceOrgPaths": "o-a1b2c3d4e5/*"}}, "refuted"),
]


@pytest.mark.parametrize(("condition", "expected"), NETWORKS)
def test_a_network_is_one_network_whatever_its_name(tmp_path: Path, condition: Json, expected: str) -> None:
    """A network of the template, or of a parameter, bounds as a literal one does; so do endpoints of one's own."""
    policy = _policy(_allow(condition, Principal="*", Action="sqs:SendMessage"))
    template = {
        "Parameters": {"Endpoint": {"Type": "String"}},
        "Resources": {
            "V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Q": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": policy}},
        },
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = check([str(path)], account=OWN, config=CONFIG, properties=["inside-boundary"]).results
    assert found.verdict == expected
    rests = "this rests on the network a request comes from, not on who sends it"
    assert any(reason.startswith(rests) for reason in found.reasons) is (expected == "proved")
