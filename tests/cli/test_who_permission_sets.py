"""
`trustproof who` of people of Identity Center: in which accounts a permission set is, and who has it there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Run
from tests.cli.test_who import HUB, TARGET, asking, deployed, role, user

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
MANAGEMENT = "999988887777"
#: The role that Identity Center makes of the set Dev.
RESERVED = f"arn:aws:iam::{TARGET}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef"


def people_of(name: str) -> dict[str, Any]:
    """The condition that lets in people of one set only."""
    pattern = f"arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{name}_*"
    return {"ArnLike": {"aws:PrincipalArn": pattern}}


def permission_set(name: str, **more: Any) -> dict[str, Any]:
    """A set whose people may assume roles."""
    policy = {"Version": "2012-10-17", "Statement": [asking("sts:AssumeRole")]}
    given = {"Name": name, "InstanceArn": INSTANCE, "InlinePolicy": policy, **more}
    properties = {key: value for key, value in given.items() if value is not None}
    return {"Type": "AWS::SSO::PermissionSet", "Properties": properties}


def assignment(logical_id: str, account: Any, principal: Any, kind: str = "GROUP", **more: Any) -> dict[str, Any]:
    """Who has a set in an account."""
    properties = {
        "InstanceArn": INSTANCE,
        "PermissionSetArn": {"Fn::GetAtt": [logical_id, "PermissionSetArn"]},
        "PrincipalId": principal,
        "PrincipalType": kind,
        "TargetId": account,
        "TargetType": "AWS_ACCOUNT",
    }
    return {"Type": "AWS::SSO::Assignment", "Properties": properties, **more}


#: What the management account deploys.
SETS = {
    "Parameters": {"Somebody": {"Type": "String"}, "Place": {"Type": "String"}},
    "Conditions": {"Late": {"Fn::Equals": [{"Ref": "Somebody"}, "x"]}},
    "Resources": {
        "Dev": permission_set("Dev"),
        "Ops": permission_set("Ops"),
        "Idle": permission_set("Idle"),
        "Admin": permission_set(
            "Admin", InlinePolicy=None, ManagedPolicies=["arn:aws:iam::aws:policy/AdministratorAccess"]
        ),
        "Reader": permission_set("Reader", InlinePolicy=None),
        "D1": assignment("Dev", TARGET, "g-1"),
        "D2": assignment("Dev", TARGET, {"Ref": "Somebody"}, "USER"),
        "D3": assignment("Dev", HUB, "g-2", Condition="Late"),
        "O1": assignment("Ops", {"Ref": "Place"}, "g-3"),
        "A1": assignment("Admin", HUB, "g-9"),
        "R1": assignment("Reader", TARGET, "g-7"),
    },
}
DEV = (f"permission set Dev in {TARGET} (group g-1, user <Somebody>)", ("group g-1", "user <Somebody>"))
DEV_IN_HUB = (f"permission set Dev in {HUB} (group g-2 if Late)", ("group g-2 if Late",))
OPS = ("permission set Ops in <Place> (group g-3)", ("group g-3",))
ADMIN = (f"permission set Admin in {HUB} (group g-9)", ("group g-9",))


def idle(account: str) -> tuple[str, tuple[str, ...]]:
    """What is said of a set that nobody has."""
    return f"permission set Idle in {account} (no template assigns it to anybody)", ()


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        # The set that is meant, where it is assigned, and no other one.
        (TARGET, people_of("Dev"), {DEV}),
        (HUB, people_of("Dev"), {DEV_IN_HUB}),
        (HUB, people_of("Admin"), {ADMIN}),
        (TARGET, people_of("Idle"), {idle(TARGET)}),
        # A set whose account a parameter decides may be there.
        (TARGET, people_of("Ops"), {OPS}),
        # Whoever is in an account gets in: each set that is, and whose policies let it ask.
        (TARGET, {}, {DEV, OPS, idle(TARGET)}),
        (HUB, {}, {DEV_IN_HUB, OPS, ADMIN, idle(HUB)}),
        # The role of a set in the account of the role that trusts it needs no policy.
        (RESERVED, {}, {DEV}),
        (RESERVED.replace("Dev", "Reader"), {}, {(f"permission set Reader in {TARGET} (group g-7)", ("group g-7",))}),
        # Everybody of an organization.
        (
            "*",
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, **people_of("Dev")},
            {DEV, DEV_IN_HUB},
        ),
    ],
)
def test_permission_sets_are_named_with_those_who_have_them(
    run: Run, tmp_path: Path, principal: Any, condition: dict[str, Any], expected: set[tuple[str, tuple[str, ...]]]
) -> None:
    """The people of each set get in from the accounts that it is assigned in, and are named by their groups and ids."""
    deployed(tmp_path, "role", TARGET, {"Resources": {"R": role("Admin", {"AWS": principal}, condition)}})
    deployed(tmp_path, "sets", MANAGEMENT, SETS)
    done = run("who", "role", "sets", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = [(one["who"], tuple(one["assigned"])) for one in json.loads(done.stdout)["entries"] if "assigned" in one]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(("name", "others"), [("Dev", False), ("Idle", True), ("Strange", True)])
def test_others_stay_where_no_template_says_who_they_are(run: Run, tmp_path: Path, name: str, others: bool) -> None:
    """People of an account whom no template names get in all the same, unless those who are named are meant."""
    deployed(tmp_path, "role", TARGET, {"Resources": {"R": role("Admin", {"AWS": TARGET}, people_of(name))}})
    deployed(tmp_path, "sets", MANAGEMENT, SETS)
    entries = json.loads(run("who", "role", "sets", "--format", "json").stdout)["entries"]
    assert any(one["who"].startswith("people of Identity Center of") for one in entries) == others


def test_an_account_that_a_parameter_decides_is_a_condition(run: Run, tmp_path: Path) -> None:
    """Where a set is assigned in an account that a deployment says, it must be that of the role's trust."""
    deployed(tmp_path, "role", TARGET, {"Resources": {"R": role("Admin", {"AWS": TARGET}, people_of("Ops"))}})
    deployed(tmp_path, "sets", MANAGEMENT, SETS)
    (entry,) = (
        one for one in json.loads(run("who", "role", "sets", "--format", "json").stdout)["entries"] if "assigned" in one
    )
    assert entry["conditions"][-1] == f"<Place> is {TARGET}"


