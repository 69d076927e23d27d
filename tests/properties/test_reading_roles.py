"""
Roles that read figures and nothing else: how bad it is that somebody gets one is what it gives, all of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.properties.test_peering_roles import OWN, PEER, peering

Json = dict[str, Any]
FIGURES = ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "tag:GetResources"]
ROLE = "PeerAdminRole"


def policy(action: str, **more: object) -> Json:
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


def reading(actions: list[str], beside: Json | None = None, **more: object) -> Json:
    """The template of a role with actions of its own, and what stands beside it."""
    template = peering(actions, **more)
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
    assert ("all that it is allowed is to read" in " ".join(found.why)) == (found.severity == "note")
    return found.severity


ARN = {"Fn::GetAtt": [ROLE, "Arn"]}
#: Whoever is of an organization, a role of it without any policy among them.
OURS = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (reading(FIGURES), "note"),
        (reading(["cloudwatch:Describe*", "cloudwatch:GetMetric*", "pricing:*"]), "note"),
        (reading(FIGURES, bucket_for({"AWS": PEER})), "note"),
        (reading(FIGURES, bucket_for("*")), "note"),
        (reading(FIGURES, RoleName="metrics"), "note"),
        # What reads what somebody has written, or more than is published today.
        (reading([*FIGURES, "logs:GetLogEvents"]), "error"),
        (reading([*FIGURES, "cloudwatch:GetDashboard"]), "error"),
        (reading(["cloudwatch:Get*"]), "error"),
        (reading([*FIGURES, "ec2:Describe*"]), "error"),
        (reading([*FIGURES, "ssm:GetParameter"]), "error"),
        (reading([*FIGURES, "cloudwatch:PutMetricData"]), "error"),
        (reading(["*"]), "error"),
        (reading([]), "error"),
        # What it may do besides is not there, or is said by others.
        (reading(FIGURES, ManagedPolicyArns=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]), "error"),
        (reading(FIGURES, attached({"Ref": ROLE})), "error"),
        (reading(FIGURES, attached("metrics"), RoleName="metrics"), "error"),
        (reading(FIGURES, attached({"Ref": "Given"})), "error"),
        (reading(FIGURES, bucket_for({"AWS": ARN})), "error"),
        (reading(FIGURES, bucket_for({"AWS": {"Ref": "Given"}})), "error"),
        (reading(FIGURES, bucket_for("*", Condition=OURS)), "error"),
    ],
)
def test_a_role_that_only_reads_figures_is_a_note(tmp_path: Path, template: Json, expected: str) -> None:
    """As long as all that it may do is known, and nobody comes by anything through it."""
    assert severity(tmp_path, template) == expected


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
@pytest.mark.parametrize("actions", [FIGURES, ["ec2:AcceptVpcPeeringConnection"]], ids=["figures", "peerings"])
def test_what_another_template_gives_the_role_counts(
    tmp_path: Path, beside: Json, expected: str, actions: list[str]
) -> None:
    """A template that attaches a policy by the role's name, or lets it in, is no part of the one that makes it."""
    own = reading(actions, RoleName="metrics")
    for number, template in enumerate((own, {"Resources": beside})):
        (tmp_path / f"{number}.json").write_text(json.dumps(template), encoding="utf-8")
    config = {"boundary": {"accounts": [OWN, PEER]}}
    report = trustproof.check([tmp_path], config=config, account=OWN, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == expected
    assert any(one.startswith("all that it is allowed") for one in found.why) == (expected == "note")
