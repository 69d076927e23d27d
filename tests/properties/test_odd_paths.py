"""
Users whose path looks like the ARN of a role: true to the letter, and nobody whom anybody has.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited
from trustproof import Result

Json = dict[str, Any]
OWN, ORGANIZATION = "111122223333", "o-a1b2c3d4e5"
CONFIG: Json = {"boundary": {"organizations": [ORGANIZATION]}}
OF_OURS: Json = {"aws:PrincipalOrgID": ORGANIZATION}


def role(condition: Json) -> Json:
    """A role that everybody may assume of whom a condition is true."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}}


def refuted(template: Json) -> list[Result]:
    """The refutations."""
    report = trustproof.check([template], config=CONFIG, account=OWN)
    return [r for r in report.results if r.verdict == trustproof.REFUTED]


@pytest.mark.parametrize("arns", [["arn:aws:iam::*:role/deploy"], ["arn:aws:iam::*:role/a-*", "arn:*:iam::*:role/b"]])
def test_a_role_in_any_account_is_a_role(arns: list[str]) -> None:
    """That StringLike admits a user with such a path is a note, and ArnLike in its place admits none."""
    template = role({"StringEquals": OF_OURS, "StringLike": {"aws:PrincipalArn": arns}})
    (found,) = refuted(template)
    assert (found.property, found.severity) == ("mfa-required", "note")
    assert found.remedy is not None
    changed = edited(template, found.remedy.edits)
    policy = changed["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]
    condition = policy["Statement"][0]["Condition"]
    assert {name: sorted(keys) for name, keys in condition.items()} == {
        "StringEquals": ["aws:PrincipalOrgID"],
        "ArnLike": ["aws:PrincipalArn"],
    }
    assert not refuted(changed)


@pytest.mark.parametrize(
    ("pattern", "severity"), [("AWSReservedSSO_Admin*", "note"), ("pipeline*", "error"), ("*pipeline*", "error")]
)
def test_a_wildcard_in_place_of_role_means_roles_too(pattern: str, severity: str) -> None:
    """A test of MFA would lock out the roles, which a remedy does not put in."""
    template = role({"StringEquals": OF_OURS, "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*/{pattern}"}})
    found = next(one for one in refuted(template) if one.property == "mfa-required")
    assert found.severity == severity
    assert found.remedy is not None
    assert "MultiFactorAuthPresent" not in str(found.remedy)


def test_plain_users_are_an_error_all_the_same() -> None:
    """Where a user with a plain path gets in, it is the one that is shown."""
    arns = ["arn:aws:iam::*:role/deploy", "arn:aws:iam::*:user/ops-*"]
    (found,) = refuted(role({"StringEquals": OF_OURS, "StringLike": {"aws:PrincipalArn": arns}}))
    assert found.severity == "error"
    assert found.counterexample is not None
    assert ":user/ops-" in found.counterexample.caller


def test_a_plain_role_is_who_gets_in_from_outside() -> None:
    """A role of an account that there may be shows the hole, and no user with a path that nobody has."""
    found = refuted(role({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}))
    (outside,) = [one for one in found if one.property == "inside-boundary"]
    assert outside.counterexample is not None
    assert "444455556666" in outside.counterexample.caller
    assert "role/deploy" in outside.counterexample.caller


SSO = "role/aws-reserved/sso.amazonaws.com/"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("*AWSReservedSSO_Admin*", f"arn:*:iam::*:{SSO}*AWSReservedSSO_Admin*"),
        ("arn:aws:sts::*:assumed-role/AWSReservedSSO_*", None),
        ("*role/aws-reserved/sso.amazonaws.com/*", f"arn:*:iam::*:{SSO}*"),
    ],
)
def test_a_pattern_of_identity_center_means_its_people(given: str, named: str | None) -> None:
    """A user who is called like a role of Identity Center is a note, and the remedy names such roles by ArnLike."""
    template = role({"StringEquals": OF_OURS, "StringLike": {"aws:PrincipalArn": given}})
    found = [one for one in refuted(template) if one.property == "mfa-required"]
    assert [one.severity for one in found] == ["note"] * (named is not None)
    for one in found:
        assert one.remedy is not None
        changed = edited(template, one.remedy.edits)
        (statement,) = changed["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"]["ArnLike"] == {"aws:PrincipalArn": [named]}
        assert not refuted(changed)


@pytest.mark.parametrize("other", ["*ops*", "*:user/AWSReservedSSO_Admin"])
def test_whoever_else_a_pattern_lets_in_is_an_error(other: str) -> None:
    """Beside a pattern of Identity Center, a plain user is the one that is shown."""
    arns = ["*AWSReservedSSO_Admin*", other]
    found = refuted(role({"StringEquals": OF_OURS, "StringLike": {"aws:PrincipalArn": arns}}))
    assert [one.severity for one in found if one.property == "mfa-required"] == ["error"]
