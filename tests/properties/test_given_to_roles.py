"""
Roles that accept peerings and do nothing else: how bad it is that somebody gets one is what it gives, all of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.properties.test_peering_roles import OWN, PEER, peering

Json = dict[str, Any]
ACCEPT = "ec2:AcceptVpcPeeringConnection"
ROLE = "PeerAdminRole"


def policy(action: object, **more: object) -> Json:
    """A policy document that allows one action."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **more}]}


def attached(name: object) -> Json:
    """A policy that roles have by their name."""
    properties = {"PolicyName": "q", "Roles": [name], "PolicyDocument": policy("s3:GetObject")}
    return {"More": {"Type": "AWS::IAM::Policy", "Properties": properties}}


def bucket_for(principal: object, **more: object) -> Json:
    """A bucket that lets somebody read it."""
    properties = {"Bucket": "b", "PolicyDocument": policy("s3:GetObject", Principal=principal, **more)}
    return {"Objects": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}


def accepting(beside: Json | None = None, **more: object) -> Json:
    """The template of a role that accepts peerings, and what stands beside it."""
    template = peering([ACCEPT], **more)
    template["Parameters"] = {"Given": {"Type": "String"}}
    template["Resources"].update(beside or {})
    return template


def severity(tmp_path: Path, *templates: Json) -> str:
    """How bad it is that a user gets the role of the first template without MFA."""
    for number, template in enumerate(templates):
        (tmp_path / f"{number}.json").write_text(json.dumps(template), encoding="utf-8")
    config = {"boundary": {"accounts": [OWN, PEER]}}
    report = trustproof.check([tmp_path], config=config, account=OWN, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert any(one.startswith("all that it is allowed") for one in found.why) == (found.severity == "note")
    return found.severity


ARN = {"Fn::GetAtt": [ROLE, "Arn"]}
#: Whoever is of an organization, a role of it without any policy among them.
OURS = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (accepting(bucket_for({"AWS": PEER})), "note"),
        (accepting(bucket_for("*")), "note"),
        (accepting(RoleName="metrics"), "note"),
        # What it may do besides is not there, or is said by others.
        (accepting(ManagedPolicyArns=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]), "error"),
        (accepting(attached({"Ref": ROLE})), "error"),
        (accepting(attached("metrics"), RoleName="metrics"), "error"),
        (accepting(attached({"Ref": "Given"})), "error"),
        (accepting(bucket_for({"AWS": ARN})), "error"),
        (accepting(bucket_for({"AWS": {"Ref": "Given"}})), "error"),
        (accepting(bucket_for("*", Condition=OURS)), "error"),
    ],
)
def test_what_the_template_gives_the_role_besides_counts(tmp_path: Path, template: Json, expected: str) -> None:
    """As long as all that it may do is known, and nobody comes by anything through it."""
    assert severity(tmp_path, template) == expected


@pytest.mark.parametrize("default", [{}, {"Default": ACCEPT}])
@pytest.mark.parametrize("listed", [{"AllowedValues": [ACCEPT, "iam:*"]}, {}])
def test_what_a_parameter_gives_the_role_counts(tmp_path: Path, default: Json, listed: Json) -> None:
    """It may give more where the template is deployed."""
    template = peering([ACCEPT])
    template["Parameters"] = {"Given": {"Type": "String", **default, **listed}}
    beside = attached({"Ref": ROLE})
    beside["More"]["Properties"]["PolicyDocument"] = policy({"Ref": "Given"})
    document = policy({"Ref": "Given"})
    inline = peering([], Policies=[{"PolicyName": "p", "PolicyDocument": document}])
    inline["Parameters"] = template["Parameters"]
    for one in (inline, {**template, "Resources": {**template["Resources"], **beside}}):
        assert severity(tmp_path, one) == "error"


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (attached("others"), "note"),
        (attached("metrics"), "error"),
        (attached({"Fn::ImportValue": "role"}), "error"),
        (bucket_for({"AWS": f"arn:aws:iam::{OWN}:role/others"}), "note"),
        (bucket_for({"AWS": f"arn:aws:iam::{OWN}:role/metrics"}), "error"),
        (bucket_for({"AWS": f"arn:aws:sts::{OWN}:assumed-role/metrics/session"}), "error"),
    ],
)
def test_what_another_template_gives_the_role_counts(tmp_path: Path, beside: Json, expected: str) -> None:
    """A template that attaches a policy by the role's name, or lets it in, is no part of the one that makes it."""
    assert severity(tmp_path, accepting(RoleName="metrics"), {"Resources": beside}) == expected
