"""
Policies that are attached to a role of which nobody knows the name: it may be any role of the account.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
HUB = "111122223333"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def trust(*statements: Json, name: str) -> Json:
    """A role."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **one} for one in statements],
    }
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": document}}


def template(attachment: Json) -> Json:
    """A role that its own people enter with MFA, and another role without; and a policy that a parameter attaches."""
    own = {"Principal": {"AWS": HUB}}
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    by_name = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/hub"}}
    root = {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Condition": by_name}
    return {
        "Parameters": {"R": {"Type": "String"}},
        "Resources": {
            "Hub": trust(own, name="hub"),
            "Target": trust({**own, "Condition": mfa}, root, name="target"),
            "P": attachment,
        },
    }


def attached(roles: list[Any], actions: str = "sts:AssumeRole", type_: str = "Policy") -> Json:
    """A policy of roles."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    name = {"PolicyName": "p"} if type_ == "Policy" else {}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": f"AWS::IAM::{type_}", "Properties": {**name, "Roles": roles, "PolicyDocument": document}}


TABLE = [
    ("by its name", attached(["hub"]), {}, "refuted"),
    ("by a parameter", attached([{"Ref": "R"}]), {}, "unknown"),
    ("a managed policy", attached([{"Ref": "R"}], type_="ManagedPolicy"), {}, "unknown"),
    ("which is given", attached([{"Ref": "R"}]), {"R": "hub"}, "refuted"),
    ("which is another one", attached([{"Ref": "R"}]), {"R": "other"}, "proved"),
    ("a part of which is known", attached([{"Fn::Sub": "h${R}"}]), {}, "unknown"),
    ("a part of which is another's", attached([{"Fn::Sub": "x-${R}"}]), {}, "proved"),
    ("a policy for something else", attached([{"Ref": "R"}], "s3:GetObject"), {}, "proved"),
]


@pytest.mark.parametrize(("policy", "given", "verdict"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_policy_of_a_role_that_nobody_knows_may_open_a_chain(
    tmp_path: Path, policy: Json, given: dict[str, str], verdict: str
) -> None:
    """Nothing is proved of a chain through a role that the policy may be attached to."""
    (tmp_path / "t.json").write_text(json.dumps(template(policy)))
    found = trustproof.check(
        [tmp_path / "t.json"], account=HUB, config={}, properties=["mfa-survives-chaining"], parameters=given
    )
    assert {one.verdict for one in found.results if one.logical_id == "Target"} == {verdict}


@pytest.mark.parametrize("role", ["hub", {"Ref": "R"}, {"Ref": "Hub"}], ids=["name", "parameter", "reference"])
def test_a_policy_that_nobody_can_read_may_open_a_chain(tmp_path: Path, role: Any) -> None:
    """It may allow its role the next step, whoever that is."""
    unread = attached([role])
    unread["Properties"]["PolicyDocument"] = {"Fn::Transform": {"Name": "M", "Parameters": {}}}
    (tmp_path / "t.json").write_text(json.dumps(template(unread)))
    found = trustproof.check([tmp_path / "t.json"], account=HUB, config={}, properties=["mfa-survives-chaining"])
    assert {one.verdict for one in found.results if one.logical_id == "Target"} == {"unknown"}
    reasons = [reason for one in found.results if one.logical_id == "Target" for reason in one.reasons]
    assert any("P" in reason and ("could not be read" in reason or "attached" in reason) for reason in reasons)


def test_a_policy_that_a_role_has_in_any_case_is_judged(tmp_path: Path) -> None:
    """That it may be attached to others besides takes nothing from what is known of this one."""
    both = attached(["hub", {"Ref": "R"}])
    (tmp_path / "t.json").write_text(json.dumps(template(both)))
    found = trustproof.check([tmp_path / "t.json"], account=HUB, config={}, properties=["assume-role-scoped"])
    assert {one.verdict for one in found.results} == {"refuted"}


def test_so_it_is_with_what_terraform_knows_after_apply(tmp_path: Path) -> None:
    """The role of a policy is computed, as that of `aws_iam_role.hub.id` is in a first plan."""
    pytest.importorskip("tree_sitter_hcl")
    roles = template({})["Resources"]
    text = 'variable "r" { type = string }\n'
    for name, key in (("hub", "Hub"), ("target", "Target")):
        document = json.dumps(json.dumps(roles[key]["Properties"]["AssumeRolePolicyDocument"]))
        text += f'resource "aws_iam_role" "{name}" {{\n  name = "{name}"\n  assume_role_policy = {document}\n}}\n'
    attach = f'resource "aws_iam_role_policy_attachment" "a" {{\n  role = var.r\n  policy_arn = "{ADMIN}"\n}}\n'
    inline = 'resource "aws_iam_role_policy" "a" {\n  role = var.r\n  policy = jsonencode({ Statement = [{ Effect = '
    inline += '"Allow", Action = "sts:AssumeRole", Resource = "*" }], Version = "2012-10-17" })\n}\n'
    for more in (attach, inline):
        (tmp_path / "main.tf").write_text(text + more)
        found = trustproof.check([tmp_path], account=HUB, config={}, properties=["mfa-survives-chaining"])
        verdicts = {one.verdict for one in found.results if one.logical_id == "aws_iam_role.target"}
        assert "proved" not in verdicts
        assert verdicts


READS = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }'
STEPS = '{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }'
OPEN = [
    ("for something else", READS, "", False),
    ("for the same thing", STEPS, "", True),
    ("for anything", READS.replace("s3:GetObject", "*"), "", True),
    ("for all but something", READS.replace("Action", "NotAction"), "", True),
    ("that denies the same thing", STEPS.replace("Allow", "Deny"), "", True),
    ("beside one of AWS", READS, "ReadOnlyAccess", False),
    ("beside administrators", READS, "AdministratorAccess", True),
    ("beside one that nobody knows", READS, "Nobody", True),
]


@pytest.mark.parametrize(("statement", "besides", "is_open"), [row[1:] for row in OPEN], ids=[row[0] for row in OPEN])
def test_a_policy_that_allows_nothing_in_question_leaves_no_role_open(
    tmp_path: Path, statement: str, besides: str, is_open: bool
) -> None:
    """Whoever has it may do nothing more of what is asked about, so that it does not matter who that is."""
    pytest.importorskip("tree_sitter_hcl")
    trusts = json.dumps(json.dumps(template({})["Resources"]["Target"]["Properties"]["AssumeRolePolicyDocument"]))
    text = f'resource "aws_iam_role" "hub" {{\n  name = "hub"\n  assume_role_policy = {trusts}\n}}\n'
    text += 'module "m" {\n  source = "github.com/example/elsewhere"\n}\n'
    for role, statements in (("aws_iam_role.hub.name", READS), ("module.m.role.name", statement)):
        policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{statements}] }})'
        name = role.split(".")[1]
        text += f'resource "aws_iam_policy" "{name}" {{\n  name = "{name}"\n  policy = {policy}\n}}\n'
        arns = [f"aws_iam_policy.{name}.arn"]
        arns += [f'"arn:aws:iam::aws:policy/{besides}"'] if besides and name == "m" else []
        for number, arn in enumerate(arns):
            text += f'resource "aws_iam_role_policy_attachment" "{name}{number}" {{\n'
            text += f"  role = {role}\n  policy_arn = {arn}\n}}\n"
    (tmp_path / "main.tf").write_text(text)
    found = trustproof.check([tmp_path], account=HUB, config={}, properties=["assume-role-scoped"])
    names = ("aws_iam_role.hub", "aws_iam_policy.hub")
    verdicts = {one.verdict for one in found.results if one.logical_id in names}
    assert ("unknown" in verdicts) is is_open
    assert "proved" in verdicts
