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
variable "m" { type = map(bool) }
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
        "var.b ? true : local.off",
        "!var.b ? local.off : var.b == true",
        "tobool(var.b) ? true : var.b == false",
        "{ true = true, false = var.b == false }[var.b]",
        "[false, true][var.b ? 1 : 0] || var.b == false",
        'lookup(var.m, "k", true) ? true : lookup(var.m, "k", true) != null',
        "(var.a ? var.b : true) ? true : (var.a ? var.b == false : false)",
        "can(!var.sure)",
        "can(local.not_b)",
        'can("a${local.text}")',
        'can("a${aws_s3_bucket.x.arn}")',
        "try(!var.b, true) || var.b == true",
        "can(!var.b) ? var.b == true || var.b == false : true",
    ],
    "refuted": [
        "var.b == true || var.b == false",
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


#: A module that takes something else for null.
MODULE = """
variable "b" {
  type     = bool
  nullable = false
  default  = true
}
variable "o" { type = object({ mfa = optional(bool, true), other = optional(bool) }) }
output "either" { value = var.b ? true : false }
output "is_null" { value = var.b == null }
output "mfa" { value = var.o.mfa ? true : false }
output "other" { value = var.o.other }
"""
CALL = """
module "m" {
  source = "./m"
  b      = var.b
  o      = { mfa = var.b, other = var.b }
}
"""


@pytest.mark.parametrize(
    ("verdict", "expression"),
    [
        ("proved", "module.m.either || var.b == false"),
        ("refuted", "module.m.either ? var.b != null : true"),
        ("proved", "!module.m.is_null"),
        ("proved", "module.m.mfa || var.b == false"),
        ("refuted", "module.m.mfa ? var.b != null : true"),
        ("refuted", "module.m.other != null"),
    ],
)
def test_a_module_has_its_default_where_it_is_passed_null(tmp_path: Path, verdict: str, expression: str) -> None:
    """What `nullable = false` or a default of an attribute says of null holds for a variable that may be null."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(MODULE)
    (tmp_path / "main.tf").write_text(VARIABLES + CALL + ROLE % expression)
    assert _verdict(tmp_path) == verdict


@pytest.mark.parametrize(
    ("verdict", "elsewhere"),
    [
        ("proved", 'name = "u${!var.b}"'),
        ("proved", 'name = "u"\n count = local.not_b ? 1 : 0'),
        ("refuted", 'name = "u${!var.b}"\n count = var.a ? 1 : 0'),
        ("refuted", 'name = "u${!var.b}"\n for_each = toset(var.l)'),
        ("refuted", 'name = "u${try(!var.b, true)}"'),
        ("refuted", 'name = var.a ? "u${!var.b}" : "u"'),
        ("refuted", 'name = (var.a || !var.b) ? "u" : "v"'),
        ("refuted", 'name = join("", [for one in var.l : "${one}${!var.b}"])'),
        ("refuted", 'name = "u%{ if var.a }${!var.b}%{ endif }"'),
        ("refuted", 'name = "u"\n dynamic "x" {\n for_each = var.l\n content {\n y = !var.b\n }\n }'),
    ],
)
def test_null_is_out_of_the_question_where_terraform_refuses_the_configuration(
    tmp_path: Path, verdict: str, elsewhere: str
) -> None:
    """An expression that is evaluated in any case, of whatever block, leaves no null to the others."""
    user = f'resource "aws_iam_user" "u" {{\n {elsewhere}\n}}\n'
    (tmp_path / "main.tf").write_text(VARIABLES + user + ROLE % "var.b != null")
    assert _verdict(tmp_path) == verdict


def _verdict(directory: Path) -> str:
    results = trustproof.check([directory], account=OWN, properties=["mfa-required"]).results
    (found,) = [one for one in results if one.logical_id == "aws_iam_role.r"]
    return found.verdict
