"""
Inline policies of a configuration that stacks of CloudFormation may replace: one of the same name takes their place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

OWN, OTHER = "111122223333", "444455556666"
HERE = f'provider "aws" {{\n  allowed_account_ids = ["{OWN}"]\n}}\n'
USER = """
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_user_policy" "a" {
  user   = aws_iam_user.u.name
  name   = "a"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] })
}
"""
DENIED = """
resource "aws_iam_%s_policy" "d" {
  %s
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }] })
}
"""
DENY = DENIED % ("user", 'user = aws_iam_user.u.name\n  name = "d"')
IN_GROUP = 'resource "aws_iam_group" "g" {\n  name = "g"\n}\n' + DENIED % ("group", 'group = "g"\n  name = "d"')
IN_GROUP += 'resource "aws_iam_user_group_membership" "m" {\n  user = aws_iam_user.u.name\n  groups = ["g"]\n}\n'
ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
SAME = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": WITHOUT_MFA}
NAMES = {"N": {"Type": "String"}}
VARIABLE = 'variable "x" {\n  default = %s\n}\n'
ONCE = "count = var.x ? 1 : 0"


def inline(type_: str = "UserPolicy", **properties: object) -> dict[str, object]:
    """A template with an inline policy."""
    key = {"UserPolicy": "UserName", "GroupPolicy": "GroupName", "Policy": "Users"}[type_]
    holder = {"UserName": "u", "GroupName": "g", "Users": ["u"]}[key]
    given = {key: holder, "PolicyName": "d", "PolicyDocument": ALLOWED, **properties}
    return {"Parameters": NAMES, "Resources": {"P": {"Type": f"AWS::IAM::{type_}", "Properties": given}}}


def stack(template: object, arguments: str = "", type_: str = "aws_cloudformation_stack") -> str:
    """What deploys a template."""
    body = f"template_body = jsonencode({json.dumps(template)})"
    return f'resource "{type_}" "s" {{\n  name = "s"\n  {arguments}\n  {body}\n}}\n'


def instance(account: str) -> str:
    """A stack of a StackSet."""
    named = "stack_set_name = aws_cloudformation_stack_set.s.name"
    return f'resource "aws_cloudformation_stack_set_instance" "i" {{\n  {named}\n  account_id = "{account}"\n}}\n'


def found(at: Path, text: str, **values: str) -> tuple[str, list[str]]:
    """The verdict about the policy that allows, and the defaults that it rests on."""
    (at / "main.tf").write_text(HERE + text)
    asked = ["sensitive-actions-require-mfa"]
    report = trustproof.check([at], config={}, properties=asked, parameters=values or None)
    assert report.errors == ()
    (one,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.a")
    return one.verdict, [name for name, _ in one.at_defaults]


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        (inline(), "", "refuted"),
        (inline("Policy"), "", "refuted"),
        (inline(UserName={"Ref": "N"}), "parameters = { N = aws_iam_user.u.name }", "refuted"),
        (inline(PolicyName={"Ref": "N"}), 'parameters = { N = "d" }', "refuted"),
        ({**inline(PolicyName={"Ref": "N"}), "Parameters": {"N": {"Type": "String", "Default": "d"}}}, "", "refuted"),
        # Nobody knows the name.
        (inline(PolicyName={"Fn::ImportValue": "n"}), "", "refuted"),
        (inline(UserName={"Fn::ImportValue": "n"}), "", "refuted"),
        # Another name, another user, one that the stack makes, and a policy that says the same.
        (inline(PolicyName="e"), "", "proved"),
        (inline(UserName="other"), "", "proved"),
        (inline(PolicyName={"Ref": "N"}), 'parameters = { N = "e" }', "proved"),
        ({"Resources": {**inline(UserName={"Ref": "U"})["Resources"], "U": {"Type": "AWS::IAM::User"}}}, "", "proved"),  # type: ignore[dict-item]
        (inline(PolicyDocument={"Version": "2012-10-17", "Statement": [SAME]}), "", "proved"),
        (inline("GroupPolicy", GroupName="u"), "", "proved"),
    ],
)
def test_a_policy_of_a_stack_takes_the_place_of_one_of_its_name(
    template: Mapping[str, object], arguments: str, expected: str, tmp_path: Path
) -> None:
    """What the one that is replaced denies is not denied then."""
    assert found(tmp_path, USER + DENY + stack(template, arguments)) == (expected, [])


def test_a_policy_of_a_group_is_replaced_as_well(tmp_path: Path) -> None:
    assert found(tmp_path, USER + IN_GROUP) == ("proved", [])
    assert found(tmp_path, USER + IN_GROUP + stack(inline("GroupPolicy"))) == ("refuted", [])


@pytest.mark.parametrize(("account", "expected"), [(OWN, "refuted"), (OTHER, "proved")])
def test_a_stack_of_a_stack_set_replaces_a_policy_where_it_goes(account: str, expected: str, tmp_path: Path) -> None:
    text = USER + DENY + stack(inline(), type_="aws_cloudformation_stack_set") + instance(account)
    assert found(tmp_path, text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (VARIABLE % "false" + stack(inline(), ONCE), "true"),
        (VARIABLE % '"e"' + stack(inline(PolicyName={"Ref": "N"}), "parameters = { N = var.x }"), "d"),
        (VARIABLE % '"e"' + stack(inline(UserName={"Ref": "N"}), "parameters = { N = var.x }"), "u"),
        (VARIABLE % '"e"' + stack(inline(PolicyName="<>")).replace('"<>"', "var.x"), "d"),
    ],
)
def test_a_proof_names_the_default_that_keeps_a_stack_from_replacing(text: str, value: str, tmp_path: Path) -> None:
    assert found(tmp_path, USER + DENY + text) == ("proved", ["var.x"])
    assert found(tmp_path, USER + DENY + text, x=value) == ("refuted", [])


def test_a_stack_of_another_root_may_replace_a_policy(tmp_path: Path) -> None:
    for name, text in {"a": USER + DENY, "b": stack(inline())}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(HERE + text)
    paths = [tmp_path / "a", tmp_path / "b"]
    report = trustproof.check(paths, config={}, properties=["sensitive-actions-require-mfa"])
    (one,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.a")
    assert (one.verdict, "replaces the one given here" in str(one.reasons)) == ("unknown", True)


def test_a_deny_of_a_role_in_a_block_may_be_replaced(tmp_path: Path) -> None:
    """A role in a chain that is denied the next step is so no longer."""
    user = f'{{ AWS = "arn:aws:iam::{OWN}:user/u" }}'
    statement = 'Effect = "Allow", Action = "sts:AssumeRole"'
    roles = f"""
resource "aws_iam_role" "low" {{
  name = "low"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement}, Principal = {user} }}] }})
  inline_policy {{
    name   = "d"
    policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Deny", Action = "*", Resource = "*" }}] }})
  }}
}}
resource "aws_iam_role" "high" {{
  name = "high"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ {statement}, Principal = {user}, Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} }},
    {{ {statement}, Principal = {{ AWS = "arn:aws:iam::{OWN}:role/low" }} }}] }})
}}
"""
    given = {"RoleName": "low", "PolicyName": "d", "PolicyDocument": ALLOWED}
    template = {"Resources": {"P": {"Type": "AWS::IAM::RolePolicy", "Properties": given}}}
    for text, expected in ((roles, "proved"), (roles + stack(template), "refuted")):
        (tmp_path / "main.tf").write_text(HERE + text)
        report = trustproof.check([tmp_path], config={}, properties=["mfa-survives-chaining"])
        (one,) = (one for one in report.results if one.logical_id == "aws_iam_role.high")
        assert one.verdict == expected
