"""
Users of a configuration whom stacks of CloudFormation put into its groups.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

POLICY = """
resource "aws_iam_%s_policy" "p" {
  %s
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ %s, Resource = "*" }] })
}
"""
WITHOUT_MFA = 'Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }'
HELD = (
    'resource "aws_iam_user" "u" {\n  name = "u"\n}\nresource "aws_iam_group" "g" {\n  name = "g"\n}\n'
    + POLICY % ("user", "user = aws_iam_user.u.name", 'Effect = "Allow", Action = "iam:*"')
    + POLICY % ("group", "group = aws_iam_group.g.name", f'Effect = "Deny", Action = "*", {WITHOUT_MFA}')
)
STACK = """
variable "on" {
  type    = bool
  default = true
}
resource "aws_cloudformation_stack" "s" {
  count         = var.on ? 1 : 0
  name          = "s"
  parameters    = %s
  template_body = jsonencode(%s)
}
"""
GIVEN = "{ U = aws_iam_user.u.name, G = aws_iam_group.g.name }"
DECLARED = {"U": {"Type": "String"}, "G": {"Type": "String"}}
ASKED = ("sensitive-actions-require-mfa", "aws_iam_user_policy.p")


def check(at: Path, passed: str, template: Mapping[str, object]) -> tuple[str, list[str]]:
    """The verdict about the policy of the user, and the defaults that a proof names."""
    (at / "main.tf").write_text(HELD + STACK % (passed, json.dumps(template)))
    report = trustproof.check([at], config={}, properties=[ASKED[0]])
    assert not report.errors
    (found,) = (one for one in report.results if one.logical_id == ASKED[1])
    return found.verdict, [name for name, _ in found.at_defaults]


@pytest.mark.parametrize(
    ("properties", "condition", "expected"),
    [
        ({"Users": ["u"], "GroupName": "g"}, {}, ("proved", ["var.on"])),
        ({"Users": [{"Ref": "U"}], "GroupName": {"Ref": "G"}}, {}, ("proved", ["var.on"])),
        ({"Users": ["other"], "GroupName": "g"}, {}, ("refuted", [])),
        ({"Users": ["u"], "GroupName": "other"}, {}, ("refuted", [])),
        ({"Users": ["u"], "GroupName": {"Fn::Sub": "g"}}, {}, ("refuted", [])),
        ({"Users": {"Ref": "Us"}, "GroupName": "g"}, {}, ("refuted", [])),
        ({"Users": ["u"], "GroupName": "g"}, {"Condition": "C"}, ("refuted", [])),
    ],
)
def test_what_a_group_is_denied_its_members_are(
    properties: Mapping[str, object], condition: Mapping[str, str], expected: tuple[str, list[str]], tmp_path: Path
) -> None:
    addition = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": properties, **condition}
    template = {
        "Parameters": {**DECLARED, "Us": {"Type": "CommaDelimitedList", "Default": "u"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "U"}, "u"]}},
        "Resources": {"A": addition},
    }
    assert check(tmp_path, GIVEN, template) == expected
