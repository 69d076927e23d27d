"""
Buckets of another template of the run: their settings count for the policies that stand here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.analysis.stacks import CONFIG, OWN, Json, assembly, check, document, exported, imported, plain, template

#: Writes templates by the names of their stacks.
Whole = Callable[[Path, dict[str, Any]], Any]
_BLOCK = "PublicAccessBlockConfiguration"
PUBLIC = document({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"})
POLICY = template(
    {},
    Policy={"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": imported("bucket"), "PolicyDocument": PUBLIC}},
)
IS_PROD: Json = {"Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}
ENV: Json = {"Env": {"Type": "String", "Default": "dev"}}
SWITCH: Json = {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]}


def storage(properties: Json, **sections: object) -> Json:
    """A template with a bucket, which exports its name."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
    return template({"Out": exported("bucket", {"Ref": "Bucket"})}, Bucket=bucket, **sections)


@pytest.mark.parametrize(
    ("properties", "sections", "expected"),
    [
        ({_BLOCK: {"RestrictPublicBuckets": True}}, {}, "proved"),
        ({_BLOCK: {"BlockPublicPolicy": True}, "BucketName": "b"}, {}, "proved"),
        ({}, {}, "proved"),
        ({_BLOCK: {}}, {}, "refuted"),
        ({_BLOCK: {"BlockPublicAcls": True}}, {}, "refuted"),
        (
            {_BLOCK: {"Fn::If": ["Prod", {"BlockPublicPolicy": True}, {"BlockPublicPolicy": False}]}},
            {"Conditions": IS_PROD, "Parameters": ENV},
            "refuted",
        ),
        (
            {_BLOCK: {"Fn::If": ["Prod", {"BlockPublicPolicy": True}, {"RestrictPublicBuckets": True}]}},
            {"Conditions": IS_PROD, "Parameters": ENV},
            "proved",
        ),
        (
            {_BLOCK: {"BlockPublicPolicy": {"Ref": "On"}}},
            {"Parameters": {"On": {**SWITCH, "AllowedValues": ["true"]}}},
            "proved",
        ),
        ({_BLOCK: {"BlockPublicPolicy": {"Ref": "On"}}}, {"Parameters": {"On": SWITCH}}, "refuted"),
    ],
)
@pytest.mark.parametrize("whole", [plain, assembly])
def test_the_settings_of_another_stack(
    whole: Whole, properties: Json, sections: Json, expected: str, tmp_path: Path
) -> None:
    """What stands around the bucket counts wherever it stands, with the parameters and conditions that decide it."""
    found = whole(tmp_path, {"storage": storage(properties, **sections), "policy": POLICY})
    (one,) = check(found, "inside-boundary", account=OWN).results
    assert one.verdict == expected
    assert not any("said where the bucket is made" in line for line in one.why)


def test_a_bucket_that_no_template_makes(tmp_path: Path) -> None:
    """Where nobody sees the bucket, the finding says what is not known."""
    (one,) = check(plain(tmp_path, {"policy": POLICY}), "inside-boundary", account=OWN).results
    assert one.verdict == "refuted"
    assert one.why[-1] == (
        "whether a public access block is around the bucket is said where the bucket is made, and not here"
    )


def test_the_website_of_another_stack(tmp_path: Path) -> None:
    """A website is meant for everybody wherever it is made."""
    website: Json = {_BLOCK: {}, "WebsiteConfiguration": {"IndexDocument": "index.html"}}
    (one,) = check(
        plain(tmp_path, {"storage": storage(website), "policy": POLICY}), "inside-boundary", account=OWN
    ).results
    assert (one.verdict, one.severity) == ("refuted", "warning")


