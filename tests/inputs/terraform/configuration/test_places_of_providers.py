"""
Conditions over the account, the Region and the partition of a provider, where these are known.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

PROVIDER = """
provider "aws" {
  region = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias  = "west"
  region = "eu-west-1"
}
data "aws_region" "here" {}
data "aws_region" "west" { provider = aws.west }
data "aws_region" "named" { name = "eu-west-1" }
data "aws_partition" "here" {}
data "aws_caller_identity" "here" {}
resource "aws_iam_role" "here" {
  name = "ops"
  path = "/x/"
}
resource "aws_iam_role" "west" { provider = aws.west }
"""
QUEUE = """
resource "aws_sqs_queue" "q" {
  %s
  name   = "q"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sqs:SendMessage", Principal = { AWS = %s }, Resource = "*" }] })
}
"""


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('data.aws_region.here.name == "us-east-1"', True),
        ('data.aws_region.here.name == "eu-west-1"', False),
        ('data.aws_region.west.name == "eu-west-1"', True),
        ('data.aws_region.named.name == "us-east-1"', False),
        ('startswith(data.aws_region.here.name, "eu-")', False),
        ("{ us-east-1 = true, eu-west-1 = false }[data.aws_region.here.name]", True),
        ('data.aws_partition.here.partition == "aws-us-gov"', False),
        ('data.aws_caller_identity.here.account_id == "111122223333"', True),
        ('aws_iam_role.here.arn == "arn:aws:iam::111122223333:role/x/ops"', True),
        ('strcontains(aws_iam_role.here.arn, ":444455556666:")', False),
        ('startswith(aws_iam_role.west.arn, "arn:aws:")', True),
    ],
)
def test_what_a_provider_says_is_known(tmp_path: Path, condition: str, holds: bool) -> None:
    """What is made only where the provider does not deploy to is not made, and a conditional has its other side."""
    for arguments in ((f"count = {condition} ? 1 : 0", '"*"'), ("", f'{condition} ? "*" : "111122223333"')):
        (tmp_path / "main.tf").write_text(PROVIDER + QUEUE % arguments, encoding="utf-8")
        report = trustproof.check([tmp_path], properties=["inside-boundary"])
        found = [one for one in report.results if one.verdict == "refuted"]
        assert bool(found) == holds
        assert all(one.counterexample and not dict(one.counterexample.parameters) for one in found)
