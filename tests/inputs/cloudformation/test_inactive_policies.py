"""
A policy that its service asks nobody about proves nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, UNKNOWN

ACCOUNT = "111122223333"
SERVICE, NETWORK = "AWS::VpcLattice::Service", "AWS::VpcLattice::ServiceNetwork"
PROD = {"Parameters": {"Stage": {"Type": "String"}}, "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "vpc-lattice-svcs:Invoke",
            "Resource": "*",
        }
    ],
}


@pytest.mark.parametrize(
    ("type_", "auth_type", "named", "verdict"),
    [
        (SERVICE, "AWS_IAM", {"Ref": "S"}, PROVED),
        (SERVICE, "NONE", {"Ref": "S"}, UNKNOWN),
        (SERVICE, None, {"Fn::GetAtt": ["S", "Arn"]}, UNKNOWN),
        (NETWORK, "NONE", {"Fn::GetAtt": ["S", "Id"]}, UNKNOWN),
        (SERVICE, {"Fn::If": ["Prod", "AWS_IAM", "NONE"]}, {"Ref": "S"}, UNKNOWN),
        (SERVICE, {"Fn::If": ["Prod", "AWS_IAM", {"Ref": "AWS::NoValue"}]}, {"Ref": "S"}, UNKNOWN),
        (SERVICE, {"Ref": "Stage"}, {"Ref": "S"}, UNKNOWN),
        (SERVICE, "NONE", "svc-0123456789abcdef0", PROVED),
    ],
)
def test_the_policy_of_a_service_that_asks_for_no_signature_proves_nothing(
    type_: str, auth_type: object, named: object, verdict: str
) -> None:
    """Without AWS_IAM, which is no default, VPC Lattice lets in whoever reaches the service."""
    service = {"Type": type_, "Properties": {} if auth_type is None else {"AuthType": auth_type}}
    policy = {"Type": "AWS::VpcLattice::AuthPolicy", "Properties": {"ResourceIdentifier": named, "Policy": POLICY}}
    template = {**PROD, "Resources": {"S": service, "P": policy}}
    report = trustproof.check([template], account=ACCOUNT, properties=["inside-boundary"])
    # That there is a policy that could be proved is no proof.
    assert (PROVED if {one.verdict for one in report.results} == {PROVED} else UNKNOWN) == verdict


@pytest.mark.parametrize(("auth_type", "is_open"), [("AWS_IAM", False), ("NONE", True)])
@pytest.mark.parametrize("attribute", ["arn", "id"])
def test_so_it_is_in_terraform(tmp_path: Path, auth_type: str, is_open: bool, attribute: str) -> None:
    """By whichever attribute the policy names the service; the reason is that of the service."""
    (tmp_path / "main.tf").write_text(
        f'resource "aws_vpclattice_service" "s" {{\n  name = "s"\n  auth_type = "{auth_type}"\n}}\n'
        'resource "aws_vpclattice_auth_policy" "p" {\n'
        f"  resource_identifier = aws_vpclattice_service.s.{attribute}\n  policy = jsonencode({{\n"
        '    Version = "2012-10-17"\n    Statement = [{ Effect = "Allow", Action = "vpc-lattice-svcs:Invoke"\n'
        f'      Resource = "*", Principal = {{ AWS = "arn:aws:iam::{ACCOUNT}:root" }} }}]\n  }})\n}}\n'
    )
    report = trustproof.check([str(tmp_path)], account=ACCOUNT, properties=["inside-boundary"])
    said = [reason for one in report.results for reason in one.reasons if "no signature (NONE)" in reason]
    assert bool(said) == is_open
