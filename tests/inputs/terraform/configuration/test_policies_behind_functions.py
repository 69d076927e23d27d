"""
Policies that functions give back as they were: they are read, and stand where their author wrote them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.output.json import render

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

FORMS = {
    "object": """
locals {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { AWS = "arn:aws:iam::111122223333:root" }
  }] })
}
""",
    "heredoc": """
locals {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Sid": "${var.sid}",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}
      }]
    }
  EOT
}
variable "sid" { DEFAULT }
""",
    "document": """
locals {
  policy = join("", data.aws_iam_policy_document.d[*].json)
}
data "aws_iam_policy_document" "d" {
  count = 1
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
""",
}
GIVEN_BACK = [
    "local.policy",
    'join("", [local.policy])',
    'format("%s", local.policy)',
    "trimspace(local.policy)",
    "chomp(local.policy)",
    '"${local.policy}${""}"',
    'replace(trimspace(local.policy), "nothing", "")',
]


@pytest.mark.parametrize("default", ['default = "a"', "type = string"])
@pytest.mark.parametrize("written", GIVEN_BACK)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_given_back_stands_where_it_was_written(tmp_path: Path, form: str, written: str, default: str) -> None:
    """The line of the principal is that of the finding, also where a part of the policy is not known."""
    is_open = (form, default) == ("heredoc", "type = string")
    text = FORMS[form].replace("DEFAULT", default)
    text += f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {written}\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=["mfa-required"])
    # Where something else may be replaced nobody knows what is left.
    assert [one.verdict for one in report.results] == ["unknown" if is_open and "replace" in written else "refuted"]
    (found,) = json.loads(render(report))["results"]
    line = text.splitlines()[found["location"]["line"] - 1]
    assert "111122223333" in line or is_open, line


@pytest.mark.parametrize(
    ("text", "function", "value"),
    [
        (" a b ", "trimspace", "a b"),
        ("a\\r\\n\\n", "chomp", "a"),
        ("\\n a\\n", "chomp", "\\n a"),
    ],
)
def test_trimming(tmp_path: Path, text: str, function: str, value: str) -> None:
    """What stands around a text is taken away."""
    (tmp_path / "main.tf").write_text(
        f'variable "x" {{\n  default = "{text}"\n  validation {{\n    condition = {function}(var.x) == "{value}"\n'
        '    error_message = "no"\n  }\n}\nresource "aws_iam_user" "u" {\n  name = "u"\n}\n'
    )
    assert trustproof.check([tmp_path], config={}, account="111122223333").errors == ()
