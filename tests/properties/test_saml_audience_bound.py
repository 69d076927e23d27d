"""
To whom an assertion is made out: hard pairs.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": [], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}


def trust(principal: object, action: str, condition: Json | None = None) -> Json:
    """A trust policy with one statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }


def saml(condition: Json | None) -> Json:
    """A trust policy for a SAML provider."""
    provider: Json = {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}
    return trust(provider, "sts:AssumeRoleWithSAML", condition)


CASES: list[tuple[str, Json, str]] = [
    ("none", saml(None), "refuted"),
    ("everybody", trust("*", "sts:AssumeRoleWithSAML", None), "refuted"),
    ("eq", saml({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), "proved"),
    ("lower", saml({"StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml"}}), "proved"),
    ("if", saml({"StringEqualsIfExists": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), "refuted"),
    ("like", saml({"StringLike": {"SAML:aud": "https://*"}}), "refuted"),
    ("region", saml({"StringEquals": {"SAML:aud": "https://eu-central-1.signin.aws.amazon.com/saml"}}), "proved"),
    ("other", saml({"StringEquals": {"SAML:aud": "https://evil.example.com/saml"}}), "refuted"),
    ("iss", saml({"StringEquals": {"SAML:iss": "x"}}), "refuted"),
    ("forall", saml({"ForAllValues:StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), "refuted"),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "saml-audience-bound", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")


AWS = "https://signin.aws.amazon.com/saml"


def audience(value: object, operator: str = "StringEquals") -> Json:
    """A condition on the recipient."""
    return {operator: {"SAML:aud": value}}


#: Conditions of the Allow.
CONDITIONS: list[tuple[Json, str]] = [
    (audience("https://signin.amazonaws-us-gov.com/saml"), "proved"),
    (audience("https://signin.amazonaws.cn/saml"), "proved"),
    (audience("https://cn-north-1.signin.amazonaws.cn/saml"), "proved"),
    (audience("https://us-gov-west-1.signin.amazonaws-us-gov.com/saml"), "proved"),
    # As the CDK has those of the isolated partitions, for which `SamlRole` demands them.
    (audience("https://signin.c2shome.ic.gov/saml"), "proved"),
    (audience("https://signin.sc2shome.sgov.gov/saml"), "proved"),
    (audience("https://signin.c2shome.ic.gov.example.com/saml"), "refuted"),
    # Where assertions are encrypted, each provider has a path of its own.
    (audience(AWS + "/acs/SAMLSP3EXAMPLE"), "proved"),
    (audience(AWS + "/"), "proved"),
    (audience(AWS + "*", "StringLike"), "proved"),
    # A wildcard stands for the name of a Region, and for another host with the beginning of a path.
    (audience("https://*.signin.aws.amazon.com/saml", "StringLike"), "refuted"),
    (audience("https://*.signin.aws.amazon.com/saml"), "proved"),
    (audience([AWS, "https://us-east-2.signin.aws.amazon.com/saml"]), "proved"),
    (audience([AWS, "https://app.example.com/saml"]), "refuted"),
    (audience("https://signin.aws.amazon.com*", "StringLike"), "refuted"),
    (audience("https://*signin.aws.amazon.com/saml", "StringLike"), "refuted"),
    (audience("*/saml", "StringLike"), "refuted"),
    (audience("*", "StringLike"), "refuted"),
    (audience("https://signin.aws.amazon.com.example.com/saml"), "refuted"),
    (audience(AWS, "StringNotEquals"), "refuted"),
    (audience("false", "Null"), "refuted"),
    # A test that is true without a recipient is none, unless another asks that there be one.
    (audience(AWS, "StringLikeIfExists"), "refuted"),
    ({**audience(AWS, "StringEqualsIfExists"), **audience("false", "Null")}, "proved"),
    ({**audience(AWS, "ForAllValues:StringEquals"), **audience("https://*", "StringLike")}, "proved"),
    (audience("true", "Null"), "refuted"),
    # No value has a wildcard: statement-usable is refuted, and nobody gets in.
    (audience("https://*.example.com/saml"), "proved"),
    # A question mark in an address begins its query.
    (audience("https://evil.example.com?.signin.aws.amazon.com/saml"), "refuted"),
    (audience("https://evil.example.com?.signin.aws.amazon.com/saml", "StringEqualsIgnoreCase"), "refuted"),
    (audience("https://evil.example.com/acs?to=signin.aws.amazon.com/saml"), "refuted"),
    (audience(AWS + "?acs=1"), "proved"),
    (audience("https://sign?n.aws.amazon.com/saml"), "refuted"),
    (audience("evil?.signin.aws.amazon.com/saml"), "proved"),
    ({"StringEquals": {"SAML:sub": "dev-*"}}, "proved"),
    ({"StringLike": {"SAML:sub": "dev-*"}}, "refuted"),
    (audience(AWS, "ForAnyValue:StringEquals"), "proved"),
    (audience("https://SignIn.aws.amazon.com/saml", "StringEqualsIgnoreCase"), "proved"),
    ({"StringEquals": {"SAML:sub": "alice"}}, "refuted"),
    ({"StringEquals": {"SAML:audience": AWS}}, "proved"),
    ({"StringEqualsIfExists": {"SAML:audience": AWS}}, "refuted"),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=[str(case[0]) for case in CONDITIONS])
def test_condition(condition: Json, expected: str) -> None:
    """A recipient is AWS where its host is one of AWS's sign-in endpoints."""
    assert trustproof.prove(saml(condition), "saml-audience-bound").verdict == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringNotEquals", AWS, "proved"),
        ("StringNotEqualsIfExists", AWS, "proved"),
        # This one stops nobody who leaves the recipient out.
        ("ForAnyValue:StringNotEquals", AWS, "refuted"),
        ("StringNotLike", "https://*", "refuted"),
        ("StringEquals", "https://app.example.com/saml", "refuted"),
    ],
)
def test_deny(operator: str, value: str, expected: str) -> None:
    """A Deny for all other recipients is as good."""
    policy = saml(None)
    (statement,) = policy["Statement"]  # type: ignore[misc]
    denied = {**statement, "Effect": "Deny", "Condition": audience(value, operator)}
    found = trustproof.prove({**policy, "Statement": [statement, denied]}, "saml-audience-bound")
    assert found.verdict == expected


@pytest.mark.parametrize(
    ("provider", "condition", "expected"),
    [
        ({"Ref": "Provider"}, None, "refuted"),
        ({"Ref": "Provider"}, audience(AWS), "proved"),
        ({"Ref": "Given"}, None, "refuted"),
        ({"Fn::ImportValue": "provider"}, None, "refuted"),
        ({"Fn::ImportValue": "provider"}, audience(AWS), "proved"),
    ],
)
def test_a_provider_of_the_template(provider: Json, condition: Json | None, expected: str, tmp_path: Path) -> None:
    """A provider is asked about that CloudFormation names, or that is only known at deployment."""
    content = {
        "Parameters": {"Given": {"Type": "String"}},
        "Resources": {
            "Provider": {"Type": "AWS::IAM::SAMLProvider", "Properties": {"SamlMetadataDocument": "..."}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": trust({"Federated": provider}, "sts:AssumeRoleWithSAML", condition)
                },
            },
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    (result,) = trustproof.check([str(file)], properties=["saml-audience-bound"]).results
    assert result.verdict == expected


@pytest.mark.parametrize(
    ("parameter", "recipient", "expected"),
    [
        ({}, {"Ref": "Given"}, "unknown"),
        ({}, {"Fn::ImportValue": "recipient"}, "unknown"),
        ({}, {"Fn::Sub": "https://${Given}/saml"}, "unknown"),
        ({}, {"Fn::Sub": "https://${Given}.signin.aws.amazon.com/saml"}, "unknown"),
        ({}, {"Fn::Sub": "https://signin.${Given}/saml"}, "unknown"),
        ({}, [{"Ref": "Given"}, AWS], "unknown"),
        # What is said of it counts, and so does what is beside it.
        ({"Default": AWS}, {"Ref": "Given"}, "proved"),
        ({"Default": "https://example.com/saml"}, {"Ref": "Given"}, "refuted"),
        ({"AllowedValues": [AWS]}, {"Ref": "Given"}, "proved"),
        ({"AllowedValues": [AWS, "https://example.com/saml"]}, {"Ref": "Given"}, "refuted"),
        ({"AllowedPattern": "https://example\\.com/.*"}, {"Ref": "Given"}, "refuted"),
        ({}, [{"Ref": "Given"}, "https://example.com/saml"], "refuted"),
        ({}, {"Fn::Sub": "https://example.com/${Given}"}, "refuted"),
    ],
)
def test_recipient_that_nobody_knows_before_deployment(
    parameter: Json, recipient: Json, expected: str, tmp_path: Path
) -> None:
    content = {
        "Parameters": {"Given": {"Type": "String", **parameter}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": saml(None)}}},
    }
    (statement,) = content["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]  # type: ignore[index]
    statement["Condition"] = {"StringEquals": {"SAML:aud": recipient}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    (result,) = trustproof.check([str(file)], properties=["saml-audience-bound"]).results
    assert result.verdict == expected


@pytest.mark.parametrize(
    ("condition", "recipient"),
    [
        (None, "https://other.example.com/saml/acs"),
        (audience(AWS, "StringEqualsIfExists"), None),
        (audience("https://signin.aws.amazon.com*", "StringLike"), "https://signin.aws.amazon.com.example.com/saml"),
        (
            audience("https://signin.amazonaws-us-gov.com*", "StringLike"),
            "https://signin.amazonaws-us-gov.com.example.com/saml",
        ),
        (audience("*/signin.amazonaws.cn/saml", "StringLike"), "https://other.example.com/signin.amazonaws.cn/saml"),
        (
            audience("https://*.signin.aws.amazon.com/saml", "StringLike"),
            "https://other.example.com/app.signin.aws.amazon.com/saml",
        ),
        (
            audience("https://eu-*.signin.aws.amazon.com/saml", "StringLike"),
            "https://eu-1.example.com/app.signin.aws.amazon.com/saml",
        ),
    ],
)
def test_counterexample_is_made_out_to_somebody_else(condition: Json | None, recipient: str | None) -> None:
    """The recipient is an address that an application can have; one that is left out shows as such."""
    found = trustproof.prove(saml(condition), "saml-audience-bound")
    assert found.counterexample is not None
    assert found.counterexample.context["saml:aud"] == recipient


@pytest.mark.parametrize(
    ("asked", "severity"),
    [
        (audience("http://localhost:7890/redshift/"), "warning"),
        (audience([AWS, "http://127.0.0.1:35001/"]), "warning"),
        (audience([AWS, "http://localhost:7890/", "https://app.example.com/saml"]), "error"),
        (audience("http://localhost.example.com:7890/"), "error"),
        (audience("http://localhost:*/redshift/", "StringLike"), "error"),
        (audience(["http://localhost:7890/"], "StringNotEquals"), "error"),
    ],
    ids=str,
)
def test_the_own_machine_of_a_caller_is_meant(asked: Json, severity: str) -> None:
    """The drivers of Redshift and Athena listen there: no diff takes it out of the list."""
    found = trustproof.prove(saml(asked), "saml-audience-bound", account="111122223333", config=CONFIG)
    assert found.verdict == "refuted"
    assert found.severity == severity
    assert found.remedy is not None
    assert not (found.remedy.edits and severity == "warning")
