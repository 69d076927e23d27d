"""
Other documents that a policy document is made of: read as the provider reads them, and not as AWS would.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.values import Value

ACTION = {"Effect": "Allow", "Action": "a:b"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

#: A statement of another document, and what the provider makes of it.
READ: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("any case", {"effect": "Allow", "ACTION": "a:b", "reſource": "*"}, {**ACTION, "Resource": "*"}),
    ("the last of two", {"Action": "a:b", "Effect": "Deny", "effect": "Allow"}, ACTION),
    ("other elements", {**ACTION, "Conditions": MFA, "x": 1}, ACTION),
    ("a number", {**ACTION, "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}, ACTION),
    ("null", {**ACTION, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": None}}}, ACTION),
    ("an object", {**ACTION, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": {}}}}, ACTION),
    ("no operator", {**ACTION, "Condition": {"Bool": None}}, ACTION),
    ("no condition", {**ACTION, "Condition": None}, ACTION),
    ("one of two", {**ACTION, "Condition": {**MFA, "NumericEquals": {"k": 1}}}, {**ACTION, "Condition": MFA}),
    ("a truth value", {**ACTION, "Condition": {"Bool": {"k": True}}}, {**ACTION, "Condition": {"Bool": {"k": "true"}}}),
    ("a list", {**ACTION, "Condition": {"Bool": {"k": ["a"]}}}, {**ACTION, "Condition": {"Bool": {"k": "a"}}}),
    ("any principal", {**ACTION, "Principal": "arn:aws:iam::1:root"}, {**ACTION, "Principal": "*"}),
    ("a principal", {**ACTION, "Principal": {"AWS": "*"}}, {**ACTION, "Principal": {"AWS": "*"}}),
]


@pytest.mark.parametrize(("given", "expected"), [case[1:] for case in READ], ids=[case[0] for case in READ])
@pytest.mark.parametrize("kind", ["source", "override"])
@pytest.mark.parametrize("way", ["jsonencode", "text"])
def test_another_document_is_read_as_the_provider_reads_it(
    worth: Callable[..., Value], kind: str, way: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Elements have their names in any case, and what is none, or no value of a condition, is left out."""
    document = json.dumps({"statement": [given]}, ensure_ascii=False)
    argument = "jsonencode(jsondecode(local.text))" if way == "jsonencode" else "local.text"
    text = f"locals {{\n text = {json.dumps(document, ensure_ascii=False)}\n}}\n"
    text += f'data "aws_iam_policy_document" "d" {{\n {kind}_policy_documents = [{argument}]\n}}'
    found = convert.plain(worth("data.aws_iam_policy_document.d.json", text))
    assert json.loads(found) == {"Version": "2012-10-17", "Statement": [expected]}


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("", "2008-10-17", "2012-10-17"),
        ("2008-10-17", "2012-10-17", "2012-10-17"),
        ("2008-10-17", "2008-10-17", "2008-10-17"),
    ],
)
def test_the_latest_version_counts(worth: Callable[..., Value], own: str, other: str, expected: str) -> None:
    """A document with variables of policies is not made one without, and one without may become one with."""
    version = f'version = "{own}"' if own else ""
    documents = f'override_policy_documents = [jsonencode({{ Version = "{other}" }})]'
    text = f'data "aws_iam_policy_document" "d" {{\n {version}\n {documents}\n}}'
    assert json.loads(convert.plain(worth("data.aws_iam_policy_document.d.json", text))) == {"Version": expected}


ROLE = """
variable "age" { type = number }
variable "id" { type = string }
variable "sure" {
  type     = string
  nullable = false
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [%s]
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}
"""
TRUST = (
    'jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole",'
    ' Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}, Condition = {{ {} }} }}] }})'
)


@pytest.mark.parametrize(
    ("condition", "verdict", "is_said"),
    [
        ('NumericLessThan = { "aws:MultiFactorAuthAge" = 3600 }', "refuted", True),
        ('NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" }', "proved", False),
        ('NumericLessThan = { "aws:MultiFactorAuthAge" = var.age }', "unknown", False),
        ('NumericLessThan = { "aws:MultiFactorAuthAge" = tostring(var.id) }', "unknown", False),
        ('NumericLessThan = { "aws:MultiFactorAuthAge" = var.sure }', "proved", False),
        ('Bool = { "aws:MultiFactorAuthPresent" = true }', "proved", False),
    ],
)
def test_a_condition_that_the_provider_drops_proves_nothing(
    tmp_path: Path, condition: str, verdict: str, is_said: bool
) -> None:
    """A number in a condition of another document is not in the policy that is made of it, and a note says so."""
    pytest.importorskip("tree_sitter_hcl")
    (tmp_path / "main.tf").write_text(ROLE % TRUST.format(condition))
    found = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in found.results if one.logical_id] == [verdict]
    assert any("whose value is a number" in note for note in found.notes) is is_said


