"""
What variables of Terraform decide by their defaults, compared at other values as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof.results.difference import Difference

OWNER = "111122223333"
ROLE = """
resource "aws_iam_role" "r" {
  name               = NAME
  COUNT
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = TRUSTED } }]
  })
}
"""
CI = f'"arn:aws:iam::{OWNER}:role/ci"'
POLICY = """
resource "aws_iam_role_policy" "p" {
  COUNT
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
  MORE
}
"""
DECRYPT = """dynamic "statement" {
    for_each = WHETHER ? { create = true } : {}
    content {
      actions   = ["kms:Decrypt"]
      resources = ["*"]
    }
  }"""


def role(name: str = '"r"', trusted: str = CI, count: str = "") -> str:
    """A configuration with a role."""
    return ROLE.replace("NAME", name).replace("TRUSTED", trusted).replace("COUNT", count)


def policy(more: str = "", count: str = "") -> str:
    """A role with a policy."""
    return role() + POLICY.replace("MORE", more).replace("COUNT", count)


def variable(name: str, default: str) -> str:
    """The declaration of a variable."""
    return f'variable "{name}" {{\n  default = {default}\n}}\n'


@pytest.fixture
def between(tmp_path: Path) -> object:
    """Compares two configurations."""

    def compared(old: str, new: str) -> Difference:
        for side, text in (("old", old), ("new", new)):
            (tmp_path / side).mkdir()
            (tmp_path / side / "main.tf").write_text(text)
        return trustproof.diff(str(tmp_path / "old"), str(tmp_path / "new"), account=OWNER)

    return compared


KEY, ON = variable("key", '""'), variable("on", "false")


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost"),
    [
        (KEY + policy(), KEY + policy(DECRYPT.replace("WHETHER", 'var.key != ""')), ["kms:Decrypt"], []),
        # The variable may come with what it decides.
        (policy(), KEY + policy(DECRYPT.replace("WHETHER", 'var.key != ""')), ["kms:Decrypt"], []),
        (ON + role(), ON + policy(count="count = var.on ? 1 : 0"), ["s3:GetObject"], []),
        (
            ON + role(count="count = var.on ? 1 : 0"),
            ON + role(count="count = var.on ? 1 : 0", trusted='"999988887777"'),
            ["sts:AssumeRole"],
            ["sts:AssumeRole"],
        ),
        # It is said of the default once, and of other values not again.
        (ON + role(), ON + policy(DECRYPT.replace("WHETHER", "!var.on")), ["s3:GetObject", "kms:Decrypt"], []),
        # A name in place of what it stands for is no change, and whether a new variable may leave something out.
        (role(), variable("name", '"r"') + variable("who", CI) + role("var.name", "var.who"), [], []),
        (role(), variable("create", "true") + role(count="count = var.create ? 1 : 0"), [], []),
    ],
)
def test_what_a_default_decides_is_compared_at_other_values(
    between: object, old: str, new: str, gained: list[str], lost: list[str]
) -> None:
    """Whoever sets the variable has what is there then, as whoever gives a template's parameter another value has."""
    assert callable(between)
    found = between(old, new)
    assert [[one.counterexample.action for one in there] for there in (found.gained, found.lost)] == [gained, lost]
    assert not found.undecided
