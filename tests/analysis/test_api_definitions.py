"""
Definitions of APIs: a policy in one is judged, and one that is elsewhere is said.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
CONFIG = {"boundary": {"accounts": ["111122223333"]}}


def policy(account: str) -> Json:
    """A policy that lets an account call every method."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "execute-api:Invoke", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def definition(account: str) -> Json:
    """A definition with a policy."""
    return {"openapi": "3.0.1", "paths": {}, "x-amazon-apigateway-policy": policy(account)}


def check(folder: Path, type_: str, properties: Json) -> trustproof.Report:
    """Of a template with one API, whether outsiders get in."""
    content = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["x", "y"]}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": {"A": {"Type": type_, "Properties": {"StageName": "v1", **properties}}},
    }
    (folder / "t.json").write_text(json.dumps(content))
    found = trustproof.check(
        [folder / "t.json"], properties=["inside-boundary"], config=CONFIG, account="111122223333", certify=True
    )
    assert found.errors == ()
    return found


OUTSIDE, OWN = definition("999988887777"), definition("111122223333")
REST, SAM = "AWS::ApiGateway::RestApi", "AWS::Serverless::Api"
TABLE = [
    (REST, {"Body": OUTSIDE}, ["refuted"]),
    (REST, {"Body": OWN}, ["proved"]),
    (REST, {"Body": {"paths": {}}}, []),
    (REST, {"Body": OUTSIDE, "Policy": policy("111122223333")}, ["proved", "refuted"]),
    (REST, {"Body": {"Fn::If": ["C", OWN, OUTSIDE]}}, ["proved", "refuted"]),
    (SAM, {"DefinitionBody": OUTSIDE}, ["refuted"]),
    (SAM, {"DefinitionBody": OWN}, ["proved"]),
]


@pytest.mark.parametrize(("type_", "properties", "verdicts"), TABLE)
def test_the_policy_in_a_definition_is_judged(
    tmp_path: Path, type_: str, properties: Json, verdicts: list[str]
) -> None:
    """It stands on the API like one beside it, whichever of the two is in force."""
    assert sorted(result.verdict for result in check(tmp_path, type_, properties).results) == verdicts


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (REST, {"BodyS3Location": {"Bucket": "b", "Key": "api.yaml"}}),
        (REST, {"Body": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/api.yaml"}}}}),
        (SAM, {"DefinitionUri": "api.yaml"}),
        (SAM, {"DefinitionBody": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "a"}}}}),
    ],
)
def test_a_definition_elsewhere_is_said(tmp_path: Path, type_: str, properties: Json) -> None:
    """Nobody has looked for a policy in it, and the strict gate fails."""
    found = check(tmp_path, type_, properties)
    assert [note for note in found.notes if "not checked: the definition of the API A, which may hold a policy" in note]
    assert found.not_checked


def owned(ownership: str) -> Json:
    """The ownership controls of a bucket."""
    return {"Rules": [{"ObjectOwnership": ownership}]}


@pytest.mark.parametrize(
    ("given", "is_said"),
    [
        ({}, False),
        ({"AccessControl": "Private"}, False),
        ({"AccessControl": "LogDeliveryWrite"}, False),
        ({"AccessControl": "PublicRead"}, True),
        ({"AccessControl": {"Ref": "P"}}, True),
        ({"AccessControl": "PublicRead", "OwnershipControls": owned("ObjectWriter")}, True),
        ({"AccessControl": "PublicRead", "OwnershipControls": owned("BucketOwnerEnforced")}, False),
    ],
)
def test_an_access_list_that_lets_others_in_is_said(tmp_path: Path, given: Json, is_said: bool) -> None:
    """It grants beside every policy, and is not looked into; a bucket that takes none is not made with it."""
    content = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": given}},
    }
    (tmp_path / "t.json").write_text(json.dumps(content))
    notes = trustproof.check([tmp_path / "t.json"], config=CONFIG).notes
    assert any("not checked: the AccessControl of B" in note for note in notes) == is_said
