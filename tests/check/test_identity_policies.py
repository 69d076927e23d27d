"""
What users may do without MFA, by everything that a template attaches to them together.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]

MFA = "aws:MultiFactorAuthPresent"
WITH_MFA: Json = {"Bool": {MFA: "true"}}
WITHOUT_MFA: Json = {"BoolIfExists": {MFA: "false"}}


def doc(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resource: str | list[str] = "*", condition: Json | None = None) -> Json:
    """An Allow statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions: str, condition: Json, resource: str = "*") -> Json:
    """A Deny statement."""
    return {"Effect": "Deny", "Action": actions, "Resource": resource, "Condition": condition}


def deny_all_but(actions: list[str], condition: Json) -> Json:
    """A Deny statement with NotAction."""
    return {"Effect": "Deny", "NotAction": actions, "Resource": "*", "Condition": condition}


def entity(kind: str, documents: tuple[Json, ...], properties: Json) -> Json:
    """A user or group with inline policies."""
    inline = [{"PolicyName": f"p{index}", "PolicyDocument": document} for index, document in enumerate(documents)]
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"Policies": inline, **properties}}


def group(*documents: Json, **properties: object) -> Json:
    """A group with inline policies."""
    return entity("Group", documents, properties)


def user(*documents: Json, **properties: object) -> Json:
    """A user with inline policies."""
    return entity("User", documents, properties)


def boundary(document: Json) -> Json:
    """A managed policy."""
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}


#: What a user does without MFA to have MFA.
EXEMPT = [
    *("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices"),
    *("iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"),
]
OWN_USER = "arn:aws:iam::*:user/${aws:username}"
OWN_DEVICE = "arn:aws:iam::*:mfa/${aws:username}"


def only_on(resources: list[str], *statements: Json) -> Json:
    """A policy with a Deny of everything on other resources, without MFA."""
    limit = {"Effect": "Deny", "Action": "*", "NotResource": resources, "Condition": WITHOUT_MFA}
    return doc(*statements, limit)


