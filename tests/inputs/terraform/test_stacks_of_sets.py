"""
What stacks of a StackSet are passed by the resources of Terraform that make them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

CONDITION = {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Mfa"}}}
STATEMENT = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}
TRUST = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Condition": CONDITION}]}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
TEMPLATE = json.dumps({"Parameters": {"Mfa": {"Type": "String"}}, "Resources": {"R": ROLE}})
SET = f"""
resource "aws_cloudformation_stack_set" "s" {{
  name          = "s"
  parameters    = {{ Mfa = "true" }}
  template_body = jsonencode({TEMPLATE})
}}
"""
STACK = """
resource "aws_cloudformation_stack_%s" "i" {
  stack_set_name      = %s
  parameter_overrides = %s
  %s
}
"""
BY_REFERENCE, WITHOUT = "aws_cloudformation_stack_set.s.name", '{ Mfa = "false" }'
DECLARED = 'variable "%s" {\n  %s\n}\n'
WITH_DEFAULT = DECLARED % ("a", 'default = "true"')


@pytest.mark.parametrize("type_", ["set_instance", "instances"])
@pytest.mark.parametrize(
    ("named", "passed", "many", "declared", "verdict", "defaults"),
    [
        (BY_REFERENCE, WITHOUT, "", "", "refuted", []),
        ('"s"', WITHOUT, "", "", "refuted", []),
        ('"other"', WITHOUT, "", "", "proved", []),
        (BY_REFERENCE, '{ Mfa = "true" }', "", "", "proved", []),
        (BY_REFERENCE, "{ Mfa = var.a }", "", WITH_DEFAULT, "proved", ["var.a"]),
        (BY_REFERENCE, "{ Mfa = var.a }", "", DECLARED % ("a", ""), "unknown", []),
        (BY_REFERENCE, "var.a", "", DECLARED % ("a", "type = map(string)"), "unknown", []),
        (BY_REFERENCE, "var.a ? {} : {}", "", DECLARED % ("a", "type = bool"), "proved", []),
        (BY_REFERENCE, f"var.a ? {{}} : {WITHOUT}", "", DECLARED % ("a", "type = bool"), "refuted", []),
        (BY_REFERENCE, WITHOUT, "count = var.a ? 1 : 0", DECLARED % ("a", "type = bool"), "refuted", []),
        (BY_REFERENCE, WITHOUT, 'count = var.a == "" ? 1 : 0', WITH_DEFAULT, "proved", ["var.a"]),
        ("var.a", WITHOUT, "", WITH_DEFAULT, "proved", ["var.a"]),
        ("var.a", WITHOUT, "", DECLARED % ("a", ""), "unknown", []),
    ],
)
def test_what_a_stack_is_passed_in_place_of_what_its_set_passes(
    type_: str,
    named: str,
    passed: str,
    many: str,
    declared: str,
    verdict: str,
    defaults: list[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "main.tf").write_text(SET + STACK % (type_, named, passed, many) + declared)
    report = trustproof.check([tmp_path], properties=["mfa-required"])
    assert not report.errors
    (found,) = report.results
    assert (found.verdict, [name for name, _ in found.at_defaults]) == (verdict, defaults)


@pytest.mark.parametrize(
    ("data", "compared"),
    [("aws_region.here.name", "AWS::Region"), ("aws_caller_identity.here.account_id", "AWS::AccountId")],
)
@pytest.mark.parametrize(("type_", "verdict"), [("stack_set", "refuted"), ("stack", "proved")])
def test_the_place_of_a_set_is_not_that_of_its_stacks(
    type_: str, verdict: str, data: str, compared: str, tmp_path: Path
) -> None:
    """What a set passes of its own account or Region is another one where its stacks are, but not where a stack is."""
    elsewhere = {"Fn::Not": [{"Fn::Equals": [{"Ref": compared}, {"Ref": "Given"}]}]}
    principal = {"Fn::If": ["Elsewhere", "*", "111122223333"]}
    document = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Principal": {"AWS": principal}}]}
    template = {
        "Parameters": {"Given": {"Type": "String"}},
        "Conditions": {"Elsewhere": elsewhere},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    kind = data.partition(".")[0]
    (tmp_path / "main.tf").write_text(f"""
data "{kind}" "here" {{}}
resource "aws_cloudformation_{type_}" "s" {{
  name          = "s"
  parameters    = {{ Given = data.{data} }}
  template_body = jsonencode({json.dumps(template)})
}}
""")
    config = {"boundary": {"accounts": ["111122223333"]}}
    report = trustproof.check([tmp_path], properties=["inside-boundary"], config=config)
    assert not report.errors
    assert [one.verdict for one in report.results] == [verdict]


@pytest.mark.parametrize("region", ['"eu-west-1"', "var.region"])
@pytest.mark.parametrize(("asked", "verdict"), [("", "refuted"), ("provider = aws.other", "proved")])
def test_a_stack_is_in_the_region_of_its_provider(region: str, asked: str, verdict: str, tmp_path: Path) -> None:
    """A stack that another provider makes is in the Region of that one, and not where the data of the first are."""
    elsewhere = {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "Given"}]}]}
    principal = {"Fn::If": ["Elsewhere", "*", "111122223333"]}
    document = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Principal": {"AWS": principal}}]}
    template = {
        "Parameters": {"Given": {"Type": "String"}},
        "Conditions": {"Elsewhere": elsewhere},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    (tmp_path / "main.tf").write_text(f"""
variable "region" {{}}
provider "aws" {{}}
provider "aws" {{
  alias  = "other"
  region = {region}
}}
data "aws_region" "here" {{
  {asked}
}}
resource "aws_cloudformation_stack" "s" {{
  provider      = aws.other
  name          = "s"
  parameters    = {{ Given = data.aws_region.here.name }}
  template_body = jsonencode({json.dumps(template)})
}}
""")
    config = {"boundary": {"accounts": ["111122223333"]}}
    report = trustproof.check([tmp_path], properties=["inside-boundary"], config=config)
    assert not report.errors
    assert [one.verdict for one in report.results] == [verdict]


@pytest.mark.parametrize(
    ("default", "passed", "expected"),
    [("true", None, "proved"), ("false", None, "refuted"), ("true", "false", "refuted"), ("false", "true", "proved")],
)
def test_a_stack_that_is_passed_nothing_is_at_the_defaults_of_its_template(
    default: str, passed: str | None, expected: str, tmp_path: Path
) -> None:
    """What a parameter may be otherwise is passed by nobody, nor by whoever checks."""
    declared = {"Mfa": {"Type": "String", "Default": default, "AllowedValues": ["true", "false"]}}
    template = {"Parameters": declared, "Resources": {"R": ROLE}}
    parameters = "" if passed is None else f'parameters = {{ Mfa = "{passed}" }}'
    text = f"template_body = jsonencode({json.dumps(template)})\n  {parameters}"
    (tmp_path / "main.tf").write_text(f'resource "aws_cloudformation_stack" "s" {{\n  name = "s"\n  {text}\n}}\n')
    for given in ({}, {"Mfa": "false" if default == "true" else "true"}):
        report = trustproof.check([tmp_path], config={}, properties=["mfa-required"], parameters=given)
        assert [(one.verdict, one.at_defaults) for one in report.results] == [(expected, ())]
