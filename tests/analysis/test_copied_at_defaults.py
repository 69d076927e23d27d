"""
Changes that copy what another statement tests: where a default chooses that, the change would be right for it only.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

OWN = "111122223333"
KEY = """
variable "trail_arn" {
  type    = string
  default = %s
}
variable "name" { default = "own" }
data "aws_caller_identity" "current" {}
locals { trail = %s }
resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.k.json }
data "aws_iam_policy_document" "k" {
  statement {
    actions   = ["kms:GenerateDataKey*", "kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
  statement {
    actions   = ["kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail]
    }
  }
}
"""
MADE = '"arn:aws:cloudtrail:us-east-1:${data.aws_caller_identity.current.account_id}:trail/${var.name}"'
GIVEN = f'"arn:aws:cloudtrail:us-east-1:{OWN}:trail/own"'


@pytest.mark.parametrize(
    ("default", "trail", "copied"),
    [
        # At another trail, CloudTrail would be kept out: the words say which statement to follow.
        ("null", f"var.trail_arn != null ? var.trail_arn : {MADE}", None),
        ('""', f'var.trail_arn != "" ? var.trail_arn : {MADE}', None),
        ("null", MADE, "trail/"),
        (GIVEN, "var.trail_arn", "var.trail_arn"),
        (GIVEN, GIVEN, "trail/own"),
    ],
)
def test_a_value_that_a_default_chooses_is_not_copied(
    default: str, trail: str, copied: str | None, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(KEY % (default, trail), encoding="utf-8")
    report = trustproof.check([tmp_path], account=OWN, config={}, properties=["no-confused-deputy"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert found.remedy.text == "say for whom the service may call, with aws:SourceArn, as other statements do"
    if copied is None:
        assert found.remedy.edits == ()
    else:
        assert copied in str(found.remedy.edits)
