"""
VPC endpoints of the app that a role is to be assumed by: the plugin sees whether their policies let that through.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from trustproof_cdk import CrossAccountRole, Trusted
from trustproof_cdk._synthesis.promises import broken_promises

OWN = "222233334444"


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    anybody = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**anybody, **one} for one in statements]}


ALL = {"Action": "*"}
#: The policy of an endpoint, and whether the role can be assumed by it.
POLICIES: list[tuple[Any, bool]] = [
    (None, True),
    (_document(ALL), True),
    (_document({"Action": "sts:GetCallerIdentity"}), False),
    (_document({"Action": ["sts:GetCallerIdentity", "STS:Assume*"]}), True),
    (_document(ALL, {"Effect": "Deny", "Action": "sts:AssumeRole"}), False),
    (_document(ALL, {"Effect": "Deny", "NotAction": "sts:AssumeRole"}), True),
    (_document({**ALL, "Resource": f"arn:aws:iam::{OWN}:role/Ops6"}), True),
    (_document({**ALL, "Resource": f"arn:aws:iam::{OWN}:role/Other"}), False),
    (_document({**ALL, "Resource": {"Fn::GetAtt": ["Elsewhere", "Arn"]}}), True),
    (
        _document(
            ALL,
            {
                "Effect": "Deny",
                **ALL,
                "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}},
            },
        ),
        True,
    ),
    (_document({**ALL, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}), True),
]


def test_policies_of_endpoints(app: cdk.App) -> None:
    """Those that surely do not let the call through are named, with the role."""
    expected = []
    for number, (document, is_open) in enumerate(POLICIES):
        stack = cdk.Stack(app, f"S{number}", env=cdk.Environment(account=OWN, region="eu-central-1"))
        service = "com.amazonaws.eu-central-1.sts"
        endpoint = ec2.CfnVPCEndpoint(stack, "E", vpc_id="vpc-1", service_name=service, policy_document=document)
        CrossAccountRole(
            stack,
            "Role",
            role_name=f"Ops{number}",
            trusted=Trusted.accounts("111122223333"),
            vpc_endpoints=[endpoint.ref],
        )
        expected += [] if is_open else [f"S{number}/E"]
    templates = [Path(stack.template_full_path) for stack in app.synth().stacks]
    found = list(broken_promises(app, templates))
    assert [one.construct_path for one in found] == expected
    assert found[0].said == (
        "the policy of S2/E does not let through sts:AssumeRole of S2/Role, which is to be assumed by this endpoint: "
        "nobody gets in by it; allow it in the policy_document of the endpoint"
    )


@pytest.mark.parametrize("changed", [False, True])
def test_override_of_the_policy(app: cdk.App, changed: bool) -> None:
    """It is the policy of the template that counts; and the policy of an endpoint that no role names is nobody's."""
    stack = cdk.Stack(app, "S", env=cdk.Environment(account=OWN, region="eu-central-1"))
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "V",
        vpc_id="vpc-1",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=["a"],
        private_subnet_ids=["subnet-1"],
    )
    endpoints = [
        ec2.InterfaceVpcEndpoint(stack, name, vpc=vpc, service=ec2.InterfaceVpcEndpointAwsService.STS)
        for name in ("Named", "Other")
    ]
    for one in endpoints:
        statement = iam.PolicyStatement(
            principals=[iam.AnyPrincipal()], actions=["sts:GetCallerIdentity"], resources=["*"]
        )
        one.add_to_policy(statement)
    CrossAccountRole(
        stack,
        "Role",
        trusted=Trusted.accounts("111122223333"),
        conditions={"StringEquals": {"aws:SourceVpce": [endpoints[0].vpc_endpoint_id]}},
    )
    if changed:
        made = endpoints[0].node.default_child
        assert isinstance(made, cdk.CfnResource)
        made.add_property_deletion_override("PolicyDocument")
    templates = [Path(stack.template_full_path) for stack in app.synth().stacks]
    found = [one.construct_path for one in broken_promises(app, templates)]
    assert found == ([] if changed else ["S/Named/Resource"])