CASES: list[tuple[str, Json, str | None]] = [
    ("admin no mfa", {"G": group(doc(allow("*")))}, "refuted"),
    ("admin mfa", {"G": group(doc(allow("*", condition=WITH_MFA)))}, "proved"),
    ("admin ifexists", {"G": group(doc(allow("*", condition={"BoolIfExists": {MFA: "true"}})))}, "refuted"),
    ("deny other policy", {"G": group(doc(allow("*")), doc(deny("*", WITHOUT_MFA)))}, "proved"),
    ("deny bool false", {"G": group(doc(allow("*")), doc(deny("*", {"Bool": {MFA: "false"}})))}, "refuted"),
    ("deny null", {"G": group(doc(allow("*")), doc(deny("*", {"Null": {MFA: "true"}})))}, "refuted"),
    (
        "deny both",
        {"G": group(doc(allow("*")), doc(deny("*", {"Null": {MFA: "true"}}), deny("*", {"Bool": {MFA: "false"}})))},
        "proved",
    ),
    (
        "user by group deny",
        {"G": group(doc(deny("*", WITHOUT_MFA))), "U": user(doc(allow("*")), Groups=[{"Ref": "G"}])},
        "proved",
    ),
    (
        "user by group allow",
        {"G": group(doc(allow("ec2:*"))), "U": user(doc(deny("ec2:*", WITHOUT_MFA)), Groups=[{"Ref": "G"}])},
        "refuted",
    ),
    (
        "boundary mfa",
        {
            "B": boundary(doc(allow("*", condition=WITH_MFA))),
            "U": user(doc(allow("*")), PermissionsBoundary={"Ref": "B"}),
        },
        "proved",
    ),
    (
        "boundary open",
        {"B": boundary(doc(allow("*"))), "U": user(doc(allow("s3:GetObject")), PermissionsBoundary={"Ref": "B"})},
        "proved",
    ),
    (
        "boundary partial",
        {"B": boundary(doc(allow("s3:*"))), "U": user(doc(allow("ec2:*")), PermissionsBoundary={"Ref": "B"})},
        "proved",
    ),
    (
        "boundary deny lz",
        {
            "B": boundary(doc(allow("*"), deny("*", {"Bool": {MFA: "false"}}))),
            "U": user(doc(allow("ec2:*")), PermissionsBoundary={"Ref": "B"}),
        },
        "refuted",
    ),
    ("notaction deny", {"G": group(doc(allow("*"), deny_all_but(["iam:*"], WITHOUT_MFA)))}, "refuted"),
    (
        "notaction ok",
        {"G": group(doc(allow("*"), deny_all_but(["iam:GetUser", "sts:GetSessionToken"], WITHOUT_MFA)))},
        "proved",
    ),
    (
        "notaction exempt deletevirtual",
        {
            "G": group(
                doc(
                    allow(["iam:DeleteVirtualMFADevice", "iam:EnableMFADevice"], "arn:aws:iam::*:mfa/${aws:username}"),
                    deny_all_but(["iam:DeleteVirtualMFADevice"], WITHOUT_MFA),
                )
            )
        },
        "refuted",
    ),
    ("enable any user", {"G": group(doc(allow("iam:EnableMFADevice", "arn:aws:iam::*:user/*")))}, "refuted"),
    (
        "enable own user",
        {"G": group(doc(allow("iam:EnableMFADevice", "arn:aws:iam::*:user/${aws:username}")))},
        "proved",
    ),
    (
        "enable own path",
        {"G": group(doc(allow("iam:EnableMFADevice", "arn:aws:iam::*:user/*/${aws:username}")))},
        "proved",
    ),
    (
        "no version var",
        {"G": group({"Statement": [allow("iam:EnableMFADevice", "arn:aws:iam::*:user/${aws:username}")]})},
        "proved",
    ),
    ("readonly", {"G": group(doc(allow(["ec2:Describe*", "s3:List*", "iam:Get*", "iam:List*"])))}, "proved"),
    # The same with both resources in one statement, as in older samples of AWS.
    (
        "own user and device",
        {"U": user(doc(allow(["iam:EnableMFADevice", "iam:CreateVirtualMFADevice"], [OWN_USER, OWN_DEVICE])))},
        "proved",
    ),
    ("create on a user", {"U": user(doc(allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:user/*")))}, "proved"),
    ("create anywhere", {"U": user(doc(allow("iam:CreateVirtualMFADevice")))}, "proved"),
    ("enable anywhere", {"U": user(doc(allow("iam:EnableMFADevice")))}, "refuted"),
    (
        "all on one's own but for the exempt",
        {"U": user(doc(allow("iam:*", [OWN_USER, OWN_DEVICE]), deny_all_but(EXEMPT, WITHOUT_MFA)))},
        "proved",
    ),
    ("all but for the exempt", {"U": user(doc(allow("iam:*"), deny_all_but(EXEMPT, WITHOUT_MFA)))}, "refuted"),
    ("all on one's own", {"U": user(doc(allow("iam:*", [OWN_USER, OWN_DEVICE])))}, "refuted"),
    # Where the resources belong to another service than the actions, nothing can be done.
    ("secrets on a device", {"U": user(only_on([OWN_DEVICE], allow(["secretsmanager:*", "ec2:*"])))}, "proved"),
    ("keys in a bucket", {"U": user(doc(allow("kms:*", "arn:aws:s3:::bucket/*")))}, "proved"),
    ("anything in a bucket", {"U": user(only_on(["arn:aws:s3:::bucket/*"], allow("*")))}, "refuted"),
    (
        "recovery points of a machine",
        {"U": user(doc(allow("backup:*", "arn:aws:ec2:us-east-1::snapshot/*")))},
        "refuted",
    ),
    # Without a version there are no variables, so that no user is left out.
    (
        "all but on one's own, no version",
        {"U": user({key: value for key, value in only_on([OWN_USER], allow("iam:*")).items() if key != "Version"})},
        "proved",
    ),
    ("case", {"G": group(doc(allow("EC2:terminateinstances")))}, "refuted"),
    ("wild mid", {"G": group(doc(allow("ec2:T*Instances")))}, "refuted"),
    ("wild service", {"G": group(doc(allow("ec?:TerminateInstances")))}, "refuted"),
    ("allow notaction", {"G": group(doc({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}))}, "refuted"),
    (
        "mfaage",
        {"G": group(doc(allow("*", condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})))},
        "proved",
    ),
    (
        "mfaage ifexists",
        {"G": group(doc(allow("*", condition={"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}})))},
        "refuted",
    ),
    (
        "viaaws",
        {
            "G": group(
                doc(allow("*")),
                doc(deny("*", {"BoolIfExists": {MFA: "false"}, "Bool": {"aws:ViaAWSService": "false"}})),
            )
        },
        "refuted",
    ),
    (
        "role only",
        {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": doc(
                        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
                    ),
                    "Policies": [{"PolicyName": "x", "PolicyDocument": doc(allow("ec2:*"))}],
                },
            }
        },
        None,
    ),
    ("managed group admin", {"G": group(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])}, "refuted"),
    (
        "managed group admin+deny",
        {"G": group(doc(deny("*", WITHOUT_MFA)), ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])},
        "proved",
    ),
    ("managed ro", {"G": group(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])}, None),
    (
        "ipolicy",
        {
            "P": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyName": "p", "Groups": ["devs"], "PolicyDocument": doc(allow("ec2:*"))},
            }
        },
        "refuted",
    ),
    (
        "deny resource limited",
        {"G": group(doc(allow("ec2:*"), deny("ec2:*", WITHOUT_MFA, "arn:aws:ec2:us-east-1:*:instance/*")))},
        "refuted",
    ),
    (
        "condition on user",
        {"G": group(doc(allow("ec2:*"), deny("ec2:*", {**WITHOUT_MFA, "StringNotEquals": {"aws:username": "admin"}})))},
        "refuted",
    ),
    ("stringlike true", {"G": group(doc(allow("ec2:*", condition={"StringLike": {MFA: "true"}})))}, "proved"),
    ("stringlike any", {"G": group(doc(allow("ec2:*", condition={"StringLike": {MFA: "*"}})))}, "refuted"),
    ("deny notequals", {"G": group(doc(allow("*"), deny("*", {"StringNotEquals": {MFA: "true"}})))}, "proved"),
    ("deny equals false", {"G": group(doc(allow("*"), deny("*", {"StringEquals": {MFA: "false"}})))}, "refuted"),
    (
        "null false+bool",
        {"G": group(doc(allow("ec2:*", condition={"Null": {MFA: "false"}, "Bool": {MFA: "true"}})))},
        "proved",
    ),
    ("forall", {"G": group(doc(allow("ec2:*", condition={"ForAllValues:Bool": {MFA: "true"}})))}, "refuted"),
    ("forany", {"G": group(doc(allow("ec2:*", condition={"ForAnyValue:Bool": {MFA: "true"}})))}, "proved"),
    ("passwd own", {"G": group(doc(allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}")))}, "refuted"),
    ("getsessiontoken deny listed", {"G": group(doc(allow("sts:GetSessionToken")))}, "proved"),
    ("assume", {"G": group(doc(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/x")))}, "proved"),
]


def verdict(found: list[str]) -> str | None:
    """The worst of the verdicts; None without any."""
    return next((one for one in ("refuted", "unknown", "proved") if one in found), None)


@pytest.mark.parametrize(("resources", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(resources: Json, expected: str | None, tmp_path: Path) -> None:
    """The verdict is the one of the table."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=["sensitive-actions-require-mfa"])
    assert report.errors == ()
    assert verdict([result.verdict for result in report.results]) == expected