@pytest.mark.parametrize(
    ("properties", "principal", "expected"),
    [
        ({}, "*", "proved"),
        ({_BLOCK: {"RestrictPublicBuckets": True}}, "*", "proved"),
        ({_BLOCK: {"RestrictPublicBuckets": False}}, "*", "refuted"),
        ({_BLOCK: {"RestrictPublicBuckets": True}}, {"AWS": "arn:aws:iam::999988887777:root"}, "refuted"),
    ],
)
def test_a_bucket_that_another_template_makes_by_its_name(
    properties: Json, principal: object, expected: str, tmp_path: Path
) -> None:
    """A name of a bucket is that of one bucket, whoever makes it: its settings count without an export, too."""
    policy = json.loads(json.dumps(POLICY).replace('"Principal": "*"', f'"Principal": {json.dumps(principal)}'))
    policy["Resources"]["Policy"]["Properties"]["Bucket"] = "b"
    found = plain(tmp_path, {"storage": storage({**properties, "BucketName": "b"}), "policy": policy})
    (one,) = check(found, "inside-boundary", account=OWN).results
    assert one.verdict == expected
    assert not any("said where the bucket is made" in line for line in one.why)


@pytest.mark.parametrize(
    ("given", "setting", "expected"),
    [
        ({"Default": "true", "AllowedValues": ["true", "false"]}, {"Ref": "On"}, ("refuted", False)),
        ({"Default": "true", "AllowedValues": ["true"]}, {"Ref": "On"}, ("proved", False)),
        ({"Default": "true"}, {"Ref": "On"}, ("proved", True)),
        (
            {"Default": "true", "AllowedValues": ["true", "false"]},
            {"Fn::FindInMap": ["M", {"Ref": "On"}, "Setting"]},
            ("refuted", False),
        ),
    ],
)
def test_a_parameter_that_decides_about_the_settings_of_such_a_bucket(
    given: Json, setting: object, expected: tuple[str, bool], tmp_path: Path
) -> None:
    """It is judged at each value that it may have, and else at its default, which the proof names."""
    rows: Json = {"true": {"Setting": "true"}, "false": {"Setting": "false"}}
    sections: Json = {"Parameters": {"On": {"Type": "String", **given}}, "Mappings": {"M": rows}}
    properties: Json = {"BucketName": "b", _BLOCK: {"BlockPublicPolicy": setting, "RestrictPublicBuckets": setting}}
    policy = json.loads(json.dumps(POLICY))
    policy["Resources"]["Policy"]["Properties"]["Bucket"] = "b"
    bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
    found = plain(tmp_path, {"storage": template({}, Bucket=bucket, **sections), "policy": policy})
    (one,) = check(found, "inside-boundary", account=OWN).results
    assert (one.verdict, [name for name, _ in one.at_defaults] == ["storage/On"]) == expected


@pytest.mark.parametrize("values", [["dev", "prod"], ["prod", "dev"]])
@pytest.mark.parametrize(
    ("name", "bucket", "expected"),
    [
        ({"Fn::Sub": "svc-${Env}"}, "svc-dev", "refuted"),
        ({"Fn::Sub": "svc-${Env}"}, "svc-prod", "refuted"),
        ({"Fn::FindInMap": ["Names", {"Ref": "Env"}, "Name"]}, "svc", "proved"),
    ],
)
def test_a_bucket_that_has_the_name_at_one_value_only(
    name: object, bucket: str, values: list[str], expected: str, tmp_path: Path
) -> None:
    """At another value the bucket of that name is somebody else's, whose settings nobody knows."""
    stage: Json = {"Env": {"Type": "String", "Default": "dev", "AllowedValues": values}}
    mappings: Json = {"Names": {"dev": {"Name": "svc"}, "prod": {"Name": "svc"}}}
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": bucket, "PolicyDocument": document(public)}}
    found = plain(
        tmp_path,
        {
            "storage": {**storage({"BucketName": name}, Parameters=stage), "Mappings": mappings},
            "policy": template({}, Policy=policy),
        },
    )
    (one,) = check(found, "inside-boundary", account=OWN).results
    assert one.verdict == expected


OPEN_AT_DEV: Json = {"Fn::If": ["Prod", {"BlockPublicPolicy": True}, {"BlockPublicPolicy": False}]}


