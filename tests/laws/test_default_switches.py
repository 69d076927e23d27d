"""
Whatever way a variable with a default decides what denies or bounds what a user may do, a proof names it exactly where
another value of it would not be proved.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl")

ASKED = "sensitive-actions-require-mfa"
#: Type, default, another value and the truth value that the default makes.
SWITCHES = [
    ("bool", "true", "false", "alltrue([var.v])"),
    ("string", '"prod"', "dev", 'lower(var.v) == "prod"'),
    ("string", '"prod"', "dev", '"${var.v}-1" != "dev-1"'),
    ("number", "1", "0", "var.v > 0"),
    ("list(string)", '["x"]', "[]", "length(var.v) > 0"),
    ("string", "null", "y", 'coalesce(var.v, "x") == "x"'),
    ("object({ on = optional(bool, true) })", "{}", "{ on = false }", "alltrue([try(var.v.on, false)])"),
    ("bool", "true", "false", "var.v || true"),
]
#: How a block reads a truth value: what stands beside it, and its name there.
WAYS = (
    ("", "(%s)"),
    ("locals {\n  on_v = %s\n}\n", "local.on_v"),
    ("locals {\n  is_v = %s\n  on_v = local.is_v && true\n}\n", "local.on_v"),
    ("locals {\n  o_v = { on = %s }\n}\n", "local.o_v.on"),
)
#: How a truth value decides about a policy.
FORMS = (
    "count = %s ? 1 : 0",
    "for_each = toset(%s ? [1] : [])",
    'for_each = toset([for k in ["x"] : k if %s])',
    'for_each = { for k in ["x"] : k => k if %s }',
    'count = length([for k in ["x"] : k if %s])',
)
#: How many instances there are of a policy: type, default, another value and what says it.
INSTANCES = [
    ("list(string)", '["x"]', "[]", "for_each = toset(var.v)"),
    ("list(string)", '["x"]', "[]", "count = length(var.v)"),
    ("set(string)", '["x"]', "[]", "for_each = var.v"),
    ("number", "1", "0", "count = var.v"),
    ("map(object({ on = optional(bool, true) }))", "{ x = {} }", "{ x = { on = false } }",
     "for_each = { for k, one in var.v : k => one if one.on }"),
    ("list(string)", '["x"]', "[]", "for_each = toset(concat(var.v, [\"y\"]))"),
]  # fmt: skip
STATEMENT = '{ Version = "2012-10-17", Statement = [{ Effect = "%s", Action = "ec2:*", Resource = "*"%s }] }'
ALLOWED = STATEMENT % ("Allow", "")
DENIED = STATEMENT % ("Deny", ', Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }')
USER = f"""
resource "aws_iam_user" "v" {{
  name = "v"
}}
resource "aws_iam_user_policy" "v" {{
  user   = "v"
  policy = jsonencode({ALLOWED})
}}
"""
DENY = f"""
resource "aws_iam_user_policy" "deny_v" {{
  %s
  user   = "v"
  policy = jsonencode({DENIED})
}}
"""
BOUND = f"""
resource "aws_iam_user" "v" {{
  name                 = "v"
  permissions_boundary = %s ? aws_iam_policy.bound.arn : null
}}
resource "aws_iam_policy" "bound" {{
  name   = "bound"
  policy = jsonencode({STATEMENT % ("Allow", ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }')})
}}
"""
BOUNDED = BOUND + USER.partition("}")[2]


def cases() -> list[tuple[str, str, str]]:
    """Configurations about one variable and user, with what the variable is, and another value of it."""
    found = []
    for number, (type_, default, other, on) in enumerate(SWITCHES):
        declared = f"type = {type_}\n  default = {default}"
        for at in (number, number + 1):
            before, name = WAYS[at % len(WAYS)]
            beside, named = before.replace("%s", on), name.replace("%s", on)
            # A boundary is one more form.
            form = (*FORMS, "")[(number + at) % (len(FORMS) + 1)]
            text = USER + DENY % (form % named) if form else BOUNDED % named
            found.append((declared, other, beside + text))
    found += [(f"type = {kind}\n  default = {at}", other, USER + DENY % said) for kind, at, other, said in INSTANCES]
    return found


@pytest.mark.parametrize(("declared", "other", "text"), cases())
def test_a_proof_names_the_variable_that_another_value_of_would_undo(
    declared: str, other: str, text: str, tmp_path: Path
) -> None:
    def result(given: dict[str, str]) -> tuple[str, tuple[str, ...]]:
        report = trustproof.check([tmp_path], config={}, account=OWN, properties=[ASKED], parameters=given)
        assert report.errors == ()
        (one,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.v")
        return one.verdict, tuple(name for name, _ in one.at_defaults)

    (tmp_path / "main.tf").write_text(f'variable "v" {{\n  {declared}\n}}\nvariable "w" {{\n  default = 1\n}}\n{text}')
    verdict, named = result({})
    assert (verdict, named) == ("proved", ("var.v",) if result({"v": other})[0] != "proved" else ())
