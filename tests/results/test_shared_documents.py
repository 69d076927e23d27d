"""
Remedies of one document that several resources share.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof import Result

OWN = "111122223333"
ROLES = """
Resources:
  Human:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &trust
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: sts:AssumeRole
  Support:
    Type: AWS::IAM::Role
    Properties:
      RoleName: support
      AssumeRolePolicyDocument: *trust
"""
BUILD = """
  Build:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: codebuild.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: sts:AssumeRole,
                         Resource: !Sub "arn:aws:iam::${AWS::AccountId}:role/support"}]
"""
MODULE = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
resource "aws_iam_role" "human" {
  name               = "human"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role" "support" {
  name               = "support"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
SENDER = """
resource "aws_iam_role" "build" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "build" {
  role   = aws_iam_role.build.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.support.arn }] })
}
"""
LOOP = """
locals {
  topics = { a = "cloudwatch.amazonaws.com", b = "%s.amazonaws.com" }
}
resource "aws_sns_topic" "t" {
  for_each = local.topics
  name     = each.key
}
resource "aws_sns_topic_policy" "t" {
  for_each = local.topics
  arn      = aws_sns_topic.t[each.key].arn
  policy   = data.aws_iam_policy_document.t[each.key].json
}
data "aws_iam_policy_document" "t" {
  for_each = local.topics
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.t[each.key].arn]
    principals {
      type        = "Service"
      identifiers = [each.value]
    }
  }
}
"""


def refuted(path: Path) -> list[Result]:
    """The refutations of `mfa-required`."""
    report = trustproof.check([path], account=OWN, properties=["mfa-required"])
    assert not report.errors
    return [one for one in report.results if one.verdict == trustproof.REFUTED]


@pytest.mark.parametrize(("name", "shared", "sender"), [("t.yaml", ROLES, BUILD), ("main.tf", MODULE, SENDER)])
def test_no_diff_of_a_shared_document_harms_another_resource(
    tmp_path: Path, name: str, shared: str, sender: str
) -> None:
    """Where the resources of one document need different changes, each finding says so, and has no diff."""
    if name == "main.tf":
        pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    file = tmp_path / name
    file.write_text(shared + sender)
    given = file if name == "t.yaml" else tmp_path
    human, machine = refuted(given)
    for one, other in ((human, machine), (machine, human)):
        assert one.remedy is not None
        assert not one.remedy.edits
        assert one.remedy.text.startswith(f"{other.logical_id} has the same document")
        assert f"give {one.logical_id} one of its own" in one.remedy.text
    # Both need the same change, which is made once for both.
    file.write_text(shared)
    assert all(one.remedy is not None and one.remedy.edits for one in refuted(given))


def test_no_diff_of_a_document_for_each_harms_where_nothing_is_asked_for(tmp_path: Path) -> None:
    """A diff that is right for one service only is none where a loop gives another service the same statement."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    for other, has_diff in (("events", False), ("cloudwatch", True)):
        (tmp_path / "main.tf").write_text(LOOP % other)
        report = trustproof.check([tmp_path], account=OWN, properties=["no-confused-deputy"], config={})
        found = [one for one in report.results if one.verdict == trustproof.REFUTED]
        assert len(found) == 1 + has_diff
        for one in found:
            assert one.remedy is not None
            assert bool(one.remedy.edits) == has_diff
            assert one.remedy.text.startswith('aws_sns_topic_policy.t["b"] has the same document') != has_diff
