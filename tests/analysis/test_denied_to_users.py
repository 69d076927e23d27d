"""
A trust policy that names a user of its own account lets in nobody whom that user's own policies keep out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "222233334444"
ALICE, BOB = f"arn:aws:iam::{OWN}:user/alice", f"arn:aws:iam::{OWN}:user/bob"
BY_REFERENCE: Json = {"Fn::GetAtt": ["U", "Arn"]}
WITHOUT_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENY: Json = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": WITHOUT_MFA}
OTHERWISE: Json = {**DENY, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": {"Ref": "P"}}}}
ALLOW: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: object) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [*statements]}


def role(*named: object, **more: object) -> Json:
    """A role that lets in whom it names, with or without MFA."""
    trust = policy({"Effect": "Allow", "Principal": {"AWS": [*named]}, "Action": "sts:AssumeRole"})
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "app", "AssumeRolePolicyDocument": trust, **more}}


def user(*statements: object, **properties: object) -> Json:
    """A user who has inline policies of these statements."""
    inline = [{"PolicyName": f"p{number}", "PolicyDocument": policy(one)} for number, one in enumerate(statements)]
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Policies": inline, **properties}}


def managed(*statements: object) -> Json:
    """A managed policy."""
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(*statements)}}


GROUP: Json = {
    "Type": "AWS::IAM::Group",
    "Properties": {"GroupName": "g", "Policies": [{"PolicyName": "d", "PolicyDocument": policy(DENY)}]},
}
ATTACHED: Json = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "d", "PolicyDocument": policy(DENY)}}
IF_THERE: Json = {"Conditions": {"Yes": {"Fn::Equals": [{"Ref": "Q"}, "x"]}}}
ALWAYS: Json = {"Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}}}
#: So it is at the default of a parameter.
BY_DEFAULT: Json = {
    "Conditions": {"Yes": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
    "Parameters": {"P": {"Type": "String", "Default": "x"}},
}


def attached(to: object) -> Json:
    """A policy that is attached to a user."""
    return {**ATTACHED, "Properties": {**ATTACHED["Properties"], "Users": [to]}}  # type: ignore[dict-item]


def chosen(value: object) -> Json:
    """What is there under a condition only."""
    return {"Fn::If": ["Yes", value, {"Ref": "AWS::NoValue"}]}


def named(default: str, **more: object) -> Json:
    """A parameter with a default."""
    return {"Parameters": {"P": {"Type": "String", "Default": default, **more}}}


#: Resources, further sections, and whether somebody gets in without MFA.
TABLE: list[tuple[Json, Json, str]] = [
    ({"R": role(ALICE), "U": user(DENY)}, {}, "proved"),
    ({"R": role(ALICE), "U": user()}, {}, "refuted"),
    ({"R": role(BY_REFERENCE), "U": user(DENY, UserName={"Ref": "AWS::NoValue"})}, {}, "proved"),
    ({"R": role(BY_REFERENCE), "U": user(DENY, UserName={"Ref": "P"})}, named("alice"), "proved"),
    # Somebody else gets in.
    ({"R": role(ALICE, BOB), "U": user(DENY)}, {}, "refuted"),
    ({"R": role(ALICE, BOB), "U": user(DENY), "V": user(DENY, UserName="bob")}, {}, "proved"),
    ({"R": role(ALICE, OWN), "U": user(DENY)}, {}, "refuted"),
    ({"R": role(f"arn:aws:iam::{OTHER}:user/alice"), "U": user(DENY)}, {}, "refuted"),
    ({"R": role(ALICE), "U": user(DENY, Path="/x/")}, {}, "refuted"),
    # What it denies.
    ({"R": role(ALICE), "U": user({**DENY, "Resource": f"arn:aws:iam::{OWN}:role/ap*"})}, {}, "proved"),
    ({"R": role(ALICE), "U": user({**DENY, "Resource": f"arn:aws:iam::{OWN}:role/b"})}, {}, "refuted"),
    ({"R": role(ALICE), "U": user({**DENY, "Action": "sts:TagSession"})}, {}, "refuted"),
    ({"R": role(ALICE), "U": user({**DENY, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})}, {}, "refuted"),
    # Where it has it from.
    ({"R": role(ALICE), "U": user(), "P": attached({"Ref": "U"})}, {}, "proved"),
    ({"R": role(ALICE), "U": user(ManagedPolicyArns=[{"Ref": "P"}]), "P": managed(DENY)}, {}, "proved"),
    ({"R": role(ALICE), "U": user(Groups=[{"Ref": "G"}]), "G": GROUP}, {}, "proved"),
    ({"R": role(ALICE), "U": user(PermissionsBoundary={"Ref": "P"}), "P": managed(ALLOW, DENY)}, {}, "proved"),
    # What a boundary does not allow, who is named is allowed all the same.
    (
        {
            "R": role(ALICE),
            "U": user(PermissionsBoundary={"Ref": "P"}),
            "P": managed({**ALLOW, "Action": "s3:*"}),
        },
        {},
        "refuted",
    ),
    # What another deployment does not have.
    ({"R": role(ALICE), "U": {**user(DENY), "Condition": "Yes"}}, IF_THERE, "refuted"),
    ({"R": role(ALICE), "U": user(chosen(DENY))}, IF_THERE, "refuted"),
    ({"R": role(ALICE), "U": user(Groups=[chosen({"Ref": "G"})]), "G": GROUP}, IF_THERE, "refuted"),
    # What each deployment has, whatever decides it.
    ({"R": role(ALICE), "U": {**user(DENY), "Condition": "Yes"}}, ALWAYS, "proved"),
    ({"R": role(ALICE), "U": user(chosen(DENY))}, ALWAYS, "proved"),
    ({"R": role(ALICE), "U": user(chosen(DENY))}, BY_DEFAULT, "refuted"),
    ({"R": role(ALICE), "U": {**user(DENY), "Condition": "Yes"}}, BY_DEFAULT, "refuted"),
    ({"R": role(ALICE), "U": user(OTHERWISE)}, named("false"), "refuted"),
    ({"R": role(ALICE), "U": user(OTHERWISE)}, named("false", AllowedValues=["false", "true"]), "refuted"),
    ({"R": role(ALICE), "U": user(DENY, UserName={"Ref": "P"})}, named("alice"), "refuted"),
    ({"R": role(ALICE), "U": user(), "P0": attached({"Ref": "P"})}, named("alice"), "refuted"),
    (
        {"R": role(ALICE, RoleName={"Ref": "P"}), "U": user({**DENY, "Resource": f"arn:aws:iam::{OWN}:role/app"})},
        named("app"),
        "refuted",
    ),
    ({"R": role(ALICE), "U": user(DENY)}, {"Transform": "Mine"}, "refuted"),
]


def results(folder: Path, content: Json, asked: str) -> list[trustproof.Result]:
    """What is found; proofs are checked again."""
    given = {"Q": {"Type": "String"}, **content.get("Parameters", {})}  # type: ignore[dict-item]
    (folder / "t.json").write_text(json.dumps({**content, "Parameters": given}))
    report = trustproof.check([str(folder)], account=OWN, config={}, properties=[asked], certify=True)
    assert not report.errors
    return [*report.results]


@pytest.mark.parametrize(("resources", "sections", "expected"), TABLE)
def test_what_a_user_who_is_named_is_denied(tmp_path: Path, resources: Json, sections: Json, expected: str) -> None:
    """It counts where it is certain, and the proof says whose policy it rests on."""
    every = results(tmp_path, {**sections, "Resources": resources}, "mfa-required")
    (found,) = [one for one in every if one.logical_id == "R"]
    assert found.verdict == expected
    assert any("which denies it to a user" in reason for reason in found.reasons) is (expected == "proved")


@pytest.mark.parametrize(("denied", "expected"), [(DENY, "proved"), (ALLOW, "refuted")])
def test_no_chain_begins_with_a_user_who_is_kept_out(tmp_path: Path, denied: Json, expected: str) -> None:
    """Whom the first role does not let in reaches no other one through it."""
    last = role(f"arn:aws:iam::{OWN}:role/app", RoleName="last")
    with_mfa = {**role(OWN)["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]}  # type: ignore[index]
    with_mfa["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    last["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(with_mfa)  # type: ignore[index]
    resources = {"R": role(BY_REFERENCE), "U": user(denied), "Last": last}
    (found,) = results(tmp_path, {"Resources": resources}, "mfa-survives-chaining")
    assert (found.logical_id, found.verdict) == ("Last", expected)
