"""
Variables without a value have the types that they are declared with, and those that they are passed on as.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl")

VARIABLES = """
variable "b" { type = bool }
variable "other" { type = bool }
variable "third" { type = bool }
variable "n" { type = number }
variable "s" { type = string }
variable "any" {}
variable "never_null" {
  type = bool
  nullable = false
}
variable "names" { type = list(string) }
variable "word" {
  validation {
    condition     = var.word == "true"
    error_message = "no"
  }
}
module "m" {
  source = "./m"
  text = var.b
  number_text = var.n
  any_text = var.any
  object = { a = var.b }
  map = { a = 1, b = var.b }
  list = [var.n, "x"]
}
"""
MODULE = """
variable "text" { type = string }
variable "number_text" { type = string }
variable "any_text" { type = string }
variable "object" { type = object({ a = string }) }
variable "map" { type = map(string) }
variable "list" { type = list(string) }
"""
ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { (%s ? "Bool" : "BoolIfExists") = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
"""


def verdict(folder: Path, expression: str, *, in_module: bool = False) -> str:
    """Whether a role demands MFA where it does so if an expression is true."""
    (folder / "m").mkdir()
    found = f'output "found" {{ value = {expression} }}' if in_module else ""
    (folder / "m" / "main.tf").write_text(MODULE + found, encoding="utf-8")
    (folder / "main.tf").write_text(
        VARIABLES + ROLE % ("module.m.found" if in_module else f"({expression})"), encoding="utf-8"
    )
    report = trustproof.check([folder], account=OWN, properties=["mfa-required"])
    assert report.errors == ()
    (result,) = report.results
    return result.verdict


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # A truth value or a number that has become a text is none any more.
        ("var.text == true || var.text == false", "refuted"),
        ("var.text != true", "proved"),
        ('var.text == "true"', "refuted"),
        # It may be null, which is neither.
        ('var.text == "true" || var.text == "false"', "refuted"),
        ('var.text == "true" || var.text == "false" || var.text == null', "proved"),
        ('{ "true" = true, "false" = true }[var.text]', "proved"),
        ("var.text != null", "refuted"),
        ("var.object.a != true", "proved"),
        ('var.map["b"] != true', "proved"),
        ("var.list[0] != 1", "proved"),
        ("var.number_text != 1", "proved"),
        ('var.number_text != "1"', "refuted"),
        ('var.number_text != "01"', "proved"),
        ('var.number_text != ""', "proved"),
        ('var.any_text != "prod"', "refuted"),
        ("var.any_text != 1", "proved"),
        ("var.any_text ? true : false", "refuted"),
    ],
)
def test_variables_of_modules_have_their_types(tmp_path: Path, expression: str, expected: str) -> None:
    """What a module is passed is converted to the types of its variables, where nobody knows the value too."""
    assert verdict(tmp_path, expression, in_module=True) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('tomap({ a = var.b, c = "x" })["a"] == true || tomap({ a = var.b, c = "x" })["a"] == false', "refuted"),
        ('tolist([var.b, "x"])[0] == true || tolist([var.b, "x"])[0] == false', "refuted"),
        ('tolist([var.n, "x"])[0] != 1', "proved"),
        ("tostring(var.b) != null", "refuted"),
        ('(var.s == "q" ? var.n : "x") != 1', "proved"),
        ('var.n != "1"', "proved"),
        ("var.n != 1", "refuted"),
        ("var.s != 1", "proved"),
        ('"${var.n}" != ""', "proved"),
        ("var.b != null", "refuted"),
        ("var.never_null != null", "proved"),
        ("var.n == var.n", "proved"),
        ('terraform.workspace != ""', "proved"),
        ('terraform.workspace != "prod"', "refuted"),
        # A text or what has no type may be used as a truth value: it is given as true, false, 1 or 0.
        ("var.any", "refuted"),
        ("!var.s", "refuted"),
        ("tobool(var.s)", "refuted"),
        ("var.any || !var.any", "proved"),
        ("tobool(var.any) == true || tobool(var.any) == false", "unknown"),
        # Null is neither true nor false, and no condition.
        ("var.b == true || var.b == false", "refuted"),
        ("var.b == true || var.b == false || var.b == null", "proved"),
        ("var.b != true || var.b != false", "proved"),
        ("var.b == var.other || var.b == var.third || var.other == var.third", "unknown"),
        # Terraform refuses to look for null.
        ("contains([true, false], var.b)", "proved"),
        ("var.never_null == true || var.never_null == false", "proved"),
        ("contains([true, false], var.never_null)", "proved"),
        # What it is as a text is another question about the same.
        ('var.s == "true" ? var.s : true', "unknown"),
        ("try(tobool(var.s), true)", "unknown"),
        ("var.word", "proved"),
        # What is converted and back may be another text.
        ('tostring(tonumber(var.s)) == "05"', "refuted"),
        ('tostring(tonumber(var.s)) != "05"', "unknown"),
    ],
)
def test_variables_have_their_types(tmp_path: Path, expression: str, expected: str) -> None:
    """A variable is equal to nothing of another type, and null only where it may be."""
    assert verdict(tmp_path, expression) == expected


@pytest.mark.parametrize(
    ("length", "least"),
    [
        ('concat(["a"], var.names)', 1),
        ('concat(["a", "a"], var.names)', 2),
        ('toset(concat(["a", var.s], var.names))', 1),
        ('setunion(["a"], var.names)', 1),
        ('flatten(["a", var.s, var.names])', 2),
        ('compact(["a", var.s])', 1),
        ('[for one in concat(["a"], var.names) : "${one}-x"]', 1),
        ('"x${var.s}"', 1),
        ('split(",", var.s)', 1),
        ('coalescelist(var.names, ["z"])', 1),
        ('var.b ? concat(["a"], var.names) : concat(["a", "b"], var.names)', 1),
        ('var.b ? concat(["a"], var.names) : var.names', 0),
        ("var.names", 0),
        ("var.s", 0),
        ('"${var.s}${var.any}"', 0),
        ("compact([var.s])", 0),
        ("[for one in var.names : one]", 0),
        ("merge({ a = 1 }, { for one in var.names : one => one })", 1),
        ("merge({}, { for one in var.names : one => one })", 0),
        ("keys(merge({ a = 1 }, { for one in var.names : one => one }))", 1),
        ('{ for one in concat(["a"], var.names) : one => one }', 1),
        ('{ for one in concat(["a"], var.names) : one => one if one != "a" }', 0),
        ('split("", var.s)', 0),
    ],
)
def test_a_length_is_not_less_than_what_is_surely_there(tmp_path: Path, length: str, least: int) -> None:
    """That there are none is made up only where there may be none."""
    assert verdict(tmp_path, f"length({length}) > 0") == ("proved" if least else "refuted")


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("> 1", "proved"),
        (">= 2", "proved"),
        ("!= 1", "proved"),
        ("!= 0", "proved"),
        ("< 2", "refuted"),
        ("<= 1", "refuted"),
        ("== 1", "refuted"),
        ("> 2", "refuted"),
        ("== 2", "refuted"),
    ],
)
def test_a_length_is_compared_by_what_is_surely_there(tmp_path: Path, comparison: str, expected: str) -> None:
    """A length of at least two is more than one, whatever is written; it may be more than that or not."""
    assert verdict(tmp_path, f'length(concat(["a", "b"], var.names)) {comparison}') == expected
