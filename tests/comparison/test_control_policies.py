"""
Control policies that are not the same on both sides: whom they stop is compared where all of them is known.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

OWN, ROOT = "111122223333", "r-abcd"
CONFIG = {"organization": {"root": ROOT, "accounts": [OWN]}}
DENY = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
#: The same but for a user.
SPARING = {**DENY, "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:user/ops"}}}
SPARING_OTHERS = {**DENY, "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/somebody"}}}
#: Of a role, by whoever is of no organization.
OUTSIDE = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:AssumeRole",
    "Resource": "*",
    "Condition": {"Null": {"aws:PrincipalOrgID": "true"}},
}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def control(*statements: dict[str, Any], target: object = ROOT, type_: str = "SERVICE_CONTROL_POLICY") -> object:
    properties = {
        "Name": "deny",
        "Type": type_,
        "Content": {"Version": "2012-10-17", "Statement": [*statements]},
        "TargetIds": [target],
    }
    return {"Type": "AWS::Organizations::Policy", "Properties": properties}


def template(action: str = "iam:CreateUser", **controls: object) -> dict[str, Any]:
    """A user who may do something, a role that another account may assume, and control policies."""
    allow = {"Effect": "Allow", "Action": [action, "s3:ListAllMyBuckets"], "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    trusted = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
    role = {"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusted]}}
    return {
        "Parameters": {"Root": {"Type": "String"}},
        "Resources": {
            "Ops": {"Type": "AWS::IAM::User", "Properties": {"UserName": "ops", "Policies": [policy]}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            **controls,
        },
    }


OF_RESOURCES = control(OUTSIDE, type_="RESOURCE_CONTROL_POLICY")
#: The old side, the new one, what is gained, what is lost, and whether something is not known.
ROWS: list[tuple[str, dict[str, Any], dict[str, Any], list[str], list[str], bool]] = [
    ("exempt", template(C=control(DENY)), template(C=control(SPARING)), ["iam:CreateUser"], [], False),
    ("exempt no more", template(C=control(SPARING)), template(C=control(DENY)), [], ["iam:CreateUser"], False),
    ("gone", template(C=control(DENY)), template(), ["iam:CreateUser"], [], False),
    ("new", template(), template(C=control(DENY)), [], ["iam:CreateUser"], False),
    ("somebody out of sight", template(C=control(DENY)), template(C=control(SPARING_OTHERS)), [], [], True),
    ("in another policy", template(C=control(DENY)), template(D=control(DENY)), [], [], False),
    ("denied on both sides", template("s3:GetObject", C=control(DENY)), template(C=control(DENY)), [], [], False),
    ("of resources", template(C=OF_RESOURCES), template(), ["sts:AssumeRole"], [], False),
    # Nobody knows whether they reach the account, or what else they say.
    ("a target that is not known", template(C=control(DENY, target={"Ref": "Root"})), template(), [], [], True),
    ("a target that is not declared", template(C=control(DENY, target="r-wxyz")), template(), [], [], True),
    ("detached", template(C=control(DENY)), template(C=control(DENY, target="r-wxyz")), [], [], True),
    ("no Allow", template(C=control(EVERYTHING, DENY)), template(C=control(DENY)), [], [], True),
    (
        "beside one that is not known",
        template(C=control(DENY)),
        template(D=control(DENY, target={"Ref": "Root"})),
        [],
        [],
        True,
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost", "is_open"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_whom_control_policies_stop(
    old: dict[str, Any], new: dict[str, Any], gained: list[str], lost: list[str], *, is_open: bool
) -> None:
    """What they deny on one side only is gained or lost by those in sight; of others it is not known."""
    found = trustproof.diff(old, new, config=CONFIG, account=OWN, properties=["mfa-required"])
    assert [one.counterexample.action for one in found.gained if one.kind != "chain"] == gained
    assert [one.counterexample.action for one in found.lost if one.counterexample.action != "s3:GetObject"] == lost
    assert bool(found.undecided) is is_open


def test_what_stops_is_shown() -> None:
    """Where it stands, and not the policy that lets in."""
    found = trustproof.diff(template(C=control(DENY)), template(C=control(SPARING)), config=CONFIG, account=OWN)
    assert [stop.where.logical_id for one in found.gained for stop in one.stopped_by] == ["C"]
    assert {one.where.logical_id for one in found.gained} == {"Ops"}


def test_without_an_account_nobody_knows_whom_it_reaches() -> None:
    """So it is not known, and that is said."""
    found = trustproof.diff(template(C=control(DENY)), template(C=control(SPARING)), config=CONFIG)
    assert not found.gained
    assert any("it was denied" in reason or "denied it" in reason for one in found.undecided for reason in one.reasons)
