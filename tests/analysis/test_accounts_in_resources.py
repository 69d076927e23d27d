"""
Accounts that the entries of Resource name, of which the template's own may be one where nobody says it.
"""

from __future__ import annotations

import pytest

import trustproof

OWN = "111122223333"


def verdict(action: str, resource: object, asked: str, account: str | None = None) -> str:
    """What is found of a user's statement; ``Service`` is a parameter without a value."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Service": {"Type": "String"}},
        "Resources": {"User": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}},
    }
    (found,) = trustproof.check([template], account=account, properties=[asked]).results
    return found.verdict


@pytest.mark.parametrize("account", [None, OWN])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", f"arn:aws:iam::{OWN}:user/*"),
        # Which service it is, a wildcard leaves open, or which fields of the ARN that stands for.
        ("iam:CreateUser", f"arn:aws:*:*:{OWN}:*"),
        ("iam:CreateUser", f"arn:aws:ia?::{OWN}:user/*"),
        ("iam:CreateUser", f"arn:aws:iam*:{OWN}:user/*"),
        ("iam:CreateUser", f"arn:aws:*{OWN}:user/*"),
        ("iam:CreateUser", f"arn:aws:iam::{OWN}*"),
        ("iam:CreateUser", f"*:{OWN}:user/*"),
        ("ec2:TerminateInstances", f"arn:aws:*:*:{OWN}:*"),
        ("kms:ScheduleKeyDeletion", f"arn:aws:k*:*:{OWN}:key/*"),
    ],
)
def test_what_reaches_no_other_account_is_looked_for_in_the_one_that_is_named(
    action: str, resource: str, account: str | None
) -> None:
    assert verdict(action, resource, "sensitive-actions-require-mfa", account) == trustproof.REFUTED


@pytest.mark.parametrize("asked", ["sensitive-actions-require-mfa", "statement-usable"])
@pytest.mark.parametrize("account", [None, OWN])
def test_a_service_that_a_parameter_gives(asked: str, account: str | None) -> None:
    resource = {"Fn::Sub": f"arn:aws:${{Service}}::{OWN}:user/*"}
    assert verdict("iam:CreateUser", resource, asked, account) == trustproof.UNKNOWN
