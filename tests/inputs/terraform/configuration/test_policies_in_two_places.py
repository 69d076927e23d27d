"""
A resource with a policy of its own, beside another that gives it one: what is written is there, until one of them wins.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inputs.terraform.builders import OWN
from tests.inputs.terraform.configuration.test_decided_together import check

DOCUMENT = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "%s", Resource = "*", Principal = { AWS = "arn:aws:iam::%s:root" } }] })"""
#: The resource, the one that gives it a policy, the argument that names it, and an action of its policies.
PAIRS = [
    ('resource "aws_s3_bucket" "a" {\n  bucket = "acme"', "aws_s3_bucket_policy", 'bucket = "acme"', "s3:GetObject"),
    (
        'resource "aws_sqs_queue" "a" {\n  name = "acme"',
        "aws_sqs_queue_policy",
        "queue_url = aws_sqs_queue.a.id",
        "sqs:SendMessage",
    ),
    (
        'resource "aws_sns_topic" "a" {\n  name = "acme"',
        "aws_sns_topic_policy",
        "arn = aws_sns_topic.a.arn",
        "sns:Publish",
    ),
]


@pytest.mark.parametrize(("resource", "type_", "named", "action"), PAIRS, ids=[pair[1] for pair in PAIRS])
@pytest.mark.parametrize(("own", "given"), [("999988887777", OWN), (OWN, "999988887777")])
def test_a_written_policy_is_judged_beside_another_one(
    resource: str, type_: str, named: str, action: str, own: str, given: str, tmp_path: Path
) -> None:
    """In a configuration nothing is a reading of what stood there before: no written policy is passed over."""
    text = f"{resource}\n  policy = {DOCUMENT % (action, own)}\n}}\n"
    text += f'resource "{type_}" "b" {{\n  {named}\n  policy = {DOCUMENT % (action, given)}\n}}\n'
    report = check(tmp_path, text, "inside-boundary")
    assert "refuted" in {one.verdict for one in report.results}


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ("", "var.x"),
        ("", "aws_s3_bucket.b.id"),
        ("count = var.on ? 1 : 0", "aws_s3_bucket.a.id"),
        ("provider = aws.other", '"acme"'),
    ],
)
def test_a_policy_that_may_be_about_another_bucket_hides_none(more: str, about: str, tmp_path: Path) -> None:
    """The same document in two places is judged once only where both are surely about one bucket."""
    document = DOCUMENT % ("s3:GetObject", "999988887777")
    text = f"""
variable "x" {{ type = string }}
variable "on" {{ type = bool }}
provider "aws" {{
  alias = "other"
  allowed_account_ids = ["444455556666"]
}}
resource "aws_s3_bucket" "b" {{ bucket = "other" }}
resource "aws_s3_bucket" "a" {{
  bucket = "acme"
  policy = {document}
}}
resource "aws_s3_bucket_policy" "d" {{
  {more}
  bucket = {about}
  policy = {document}
}}
resource "aws_s3_bucket_public_access_block" "d" {{
  bucket = {about}
  block_public_policy = true
  restrict_public_buckets = true
}}
"""
    report = check(tmp_path, text, "inside-boundary")
    assert {one.logical_id for one in report.results if one.verdict == "refuted"} >= {"aws_s3_bucket.a.policy"}


def test_an_inline_policy_of_a_role_is_judged_beside_one_of_its_name(tmp_path: Path) -> None:
    """Which of two policies of one name wins is not known, so that the one in the role's own block is not lost."""
    policy = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "%s", Action = "iam:*", Resource = "*" }] })'
    trust = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }] })"""
    text = f"""
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = {trust}
  inline_policy {{
    name = "p"
    policy = {policy % "Allow"}
  }}
}}
resource "aws_iam_role_policy" "p" {{
  name = "p"
  role = "r"
  policy = {policy % "Deny"}
}}
"""
    report = check(tmp_path, text, "sensitive-actions-require-mfa")
    assert "proved" not in {one.verdict for one in report.results}


@pytest.mark.parametrize(
    "known", ['toset(concat(["x"], var.more))', "merge({ x = 1 }, { for one in var.more : one => 1 })"]
)
def test_what_stands_for_each_key_is_not_all_gone(known: str, tmp_path: Path) -> None:
    """Inline policies of names that nobody knows do not each replace the other: one of them denies."""
    policy = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "%s", Action = "*", Resource = "*"%s }] })"""
    mfa = ', Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }'
    text = f"""
variable "more" {{ type = list(string) }}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_user_policy" "allow" {{
  user = aws_iam_user.u.name
  policy = {policy % ("Allow", "")}
}}
resource "aws_iam_user_policy" "deny" {{
  for_each = {known}
  name = each.key
  user = aws_iam_user.u.name
  policy = {policy % ("Deny", mfa)}
}}
"""
    report = check(tmp_path, text, "sensitive-actions-require-mfa")
    assert {one.verdict for one in report.results} == {"proved"}
