"""
Tags of roles, and of what has a resource policy: written at the resource, or given by the provider to everything.
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


OPS, PROD = (
    DEFAULTS.replace("team", "zone").replace("sec", "ops"),
    DEFAULTS.replace("team", "zone").replace("sec", "prod"),
)
POLICY = """jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { AWS = "999988887777" }, Action = "*", Resource = "*"
    Condition = { StringEquals = { "aws:ResourceTag/zone" = "prod", "aws:PrincipalTag/t" = var.of } } }] })"""
OF_QUEUE = f"""
resource "aws_sqs_queue_policy" "p" {{
  queue_url = aws_sqs_queue.r.url
  policy    = {POLICY}
}}
"""


def tagged(type_: str, tags: str, more: str = "") -> str:
    """A queue, topic, key or secret with tags."""
    return f'resource "{type_}" "r" {{\n  tags = {tags}\n  {more}\n}}\n'


#: What is made, whether somebody of another account is let in, and the variables whose defaults a proof rests on.
HELD: list[tuple[str, str, tuple[str, ...]]] = [
    (tagged("aws_sqs_queue", '{ zone = "ops" }') + OF_QUEUE, "proved", ()),
    (tagged("aws_sqs_queue", '{ zone = "prod" }') + OF_QUEUE, "refuted", ()),
    (tagged("aws_sqs_queue", "{}") + OF_QUEUE, "refuted", ()),
    (tagged("aws_sqs_queue", "{ zone = var.zone }") + OF_QUEUE, "proved", ("var.zone",)),
    (tagged("aws_sqs_queue", "{ zone = var.unset }") + OF_QUEUE, "refuted", ()),
    (tagged("aws_sqs_queue", '{ zone = "ops", Zone = "prod" }') + OF_QUEUE, "refuted", ()),
    (
        tagged("aws_sqs_queue", '{ zone = "ops" }', "lifecycle {\n    ignore_changes = [tags]\n  }") + OF_QUEUE,
        "refuted",
        (),
    ),
    (OPS + tagged("aws_sqs_queue", "{}") + OF_QUEUE, "proved", ()),
    (OPS + tagged("aws_sqs_queue", '{ zone = "prod" }') + OF_QUEUE, "refuted", ()),
    (PROD + tagged("aws_sqs_queue", '{ zone = "ops" }') + OF_QUEUE, "proved", ()),
    (
        PROD.replace('{ zone = "prod" }', "var.unset") + tagged("aws_sqs_queue", '{ zone = "ops" }') + OF_QUEUE,
        "refuted",
        (),
    ),
    (IGNORED.replace("team", "zone") + tagged("aws_sqs_queue", '{ zone = "ops" }') + OF_QUEUE, "refuted", ()),
    (tagged("aws_sns_topic", '{ zone = "ops" }', f"policy = {POLICY}"), "proved", ()),
    (tagged("aws_kms_key", '{ zone = "ops" }', f"policy = {POLICY}"), "proved", ()),
    (tagged("aws_secretsmanager_secret", '{ zone = "ops" }', f"policy = {POLICY}"), "proved", ()),
]
VARIABLES = (
    'variable "zone" { default = "ops" }\nvariable "of" { default = "x" }\nvariable "unset" { type = map(string) }\n'
)


@pytest.mark.parametrize(("text", "verdict", "resting"), HELD)
def test_what_a_policy_stands_on_has_its_tags(
    tmp_path: Path, text: str, verdict: str, resting: tuple[str, ...]
) -> None:
    """A condition on them is about those of the resource and of its provider, as far as they are known."""
    (tmp_path / "main.tf").write_text(VARIABLES + text)
    config = {"boundary": {"accounts": [ACCOUNT]}}
    report = trustproof.check([tmp_path], config=config, account=ACCOUNT, properties=["inside-boundary"], certify=True)
    assert report.errors == ()
    (found,) = report.results
    assert (found.verdict, tuple(name for name, _ in found.at_defaults)) == (verdict, resting)


OF_USER = """
variable "t" { type = map(string) }
variable "n" { default = {} }
resource "aws_iam_user_policy" "p" {
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "iam:*", Resource = "*"
    Condition = { StringEquals = { "aws:PrincipalTag/team" = "admin" } } }] })
}
"""
#: The tags of a user, whether the policy lets in, and the variables whose defaults a proof rests on.
OF_USERS: list[tuple[str, str, tuple[str, ...]]] = [
    ('merge(var.t, { team = "dev" })', "proved", ()),
    ('merge({ team = "dev" }, var.t)', "refuted", ()),
    ('merge(var.t, { team = "dev" }, var.t)', "refuted", ()),
    ('merge(var.t, { zone = "dev" })', "refuted", ()),
    ('merge({ team = "dev" }, var.n)', "proved", ("var.n",)),
    ('merge({ team = "dev" }, merge(var.n, { a = "b" }))', "proved", ("var.n",)),
    # The name of a local hides what it is made of.
    ('merge({ team = "dev" }, local.n)', "proved", ("var.n",)),
]


@pytest.mark.parametrize(("tags", "verdict", "resting"), OF_USERS)
def test_a_user_has_what_is_merged_last(tmp_path: Path, tags: str, verdict: str, resting: tuple[str, ...]) -> None:
    """Whatever tags nobody knows, those that are merged behind them are there; and a default is named."""
    user = f'resource "aws_iam_user" "u" {{\n  name = "u"\n  tags = {tags}\n}}\n'
    (tmp_path / "main.tf").write_text(OF_USER + "locals {\n  n = { for k, v in var.n : k => v }\n}\n" + user)
    report = trustproof.check([tmp_path], config={}, account=ACCOUNT, properties=["sensitive-actions-require-mfa"])
    assert report.errors == ()
    (found,) = report.results
    assert (found.verdict, tuple(name for name, _ in found.at_defaults)) == (verdict, resting)
