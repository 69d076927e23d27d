"""
Remedies of what a template is given from elsewhere: words in the place of a diff.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.analysis.test_remedies_in_parameters import HOST, OWN, PROVIDER, deployer
from trustproof.results.result import Remedy

Json = dict[str, Any]
WIDE, NARROW = "repo:acme-corp*:environment:prod", "repo:acme-corp/*:environment:prod"
PARAMETERS: Json = {
    "Org": {"Type": "String", "Default": "acme-corp"},
    "Subject": {"Type": "String", "Default": WIDE},
    "Subjects": {"Type": "CommaDelimitedList", "Default": f"{WIDE},repo:x-y/z:*"},
}
EXPORTS: Json = {
    "Resources": {"W": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
    "Outputs": {
        "S": {"Value": WIDE, "Export": {"Name": "subject"}},
        "O": {"Value": "repo:acme-corp", "Export": {"Name": "owner"}},
    },
}
SOURCE = f': "{NARROW}"'


def remedy_of(*targets: Json | str) -> Remedy:
    """The remedy of the one finding."""
    report = trustproof.check(list(targets), config={}, account=OWN, properties=["web-identity-bound"])
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    return found.remedy


@pytest.mark.parametrize(
    ("subject", "said", "has_diff"),
    [
        (WIDE, "", True),
        ([WIDE, "repo:x-y/z:*"], "", True),
        ({"Fn::Sub": "repo:${Org}*:environment:prod"}, "", True),
        ({"Fn::Join": ["", ["repo:", {"Ref": "Org"}, "*:environment:prod"]]}, "", True),
        ({"Fn::If": ["IsProd", WIDE, "repo:x-y/z:*"]}, "in the branch of Fn::If that applies", False),
        ({"Ref": "Subject"}, f"where Subject gets its value{SOURCE}", False),
        (["repo:x-y/z:*", {"Ref": "Subject"}], f"where Subject gets its value{SOURCE}", False),
        ({"Fn::If": ["IsProd", {"Ref": "Subject"}, "repo:x-y/z:*"]}, f"where Subject gets its value{SOURCE}", False),
        ({"Ref": "Subjects"}, f"where the value comes from{SOURCE}", False),
        ({"Fn::FindInMap": ["Stages", "prod", "subject"]}, f"where the value comes from{SOURCE}", False),
        ({"Fn::ImportValue": "subject"}, f"where the value comes from{SOURCE}", False),
        ({"Fn::Join": ["", [{"Fn::ImportValue": "owner"}, "*:environment:prod"]]}, "where the value comes", False),
        ({"Fn::Select": [0, {"Fn::Split": [",", f"{WIDE},x"]}]}, "where the value comes from", False),
    ],
)
def test_a_value_that_is_given_is_not_written_out(subject: object, said: str, has_diff: bool) -> None:
    """A literal in the place of a parameter, a mapping or an import takes it from every other stage."""
    template = {
        "Parameters": PARAMETERS,
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Org"}, "acme-corp"]}},
        "Mappings": {"Stages": {"prod": {"subject": WIDE}}},
        "Resources": deployer(subject),
    }
    remedy = remedy_of(template, EXPORTS)
    assert bool(remedy.edits) is has_diff
    assert said in remedy.text
    assert has_diff or not remedy.diff


MODULE = (
    """
variable "org" { default = "acme-corp" }
variable "subject" { default = "WIDE" }
variable "subjects" { default = ["WIDE", "repo:x-y/z:*"] }
locals { own = "WIDE" }
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "PROVIDER" }
      Condition = {
        StringEquals = { "HOST:aud" = "sts.amazonaws.com" }
        StringLike   = { "HOST:sub" = SUBJECT }
      }
    }]
  })
}
""".replace("PROVIDER", PROVIDER)
    .replace("HOST", HOST)
    .replace("WIDE", WIDE)
)


@pytest.mark.parametrize(
    ("subject", "said", "line"),
    [
        (f'"{WIDE}"', "", f'"{NARROW}"'),
        ('"repo:${var.org}*:environment:prod"', "", '"repo:${var.org}/*:environment:prod"'),
        ("local.own", "", f'"{NARROW}"'),
        ('format("repo:%s*:environment:prod", var.org)', "", '"repo:${var.org}/*:environment:prod"'),
        ('format("repo:%s*:environment:prod", "acme-corp")', "where the value comes from", None),
        ('join(":", ["repo", "acme-corp*", "environment", "prod"])', "where the value comes from", None),
        ("var.subject", "where var.subject gets its value", None),
        ("var.subjects", "where the value comes from", None),
        ('concat(["repo:x-y/z:*"], var.subjects)', "where the value comes from", None),
        ('[for o in ["acme-corp", "x-corp"] : "repo:${o}*:environment:prod"]', "", '"repo:${o}/*:environment:prod"'),
        ('[for o in ["acme-corp", "x/y:"] : "repo:${o}*:environment:prod"]', "in what gives each of these", None),
    ],
)
def test_an_expression_is_not_written_out(subject: str, said: str, line: str | None, tmp_path: Path) -> None:
    """What a function, a variable or a loop gives is changed there, and not in the policy."""
    (tmp_path / "main.tf").write_text(MODULE.replace("SUBJECT", subject), encoding="utf-8")
    remedy = remedy_of(str(tmp_path))
    assert said in remedy.text
    if line is None:
        assert not remedy.edits
    else:
        assert remedy.diff[-1].endswith(f" = {line} }}")


@pytest.mark.parametrize("subject", [WIDE, "repo:${var.org}*:environment:prod"])
def test_a_condition_key_that_an_expression_makes_is_not_written_out(subject: str, tmp_path: Path) -> None:
    """With the default of the host, the key tests nothing where the variable has another value."""
    host = f'variable "host" {{\n  default = "{HOST}"\n}}\n'
    assert f"{HOST}:sub" in MODULE
    written = host + MODULE.replace(f"{HOST}:sub", "${var.host}:sub").replace("SUBJECT", f'"{subject}"')
    (tmp_path / "main.tf").write_text(written, encoding="utf-8")
    assert not remedy_of(str(tmp_path)).edits


def test_what_a_caller_of_a_module_gives_is_changed_there(tmp_path: Path) -> None:
    """The module is called by others, too."""
    (tmp_path / "role").mkdir()
    (tmp_path / "role" / "main.tf").write_text(MODULE.replace("SUBJECT", "var.subject"), encoding="utf-8")
    call = f'module "role" {{\n  source  = "./role"\n  subject = "{WIDE}"\n}}\n'
    (tmp_path / "main.tf").write_text(call, encoding="utf-8")
    remedy = remedy_of(str(tmp_path))
    assert not remedy.edits
    assert "gets its value" in remedy.text or "comes from" in remedy.text


def test_another_process_says_the_same(tmp_path: Path) -> None:
    """What is given from elsewhere is known where the template is not."""
    template = {"Parameters": PARAMETERS, "Resources": deployer({"Ref": "Subjects"})}
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    one, two = (
        trustproof.check([str(tmp_path)], config={}, account=OWN, jobs=jobs, properties=["web-identity-bound"])
        for jobs in (1, 2)
    )
    assert [result.remedy for result in one.results] == [result.remedy for result in two.results]
    assert all(result.remedy is None or not result.remedy.edits for result in one.results)
