"""
Policies that stand nowhere are made a second time too: of permissions, and what SAM makes of serverless resources.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from trustproof.errors import CertificateError

Json = dict[str, object]
OWN, ORGANIZATION = "111122223333", "o-a1b2c3d4e5"
CONFIG = {"boundary": {"accounts": [OWN], "organizations": [ORGANIZATION]}}
NOTHING: Json = {"Ref": "AWS::NoValue"}
ALLOW_OWN: Json = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "execute-api:Invoke", "Resource": "*"}
DOCUMENT: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ASSUMES: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OWN}:role/x"}
TOPIC: Json = {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${Stage}"}


def invoke(principal: object, **more: object) -> Json:
    """A permission of a function."""
    return {"FunctionName": "app", "Action": "lambda:InvokeFunction", "Principal": principal, **more}


def by_stage(dev: object, prod: object) -> Json:
    """One of two values, by the stage."""
    return {"Fn::If": ["IsDev", dev, prod]}


def check(folder: Path, type_: str, properties: Json, more: Json | None = None) -> trustproof.Report:
    """What is said of one resource, with every proof checked again."""
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "prod"}},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        "Resources": {"R": {"Type": type_, "Properties": properties}},
        **(more or {}),
    }
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    return trustproof.check([str(file)], account=OWN, config=CONFIG, certify=True)


FUNCTION, MACHINE, API = "AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::Serverless::Api"
PERMISSION = "AWS::Lambda::Permission"
MADE: list[tuple[str, str, Json]] = [
    ("account", PERMISSION, invoke({"Ref": "AWS::AccountId"})),
    ("arn", PERMISSION, invoke({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/x"})),
    ("service", PERMISSION, invoke("sns.amazonaws.com", SourceArn=TOPIC, SourceAccount={"Ref": "AWS::AccountId"})),
    ("suffix", PERMISSION, invoke({"Fn::Sub": "sns.${AWS::URLSuffix}"}, SourceAccount=OWN)),
    ("organization", PERMISSION, invoke("*", PrincipalOrgID=ORGANIZATION)),
    ("token", PERMISSION, invoke("alexa-appkit.amazon.com", EventSourceToken="t")),
    ("branch", PERMISSION, invoke(by_stage(OWN, "sns.amazonaws.com"), SourceAccount=OWN)),
    ("left out", PERMISSION, invoke(OWN, SourceAccount=by_stage(OWN, NOTHING))),
    ("hole", PERMISSION, invoke(OWN, SourceArn={"Fn::ImportValue": "x"})),
    (
        "layer",
        "AWS::Lambda::LayerVersionPermission",
        {"Action": "lambda:GetLayerVersion", "Principal": "*", "OrganizationId": ORGANIZATION},
    ),
    (
        "authority",
        "AWS::ACMPCA::Permission",
        {"Actions": ["IssueCertificate", "ListPermissions"], "Principal": "acm.amazonaws.com", "SourceAccount": OWN},
    ),
    ("bus", "AWS::Events::EventBusPolicy", {"StatementId": "s", "Action": "events:PutEvents", "Principal": OWN}),
    (
        "bus with a condition",
        "AWS::Events::EventBusPolicy",
        {"Principal": "*", "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": ORGANIZATION}},
    ),
    (
        "bus with a statement in one stage",
        "AWS::Events::EventBusPolicy",
        {"Statement": by_stage({**ALLOW_OWN, "Action": "events:PutEvents"}, NOTHING)},
    ),
    ("signer", "AWS::Signer::ProfilePermission", {"Action": "signer:StartSigningJob", "Principal": OWN}),
    ("function", FUNCTION, {}),
    ("function without a role in one stage", FUNCTION, {"Role": by_stage("arn:aws:iam::111122223333:role/x", NOTHING)}),
    (
        "trust policy that is there in one stage",
        FUNCTION,
        {"AssumeRolePolicyDocument": DOCUMENT, "Role": by_stage("arn:aws:iam::111122223333:role/x", NOTHING)},
    ),
    ("trust policy that is removed in one stage", FUNCTION, {"AssumeRolePolicyDocument": by_stage(DOCUMENT, NOTHING)}),
    ("machine", MACHINE, {}),
    ("api", API, {"Auth": {"ResourcePolicy": {"AwsAccountWhitelist": [{"Ref": "AWS::AccountId"}]}}}),
    ("api with a list", API, {"Auth": {"ResourcePolicy": {"CustomStatements": [ALLOW_OWN, ALLOW_OWN]}}}),
    (
        "api with a list that is empty in one stage",
        API,
        {
            "Auth": {
                "ResourcePolicy": {
                    "CustomStatements": [ALLOW_OWN],
                    "AwsAccountBlacklist": by_stage("999988887777", NOTHING),
                }
            }
        },
    ),
    (
        "api with networks",
        API,
        {
            "Auth": {
                "ResourcePolicy": {
                    "IpRangeWhitelist": ["203.0.113.0/24"],
                    "SourceVpcWhitelist": ["vpc-1a2b3c4d", "vpce-1a2b3c4d"],
                    "AwsAccountBlacklist": ["999988887777"],
                }
            }
        },
    ),
    ("policy template", FUNCTION, {"Policies": [{"KMSDecryptPolicy": {"KeyId": by_stage("a", "b")}}]}),
    (
        "policy template in one stage",
        MACHINE,
        {"Policies": [by_stage(NOTHING, {"SQSPollerPolicy": {"QueueName": "q"}})]},
    ),
]


@pytest.mark.parametrize(("type_", "properties"), [case[1:] for case in MADE], ids=[case[0] for case in MADE])
def test_what_is_made_is_read_again(type_: str, properties: Json, tmp_path: Path) -> None:
    """The policy that a permission or a serverless resource stands for is made again at both values."""
    report = check(tmp_path, type_, properties)
    assert not report.errors
    certified = [one for one in report.results if one.certificate and one.property != "session-duration-bounded"]
    # A policy that AWS manages stands in no template.
    certified = [one for one in certified if "AWSLambdaBasicExecutionRole" not in one.certificate[0]]
    assert certified
    for found in certified:
        lines = [line for line in found.certificate if "read again" in line]
        assert [line.rpartition("Stage=")[2] for line in lines] == ["prod", "dev"], lines


@pytest.mark.parametrize(
    ("common", "properties"),
    [
        ({"Function": {"Policies": [{"Statement": [ASSUMES]}]}}, {"Policies": [{"Statement": [ASSUMES]}]}),
        ({"Function": {"Role": by_stage("arn:aws:iam::111122223333:role/x", NOTHING)}}, {}),
        ({"Function": {"Role": "arn:aws:iam::111122223333:role/x"}}, {"Role": NOTHING}),
    ],
)
def test_globals_are_read_again(common: Json, properties: Json, tmp_path: Path) -> None:
    """What Globals says of a resource is in the second reading of it, too."""
    report = check(tmp_path, FUNCTION, properties, {"Globals": common})
    certified = [one for one in report.results if one.certificate and one.property != "session-duration-bounded"]
    assert certified
    for found in certified:
        lines = [line for line in found.certificate if "read again" in line]
        assert [line.rpartition("Stage=")[2] for line in lines] == ["prod", "dev"], lines


UNREADABLE: list[Json] = [
    {"Statement": by_stage({"Fn::GetAtt": ["R", "x"]}, ALLOW_OWN), "StatementId": "s"},
    {"Statement": by_stage("text", {**ALLOW_OWN, "Action": "events:PutEvents"}), "StatementId": "s"},
]


@pytest.mark.parametrize("properties", UNREADABLE)
def test_what_cannot_be_read_is_no_contradiction(properties: Json, tmp_path: Path) -> None:
    """Where the first reading says that it cannot read a part, or that it is wrong, the second one does not object."""
    report = check(tmp_path, "AWS::Events::EventBusPolicy", properties)
    assert report.errors or any(found.verdict == "unknown" for found in report.results)


def test_several_conditions_about_a_role(tmp_path: Path) -> None:
    """Whether there is a role that several conditions decide is read once, and the certificate says so."""
    role = by_stage(by_stage("arn:aws:iam::111122223333:role/x", NOTHING), NOTHING)
    report = check(tmp_path, FUNCTION, {"Role": role})
    (found,) = (one for one in report.results if one.property == "inside-boundary")
    assert found.certificate[-1] == "not read again at every value: several conditions decide whether there is a role"


ROOM = "trustproof.inputs.cloudformation"
TRUSTS: Json = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}
DENIES: Json = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
#: A resource, what goes wrong in the first reading of it, and what is said then.
MISREAD: list[tuple[str, Json, str, Callable[..., object], str]] = [
    (
        PERMISSION,
        invoke(OWN, SourceAccount="999988887777"),
        "resources.access.grants._conditions",
        lambda properties, table: {},
        "the Condition of statement 1 was judged as nothing",
    ),
    (
        PERMISSION,
        invoke("sns.amazonaws.com", SourceAccount=OWN),
        "resources.access.grants.principal",
        lambda reading, value: {"AWS": OWN},
        f"judged as AWS, {OWN}, and is Service, sns.amazonaws.com",
    ),
    (
        FUNCTION,
        {},
        "sam.roles.default_trust",
        lambda service: {"Version": "2012-10-17", "Statement": TRUSTS},
        f"judged as AWS, {OWN}, and is Service, lambda.amazonaws.com",
    ),
    (
        API,
        {"Auth": {"ResourcePolicy": {"CustomStatements": [ALLOW_OWN]}}},
        "sam.documents.statements",
        lambda policy: [(ALLOW_OWN, ("CustomStatements", 0)), (DENIES, ("AwsAccountBlacklist",))],
        "2 statements were judged, and 1 stand there",
    ),
]


@pytest.mark.parametrize(("type_", "properties", "place", "wrong", "said"), MISREAD)
def test_what_is_misread_is_no_proof(
    type_: str,
    properties: Json,
    place: str,
    wrong: Callable[..., object],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A first reading that makes another policy of it is found out."""
    monkeypatch.setattr(f"{ROOM}.{place}", wrong)
    with pytest.raises(CertificateError, match=said):
        check(tmp_path, type_, properties)
