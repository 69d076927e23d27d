"""
A truth value or number next to something of an unknown type may have become a text, and is the same in a policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl")

NAMES = """
variable "s" { type = string }
variable "any" {}
variable "names" { type = list(string) }
data "external" "e" { program = ["x"] }
locals {
  unknown = data.external.e.result.a
  list    = data.external.e.result.b
}
"""
ROLE = """
resource "aws_iam_role" "%s" {
  name = "%s"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = %s })
}
"""
STATEMENT = """{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { %s }
}"""
COMPARED = '((%s) ? "Bool" : "BoolIfExists") = { "aws:MultiFactorAuthPresent" = true }'


def verdicts(folder: Path, statements: Sequence[str]) -> list[str]:
    """Whether each of some roles demands MFA."""
    roles = (ROLE % (f"r{number:03}", f"r{number:03}", one) for number, one in enumerate(statements))
    (folder / "main.tf").write_text(NAMES + "".join(roles), encoding="utf-8")
    report = trustproof.check([folder], account=OWN, properties=["mfa-required"])
    assert report.errors == ()
    found = {result.logical_id: result.verdict for result in report.results}
    return [found[name] for name in sorted(found)]


MAY_BE_TEXTS = (
    "tolist([true, local.unknown])[0]",
    'tomap({ a = true, b = local.unknown })["a"]',
    "tolist([[true], [local.unknown]])[0][0]",
    "tolist([[true], local.list])[0][0]",
    "tolist([{ a = true }, { a = local.unknown }])[0].a",
    "concat(tolist([true]), [local.unknown])[0]",
    "concat(tolist([true]), local.list)[0]",
    "concat(tolist([true]), var.names)[0]",
    "coalesce(true, local.unknown)",
    "coalesce(null, true, local.unknown)",
    "[for one in tolist([true, local.unknown]) : one][0]",
    "(1 == 1 ? true : local.unknown)",
    "(1 == 1 ? [true] : local.list)[0]",
    "(1 == 1 ? { a = true } : { b = local.unknown }).a",
    "element(tolist([true, local.unknown]), 0)",
    "chunklist([true, local.unknown], 1)[0][0]",
    'tolist([{ a = true, b = "x" }[var.s], true])[1]',
    "tolist([null, true, var.any])[1]",
)


@pytest.mark.parametrize("comparison", ["== true", "!= true", '== "true"', '!= "true"'])
def test_what_may_be_a_text_is_equal_to_nothing_that_is_known(tmp_path: Path, comparison: str) -> None:
    """Whether it is a truth value still depends on a type that nobody knows, and so does what it is equal to."""
    found = verdicts(tmp_path, [f"[{STATEMENT % (COMPARED % f'{value} {comparison}')}]" for value in MAY_BE_TEXTS])
    assert dict(zip(MAY_BE_TEXTS, found, strict=True)) == dict.fromkeys(MAY_BE_TEXTS, "unknown")


def test_what_keeps_its_type_is_compared(tmp_path: Path) -> None:
    """What no conversion reaches is what it was, and so is what nothing but a text fits beside."""
    expressions = (
        # Whatever is beside it in a tuple, it keeps its type.
        "[true, local.unknown][0] == true",
        "merge({ a = true }, { b = local.unknown }).a == true",
        "flatten([true, local.unknown])[0] == true",
        "{ a = true, b = local.unknown }.a == true",
        # Its own type is known.
        "tolist([true, false])[0] == true",
        "tobool(tolist([true, local.unknown])[0]) == true",
        # A number and a truth value are of one type as texts only.
        'tolist([1, true, local.unknown])[1] == "true"',
        "tolist([true, local.unknown])[0]",
        "tolist([true, local.unknown])[0] != null",
        '{ "true" = true }[tolist([true, local.unknown])[0]]',
        "[false, true][tolist([1, local.unknown])[0]]",
    )
    found = verdicts(tmp_path, [f"[{STATEMENT % (COMPARED % one)}]" for one in expressions])
    assert dict(zip(expressions, found, strict=True)) == dict.fromkeys(expressions, "proved")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('Bool = { "aws:MultiFactorAuthPresent" = true }', "proved"),
        ('BoolIfExists = { "aws:MultiFactorAuthPresent" = true }', "refuted"),
        ('NumericLessThan = { "aws:MultiFactorAuthAge" = 3600 }', "proved"),
    ],
)
def test_a_policy_says_the_same_with_texts(tmp_path: Path, condition: str, expected: str) -> None:
    """A policy in which a truth value or number may have become a text is judged: IAM reads both alike."""
    lists = (
        "[%s]",
        "tolist([%s])",
        "[for one in concat([%s], []) : one]",
        "1 == 1 ? [%s] : local.list",
        "coalescelist([%s], local.list)",
        "[tolist([%s, local.unknown])[0]]",
        "[jsondecode(jsonencode(tolist([%s, local.unknown])[0]))]",
    )
    found = verdicts(tmp_path, [one % (STATEMENT % condition) for one in lists])
    assert dict(zip(lists, found, strict=True)) == dict.fromkeys(lists, expected)
