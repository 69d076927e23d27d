"""
Permission sets that are asked about, and the people of Identity Center who get into a role.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

OWN, TARGET, OTHER = "111122223333", "222233334444", "333344445555"
INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
RESERVED = "AWSReservedSSO_Dev_Ops_0123456789abcdef"
PATH = "role/aws-reserved/sso.amazonaws.com"
OPEN = "no template assigns it to anybody{}; what is assigned elsewhere is not known"


def _permission_set(name: object, action: str = "sts:AssumeRole") -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    return {
        "Type": "AWS::SSO::PermissionSet",
        "Properties": {"Name": name, "InstanceArn": INSTANCE, "InlinePolicy": policy},
    }


def _assignment(name: str, account: object, who: str, kind: str = "GROUP", **more: Any) -> dict[str, Any]:
    properties = {
        "InstanceArn": INSTANCE,
        "PermissionSetArn": {"Fn::GetAtt": [name, "PermissionSetArn"]},
        "TargetId": account,
        "TargetType": "AWS_ACCOUNT",
        "PrincipalType": kind,
        "PrincipalId": who,
    }
    return {"Type": "AWS::SSO::Assignment", "Properties": properties, **more}


def _role(name: str, statement: dict[str, Any]) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": policy}}


def _for_people_of(pattern: str) -> dict[str, Any]:
    meant = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{TARGET}:{PATH}/AWSReservedSSO_{pattern}_*"}}
    return {"Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Action": "sts:AssumeRole", "Condition": meant}


TEMPLATE: dict[str, Any] = {
    "Parameters": {"Place": {"Type": "String"}, "Stage": {"Type": "String", "Default": "test"}},
    "Conditions": {"Late": {"Fn::Equals": [{"Ref": "Stage"}, "x"]}},
    "Resources": {
        "Dev": _permission_set("Dev_Ops"),
        "Reader": _permission_set("Reader", "s3:GetObject"),
        "Idle": _permission_set("Idle"),
        "Unnamed": _permission_set({"Ref": "Stage"}),
        "D1": _assignment("Dev", TARGET, "g-1"),
        "D2": _assignment("Dev", OTHER, "u-2", "USER"),
        "D3": _assignment("Dev", TARGET, "g-3", Condition="Late"),
        "D4": _assignment("Dev", {"Ref": "Place"}, "g-4"),
        "R1": _assignment("Reader", TARGET, "g-7"),
        "ForDev": _role("for-dev", _for_people_of("Dev_Ops")),
        "ForReader": _role("for-reader", _for_people_of("Reader")),
        "Service": _role("service", {"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}),
    },
}
HERE = [(f"group g-1 in {TARGET}", ()), (f"group g-3 in {TARGET}", ("Late",))]
THERE = [(f"user u-2 in {OTHER}", ())]
SOMEWHERE = [("group g-4 in <Place>", ())]


@pytest.mark.parametrize(
    ("named", "expected", "undecided"),
    [
        ("Dev_Ops", [*HERE[:1], *THERE, *HERE[1:], *SOMEWHERE], ""),
        ("Dev", [*HERE[:1], *THERE, *HERE[1:], *SOMEWHERE], ""),
        (RESERVED, [*HERE[:1], *THERE, *HERE[1:], *SOMEWHERE], ""),
        (f"arn:aws:iam::{TARGET}:{PATH}/{RESERVED}", [*HERE, *SOMEWHERE], ""),
        (f"arn:aws:iam::{OTHER}:{PATH}/eu-west-1/{RESERVED}", [*THERE, *SOMEWHERE], ""),
        (f"arn:aws:sts::{OTHER}:assumed-role/{RESERVED}/ann", [*THERE, *SOMEWHERE], ""),
        ("Idle", [], OPEN.format("")),
        (f"arn:aws:iam::{OWN}:{PATH}/AWSReservedSSO_Reader_0123456789abcdef", [], OPEN.format(f" in {OWN}")),
    ],
)
def test_a_permission_set_is_explained_by_its_assignments(
    named: str, expected: list[tuple[str, tuple[str, ...]]], undecided: str
) -> None:
    """Who has it in which account, by its own name or that of the role which is made of it."""
    (found,) = trustproof.explain([TEMPLATE], named)
    assert found.resource_type == "AWS::SSO::PermissionSet"
    assert [(one.who, one.provided) for one in found.people] == expected
    assert found.undecided == ((undecided,) if undecided else ())
    assert not found.entrances


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("for-dev", [f"permission set Dev_Ops in {TARGET} (group g-1, group g-3 if Late)", "Dev_Ops in <Place>"]),
        # Whose policies do not let them ask, do not get in.
        ("for-reader", []),
        ("service", []),
    ],
)
def test_people_who_get_into_a_role_are_named(role: str, expected: list[str]) -> None:
    """With the account that their permission set is in, and the groups and users who have it there."""
    (found,) = trustproof.explain([TEMPLATE], role, account=OWN)
    assert len(found.people) == len(expected)
    assert all(said in one.who for said, one in zip(expected, found.people, strict=True))
    assert all(one.provided[0].startswith("ArnLike aws:PrincipalArn ") for one in found.people)


def test_a_role_that_identity_center_has_made_is_explained_by_its_permission_set(tmp_path: Path) -> None:
    """As it stands in what an account says of itself: its trust policy names a provider only."""
    provider = f"arn:aws:iam::{TARGET}:saml-provider/AWSSSO_1_DO_NOT_DELETE"
    made = _role(
        RESERVED,
        {
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        },
    )
    for name, content in (("sets.json", TEMPLATE), ("made.json", {"Resources": {"Made": made}})):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    found = trustproof.explain([tmp_path / "made.json", tmp_path / "sets.json"], RESERVED, account=TARGET)
    assert [one.resource_type for one in found] == ["AWS::IAM::Role", "AWS::SSO::PermissionSet"]
    assert [(one.who, one.provided) for one in found[0].people] == [*HERE, *SOMEWHERE]


def test_nobody_of_aws_gets_into_a_permission_set() -> None:
    """Its people are of the identity store: a caller of AWS is no question about it, and one about a role is."""
    with pytest.raises(trustproof.UsageError, match='"Dev" is a permission set: people of Identity Center have it'):
        trustproof.explain([TEMPLATE], "Dev", caller=OWN)
    (found,) = trustproof.explain([TEMPLATE], "for-dev", caller=TARGET, account=OWN)
    assert not found.people


def test_a_misspelt_permission_set_is_answered_with_what_was_meant() -> None:
    """As roles and resources are."""
    with pytest.raises(trustproof.UsageError, match="did you mean Reader"):
        trustproof.explain([TEMPLATE], "Raeder")


@pytest.mark.parametrize("region", ["", "*"])
def test_people_of_a_permission_set_are_no_sessions_of_other_roles(region: str) -> None:
    """Nobody but Identity Center makes roles on its path, however a pattern allows for a Region."""
    meant = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{TARGET}:{PATH}{region}/AWSReservedSSO_Dev_Ops_*"}}
    trusting = _role("r", {"Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole", "Condition": meant})
    (found,) = trustproof.explain([{"Resources": {"R": trusting}}], "r", account=OWN)
    assert [one.who for one in found.entrances] == [f"people of Identity Center of {TARGET}"]


def test_a_permission_set_is_named_by_its_construct_path() -> None:
    """As roles and resources are."""
    metadata = {"aws:cdk:path": "Stack/Sets/Dev"}
    template = {"Resources": {"Dev": {**_permission_set("Dev_Ops"), "Metadata": metadata}}}
    del template["Resources"]["Dev"]["Properties"]["InlinePolicy"]
    (found,) = trustproof.explain([template], "Stack/Sets/Dev")
    assert found.name == "Dev_Ops"


def test_a_boundary_that_is_a_policy_of_the_account_may_stop_its_people() -> None:
    """Which of the accounts that the set is assigned in has such a policy, and what that says, no template knows."""
    limited = _permission_set("Dev")
    limited["Properties"]["PermissionsBoundary"] = {"CustomerManagedPolicyReference": {"Name": "limit"}}
    role = _role("r", {"Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Action": "sts:AssumeRole"})
    for set_, provided in ((limited, 1), (_permission_set("Dev"), 0)):
        resources = {"Dev": set_, "D": _assignment("Dev", TARGET, "g-1"), "R": role}
        (found,) = trustproof.explain([{"Resources": resources}], "r", account=TARGET)
        (people,) = found.people
        assert len(people.provided) == provided
        assert all("permissions boundary limit" in one for one in people.provided)


def test_a_root_user_needs_no_policy_at_home() -> None:
    """What a bucket says of others is not what its own account's root user needs."""
    policy = {"Statement": {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:*", "Resource": "*"}}
    properties = {"Bucket": "b", "PolicyDocument": policy}
    template = {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    for whose, said in ((OWN, ["the root user of"]), (TARGET, [])):
        caller = f"arn:aws:iam::{whose}:root"
        (found,) = trustproof.explain([template], "P", caller=caller, account=OWN)
        assert [one[:16] for one in found.undecided] == said
