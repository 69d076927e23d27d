"""
Where the caret stands for a condition: on the value that lets in.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{HOST}"
TEMPLATE = f"""\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Federated: "{PROVIDER}"}}
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals:
                {HOST}:aud: sts.amazonaws.com
              StringLike:
                {HOST}:sub:
                  - repo:acme/api:ref:refs/heads/main
                  - repo:acme-*/infrastructure:*
                  - repo:acme/web:environment:prod
"""
CONFIGURATION = f"""\
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {{
      type        = "Federated"
      identifiers = ["{PROVIDER}"]
    }}
    condition {{
      test     = "StringEquals"
      variable = "{HOST}:aud"
      values   = ["sts.amazonaws.com"]
    }}
    condition {{
      test     = "StringLike"
      variable = "{HOST}:sub"
      values   = VALUES
    }}
  }}
}}
resource "aws_iam_role" "r" {{
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""
SEVERAL = """[
        "repo:acme/api:ref:refs/heads/main",
        "repo:acme-*/infrastructure:*",
      ]"""


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("template.yaml", TEMPLATE),
        ("main.tf", CONFIGURATION.replace("VALUES", SEVERAL)),
        ("main.tf", CONFIGURATION.replace("VALUES", '["repo:acme-*/infrastructure:*"]')),
    ],
)
def test_the_line_has_the_value_that_lets_in(tmp_path: Path, file: str, text: str) -> None:
    """Not the key above a list of which one is too wide, nor the word that a block begins with."""
    (tmp_path / file).write_text(text, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={})
    (found,) = (one for one in report.results if one.property == "web-identity-bound")
    assert report.sources is not None
    position = report.sources.position(found.template, (*found.path, *found.caret))
    assert position is not None
    assert "repo:acme-*/infrastructure:*" in text.splitlines()[position.line - 1]