PINNED = 'terraform {\n required_providers {\n aws = {\n source = "hashicorp/aws"\n version = "%s"\n}\n}\n}\n'
LOCK = 'provider "registry.terraform.io/hashicorp/aws" {\n version = "%s"\n}\n'


@pytest.mark.parametrize(
    ("asked", "locked", "verdict"),
    [
        ("4.27.0", "", "refuted"),
        ("~> 3.0", "", "refuted"),
        (">= 4.0, < 4.30", "", "refuted"),
        (">= 3.0", "4.29.0", "refuted"),
        ("4.30.0", "", "proved"),
        ("~> 4.0", "", "proved"),
        (">= 3.0", "4.30.0", "proved"),
    ],
)
def test_the_version_of_the_provider_decides_about_truth_values(
    tmp_path: Path, asked: str, locked: str, verdict: str
) -> None:
    """Before 4.30, a condition of another document with an unquoted truth value is not in the policy either."""
    pytest.importorskip("tree_sitter_hcl")
    text = PINNED % asked + ROLE % TRUST.format('Bool = { "aws:MultiFactorAuthPresent" = true }')
    (tmp_path / "main.tf").write_text(text)
    if locked:
        (tmp_path / ".terraform.lock.hcl").write_text(LOCK % locked)
    found = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in found.results if one.logical_id] == [verdict]
    assert any("whose value is a truth value" in note for note in found.notes) is (verdict == "refuted")


@pytest.mark.parametrize("name", ["a", "z"])
@pytest.mark.parametrize("number", ["", "count = 0"])
def test_a_version_that_a_module_asks_for_is_that_of_all(tmp_path: Path, name: str, number: str) -> None:
    """Whichever is evaluated first: the provider is installed once for all of them, and for calls of none."""
    pytest.importorskip("tree_sitter_hcl")
    call = f'module "{name}" {{\n source = "./called"\n {number}\n}}\n'
    (tmp_path / "main.tf").write_text(ROLE % TRUST.format('Bool = { "aws:MultiFactorAuthPresent" = true }') + call)
    inner = tmp_path / "called" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "called" / "main.tf").write_text('module "inner" {\n source = "./inner"\n}\n')
    (inner / "main.tf").write_text(PINNED % "~> 3.0")
    found = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in found.results if one.logical_id] == ["refuted"]


#: Documents that may be among those of another one, next to a statement that asks for MFA.
SOMETIMES = """
variable "on" { type = bool }
variable "other" { type = bool }
data "aws_iam_policy_document" "open" {
  statement {
    sid     = "Open"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "closed" {
  statement {
    sid     = "Closed"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}
data "aws_iam_policy_document" "whole" {
  %s = %s
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.whole.json
}
"""
CLOSED, OPEN = (f"data.aws_iam_policy_document.{name}.json" for name in ("closed", "open"))


@pytest.mark.parametrize(
    ("verdict", "documents"),
    [
        ("refuted", f"[{CLOSED}, var.on ? {OPEN} : {CLOSED}]"),
        ("refuted", f'[{CLOSED}, var.on ? {OPEN} : ""]'),
        ("refuted", f'compact([{CLOSED}, var.on ? {OPEN} : ""])'),
        ("refuted", f"concat([{CLOSED}], var.on ? [{OPEN}] : [])"),
        ("refuted", f"[for one in [{CLOSED}, {OPEN}] : one if var.on]"),
        ("refuted", f"concat(var.on ? [{CLOSED}] : [], var.other ? [{OPEN}] : [])"),
        ("proved", f'[{CLOSED}, var.on ? replace({CLOSED}, "Closed", "Other") : ""]'),
        ("proved", f"var.on ? [{CLOSED}] : []"),
        ("proved", f'concat(var.on ? [{CLOSED}] : [], var.other ? [replace({CLOSED}, "Closed", "Other")] : [])'),
        ("proved", f'var.on ? [{CLOSED}] : [replace({OPEN}, "sts:AssumeRole", "sts:TagSession")]'),
        ("unknown", f"[{CLOSED}, var.unset]"),
    ],
)
@pytest.mark.parametrize("kind", ["source", "override"])
def test_documents_that_a_condition_decides_about_are_judged_with_and_without(
    tmp_path: Path, kind: str, verdict: str, documents: str
) -> None:
    """What is in one case only is judged in that case, and what nobody knows stays unknown."""
    text = SOMETIMES % (f"{kind}_policy_documents", documents)
    (tmp_path / "main.tf").write_text(text + 'variable "unset" { type = string }\n')
    results = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"]).results
    assert {one.verdict for one in results if one.logical_id} == {verdict}
