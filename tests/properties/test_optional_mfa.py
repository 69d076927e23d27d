"""
Roles that ask for MFA in some deployments: what switches it on is named.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof import Result

ROOT = {"AWS": "arn:aws:iam::444455556666:root"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NOTHING = {"Ref": "AWS::NoValue"}
TERRAFORM = """
variable "require_mfa" {
  type    = bool
  default = %s
}
data "aws_iam_policy_document" "t" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:root"]
    }
    dynamic "condition" {
      for_each = var.require_mfa ? [1] : []
      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["true"]
      }
    }
  }
}
resource "aws_iam_role" "r" { assume_role_policy = data.aws_iam_policy_document.t.json }
"""


def result_of(target: Any, **more: Any) -> Result:
    """What is said of MFA."""
    report = trustproof.check([target], config={}, properties=["mfa-required"], **more)
    (found,) = report.results
    return found


def template(parameter: dict[str, Any], otherwise: object = NOTHING) -> dict[str, Any]:
    """A role that asks for MFA where a parameter says so."""
    condition = {"Fn::If": ["Mfa", MFA, otherwise]}
    statement = {"Effect": "Allow", "Principal": ROOT, "Action": "sts:AssumeRole", "Condition": condition}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Parameters": {"RequireMfa": {"Type": "String", "Default": "false", **parameter}},
        "Conditions": {"Mfa": {"Fn::Equals": [{"Ref": "RequireMfa"}, "true"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }


@pytest.mark.parametrize("parameter", [{}, {"AllowedValues": ["true", "false"]}])
@pytest.mark.parametrize("otherwise", [NOTHING, {"Bool": {"aws:SecureTransport": "true"}}])
def test_a_parameter_that_asks_for_mfa_is_the_remedy(parameter: dict[str, Any], otherwise: object) -> None:
    """There is no diff that would put a second Condition there, and with the parameter it is proved."""
    found = result_of(template(parameter, otherwise))
    assert found.remedy is not None
    assert "--parameter RequireMfa=true" in found.remedy.text
    assert not found.remedy.diff
    assert (found.severity, found.why[0]) == ("warning", "this is taken to be meant where RequireMfa is false")
    after = result_of(template(parameter, otherwise), parameters={"RequireMfa": "true"})
    assert after.verdict == trustproof.PROVED


def test_a_variable_that_asks_for_mfa_is_the_remedy(tmp_path: Path) -> None:
    """A module of Terraform is judged at the defaults of its variables."""
    (tmp_path / "main.tf").write_text(TERRAFORM % "false")
    found = result_of(str(tmp_path))
    assert (found.severity, found.why[0]) == ("warning", "this is taken to be meant where var.require_mfa is false")
    remedy = found.remedy
    assert remedy is not None
    assert remedy.text.startswith("make the default of var.require_mfa what asks for MFA")
    (tmp_path / "main.tf").write_text(TERRAFORM % "true")
    assert result_of(str(tmp_path)).verdict == trustproof.PROVED


def test_what_is_asked_nowhere_has_no_switch() -> None:
    """A condition about something else is no way to ask for MFA."""
    tls = {"Bool": {"aws:SecureTransport": "true"}}
    given = template({})
    statement = given["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    statement["Condition"] = {"Fn::If": ["Mfa", tls, NOTHING]}
    report = trustproof.check([given], config={}, properties=["mfa-required"])
    said = [one.remedy.text for one in report.results if one.remedy is not None]
    assert said
    assert not [text for text in said if "--parameter" in text]


def test_who_gets_in_is_no_switch() -> None:
    """A parameter that gives the account of who is let in decides nothing of MFA."""
    target = template({})
    target["Parameters"]["Tools"] = {"Type": "String", "Default": "444455556666"}
    (statement,) = target["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    statement["Principal"] = {"AWS": {"Fn::Sub": "arn:aws:iam::${Tools}:root"}}
    found = result_of(target)
    assert "in other deployments this asks for MFA: RequireMfa decides that" in found.why
    assert "this is taken to be meant where RequireMfa is false" in found.why
    assert found.remedy is not None
    assert "Tools" not in found.remedy.text


def test_a_switch_stands_beside_what_decides_whether_there_is_a_role() -> None:
    """Where a policy is judged at several values together, the one that asks for MFA is still what is named."""
    target = template({"AllowedValues": ["true", "false"], "Default": "true"})
    target["Parameters"]["Tools"] = {"Type": "String", "Default": ""}
    target["Conditions"]["Has"] = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Tools"}, ""]}]}
    target["Resources"]["R"]["Condition"] = "Has"
    (statement,) = target["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    statement["Principal"] = {"AWS": {"Fn::Sub": "arn:aws:iam::${Tools}:root"}}
    found = result_of(target)
    assert (found.severity, found.why[0]) == ("warning", "this is taken to be meant where RequireMfa is false")
    assert found.remedy is not None
    assert "--parameter RequireMfa=true" in found.remedy.text


def test_a_configuration_that_is_too_large_is_not_read_again_for_each_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that would be too much, nothing is taken to be meant: the finding is as bad as it is."""
    (tmp_path / "main.tf").write_text(TERRAFORM % "false", encoding="utf-8")
    monkeypatch.setattr("trustproof.analysis.assignments.defaults._MAX_STEPS_FOR_EACH", 0)
    found = result_of(tmp_path)
    assert (found.verdict, found.severity) == ("refuted", "error")


def test_what_is_read_again_need_not_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large configuration few of the readings at other values are kept at a time, and the answer is the same."""
    (tmp_path / "main.tf").write_text(TERRAFORM % "false", encoding="utf-8")
    found = result_of(tmp_path)
    for bound, most in (("_KEPT", 0), ("_FEW_KEPT", 1)):
        monkeypatch.setattr(f"trustproof.inputs.cloudformation.other_values.{bound}", most)
    assert result_of(tmp_path) == found