@pytest.mark.parametrize(
    ("name", "block", "given", "expected"),
    [
        ("b-${AWS::AccountId}", {"BlockPublicPolicy": True}, {}, ["proved"]),
        ("b-${AWS::Region}", {"RestrictPublicBuckets": True}, {}, ["proved"]),
        ("b-${AWS::Region}", {}, {}, ["refuted"]),
        ("b-${Env}", {"BlockPublicPolicy": True}, {}, ["unknown"]),
        ("b-${Set}", {"BlockPublicPolicy": True}, {}, ["unknown"]),
        ("b-${Set}-${AWS::AccountId}", {"BlockPublicPolicy": True}, {}, ["unknown"]),
        ("b-${Set}-${AWS::AccountId}", {"BlockPublicPolicy": True}, {"Set": "dev"}, ["proved"]),
        ("b-${Free}", {"BlockPublicPolicy": True}, {}, ["unknown"]),
        ("b-${Env}-${AWS::AccountId}", {"BlockPublicPolicy": True}, {}, ["unknown"]),
        ("b-${Env}-${AWS::AccountId}", {"BlockPublicPolicy": True}, {"Env": "dev"}, ["proved"]),
        ("b-${Env}", OPEN_AT_DEV, {}, ["refuted", "unknown"]),
        ("b-${Env}", OPEN_AT_DEV, {"Env": "dev"}, ["refuted"]),
        ("b-${Env}", OPEN_AT_DEV, {"Env": "prod"}, ["proved"]),
    ],
)
def test_a_name_that_both_templates_write_as_the_same_expression(
    name: str, block: object, given: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    """
    Made of the account and Region, it is that of one bucket; two stacks may have other values of a parameter, and then
    the bucket is somebody else's.
    """
    parameters: Json = {"Env": {"Type": "String", "AllowedValues": ["prod", "dev"]}, "Free": {"Type": "String"}}
    parameters["Set"] = {**parameters["Env"], "Default": "prod"}
    sections: Json = {"Parameters": parameters, "Conditions": IS_PROD}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": name}, _BLOCK: block}}
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Fn::Sub": name}, "PolicyDocument": document(public)},
    }
    found = plain(
        tmp_path,
        {"storage": template({}, Bucket=bucket, **sections), "policy": template({}, Policy=policy, **sections)},
    )
    property_ = ["inside-boundary"]
    results = trustproof.check(found, config=CONFIG, properties=property_, parameters=given, certify=True).results
    assert [one.verdict for one in results] == expected
    if block is OPEN_AT_DEV and not given:
        assert results[0].counterexample is not None
        assert results[0].counterexample.parameters == {"Env": "dev"}


@pytest.mark.parametrize("is_about_all", [False, True])
@pytest.mark.parametrize("default", [{}, {"Default": "dev"}, {"Default": "prod"}])
@pytest.mark.parametrize("closed", ["dev", "prod"])
def test_a_bucket_of_each_deployment_of_one_template(
    closed: str, default: Json, is_about_all: bool, tmp_path: Path
) -> None:
    """An import whose name tells the deployment is about the bucket of that one, and about no other's settings."""
    name = {"Fn::Sub": "${Env}-bucket"}
    sections: Json = {
        "Parameters": {"Env": {"Type": "String", "AllowedValues": ["dev", "prod"], **default}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Env"}, closed]}},
    }
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {_BLOCK: OPEN_AT_DEV}}
    out = {"Value": {"Ref": "Bucket"}, "Export": {"Name": name}}
    arn = {"Fn::Sub": ["arn:aws:s3:::${b}/*", {"b": {"Fn::ImportValue": name}}]}
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" if is_about_all else arn}
    properties = {"Bucket": {"Fn::ImportValue": name}, "PolicyDocument": document(public)}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    whole = {
        "storage": template({"Out": out}, Bucket=bucket, **sections),
        "policy": template({}, Policy=policy, **sections),
    }
    (one,) = check(plain(tmp_path, whole), "inside-boundary").results
    assert one.verdict == "refuted"
    assert one.counterexample is not None
    assert one.counterexample.parameters == {"Env": "prod" if closed == "dev" else "dev"}


