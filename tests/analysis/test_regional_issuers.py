"""
Issuers of tokens that are called by the Region, in policies that are one text.
"""

from __future__ import annotations

import json

import pytest

import trustproof

Json = dict[str, object]
ACCOUNT = "111122223333"
CLUSTER = "amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
HERE, THERE = f"oidc.eks.${{AWS::Region}}.{CLUSTER}", f"oidc.eks.eu-west-1.{CLUSTER}"
SUBJECT = "system:serviceaccount:ns:sa"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")


def template(provider: str, conditions: Json, partition: str = "aws", **more: Json) -> Json:
    """A role whose trust policy is one text."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:{partition}:iam::{ACCOUNT}:oidc-provider/{provider}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Fn::Sub": text}}}
    return {"Resources": {"R": role}, **more}


def verdict(content: Json, region: str | None = None, given: dict[str, str] | None = None) -> str:
    """What web-identity-bound says, at its worst."""
    report = trustproof.check(
        [content],
        account=ACCOUNT,
        region=region,
        properties=["web-identity-bound"],
        parameters=given or {},
        certify=True,
    )
    assert not report.errors
    return min((one.verdict for one in report.results), key=("refuted", "unknown", "proved").index)


EQUAL: Json = {"StringEquals": {f"{HERE}:sub": SUBJECT, f"{HERE}:aud": "sts.amazonaws.com"}}
STAGE: Json = {"Stage": {"Type": "String", "AllowedValues": ["a", "b"]}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (template(HERE, EQUAL), "proved"),
        (template(HERE, EQUAL, "${AWS::Partition}"), "proved"),
        (template(HERE, EQUAL, Parameters=STAGE), "proved"),
        (template(HERE, {"StringLike": {f"{HERE}:sub": "system:serviceaccount:*:sa"}}), "refuted"),
        (template(HERE, {"StringEquals": {f"{THERE}:sub": SUBJECT}}), "proved"),
        # In one Region the provider has the claim that is tested.
        (template(HERE, {"StringLike": {f"{THERE}:sub": "*"}}), "refuted"),
        (template(THERE, {"StringEquals": {f"{HERE}:sub": SUBJECT}}), "proved"),
        (template(HERE, {"Null": {f"{THERE}:sub": "true"}}), "refuted"),
        (template(HERE, {}), "refuted"),
    ],
)
def test_what_is_said_without_a_region_is_so_in_each(content: Json, expected: str) -> None:
    """It is the worst that is true in some Region."""
    found = verdict(content)
    each = {verdict(content, region) for region in REGIONS}
    assert found == min(each, key=("refuted", "unknown", "proved").index)
    assert found == expected


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_that_is_given_as_a_parameter(region: str) -> None:
    """It is told apart, though it stands in no text of the template."""
    there = f"oidc.eks.${{Other}}.{CLUSTER}"
    content = template(HERE, {"StringLike": {f"{there}:sub": "*"}}, Parameters={"Other": {"Type": "String"}})
    assert verdict(content, given={"Other": region}) == "refuted"


@pytest.mark.parametrize(
    ("issuer", "values"),
    [
        (f"oidc.eks.ap-${{Side}}-2.{CLUSTER}", {"Side": "southeast"}),
        (f"${{Begins}}outheast-2.{CLUSTER}", {"Begins": "oidc.eks.ap-s"}),
        (f"oidc.eks.${{One}}${{Two}}.{CLUSTER}", {"One": "ap-south", "Two": "east-2"}),
    ],
)
def test_a_region_of_pieces_is_judged_in_each(issuer: str, values: dict[str, str]) -> None:
    """A Region that is written out nowhere, and put together of pieces, may be that of the stack."""
    declared: Json = {name: {"Type": "String", "Default": value} for name, value in values.items()}
    content = template(HERE, {"StringLike": {f"{issuer}:sub": "*"}}, Parameters=declared)
    assert verdict(content) == verdict(content, "ap-southeast-2") == "refuted"
    assert verdict(content, "us-east-1") == "proved"


@pytest.mark.parametrize(
    "made",
    [
        {"Fn::Join": ["-", ["ap", "southeast", "2"]]},
        {"Fn::Sub": "ap-${Side}-2"},
        {"Fn::Select": [1, {"Fn::Split": ["z", "zap-southeast-2"]}]},
    ],
)
def test_a_region_that_a_function_makes_is_judged_too(made: Json) -> None:
    """So it may in what a text is given."""
    declared: Json = {"Side": {"Type": "String", "Default": "southeast"}}
    content = template(HERE, {"StringLike": {f"oidc.eks.${{Made}}.{CLUSTER}:sub": "*"}}, Parameters=declared)
    (role,) = content["Resources"].values()  # type: ignore[attr-defined]
    text = role["Properties"]["AssumeRolePolicyDocument"]["Fn::Sub"]
    role["Properties"]["AssumeRolePolicyDocument"] = {"Fn::Sub": [text, {"Made": made}]}
    assert verdict(content) == "refuted"
