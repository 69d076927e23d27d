"""
What is one of a few values, of which nobody knows before which: an item at an index, a value at a key, what a loop over
something unknown makes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.configuration.test_decided_together import ROLE, check

AROUND = """
variable "names" { type = list(string) }
variable "numbers" { type = map(number) }
variable "x" { type = string }
variable "i" { type = number }
variable "on" { type = bool }
variable "hidden" {
  type = map(string)
  sensitive = true
  default = { a = "true", b = "false" }
}
resource "random_string" "s" { length = 4 }
resource "random_integer" "i" {
  min = 0
  max = 1
}
resource "random_shuffle" "s" { input = local.list }
locals {
  list = ["true", "OTHER"]
  map = { a = "true", b = "OTHER" }
  objects = { a = { mfa = "true", n = "1" }, b = { mfa = "OTHER", n = "2" } }
  loop = [for n in var.names : n == "x" ? "true" : "OTHER"]
  entries = { for n in var.names : n => { mfa = "true", name = n } }
}
"""

#: What is asked for, what it is asked for each of, and whether something of it is refuted where another item is false.
EXPRESSIONS = [
    ("local.list[random_integer.i.result]", ""),
    ("local.list[var.i]", ""),
    ('concat(values({ for k, v in local.map : k => v if k == random_string.s.result }), ["true"])[0]', ""),
    (
        'concat(keys({ for k, v in { true = 1, OTHER = 2 } : k => v if random_string.s.result == k }), ["true"])[0]',
        "",
    ),
    ("local.list[each.value]", "var.numbers"),
    ("element(local.list, each.value)", "var.numbers"),
    ("element(local.list, length(each.key))", "var.numbers"),
    ("local.map[random_string.s.result]", ""),
    ("local.map[var.x]", ""),
    ("local.map[lower(var.x)]", ""),
    ('{ a-x = "true", b-x = "OTHER", c = "false" }["${var.x}-x"]', ""),
    ("local.objects[random_string.s.result].mfa", ""),
    ("local.objects[var.x].mfa", ""),
    ('lookup(local.map, random_string.s.result, "true")', ""),
    ('lookup(local.map, lower(var.x), "true")', ""),
    ("local.loop[0]", ""),
    ("element(local.loop, 3)", ""),
    ("element(local.loop, var.i)", ""),
    ('one(concat(["OTHER"], local.loop))', ""),
    ('concat(["true"], local.loop)[1]', ""),
    ("random_shuffle.s.result[0]", ""),
    ("each.value.mfa", 'merge({ a = { mfa = "OTHER", name = "a" } }, local.entries)'),
    ("each.value.mfa", 'merge(local.entries, { for n in var.numbers : n => { mfa = "OTHER", name = "a" } })'),
]


@pytest.mark.parametrize(("expression", "each"), EXPRESSIONS)
@pytest.mark.parametrize(("other", "verdict"), [("true", "proved"), ("false", "refuted")])
def test_each_of_the_values_is_judged(tmp_path: Path, expression: str, each: str, other: str, verdict: str) -> None:
    """Proved where all of them hold, since there is no other; refuted by the one that does not."""
    for_each = f"for_each = {each}" if each else ""
    condition = f'Bool = {{ "aws:MultiFactorAuthPresent" = {expression} }}'
    report = check(tmp_path, (AROUND + ROLE % (for_each, condition)).replace("OTHER", other), "mfa-required")
    assert {one.verdict for one in report.results} == {verdict}


@pytest.mark.parametrize(
    ("expression", "each"),
    [
        # There may be no such item or key, and then it is something else.
        ('try({ a = "true", b = "true" }[random_string.s.result], "false")', ""),
        ('try(["true", "true"][random_integer.i.result], "false")', ""),
        ('try([for n in var.names : "true"][0], "false")', ""),
        ('can({ a = "true" }[random_string.s.result])', ""),
        ('lookup({ a = "true", b = "true" }, random_string.s.result, "false")', ""),
        ('lookup({ a = "true", b = "true" }, var.x, "false")', ""),
        # One of them has no such attribute.
        ('try(each.value.mfa, "false")', 'merge({ a = { name = "a" } }, local.entries)'),
        # What else there may be is not known.
        ('concat([for n in var.names : "true"], var.names)[0]', ""),
        ("element(var.names, 0)", ""),
        ('{ a = "true", (var.x) = "true", b = "false" }[random_string.s.result]', ""),
        ('one([for n in var.names : n == "x" ? "true" : upper(n)])', ""),
        ("each.value.mfa", "merge(local.entries, { for n in var.names : n => { mfa = n, name = n } })"),
    ],
)
def test_what_may_be_another_value_proves_nothing(tmp_path: Path, expression: str, each: str) -> None:
    """A value that stands beside those that are known is not left out."""
    for_each = f"for_each = {each}" if each else ""
    condition = f'Bool = {{ "aws:MultiFactorAuthPresent" = {expression} }}'
    report = check(tmp_path, (AROUND + ROLE % (for_each, condition)).replace("OTHER", "true"), "mfa-required")
    assert report.results
    assert "proved" not in {one.verdict for one in report.results}


@pytest.mark.parametrize(
    ("looked_up", "verdict"),
    [
        ('local.map[var.x] == "true" ? 1 : 1', "proved"),
        # Terraform does not look it up in every case.
        ('var.on ? (local.map[var.x] == "true" ? 1 : 1) : 1', "refuted"),
        ('try(local.map[var.x], "") == "true" ? 1 : 1', "refuted"),
    ],
)
def test_a_variable_is_one_of_the_keys_where_it_is_looked_up_in_any_case(
    tmp_path: Path, looked_up: str, verdict: str
) -> None:
    """Nothing is applied with another value, so that what holds only there is not judged."""
    text = AROUND + f"locals {{\n  looked_up = {looked_up}\n}}\n"
    condition = (
        'Bool = { "aws:MultiFactorAuthPresent" = var.x == "c" ? "false" : "true", "aws:SecureTransport" = "true" }'
    )
    text += ROLE % ("", condition) + 'resource "aws_iam_user" "u" { name = tostring(local.looked_up) }\n'
    report = check(tmp_path, text.replace("OTHER", "false"), "mfa-required")
    assert {one.verdict for one in report.results} == {verdict}


def test_what_is_sensitive_names_no_parameter(tmp_path: Path) -> None:
    """What decides is called by the values, and these are never shown."""
    condition = 'StringEquals = { "sts:ExternalId" = local.map[random_string.s.result] }'
    text = AROUND.replace('"OTHER"', 'sensitive("s3cr3t")') + ROLE % ("", condition)
    report = check(tmp_path, text, "external-id-required", "mfa-required")
    assert "s3cr3t" not in str([(one.counterexample, one.reasons, one.label) for one in report.results])


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("length(random_string.s.result) == 4", "proved"),
        ("length(random_string.s.result) == 5", "refuted"),
        ("can(tobool(var.i))", "refuted"),
        ("!can(tobool(var.i))", "proved"),
        ("tobool(var.i)", "unknown"),
        ("tonumber(var.on) == 1", "unknown"),
    ],
)
def test_what_is_known_of_a_value_that_is_not(tmp_path: Path, condition: str, verdict: str) -> None:
    """A random text has the length that it is given, and a number is no truth value."""
    asked = f'Bool = {{ "aws:MultiFactorAuthPresent" = tostring({condition}) }}'
    report = check(tmp_path, AROUND + ROLE % ("", asked), "mfa-required")
    assert {one.verdict for one in report.results} == {verdict}


LOOKED_UP = """
data "aws_region" "r" {{}}
locals {{
  accounts = {{ a = "111122223333", b = "{account}", {more} }}
}}
data "aws_iam_policy_document" "d" {{
  dynamic "statement" {{
    for_each = {{ for k, v in local.accounts : k => v if k == data.aws_region.r.region }}
    content {{
      actions = ["sts:AssumeRole"]
      principals {{
        type        = "AWS"
        identifiers = [statement.value]
      }}
    }}
  }}
}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}}
"""


@pytest.mark.parametrize(("account", "verdict"), [("111122223333", "proved"), ("999988887777", "refuted")])
def test_one_entry_is_there_at_most(tmp_path: Path, account: str, verdict: str) -> None:
    """What an object has for a Region that nobody knows is one of its entries, or nothing."""
    more = ", ".join(f'k{number} = "111122223333"' for number in range(20))
    (tmp_path / "main.tf").write_text(LOOKED_UP.format(account=account, more=more))
    config = {"boundary": {"accounts": ["111122223333"]}}
    report = trustproof.check([tmp_path], config=config, account="111122223333", properties=["inside-boundary"])
    (found,) = report.results
    assert found.verdict == verdict, found
    if found.counterexample is not None:
        assert list(found.counterexample.parameters.values()) == ["b"]
