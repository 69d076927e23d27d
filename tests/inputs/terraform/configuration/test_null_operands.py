"""
Null where Terraform refuses it: of a variable without a value, and of attributes that may not be set.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl")

VARIABLES = """
variable "a" { type = bool }
variable "b" { type = bool }
variable "s" { type = string }
variable "l" { type = list(string) }
variable "sure" {
  type     = bool
  nullable = false
}
locals {
  one   = var.a ? var.b : true
  off   = var.b == false
  not_b = !var.b
  text  = "a${var.s}"
}
resource "aws_s3_bucket" "x" {}
"""
ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { ((%s) ? "Bool" : "BoolIfExists") = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
"""

#: What is true at every value that Terraform takes; and what is false, or has no value that is known, at one.
CASES = {
    "proved": [
        "var.b ? true : var.b == false",
        "!var.b ? var.b == false : true",
        "var.b ? true : var.b != null",
        "var.b || var.b == false",
        "(var.a || var.b) ? true : var.b == false",
        "(var.b ? 1 : 0) == 1 ? true : var.b == false",
        "(var.a ? true : false) || var.a == false",
        "var.a ? true : (var.b ? true : var.b == false)",
        "can(!var.sure)",
        "can(local.not_b)",
        'can("a${local.text}")',
        'can("a${aws_s3_bucket.x.arn}")',
        "try(!var.b, true) || var.b == true",
        "can(!var.b) ? var.b == true || var.b == false : true",
    ],
    "refuted": [
        "var.b == true || var.b == false",
        "var.b ? true : local.off",
        "var.b && true ? true : var.b == false",
        "(var.b || var.b == null) && var.b != true ? false : true",
        "can(!var.b)",
        "can(var.b ? 1 : 2)",
        "can(var.b ? [1] : [])",
        "try(var.b ? true : true, false)",
        'can("${var.s}x")',
        "can({ (var.s) = 1 })",
        "try(!var.b, false) || var.b == true",
    ],
    "unknown": [
        "can(var.b && true)",
        "try(!var.b || true, false)",
        "can(!local.one)",
        'can(concat(var.l, ["x"]))',
        'can(join(",", [var.s]))',
        'can("a${aws_s3_bucket.x.bucket_prefix}")',
        'can(jsondecode("[${var.b}]"))',
        'can("%{ if var.b }x%{ else }y%{ endif }")',
    ],
}


@pytest.mark.parametrize(
    ("verdict", "expression"), [(verdict, one) for verdict, expressions in CASES.items() for one in expressions]
)
def test_null_is_refused_where_terraform_refuses_it(tmp_path: Path, verdict: str, expression: str) -> None:
    """Null has no part in what is made of a truth value, and is a fault for `try` and `can`."""
    (tmp_path / "main.tf").write_text(VARIABLES + ROLE % expression)
    (found,) = [
        one for one in trustproof.check([tmp_path], account=OWN, properties=["mfa-required"]).results if one.logical_id
    ]
    assert found.verdict == verdict
