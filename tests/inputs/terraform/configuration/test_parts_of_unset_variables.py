"""
Truth values inside of variables without a value: attributes of objects, items of lists and maps, ``each.value``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.results.result import Result

pytest.importorskip("tree_sitter_hcl")

VARIABLES = """
variable "o" { type = object({ mfa = bool, off = bool
  nothing = optional(bool), on = optional(bool, true), in = object({ mfa = bool }) }) }
variable "flags" { type = map(bool) }
variable "list" { type = list(bool) }
variable "words" { type = object({ mode = string, number = number }) }
variable "names" { type = list(string) }
variable "sure" {
  type     = object({ mfa = bool, list = list(bool) })
  nullable = false
}
variable "sure_flags" {
  type     = map(bool)
  nullable = false
}
variable "checked_list" {
  type = list(bool)
  validation {
    condition     = alltrue(var.checked_list)
    error_message = "no"
  }
}
variable "checked" {
  type = object({ mfa = bool })
  validation {
    condition     = var.checked.mfa
    error_message = "no"
  }
}
variable "roles" { type = map(object({ mfa = optional(bool, true), name = string })) }
variable "checked_roles" {
  type = map(object({ mfa = bool }))
  validation {
    condition     = alltrue([for role in var.checked_roles : role.mfa])
    error_message = "no"
  }
}
"""
ROLE = """
resource "aws_iam_role" "r" {
  %s
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { (%s ? "Bool" : "BoolIfExists") = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
"""


def result(folder: Path, expression: str, block: str = "", more: str = "") -> Result:
    (folder / "main.tf").write_text(VARIABLES + ROLE % (block, f"({expression})") + more, encoding="utf-8")
    report = trustproof.check([folder], account=OWN, properties=["mfa-required"])
    assert report.errors == ()
    (found,) = report.results
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.o.mfa", "refuted"),
        ('var.o["mfa"]', "refuted"),
        ("!var.o.off", "refuted"),
        ("var.o.in.mfa", "refuted"),
        ("var.o.on", "refuted"),
        ("var.o.mfa || !var.o.mfa", "proved"),
        ("var.o.mfa || var.o.off", "refuted"),
        ('var.o.mfa != "true"', "proved"),
        ("var.o.on != null", "proved"),
        ("var.o.nothing != null", "refuted"),
        ("var.o.nothing != null ? var.o.nothing : true", "refuted"),
        ("coalesce(var.o.nothing, true)", "refuted"),
        ("var.o.nothing == true || var.o.nothing == false", "refuted"),
        ("var.o.nothing == true || var.o.nothing == false || var.o.nothing == null", "proved"),
        ("var.o.on == true || var.o.on == false", "proved"),
        ("var.list[0]", "refuted"),
        ("var.flags.mfa", "refuted"),
        ('var.flags["mfa"] || !var.flags.mfa', "proved"),
        ('lookup(var.flags, "mfa", true)', "refuted"),
        ('lookup(var.flags, "mfa", true) || !lookup(var.flags, "mfa", true)', "proved"),
        ('lookup(var.o, "mfa", true)', "refuted"),
        # There may be no such item, or no object.
        ("try(var.flags.mfa, true)", "refuted"),
        ("try(var.o.mfa, true)", "refuted"),
        ("try(var.o.mfa, true) || !try(var.o.mfa, true)", "proved"),
        ("try(var.o.mfa || true, false)", "unknown"),
        ("can(var.o.mfa)", "refuted"),
        ("try(var.sure.mfa, false) || !var.sure.mfa", "proved"),
        ("can(var.sure.mfa)", "proved"),
        ("can(var.sure_flags.mfa)", "refuted"),
        ("try(!var.sure_flags.mfa || var.sure_flags.mfa, false)", "unknown"),
        ("try(var.sure.list[0], true)", "refuted"),
        # A text may be any, and a number.
        ('var.words.mode == "strict"', "refuted"),
        ('var.words.mode != "strict" || var.words.mode == "strict"', "proved"),
        ("var.words.mode != 1", "proved"),
        ("var.words.number == 1", "refuted"),
        ('var.names[0] == "x"', "refuted"),
        ("alltrue(var.list)", "refuted"),
        ("!anytrue(var.list)", "refuted"),
        ("alltrue(var.list) || !alltrue(var.list)", "proved"),
        ("alltrue(concat(var.list, [false]))", "refuted"),
        ("alltrue([var.o.mfa, true])", "refuted"),
        ("alltrue([var.o.mfa, var.o.off]) == (var.o.mfa && var.o.off)", "proved"),
        ("anytrue([var.o.mfa, var.o.off]) == (var.o.mfa || var.o.off)", "proved"),
        ('alltrue([var.words.mode == "strict", var.o.mfa])', "refuted"),
        ("anytrue([for one in [var.o.mfa, var.o.off] : one])", "refuted"),
        ("anytrue([var.o.mfa, true])", "proved"),
        ("alltrue(concat(var.list, [var.o.mfa]))", "refuted"),
        ("alltrue(concat(var.list, var.sure.list))", "refuted"),
        # What a validation says something of is another matter.
        ("var.checked.mfa", "unknown"),
        ("alltrue(var.checked_list)", "unknown"),
    ],
)
def test_truth_values_inside_of_variables_are_judged_at_both(tmp_path: Path, expression: str, expected: str) -> None:
    """A truth value inside of a variable without a value may be true or false, as one that is a variable itself."""
    assert result(tmp_path, expression).verdict == expected


def test_the_part_of_the_variable_is_named(tmp_path: Path) -> None:
    """A request says at which part of a variable it is let in."""
    found = result(tmp_path, "var.o.mfa").counterexample
    assert found is not None
    assert dict(found.parameters) == {"var.o.mfa": "false"}


@pytest.mark.parametrize(
    ("variable", "expression", "expected"),
    [
        ("roles", "each.value.mfa", "refuted"),
        ("roles", "each.value.mfa || !each.value.mfa", "proved"),
        ("roles", 'lookup(each.value, "mfa", true)', "refuted"),
        ("roles", 'each.value.name == "x"', "refuted"),
        ("checked_roles", "each.value.mfa", "unknown"),
    ],
)
def test_each_value_of_a_variable_without_a_value(
    tmp_path: Path, variable: str, expression: str, expected: str
) -> None:
    """What a loop over a variable without a value has in each round may be true or false."""
    assert result(tmp_path, expression, f"for_each = var.{variable}").verdict == expected


CALL = """
variable "roles" { type = map(object({ mfa = bool })) }
module "m" {
  source = "./m"
  roles = var.roles
}
"""
MODULE = """
variable "roles" {
  type = map(object({ mfa = %s }))
  %s
}
resource "aws_iam_role" "r" {
  for_each = var.roles
  name = each.key
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { (each.value.mfa == true ? "Bool" : "BoolIfExists") = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
"""


@pytest.mark.parametrize(
    ("kind", "validation", "expected"),
    [
        ("bool", "", "refuted"),
        # As a text it is never equal to true: what it is converted to is not followed.
        ("string", "", "unknown"),
        (
            "bool",
            'validation {\n condition = alltrue([for one in var.roles : one.mfa])\n error_message = "no"\n }',
            "unknown",
        ),
    ],
)
def test_a_module_that_is_passed_a_variable_without_a_value(
    tmp_path: Path, kind: str, validation: str, expected: str
) -> None:
    """A module knows what both types say, and nothing where it has a validation of its own."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(MODULE % (kind, validation), encoding="utf-8")
    (tmp_path / "main.tf").write_text(CALL, encoding="utf-8")
    report = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert [found.verdict for found in report.results] == [expected]


def test_loops_over_one_variable_in_two_blocks_are_not_taken_apart(tmp_path: Path) -> None:
    """What holds only where two blocks see different values of one loop is neither proved nor refuted."""
    more = """
resource "aws_iam_role_policy" "p" {
  for_each = var.roles
  name = "p"
  role = "q"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = each.value.mfa ? "Allow" : "Deny", Action = "iam:*", Resource = "*" }] })
}
resource "aws_iam_role" "q" {
  for_each = var.roles
  name = "q"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { (each.value.mfa ? "Bool" : "BoolIfExists") = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
"""
    (tmp_path / "main.tf").write_text(VARIABLES + more, encoding="utf-8")
    config = {"sensitive": {"actions": ["iam:*"]}}
    report = trustproof.check([tmp_path], account=OWN, config=config, properties=["sensitive-actions-require-mfa"])
    assert "refuted" not in {found.verdict for found in report.results}
