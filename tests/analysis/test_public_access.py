"""
What stands around a resource policy: the bucket that it names, settings of an access point or a secret, a VPC.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]

PROVED, REFUTED = trustproof.PROVED, trustproof.REFUTED
ON, OFF = {"BlockPublicPolicy": True}, {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
NAMED = {"AWS": "999988887777"}


def document(action: str, principal: object = "*") -> Json:
    """A policy for everybody, or for who is named."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def access_point(principal: object = "*", **more: object) -> Json:
    """An access point with such a policy."""
    properties = {"Bucket": "bucket", "Policy": document("s3:GetObject", principal), **more}
    return {"Type": "AWS::S3::AccessPoint", "Properties": properties}


def domain(principal: object = "*", type_: str = "OpenSearchService", **more: object) -> Json:
    """A search domain with such a policy."""
    properties = {"AccessPolicies": document("es:ESHttpGet", principal), **more}
    return {"Type": f"AWS::{type_}::Domain", "Properties": properties}


def secret(**more: object) -> Json:
    """The policy of a secret."""
    properties = {"SecretId": "secret", "ResourcePolicy": document("secretsmanager:GetSecretValue"), **more}
    return {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}


def checked(folder: Path, resources: Json, **boundary: object) -> trustproof.Result:
    """The one result about the resource called Subject."""
    sections: Json = {
        "Parameters": {"Stage": {"Type": "String"}, "Yes": {"Type": "String", "AllowedValues": ["true"]}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    }
    file = folder / "template.json"
    file.write_text(json.dumps({**sections, "Resources": resources}), encoding="utf-8")
    config = {"boundary": {"accounts": [], **boundary}}
    report = trustproof.check([str(file)], account="111122223333", config=config, properties=["inside-boundary"])
    (found,) = [result for result in report.results if result.logical_id == "Subject"]
    return found


NO_VALUE = {"Ref": "AWS::NoValue"}
VPC = {"VpcConfiguration": {"VpcId": "vpc-0123456789abcdef0"}}
SUBNETS = {"SubnetIds": ["subnet-0123456789abcdef0"]}

CASES: list[tuple[str, Json, str, str]] = [
    # Name, resource, verdict, and the verdict where networks bound nothing.
    # S3 turns on every setting of an access point that does not say otherwise.
    ("access point", access_point(), PROVED, PROVED),
    ("access point that blocks", access_point(PublicAccessBlockConfiguration=ON), PROVED, PROVED),
    ("access point that does not", access_point(PublicAccessBlockConfiguration=OFF), REFUTED, REFUTED),
    (
        "access point that may",
        access_point(PublicAccessBlockConfiguration={"Fn::If": ["Prod", NO_VALUE, OFF]}),
        REFUTED,
        REFUTED,
    ),
    ("access point for an account", access_point(NAMED), REFUTED, REFUTED),
    # In a VPC it is never public, so that no setting applies, and the VPC bounds who is not named.
    ("access point in a VPC", access_point(**VPC), PROVED, REFUTED),
    ("access point in a VPC for an account", access_point(NAMED, **VPC), REFUTED, REFUTED),
    (
        "access point that may be in a VPC",
        access_point(VpcConfiguration={"Fn::If": ["Prod", VPC["VpcConfiguration"], NO_VALUE]}),
        PROVED,
        REFUTED,
    ),
    (
        "access point that is open or in a VPC",
        access_point(
            VpcConfiguration={"Fn::If": ["Prod", VPC["VpcConfiguration"], NO_VALUE]}, PublicAccessBlockConfiguration=OFF
        ),
        REFUTED,
        REFUTED,
    ),
    ("domain", domain(), REFUTED, REFUTED),
    ("domain in a VPC", domain(VPCOptions=SUBNETS), PROVED, REFUTED),
    ("older domain in a VPC", domain(type_="Elasticsearch", VPCOptions=SUBNETS), PROVED, REFUTED),
    ("domain in a VPC for an account", domain(NAMED, VPCOptions=SUBNETS), REFUTED, REFUTED),
    ("domain without subnets", domain(VPCOptions={}), REFUTED, REFUTED),
    ("domain that may be in a VPC", domain(VPCOptions={"Fn::If": ["Prod", SUBNETS, NO_VALUE]}), REFUTED, REFUTED),
    ("domain in given subnets", domain(VPCOptions={"SubnetIds": {"Ref": "Stage"}}), PROVED, REFUTED),
    ("secret", secret(), REFUTED, REFUTED),
    ("secret that blocks", secret(BlockPublicPolicy=True), PROVED, PROVED),
    ("secret that does not", secret(BlockPublicPolicy="false"), REFUTED, REFUTED),
    ("secret that blocks by parameter", secret(BlockPublicPolicy={"Ref": "Yes"}), PROVED, PROVED),
    ("secret that may", secret(BlockPublicPolicy={"Ref": "Stage"}), REFUTED, REFUTED),
]


@pytest.mark.parametrize(("resource", "expected", "strict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_verdict(resource: Json, expected: str, strict: str, tmp_path: Path) -> None:
    """The verdict is the one of the table, and a proof that rests on a network says so."""
    found = checked(tmp_path, {"Subject": resource})
    assert found.verdict == expected
    assert checked(tmp_path, {"Subject": resource}, **{"network-bounds": False}).verdict == strict
    if (expected, strict) == (PROVED, REFUTED):
        assert "on the network a request comes from" in found.reasons[0]


BUCKETS: list[tuple[str, object, Json, bool]] = [
    # Name, what the policy says of its bucket, properties of the bucket, and whether it is that one.
    ("reference", {"Ref": "B"}, {}, True),
    ("substitution", {"Fn::Sub": "${B}"}, {}, True),
    ("join", {"Fn::Join": ["", [{"Ref": "B"}]]}, {}, True),
    ("name", "my-bucket", {"BucketName": "my-bucket"}, True),
    ("same parts", {"Fn::Sub": "app-${Stage}"}, {"BucketName": {"Fn::Join": ["-", ["app", {"Ref": "Stage"}]]}}, True),
    ("another name", "my-bucket", {"BucketName": "other-bucket"}, False),
    ("other parts", {"Fn::Sub": "app-${Stage}"}, {"BucketName": "app-prod"}, False),
    ("logical id", "B", {}, False),
]


@pytest.mark.parametrize(("named", "more", "same"), [case[1:] for case in BUCKETS], ids=[case[0] for case in BUCKETS])
def test_bucket_of_a_policy(named: object, more: Json, same: bool, tmp_path: Path) -> None:
    """A policy stands on the bucket of the template that has the name, however it is written."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": ON, **more}}
    properties = {"Bucket": named, "PolicyDocument": document("s3:GetObject")}
    resources: Json = {"B": bucket, "Subject": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}
    assert checked(tmp_path, resources).verdict == (PROVED if same else REFUTED)


@pytest.mark.parametrize(
    ("named", "expected"), [({"Ref": "B"}, PROVED), ({"Fn::Sub": "${B}"}, PROVED), ("my-bucket", REFUTED)]
)
def test_a_bucket_that_may_not_be_made(named: object, expected: str, tmp_path: Path) -> None:
    """A name is that of a bucket elsewhere where the template makes none; a reference needs the bucket."""
    settings = {"BucketName": "my-bucket", "PublicAccessBlockConfiguration": ON}
    bucket = {"Type": "AWS::S3::Bucket", "Condition": "Prod", "Properties": settings}
    properties = {"Bucket": named, "PolicyDocument": document("s3:GetObject")}
    resources: Json = {"B": bucket, "Subject": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}
    assert checked(tmp_path, resources).verdict == expected


def test_a_bucket_keeps_its_access_points_private(tmp_path: Path) -> None:
    """S3 refuses a public policy of an access point, too, where the bucket has the setting."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": ON}}
    for block in (OFF, {"BlockPublicPolicy": {"Fn::GetAtt": ["Lookup", "Private"]}}):
        point = access_point(Bucket={"Ref": "B"}, PublicAccessBlockConfiguration=block)
        assert checked(tmp_path, {"B": bucket, "Subject": point}).verdict == PROVED


ADDRESSES: list[tuple[str, object, str]] = [
    ("an address that is made", {"Fn::Sub": "${Eip}/32"}, PROVED),
    ("the same joined", {"Fn::Join": ["", [{"Fn::GetAtt": ["Eip", "PublicIp"]}, "/32"]]}, PROVED),
    ("the same alone", {"Ref": "Eip"}, PROVED),
    ("its network", {"Fn::Sub": "${Eip}/24"}, PROVED),
    ("an address that something else makes", {"Fn::Sub": "${Lookup.Address}/32"}, PROVED),
    ("a network that something else makes", {"Fn::Sub": "${Lookup.Address}/24"}, "not proved"),
    ("what something else makes", {"Fn::GetAtt": ["Lookup", "Cidr"]}, "not proved"),
    ("half the world", {"Fn::Sub": "${Eip}/1"}, REFUTED),
    ("an address that is given", {"Fn::Sub": "${Stage}/32"}, PROVED),
    ("a range that is given", {"Ref": "Stage"}, "not proved"),
    ("a length that is given", {"Fn::Sub": "203.0.113.0/${Stage}"}, "not proved"),
]


@pytest.mark.parametrize(("given", "expected"), [case[1:] for case in ADDRESSES], ids=[case[0] for case in ADDRESSES])
def test_an_address_is_one_address(given: object, expected: str, tmp_path: Path) -> None:
    """What the template makes is one address, whichever that is; what is given may be the whole world."""
    allowed = document("sqs:SendMessage")
    allowed["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": given}}
    properties = {"Queues": ["https://sqs.us-east-1.amazonaws.com/111122223333/q"], "PolicyDocument": allowed}
    subject = {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}
    resources = {"Eip": {"Type": "AWS::EC2::EIP"}, "Lookup": {"Type": "Custom::Lookup"}, "Subject": subject}
    found = checked(tmp_path, resources)
    assert found.verdict == expected or (expected == "not proved" and found.verdict != PROVED)
