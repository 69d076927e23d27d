"""
Where a finding stands about a principal that another resource of a configuration is: where somebody refers to it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.output.json import render

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

USERS = """
resource "aws_iam_user" "u" {
  for_each = toset(["x"])
  name     = each.value
}
resource "aws_iam_user" "c" {
  count = 1
  name  = "c"
}
resource "aws_iam_user" "s" {
  name = "s"
}
"""


@pytest.mark.parametrize(
    ("of", "each", "principal"),
    [
        ("", "", "aws_iam_user.s.arn"),
        ("", "", 'aws_iam_user.u["x"].arn'),
        ("", "", "[for r in aws_iam_user.u : r.arn]"),
        ("", "", "values(aws_iam_user.u)[*].arn"),
        ("", "", "concat(aws_iam_user.c[*].arn, [])"),
        ("", "", 'join("", aws_iam_user.c[*].arn)'),
        ("", "", 'format("%s", aws_iam_user.s.arn)'),
        ("", "", "trimspace(aws_iam_user.s.arn)"),
        ("", "", 'replace(aws_iam_user.s.arn, "user/x", "user/s")'),
        ("", "", '"${aws_iam_user.s.arn}"'),
        ("for_each = aws_iam_user.u", "", "each.value.arn"),
        ("", "for k, u in aws_iam_user.u :", "u.arn"),
    ],
)
def test_a_principal_stands_where_it_is_referred_to(tmp_path: Path, of: str, each: str, principal: str) -> None:
    """Nobody has written its ARN where the user is: the finding is in the policy, on the line of the principal."""
    text = f"""{USERS}
resource "aws_iam_role" "r" {{
  {of}
  name = "r"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{each} {{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ AWS = {principal} }}
    }}]
  }})
}}
"""
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=["mfa-required"])
    assert [one.verdict for one in report.results] == ["refuted"]
    (found,) = json.loads(render(report))["results"]
    assert text.splitlines()[found["location"]["line"] - 1].strip() == f"Principal = {{ AWS = {principal} }}"


@pytest.mark.parametrize(
    ("type_", "identifiers", "caret"),
    [
        ("string", "[var.who]", "var.who"),
        ("string", '["arn:aws:iam::111122223333:role/x", var.who]', "var.who"),
        ("string", "[\n        var.who,\n      ]", "var.who"),
        ("string", '["arn:aws:iam::${var.who}:root"]', '"arn:aws:iam::${var.who}:root"'),
        # Where it is not written as such, the argument is what there is.
        ("string", "[trimspace(var.who)]", ""),
    ],
)
def test_a_variable_without_a_value_stands_where_it_is_used(
    tmp_path: Path, type_: str, identifiers: str, caret: str
) -> None:
    """What lets in is the variable in the list of principals, and not the list, nor where the variable is declared."""
    text = f"""variable "who" {{
  type = {type_}
}}
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = {identifiers}
    }}
  }}
}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=["mfa-required"])
    found = next(one for one in json.loads(render(report))["results"] if one["verdict"] == "refuted")["location"]
    line = text.splitlines()[found["line"] - 1]
    assert not caret or line[found["column"] - 1 :].startswith(caret)


def test_a_variable_that_is_called_an_arn_is_no_account(tmp_path: Path) -> None:
    """No account is made up for the nodes of a cluster: what they are is unknown, and how to say it."""
    text = """variable "kube_cluster_nodes_arn" {
  type = string
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.kube_cluster_nodes_arn]
    }
  }
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account="111122223333")
    unknown = [one for one in report.results if one.verdict == "unknown"]
    assert {one.property for one in unknown} == {"mfa-required", "inside-boundary"}
    assert all("--parameter var.kube_cluster_nodes_arn=" in " ".join(one.reasons) for one in unknown)
    assert "444455556666" not in render(report)
