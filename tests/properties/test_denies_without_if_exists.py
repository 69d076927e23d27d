"""
A Deny of requests without MFA that has `Bool` where it takes `BoolIfExists`: that is what is mended.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

SPARED = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]


def group(allowed: object) -> dict[str, Any]:
    """A group that may do something, and a Deny that enrolling a first device is spared from."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    deny = {"Sid": "ForceMfa", "Effect": "Deny", "NotAction": SPARED, "Resource": "*", "Condition": condition}
    allow = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow, deny]}
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    return {"Resources": {"Ops": {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}}}


@pytest.mark.parametrize("allowed", ["*", ["ec2:*"], ["iam:*", "ec2:*"]])
def test_the_deny_is_what_is_mended(allowed: object) -> None:
    """With MFA asked for in the Allow, nobody could enrol the first device that the Deny spares on purpose."""
    report = trustproof.check([group(allowed)], config={}, properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert found.remedy.diff == (
        '- "Bool": {"aws:MultiFactorAuthPresent": "false"}',
        '+ "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}',
    )
    assert found.path[-3:] == ("Condition", "Bool", "aws:MultiFactorAuthPresent")
