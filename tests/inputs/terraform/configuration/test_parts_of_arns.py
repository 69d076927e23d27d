"""
Names and accounts that a configuration takes out of the ARN of a resource which nobody knows before it is made.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

USER = """
data "aws_caller_identity" "c" {}
resource "aws_iam_user" "u" {
  name = "u"
  path = "PATH"
}
resource "aws_iam_user_policy" "allow" {
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] })
}
resource "aws_iam_user_policy" "deny" {
  user = HOLDER
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }] })
}
"""
ROLE = """
provider "aws" {
  allowed_account_ids = ["111122223333"]
}
data "aws_caller_identity" "c" {}
data "aws_arn" "t" {
  arn = aws_sns_topic.t.arn
}
locals {
  written = "arn:aws:sns:eu-west-1:${data.aws_caller_identity.c.account_id}:t"
}
resource "aws_sns_topic" "t" {
  name = "t"
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = ACCOUNT }
  }] })
}
"""


@pytest.mark.parametrize(
    ("holder", "path", "verdict"),
    [
        ("basename(aws_iam_user.u.arn)", "/people/", "proved"),
        ('split("/", aws_iam_user.u.arn)[1]', "/", "proved"),
        ('split("/", aws_iam_user.u.arn)[1]', "/people/", "refuted"),
        ('regex("user/(.*)$", aws_iam_user.u.arn)[0]', "/", "proved"),
        ('regex("user/(.*)$", aws_iam_user.u.arn)[0]', "/people/", "refuted"),
        ('regex("/([^/]+)$", aws_iam_user.u.arn)[0]', "/people/", "proved"),
        ('regex("user/(adm-)?(.*)$", aws_iam_user.u.arn)[1]', "/", "unknown"),
        ('replace(aws_iam_user.u.arn, "/.*\\\\//", "")', "/people/", "proved"),
        (
            'trimprefix(aws_iam_user.u.arn, "arn:aws:iam::${data.aws_caller_identity.c.account_id}:user/")',
            "/",
            "proved",
        ),
    ],
)
def test_a_name_in_an_arn_is_that_of_the_resource(tmp_path: Path, holder: str, path: str, verdict: str) -> None:
    """A Deny that is given to a user by it holds for that user, unless a path stands in its place."""
    (tmp_path / "main.tf").write_text(USER.replace("HOLDER", holder).replace("PATH", path))
    report = trustproof.check([tmp_path], config={}, properties=["sensitive-actions-require-mfa"])
    assert verdict == max(one.verdict for one in report.results)


@pytest.mark.parametrize(
    "account",
    [
        'split(":", aws_sns_topic.t.arn)[4]',
        'join(":", [for n, p in split(":", aws_sns_topic.t.arn) : lookup({ 2 = "iam", 3 = "", 5 = "root" }, n, p)])',
        'regex(":([0-9]{12}):", aws_sns_topic.t.arn)[0]',
        "provider::aws::arn_parse(aws_sns_topic.t.arn).account_id",
        "data.aws_arn.t.account",
        "aws_sns_topic.t.owner",
        "provider::aws::arn_parse(local.written).account_id",
        'regex("^arn:aws:sns:[^:]+:(.*):t$", local.written)[0]',
        'replace(local.written, "/:t$|^arn:aws:sns:eu-west-1:/", "")',
    ],
)
def test_the_account_in_an_arn_is_that_of_the_provider(tmp_path: Path, account: str) -> None:
    """Whoever it lets in is of that account."""
    (tmp_path / "main.tf").write_text(ROLE.replace("ACCOUNT", account))
    report = trustproof.check([tmp_path], config={}, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == ["proved"]


@pytest.mark.parametrize(
    "principal",
    [
        'replace("arn:aws:iam::${local.own}:root", "/::1[0-9]+:/", "::999988887777:")',
        'replace("arn:aws:iam::${local.own}:root", "/::123456789012:/", "::999988887777:")',
        'replace("arn:aws:iam::${local.own}:root", "/\\\\x31/", "9")',
        'regex("111122223333:root|arn:.*", "arn:aws:iam::${local.own}:root")',
        'join("9", split("1234", "arn:aws:iam::${local.own}:root"))',
        'replace("arn:${local.partition}:iam::111122223333:root", "/aws-iso-b:iam::1/", "aws:iam::9")',
        'replace("arn:aws:iam::111122223333:user/${local.region}", "/1111(.*)eu-north-1/", "9999$1")',
    ],
)
def test_what_tells_one_account_from_others_is_not_known_of_any(tmp_path: Path, principal: str) -> None:
    """Two accounts that an expression leaves as they are tell nothing of the third."""
    own = """
data "aws_caller_identity" "c" {}
data "aws_partition" "p" {}
data "aws_region" "r" {}
locals {
  own       = data.aws_caller_identity.c.account_id
  partition = data.aws_partition.p.partition
  region    = data.aws_region.r.name
}
"""
    role = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = PRINCIPAL } }]
  })
}
""".replace("PRINCIPAL", principal)
    (tmp_path / "main.tf").write_text(own + role)
    config = {"boundary": {"accounts": ["111122223333"]}}
    (found,) = trustproof.check([tmp_path], config=config, properties=["inside-boundary"]).results
    assert found.verdict == trustproof.UNKNOWN
