"""
Lists of statements that conditions decide about, joined: each statement is there where its own list is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inputs.terraform.configuration.test_decided_together import check

SWITCHES = "\n".join(f'variable "v{n}" {{ type = bool }}' for n in range(5))
OPTIONAL = (
    SWITCHES
    + """
variable "on" { type = bool }
variable "each" { type = set(string) }
locals {
  closed = { Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Principal = { AWS = "111122223333" } }
  other  = { Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Principal = OTHER }
}
resource "aws_sqs_queue" "q" {
  name   = "q"
  policy = jsonencode({ Version = "2012-10-17", Statement = STATEMENTS })
}
"""
)
FIVE = ", ".join(f"var.v{n} ? [local.{'other' if n == 4 else 'closed'}] : []" for n in range(5))


@pytest.mark.parametrize(
    "statements",
    [
        "flatten([var.on ? [local.other] : []])",
        "flatten([[local.closed], var.on ? [[local.other]] : []])",
        "flatten([local.closed, var.on ? local.other : local.closed])",
        "flatten([var.on ? local.closed : [local.other]])",
        "flatten([var.on ? [local.closed, var.v0 ? [local.other] : []] : [local.closed]])",
        "flatten([[for x in var.on ? [1] : [] : [local.other]]])",
        "flatten([for x in [1, 2] : [local.other] if var.on])",
        # More combinations than are tried.
        f"concat([local.closed], {FIVE})",
        f"flatten([[local.closed], {FIVE}])",
    ],
)
@pytest.mark.parametrize(("other", "verdict"), [('{ AWS = "111122223333" }', "proved"), ('"*"', "refuted")])
def test_each_statement_is_there_where_its_list_is(tmp_path: Path, statements: str, other: str, verdict: str) -> None:
    """Refuted by the one that is for everybody, wherever it stands."""
    report = check(tmp_path, OPTIONAL.replace("STATEMENTS", statements).replace("OTHER", other), "inside-boundary")
    assert report.results
    assert max(one.verdict for one in report.results) == verdict
    assert verdict == "refuted" or {one.verdict for one in report.results} == {"proved"}


@pytest.mark.parametrize(
    "statements",
    [
        # What nobody knows may be another statement.
        "flatten([[local.closed], var.on ? [local.closed] : var.each])",
        "flatten([local.closed, var.each])",
    ],
)
def test_what_is_not_known_is_no_proof(tmp_path: Path, statements: str) -> None:
    """A list that nobody knows may hold others, also where a condition decides whether it is there."""
    text = OPTIONAL.replace("STATEMENTS", statements).replace("OTHER", '"*"')
    report = check(tmp_path, text, "inside-boundary")
    assert "unknown" in {one.verdict for one in report.results}


@pytest.mark.parametrize("number", [64, 65])
@pytest.mark.parametrize("key", ["var.key", "data.external.e.result.key"])
def test_more_keys_than_are_tried_are_a_budget(tmp_path: Path, number: int, key: str) -> None:
    """Whoever writes a map could have it reached on purpose, so it is an error, and says so in a few words."""
    keys = ", ".join(f'k{n} = "{"*" if n == 7 else "111122223333"}"' for n in range(number))
    text = f"""
variable "key" {{ type = string }}
data "external" "e" {{ program = ["x"] }}
locals {{
  principals = {{ {keys} }}
}}
resource "aws_sqs_queue" "q" {{
  name   = "q"
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sqs:SendMessage", Resource = "*"
    Principal = {{ AWS = local.principals[{key}] }} }}] }})
}}
"""
    (result,) = check(tmp_path, text, "inside-boundary").results
    assert result.severity == "error"
    assert result.verdict == "refuted" or "budget reached" in str(result.reasons)
    assert len(str(result.reasons)) < 1_000
