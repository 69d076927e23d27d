"""
Policies that are attached by name to a user or role which the template makes under a condition: where it does not, they
are attached to one that somebody else has made, who has nothing of what this template gives.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
ASKED = "sensitive-actions-require-mfa"
ALLOW: Json = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
DENY: Json = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def template(user: Json, named: object, **more: object) -> Json:
    """A user who is denied everything without MFA where there is such a user, and a policy that names somebody."""
    own = [{"PolicyName": "own", "PolicyDocument": document(DENY)}]
    attached = {"PolicyName": "p", "Users": [named], "PolicyDocument": document(ALLOW)}
    return {
        "Parameters": {
            "Create": {"Type": "String", "AllowedValues": ["yes", "no"]},
            "Name": {"Type": "String", "Default": "alice"},
        },
        "Conditions": {
            "Made": {"Fn::Equals": [{"Ref": "Create"}, "yes"]},
            "NotMade": {"Fn::Not": [{"Condition": "Made"}]},
        },
        "Resources": {
            "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Policies": own}, **user},
            "P": {"Type": "AWS::IAM::Policy", "Properties": attached, **more},
        },
    }


MADE: Json = {"Condition": "Made"}
REFERENCE: Json = {"Ref": "U"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (template({}, "alice"), "proved"),
        (template(MADE, "alice"), "refuted"),
        (template({**MADE, "Properties": {"UserName": {"Ref": "Name"}}}, {"Ref": "Name"}), "refuted"),
        (template(MADE, "alice", Condition="NotMade"), "refuted"),
        (template(MADE, {"Fn::If": ["Made", REFERENCE, "alice"]}), "refuted"),
        # It is there whenever the policy is: a reference to what is not made is refused.
        (template(MADE, "alice", Condition="Made"), "proved"),
        (template(MADE, REFERENCE), "proved"),
        (template(MADE, {"Fn::If": ["Made", REFERENCE, {"Ref": "AWS::NoValue"}]}), "proved"),
    ],
)
def test_a_user_who_is_not_always_made(given: Json, expected: str, tmp_path: Path) -> None:
    """Who has the name where the template makes nobody of it has the policy alone."""
    (tmp_path / "t.json").write_text(json.dumps(given))
    report = trustproof.check([str(tmp_path)], account="111122223333", properties=[ASKED], certify=True)
    assert not report.errors
    assert ("refuted" if any(one.verdict == "refuted" for one in report.results) else "proved") == expected


@pytest.mark.parametrize("order", [("P", "D"), ("D", "P")])
@pytest.mark.parametrize(("always", "at_times", "expected"), [(DENY, ALLOW, "proved"), (ALLOW, DENY, "refuted")])
def test_somebody_else_has_all_that_is_attached(
    order: tuple[str, str], always: Json, at_times: Json, expected: str, tmp_path: Path
) -> None:
    """Also what a further condition attaches, in whatever order."""
    given = template({"Condition": "Made"}, "alice", Condition="Further")
    conditions, resources = given["Conditions"], given["Resources"]
    assert isinstance(conditions, dict)
    assert isinstance(resources, dict)
    conditions["Further"] = {"Fn::Equals": [{"Ref": "Name"}, "further"]}
    resources["P"]["Properties"]["PolicyDocument"] = document(at_times)
    attached = {"PolicyName": "d", "Users": ["alice"], "PolicyDocument": document(always)}
    resources["D"] = {"Type": "AWS::IAM::Policy", "Properties": attached}
    given["Resources"] = {"U": resources["U"], **{name: resources[name] for name in order}}
    (tmp_path / "t.json").write_text(json.dumps(given))
    report = trustproof.check([str(tmp_path)], account="111122223333", properties=[ASKED], certify=True)
    wrong = [one for one in report.results if one.verdict != "proved"]
    assert {one.verdict for one in wrong} == ({"refuted"} if expected == "refuted" else set())
    for one in wrong:
        assert one.counterexample is not None
        assert one.counterexample.parameters.get("Name") != "further"


def test_what_is_refuted_is_so_where_nobody_is_made(tmp_path: Path) -> None:
    """The deployment that is shown is one in which the template does not make the user."""
    (tmp_path / "t.json").write_text(json.dumps(template(MADE, "alice")))
    report = trustproof.check([str(tmp_path)], account="111122223333", properties=[ASKED])
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Create": "no"}


def test_a_boundary_of_a_role_that_is_not_always_made(tmp_path: Path) -> None:
    """A role of that name that somebody else has made has no boundary."""
    given = template({}, "bob")
    boundary = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(DENY, ALLOW)}}
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    assume: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    given["Resources"] = {
        "B": boundary,
        "R": {
            "Type": "AWS::IAM::Role",
            "Condition": "Made",
            "Properties": {
                "RoleName": "r",
                "AssumeRolePolicyDocument": trust,
                "PermissionsBoundary": {"Ref": "B"},
            },
        },
        "P": {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {"PolicyName": "p", "RoleName": "r", "PolicyDocument": document(assume)},
        },
    }
    (tmp_path / "t.json").write_text(json.dumps(given))
    report = trustproof.check([str(tmp_path)], account="111122223333", properties=["assume-role-scoped"])
    assert [one.counterexample.parameters for one in report.results if one.counterexample] == [{"Create": "no"}]


@pytest.mark.parametrize(("condition", "expected"), [({}, "proved"), (MADE, "unknown")])
def test_a_group_that_is_not_always_made(condition: Json, expected: str, tmp_path: Path) -> None:
    """What somebody else lets a group of that name do is not known."""
    own = [{"PolicyName": "own", "PolicyDocument": document({**ALLOW, "Action": "s3:GetObject"})}]
    given = template({}, "bob")
    given["Resources"] = {
        "G": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "g", "Policies": own}, **condition},
        "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Policies": own, "Groups": ["g"]}},
    }
    (tmp_path / "t.json").write_text(json.dumps(given))
    report = trustproof.check([str(tmp_path)], account="111122223333", properties=["assume-role-scoped"])
    assert [one.verdict for one in report.results if one.logical_id == "U"] == [expected]
