"""
Fixes of configurations that refer to other parts of it: what is referred to is there, or is added.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

QUEUE = """
resource "aws_sns_topic" "orders" { name = "orders" }
resource "aws_sqs_queue" "billing" { name = "billing" }
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.orders.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.billing.arn
}
data "aws_iam_policy_document" "q" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.billing.arn]
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
  }
}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.billing.id
  policy    = data.aws_iam_policy_document.q.json
}
"""
KEY = """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.eu-west-1.amazonaws.com"]
    }
  }
}
resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.key.json }
"""
NAMES = 'data "aws_caller_identity" "me" {}\ndata "aws_partition" "here" {}\n'


@pytest.mark.parametrize(
    ("text", "added"),
    [
        (QUEUE, "values   = [aws_sns_topic.orders.arn]"),
        (KEY, 'data "aws_caller_identity" "current" {}'),
        (NAMES + KEY, "arn:${data.aws_partition.here.partition}:logs:*:${data.aws_caller_identity.me.account_id}:*"),
    ],
)
def test_a_fix_refers_to_what_is_there(text: str, added: str, tmp_path: Path) -> None:
    """Made as it stands, the finding is gone, and nothing that the fix refers to is missing."""
    file = tmp_path / "main.tf"
    file.write_text(text)
    report = trustproof.check([str(tmp_path)], config={})
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert report.sources is not None
    changes = report.sources.replacements(found.template, found.remedy.edits)
    assert changes
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]
    for one in sorted(changes, key=lambda one: (-one.line, -one.column)):
        start, end = starts[one.line - 1] + one.column - 1, starts[one.end_line - 1] + one.end_column - 1
        text = text[:start] + one.text + text[end:]
    assert added in text
    file.write_text(text)
    after = trustproof.check([str(tmp_path)], config={})
    assert not after.errors
    assert {one.verdict for one in after.results} == {trustproof.PROVED}
