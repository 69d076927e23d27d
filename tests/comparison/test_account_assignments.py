"""
Who is assigned to a permission set of Identity Center, on two sides.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results.difference import Difference

Json = dict[str, Any]
OWN, ONE, TWO = "777788889999", "111122223333", "444455556666"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}],
}
SET = {"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": "read", "InstanceArn": INSTANCE, "InlinePolicy": READ}}
HERE = {"Fn::GetAtt": ["Set", "PermissionSetArn"]}


def assigned(principal: str, account: object, permission_set: object = HERE, **more: str) -> Json:
    """An assignment of a group."""
    properties = {
        "InstanceArn": INSTANCE,
        "PermissionSetArn": permission_set,
        "PrincipalId": principal,
        "PrincipalType": "GROUP",
        "TargetId": account,
        "TargetType": "AWS_ACCOUNT",
    }
    return {"Type": "AWS::SSO::Assignment", "Properties": properties, **more}


def template(*assignments: Json, first: int = 1, **more: Json) -> Json:
    """A template with a permission set and its assignments."""
    numbered = {f"A{number}": one for number, one in enumerate(assignments, first)}
    return {"Resources": {"Set": SET, **numbered}, **more}


def diff(old: Json | str, new: Json | str) -> Difference:
    """What differs; swapping the sides swaps it."""
    there, back = (trustproof.diff(*sides, account=OWN) for sides in ((old, new), (new, old)))
    assert len(there.gained) == len(back.lost)
    assert len(there.lost) == len(back.gained)
    return there


def said(found: Difference) -> list[str]:
    """What is gained and lost."""
    return [f"{one.direction}: {one.message}" for one in found.access]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((), ("g", ONE), ["gained: group g by permission set Set in account 111122223333"]),
        (("g", ONE), ("g", TWO), ["gained: group g by permission set Set in account 444455556666", "lost: group g by"]),
        (("g", ONE), ("h", ONE), ["gained: group h by permission set Set in account 111122223333", "lost: group g by"]),
        (("g", OWN), ("g", {"Ref": "AWS::AccountId"}), []),
    ],
)
def test_who_is_assigned_gains_what_the_permission_set_may_do(
    old: tuple[Any, ...], new: tuple[Any, ...], expected: list[str]
) -> None:
    """The policies are what they were, and somebody else has them, or in another account."""
    found = diff(*(template(*([assigned(*one)] if one else [])) for one in (old, new)))
    assert len(found.access) == len(expected)
    assert all(one.startswith(start) for one, start in zip(said(found), expected, strict=True))
    assert not found.undecided
    assert found.is_empty is not bool(expected)


def test_an_assignment_under_another_logical_id_is_the_same() -> None:
    """What it says counts; several that are new are told in one sentence."""
    one = assigned("g", ONE)
    assert diff(template(one), template(one, first=5)).is_empty
    found = diff(template(one), template(one, assigned("g", TWO), assigned("h", TWO)))
    (told,) = said(found)
    both = [f"group {one} by permission set Set in account 444455556666" for one in "gh"]
    assert told == f"gained: {', '.join(both)} may call s3:GetObject on arn:aws:s3:::data/app"


def test_an_assignment_under_a_condition_says_so() -> None:
    """It is there where the condition holds."""
    conditions = {"Wanted": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}}
    (gained,) = diff(template(), template(assigned("g", ONE, Condition="Wanted"), Conditions=conditions)).gained
    assert gained.notes == ("the assignment depends on the condition Wanted",)


def test_an_assignment_of_another_stack(tmp_path: Path) -> None:
    """The set is exported by one template, and assigned by another one."""
    exported = {"Set": {"Value": HERE, "Export": {"Name": "the-set"}}}
    for side, account in (("old", ONE), ("new", TWO)):
        (tmp_path / side).mkdir()
        other = {"Resources": {"A": assigned("g", account, {"Fn::ImportValue": "the-set"})}}
        for name, body in (("sets", template(Outputs=exported)), ("people", other)):
            (tmp_path / side / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    found = diff(str(tmp_path / "old"), str(tmp_path / "new"))
    assert [(one.direction, one.message.partition(" may ")[0]) for one in found.access] == [
        ("gained", "group g by permission set Set in account 444455556666"),
        ("lost", "group g by permission set Set in account 111122223333"),
    ]


def test_what_a_set_gives_that_nobody_can_read_is_not_decided() -> None:
    """That somebody is assigned to it is said all the same."""
    managed = {"Name": "read", "InstanceArn": INSTANCE, "ManagedPolicies": [f"arn:aws:iam::{OWN}:policy/own"]}
    sides = [{"Resources": {**template(*these)["Resources"]}} for these in ((), (assigned("g", ONE),))]
    for side in sides:
        side["Resources"]["Set"] = {**SET, "Properties": managed}
    found = diff(*sides)
    assert not found.is_empty
    assert any("group g by permission set Set" in reason for one in found.undecided for reason in one.reasons)