def test_a_default_around_a_stack_that_a_setting_compares(tmp_path: Path) -> None:
    """What is refuted at any other value is not said to be so at the default."""
    named: Json = {"Fn::Sub": "b-${Env}"}
    block = {_BLOCK: {"BlockPublicPolicy": {"Fn::If": ["Prod", True, False]}}, "BucketName": named}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": named, "PolicyDocument": PUBLIC}}
    stack = {"TemplateURL": "inner.json", "Parameters": {"Env": {"Ref": "Env"}}}
    outer = template(
        {},
        Parameters={"Env": {"Type": "String", "Default": "prod"}},
        Conditions=IS_PROD,
        Bucket={"Type": "AWS::S3::Bucket", "Properties": block},
        Inner={"Type": "AWS::CloudFormation::Stack", "Properties": stack},
    )
    inner = template({}, Parameters={"Env": {"Type": "String"}}, Policy=policy)
    (one,) = check(plain(tmp_path, {"outer": outer, "inner": inner}), "inside-boundary", account=OWN).results
    assert one.counterexample is not None
    assert "prod" not in one.counterexample.parameters.values()


@pytest.mark.parametrize("name", ["b", {"Fn::Join": ["", ["b"]]}])
@pytest.mark.parametrize("is_on", [True, False])
def test_a_bucket_whose_name_is_exported_as_it_is_written(tmp_path: Path, name: object, is_on: bool) -> None:
    """It is that bucket, as if the export referred to it."""
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": name, _BLOCK: {"BlockPublicPolicy": is_on}},
    }
    storage_ = template({"Out": exported("bucket", name)}, Bucket=bucket)
    found = plain(tmp_path, {"storage": storage_, "policy": POLICY})
    (one,) = trustproof.check(
        found, properties=["inside-boundary"], config=CONFIG, account=OWN, region="eu-west-1"
    ).results
    assert one.verdict == ("proved" if is_on else "refuted")


#: A bucket called `b` that keeps a public policy out by default: its properties, and what loops make of it.
BY_DEFAULT: dict[str, tuple[Json, Json]] = {
    "its name": ({"BucketName": {"Ref": "V"}}, {"Type": "String", "Default": "b"}),
    "a setting": (
        {"BucketName": "b", _BLOCK: {"RestrictPublicBuckets": {"Ref": "V"}}},
        {"Type": "String", "Default": "true"},
    ),
    "a loop": ({"BucketName": "${N}"}, {"Type": "CommaDelimitedList", "Default": "b"}),
}


@pytest.mark.parametrize("what", BY_DEFAULT)
def test_a_stack_set_names_the_default_around_a_bucket_of_another_template(what: str, tmp_path: Path) -> None:
    """At another value its policy would be public: the proof says so as it does for a nested stack."""
    properties, parameter = BY_DEFAULT[what]
    bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
    loop = {"Fn::ForEach::Made": ["N", {"Ref": "V"}, {"B${N}": bucket}]}
    group = {"DeploymentTargets": {"Accounts": [OWN]}, "Regions": ["us-east-1"]}
    given: Json = {"StackSetName": "s", "PermissionModel": "SELF_MANAGED", "TemplateURL": "inner.json"}
    stacks = {"Type": "AWS::CloudFormation::StackSet", "Properties": {**given, "StackInstancesGroup": [group]}}
    outer = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"V": parameter},
        "Resources": {"Stacks": stacks, **(loop if what == "a loop" else {"Bucket": bucket})},
    }
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": PUBLIC}}
    for name, content in {"outer.json": outer, "inner.json": {"Resources": {"Policy": policy}}}.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    (one,) = check([tmp_path], "inside-boundary", account=OWN).results
    assert (one.verdict, one.at_defaults) == ("proved", ((f"V of {tmp_path / 'outer.json'}", parameter["Default"]),))
