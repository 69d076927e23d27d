"""
`trustproof.diff` where a policy itself says what has no documented meaning: no gate is passed by writing that.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

HUB, OTHER = "111122223333", "999988887777"
HELD = {
    "Effect": "Allow",
    "Principal": {"AWS": HUB},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
OPEN = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}


def role(*statements: object) -> dict[str, Any]:
    trust = {"Version": "2012-10-17", "Statement": [*statements]}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}}


def user(*statements: object) -> dict[str, Any]:
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [*statements]}}
    return {"Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}}}


def denying(**condition: object) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}


READING, STOPPING = ({"Effect": "Allow", "Action": one, "Resource": "*"} for one in ("s3:Get*", "ec2:Stop*"))
BY_ADDRESS = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}
BY_ADDRESS["Condition"] = {"StringNotLike": {"aws:SourceIp": "1.*"}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (role(HELD), role(HELD, OPEN, denying(StringEquals={"aws:PrincipalAccount": "{{account}}"}))),
        (role(HELD), role(HELD, OPEN, denying(StringNotEquals={"aws:PrincipalArn": "${foo:Bar}"}))),
        (role(HELD), role(HELD, OPEN, denying(StringEquals={"aws:PrincipalTag/@@team@@": "nobody"}))),
        (role(HELD), role(HELD, OPEN, denying(**{"String@@x@@": {"aws:PrincipalTag/team": "nobody"}}))),
        (role(HELD), role(HELD, {**OPEN, "Effect": "@@effect@@"})),
        (role(HELD), role(HELD, {**OPEN, "Condition": {"StringLike": {"aws:PrincipalTag/{{team}}": "*"}}})),
        (user(READING), user(READING, STOPPING, BY_ADDRESS)),
    ],
)
def test_what_may_be_gained_by_the_policys_own_text_fails(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Such a Deny beside what lets somebody in may deny nobody; `check` has the severity error for it."""
    found = trustproof.diff(old, new, account=HUB)
    assert not found.gained
    assert [one.is_wording for one in found.undecided] == [True]
    assert "counts like access that is gained" in found.undecided[0].reasons[-1]
    assert [found.fails(on) for on in ("gained", "lost", "any", "none")] == [True, True, True, False]
    assert trustproof.diff(new, new, account=HUB).is_empty


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (role(HELD), role(HELD, {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/x"}}})),
    ],
)
def test_what_nobody_knows_before_deployment_is_only_said(old: dict[str, Any], new: dict[str, Any]) -> None:
    """That is nobody's doing: it is unknown, which `--strict` fails on."""
    found = trustproof.diff(old, new, account=HUB)
    assert found.undecided
    assert not found.fails()
    assert found.fails(strict=True)
