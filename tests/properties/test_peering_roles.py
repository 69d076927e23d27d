"""
Roles that accept peerings of VPCs for another account, as AWS's walkthrough has them.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN, PEER = "111122223333", "444455556666"
PARAMETER: Json = {"Parameters": {"Policy": {"Type": "String"}}}
ACCEPT = "ec2:AcceptVpcPeeringConnection"


def peering(actions: list[str], account: str = PEER, **more: object) -> Json:
    """A role that another account may assume, with actions of its own."""
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    own = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [own]}}],
        **more,
    }
    return {"Resources": {"PeerAdminRole": {"Type": "AWS::IAM::Role", "Properties": properties}}}


@pytest.mark.parametrize(
    ("template", "severity"),
    [
        (peering([ACCEPT]), "note"),
        (peering([ACCEPT, "ec2:DeleteVpc"]), "error"),
        (peering(["ec2:*"]), "error"),
        (peering([ACCEPT], OWN), "error"),
        (peering([ACCEPT], ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]), "error"),
        (
            peering([ACCEPT], ManagedPolicyArns=[{"Ref": "Policy"}]) | {"Parameters": {"Policy": {"Type": "String"}}},
            "error",
        ),
    ],
)
def test_a_role_that_only_accepts_peerings_is_a_note(template: Json, severity: str) -> None:
    """Who gets nothing but peerings that were offered is worth a note; the remedy keeps no role out."""
    config = {"boundary": {"accounts": [OWN, PEER]}}
    report = trustproof.check([template], config=config, account=OWN, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == severity
    assert found.remedy is not None
    assert bool(found.remedy.edits) == (severity == "error")


@pytest.mark.parametrize(
    ("actions", "is_meant"),
    [
        (["route53:ChangeResourceRecordSets"], True),
        (["route53:ChangeResourceRecordSets", "route53:ListHostedZonesByName"], True),
        (["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], False),
        (["route53:ListHostedZonesByName"], False),
    ],
)
def test_a_role_that_only_delegates_zones_is_for_a_program(actions: list[str], is_meant: bool) -> None:
    """CDK's function of the other account assumes it, and has no MFA."""
    config = {"boundary": {"accounts": [OWN, PEER]}}
    report = trustproof.check([peering(actions)], config=config, account=OWN, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert bool(found.remedy.edits) is not is_meant
