"""
Tags of roles: written at the resource, or given by the provider to everything.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
#: A role that anybody may get by way of another one with the tag, and its own people with MFA only.
AROUND = f"""
resource "aws_iam_role_policy" "via" {{
  role   = aws_iam_role.via.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }}] }})
}}
resource "aws_iam_role" "admin" {{
  name = "admin"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ Effect = "Allow", Principal = {{ AWS = "{USER}" }}, Action = "sts:AssumeRole",
      Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} }},
    {{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::{ACCOUNT}:root" }}, Action = "sts:AssumeRole",
      Condition = {{
        ArnLike = {{ "aws:PrincipalArn" = "arn:aws:iam::{ACCOUNT}:role/*" }}
        StringEquals = {{ "aws:PrincipalTag/team" = "sec" }}
      }} }}] }})
}}
"""
DEFAULTS = 'provider "aws" {\n  default_tags {\n    tags = { team = "sec" }\n  }\n}\n'


def role(more: str = "") -> str:
    """The role in between, which its user gets without MFA."""
    return (
        'resource "aws_iam_role" "via" {\n  name = "via"\n'
        '  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [\n'
        f'    {{ Effect = "Allow", Principal = {{ AWS = "{USER}" }}, Action = "sts:AssumeRole" }}] }})\n{more}\n}}\n'
    )


IGNORED = 'provider "aws" {\n  ignore_tags {\n    keys = ["team"]\n  }\n}\n'

TABLE = [
    ("no tag", role(), "proved"),
    ("its own", role('tags = { team = "sec" }'), "refuted"),
    ("its own is another", role('tags = { team = "dev" }'), "proved"),
    ("others' own", IGNORED + role('tags = { team = "dev" }'), "unknown"),
    ("others' own, and none here", IGNORED + role(), "unknown"),
    ("others' own of some prefix", IGNORED.replace("keys", "key_prefixes") + role(), "unknown"),
    ("others' own of another key", IGNORED.replace("team", "t") + role('tags = { team = "dev" }'), "proved"),
    ("as it was", role('tags = { team = "dev" }\n  lifecycle {\n    ignore_changes = [tags_all]\n  }'), "unknown"),
    ("the provider's", DEFAULTS + role(), "refuted"),
    ("the provider's beside its own", DEFAULTS + role('tags = { a = "b" }'), "refuted"),
    ("its own wins", DEFAULTS + role('tags = { team = "dev" }'), "proved"),
    ("another provider's", DEFAULTS.replace("{\n  def", '{\n  alias = "x"\n  def', 1) + role(), "proved"),
    (
        "that other one",
        DEFAULTS.replace("{\n  def", '{\n  alias = "x"\n  def', 1) + role("provider = aws.x"),
        "refuted",
    ),
    (
        "not known",
        'variable "t" { type = map(string) }\n' + DEFAULTS.replace('{ team = "sec" }', "var.t") + role(),
        None,
    ),
    ("its own not known", 'variable "t" { type = map(string) }\n' + role("tags = var.t"), None),
    (
        "as a variable decides",
        'variable "f" { type = bool }\n' + role('tags = var.f ? { team = "sec" } : {}'),
        None,
    ),
]


@pytest.mark.parametrize(("text", "verdict"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_role_has_its_tags_and_its_provider_s(tmp_path: Path, text: str, verdict: str | None) -> None:
    """A chain through the role is seen where it has the tag, and nothing is proved where nobody knows."""
    (tmp_path / "main.tf").write_text(text + AROUND)
    report = trustproof.check([tmp_path], config={}, account=ACCOUNT)
    assert report.errors == ()
    (found,) = {
        one.verdict
        for one in report.results
        if one.property == "mfa-survives-chaining" and one.logical_id == "aws_iam_role.admin"
    }
    assert found == verdict if verdict is not None else found != "proved"