@pytest.mark.parametrize(("count", "rows"), [(8, 8), (9, 1)])
def test_many_accounts_are_one_row_where_none_is_meant(run: Run, tmp_path: Path, count: int, rows: int) -> None:
    """A role that trusts an organization has a row for a set, and not one for each account that the set is in."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, **people_of("Dev")}
    deployed(tmp_path, "role", TARGET, {"Resources": {"R": role("Admin", {"AWS": "*"}, condition)}})
    assigned = {f"A{number}": assignment("Dev", f"{500_000_000_000 + number}", "g-1") for number in range(count)}
    deployed(tmp_path, "sets", MANAGEMENT, {"Resources": {"Dev": permission_set("Dev"), **assigned}})
    found = json.loads(run("who", "role", "sets", "--format", "json").stdout)["entries"]
    named = [one["who"] for one in found if "assigned" in one]
    assert len(named) == rows
    assert (f"permission set Dev in {count} accounts (group g-1)" in named) == (rows == 1)


TERRAFORM = """
provider "aws" {{ region = "eu-central-1" }}
variable "accounts" {{ default = ["{target}", "{hub}"] }}
resource "aws_ssoadmin_permission_set" "dev" {{
  name         = "Dev"
  instance_arn = "{instance}"
}}
resource "aws_ssoadmin_permission_set_inline_policy" "dev" {{
  instance_arn       = "{instance}"
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn
  inline_policy = jsonencode({{
    Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }}]
  }})
}}
resource "aws_ssoadmin_account_assignment" "dev" {{
  for_each           = toset(var.accounts)
  instance_arn       = "{instance}"
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn
  principal_id       = "g-1"
  principal_type     = "GROUP"
  target_id          = each.value
  target_type        = "AWS_ACCOUNT"
}}
resource "aws_iam_role" "r" {{
  name               = "dev"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ AWS = "{target}" }}, Action = "sts:AssumeRole" }}]
  }})
}}
"""


def test_assignments_of_terraform_are_read(run: Run, tmp_path: Path) -> None:
    """Each instance of ``aws_ssoadmin_account_assignment`` is an assignment."""
    text = TERRAFORM.format(target=TARGET, hub=HUB, instance=INSTANCE)
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    done = run("who", ".", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = [one["who"] for one in json.loads(done.stdout)["entries"] if "assigned" in one]
    assert found == [f"permission set Dev in {TARGET} (group g-1)"]


@pytest.mark.parametrize("name", [None, "ann"])
@pytest.mark.parametrize("account", [None, TARGET])
def test_a_user_of_the_template_is_called_by_its_name(
    run: Run, tmp_path: Path, account: str | None, name: str | None
) -> None:
    """A role that trusts a user of its own template lets in that user, and no other one who may ask for roles."""
    people = {"Ann": user("ann"), "Bob": user("bob", asking("sts:AssumeRole"))}
    if name is None:
        del people["Ann"]["Properties"]["UserName"]
    trusting = role("Admin", {"AWS": {"Fn::GetAtt": ["Ann", "Arn"]}}, {})
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {**people, "R": trusting}}), encoding="utf-8")
    options = () if account is None else ("--account", account)
    (entry,) = json.loads(run("who", "t.json", *options, "--format", "json").stdout)["entries"]
    assert entry["who"] == f"user {name or 'Ann'} in {account or '<AWS::AccountId>'}"


@pytest.mark.parametrize("between", ["/", "*/", "/*", "/eu-west-1/"])
def test_a_permission_set_is_no_role_besides(tmp_path: Path, run: Run, between: str) -> None:
    """Roles that Identity Center makes have people and no other sessions, however the pattern allows for a Region."""
    pattern = f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com{between}AWSReservedSSO_Dev_????????????????"
    trusting = role("Admin", {"AWS": f"arn:aws:iam::{HUB}:root"}, {"ArnLike": {"aws:PrincipalArn": pattern}})
    sets = {"Dev": permission_set("Dev"), "Assigned": assignment("Dev", HUB, "g-1")}
    deployed(tmp_path, "role", TARGET, {"Resources": {"Role": trusting}})
    deployed(tmp_path, "sets", MANAGEMENT, {"Resources": sets})
    done = run("who", "role", "sets", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert [one["who"] for one in json.loads(done.stdout)["entries"]] == [f"permission set Dev in {HUB} (group g-1)"]


def test_a_set_of_no_template_is_listed_beside_one_that_is(tmp_path: Path, run: Run) -> None:
    """A trust policy that names two sets lets in both, whoever made the other."""
    reserved = f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_"
    patterns = [f"{reserved}{name}_????????????????" for name in ("Dev", "Elsewhere")]
    other = f"arn:aws:iam::{TARGET}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_There_*"
    trusting = role("Admin", {"AWS": HUB}, {"ArnLike": {"aws:PrincipalArn": [*patterns, other]}})
    sets = {"Dev": permission_set("Dev"), "Assigned": assignment("Dev", HUB, "g-1")}
    deployed(tmp_path, "role", TARGET, {"Resources": {"Role": trusting}})
    deployed(tmp_path, "sets", MANAGEMENT, {"Resources": sets})
    done = run("who", "role", "sets", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = [one["who"] for one in json.loads(done.stdout)["entries"]]
    assert found == [f"permission set Dev in {HUB} (group g-1)", f"permission set Elsewhere in {HUB} (of no template)"]


@pytest.mark.parametrize("is_joined", [False, True])
def test_a_set_may_be_assigned_by_another_stack(tmp_path: Path, run: Run, is_joined: bool) -> None:
    """As with the sets in one stack and who has them in another; also where a user is of both."""
    trusting = role("Admin", {"AWS": f"arn:aws:iam::{HUB}:root"}, people_of("Dev"))
    output = {"Value": {"Fn::GetAtt": ["Dev", "PermissionSetArn"]}, "Export": {"Name": "sets:Dev"}}
    sets: dict[str, Any] = {"Dev": permission_set("Dev")}
    taken = assignment("Dev", HUB, "g-1")
    taken["Properties"]["PermissionSetArn"] = {"Fn::ImportValue": "sets:Dev"}
    assigned: dict[str, Any] = {"Taken": taken, "Own": assignment("Dev", TARGET, "g-2"), "Dev": permission_set("Ops")}
    if is_joined:
        policy = {"Version": "2012-10-17", "Statement": [asking("s3:GetObject")]}
        sets["Ann"] = {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann"}}
        attached = {"PolicyName": "p", "Users": ["ann"], "PolicyDocument": policy}
        assigned["More"] = {"Type": "AWS::IAM::Policy", "Properties": attached}
    deployed(tmp_path, "role", TARGET, {"Resources": {"Role": trusting}})
    deployed(tmp_path, "sets", MANAGEMENT, {"Resources": sets, "Outputs": {"Dev": output}})
    deployed(tmp_path, "assigned", MANAGEMENT, {"Resources": assigned})
    done = run("who", "role", "sets", "assigned", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = [one["who"] for one in json.loads(done.stdout)["entries"]]
    assert f"permission set Dev in {HUB} (group g-1)" in found
    assert not any("no template assigns it" in who or "g-2" in who for who in found)
