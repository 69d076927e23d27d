"""
Names that are not known, and may be those of something else: keys, sids, inline policies, buckets.

Whatever stands for one place as the last, or only one, replaces what was there.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.inputs.grammar.open_texts import Part, may_be_same

pytest.importorskip("tree_sitter_hcl")

CONFIG = {"boundary": {"accounts": [OWN]}, "sensitive": {"actions": ["iam:*"]}}
KEY = '"aws:MultiFactorAuthPresent"'
VARIABLE = 'variable "x" { type = string }\n'
DENY = """{
  Effect = "Deny", Action = "*", Resource = "*"
  Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
}"""
USER = """
resource "aws_iam_user" "u" { name = "u" }
data "aws_iam_policy_document" "deny" {
  statement {
    sid = var.x
    effect = "Deny"
    actions = ["*"]
    resources = ["*"]
    condition {
      test = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values = ["false"]
    }
  }
}
data "aws_iam_policy_document" "allow" {
  statement {
    sid = "Allow"
    actions = ["iam:*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "u" {
  %s
}
resource "aws_iam_user_policy" "u" {
  user = aws_iam_user.u.name
  policy = data.aws_iam_policy_document.u.json
}
"""
OWN_ALLOW = 'statement {\n    sid = "Allow"\n    actions = ["iam:*"]\n    resources = ["*"]\n  }\n'
NO_SID = 'statement {\n    actions = ["iam:*"]\n    resources = ["*"]\n  }\n'
BUCKET = """
import {
  to = aws_s3_bucket.b
  id = "acme-x"
}
resource "aws_s3_bucket" "b" { bucket = "acme-x" }
resource "aws_s3_bucket_public_access_block" "b" {
  bucket = aws_s3_bucket.b.id
  block_public_policy = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_public_access_block" "other" {
  bucket = %s
  block_public_policy = %s
  restrict_public_buckets = %s
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { AWS = "*" }, Action = "s3:PutObject", Resource = "arn:aws:s3:::acme-x/*"
  }] })
}
"""


def role(condition: str) -> str:
    return f"""{VARIABLE}
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }}
    Condition = {condition} }}] }})
}}
"""


def inline(deny: str, allow: str) -> str:
    return f"""{VARIABLE}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_user_policy" "deny" {{
  {deny}
  user = aws_iam_user.u.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{DENY}] }})
}}
resource "aws_iam_user_policy" "allow" {{
  {allow}
  user = aws_iam_user.u.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
    {{ Effect = "Allow", Action = "iam:*", Resource = "*" }}] }})
}}
"""


def keys(written: str) -> str:
    return role(f"{{ Bool = {written} }}")


#: A configuration, and what the variable has to be that what is written first is gone.
MET = [
    (keys(f'{{ {KEY} = "true", (var.x) = "false" }}'), "aws:MultiFactorAuthPresent"),
    (keys(f'{{ {KEY} = "true", "aws:${{var.x}}" = "false" }}'), "MultiFactorAuthPresent"),
    (keys(f'zipmap([{KEY}, var.x], ["true", "false"])'), "aws:MultiFactorAuthPresent"),
    (
        keys(f'{{ for k, v in {{ m = [{KEY}, "true"], n = [var.x, "false"] }} : v[0] => v[1]... }}'),
        "aws:MultiFactorAuthPresent",
    ),
    (keys(f'merge({{ {KEY} = "true" }}, {{ (var.x) = "false" }})'), "aws:MultiFactorAuthPresent"),
    (
        keys('jsondecode("{\\"aws:MultiFactorAuthPresent\\":\\"true\\",\\"${var.x}\\":\\"false\\"}")'),
        "aws:MultiFactorAuthPresent",
    ),
    (keys(f'{{ {KEY} = {{ a = "true", (var.x) = "false" }}["a"] }}'), "a"),
    (role(f'{{ Bool = {{ {KEY} = "true" }}, (var.x) = {{ "aws:SecureTransport" = "true" }} }}'), "Bool"),
    (VARIABLE + USER % ("source_policy_documents = [data.aws_iam_policy_document.deny.json]\n  " + OWN_ALLOW), "Allow"),
    (
        VARIABLE
        + USER
        % (
            "source_policy_documents = [data.aws_iam_policy_document.deny.json]\n"
            "  override_policy_documents = [data.aws_iam_policy_document.allow.json]"
        ),
        "Allow",
    ),
    (inline("name = var.x", 'name = "allow"'), "allow"),
    (inline('name = "deny"', "name = var.x"), "deny"),
    (inline('name = "a-${var.x}"', 'name = "a-allow"'), "allow"),
    (BUCKET % ("var.x", "false", "false") + VARIABLE, "acme-x"),
    (BUCKET % ('"acme-${var.x}"', "false", "false") + VARIABLE, "x"),
]


def verdicts(folder: Path, text: str, parameters: dict[str, str]) -> set[str]:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    asked = ["mfa-required", "sensitive-actions-require-mfa", "inside-boundary"]
    if "aws_s3_bucket" not in text:
        asked.remove("inside-boundary")
    report = trustproof.check([folder], config=CONFIG, account=OWN, properties=asked, parameters=parameters)
    assert report.errors == ()
    return {one.verdict for one in report.results}


@pytest.mark.parametrize(("text", "value"), MET)
def test_a_name_that_may_be_another_one_proves_nothing(tmp_path: Path, text: str, value: str) -> None:
    """What replaces a condition or a Deny under one value of a variable is no proof without a value."""
    assert "refuted" in verdicts(tmp_path, text, {"x": value})
    assert "refuted" not in verdicts(tmp_path, text, {"x": "StringEquals"})
    assert verdicts(tmp_path, text, {}) & {"refuted", "unknown"}


@pytest.mark.parametrize(
    "text",
    [
        keys(f'{{ {KEY} = "true", "aws:PrincipalTag/${{var.x}}" = "false" }}'),
        keys(f'{{ "aws:${{var.x}}Age" = "a", {KEY} = "true" }}'),
        keys(f'{{ (var.x) = "false", {KEY} = "true" }}'),
        keys(f'merge({{ (var.x) = "false" }}, {{ {KEY} = "true" }})'),
        'variable "y" {}\n' + role(f'merge(var.y, {{ Bool = {{ {KEY} = "true" }} }})'),
        inline('name = "deny"', 'name_prefix = "de"'),
        inline('name = "${var.x}-deny"', 'name = "${var.x}-allow"'),
        BUCKET % ("var.x", "true", "true") + VARIABLE,
        BUCKET % ('"logs-${var.x}"', "false", "false") + VARIABLE,
        VARIABLE + USER % ("source_policy_documents = [data.aws_iam_policy_document.deny.json]\n  " + NO_SID),
    ],
)
def test_a_name_that_cannot_be_another_one_leaves_a_proof(tmp_path: Path, text: str) -> None:
    """Names that begin or end otherwise, or stand before, replace nothing."""
    assert verdicts(tmp_path, text, {}) == {"proved"}


@pytest.mark.parametrize(
    "user",
    [
        "trimspace(aws_iam_user.u.id)",
        'format("%s", trimspace(aws_iam_user.u.id))',
        'join("", [lower(var.x)])',
        '"%{ if true }${lower(var.x)}%{ endif }"',
    ],
)
def test_a_text_of_nothing_but_an_unknown_name_may_name_anybody(tmp_path: Path, user: str) -> None:
    """Whether a Deny is on the user that is allowed something is refuted no more than it is proved."""
    text = inline('name = "deny"', 'name = "allow"').replace("aws_iam_user.u.name", user, 1)
    assert "refuted" not in verdicts(tmp_path, text, {})


PIECES = st.lists(st.one_of(st.text("ab", max_size=2), st.sampled_from("xy").map(Part)), max_size=4)
VALUES = st.text("ab", max_size=2)


@given(PIECES, PIECES, VALUES, VALUES)
def test_texts_that_are_the_same_for_some_values_may_be_the_same(
    one: list[str | Part], other: list[str | Part], x: str, y: str
) -> None:
    """No two texts are told apart that are one for some values of their parts."""

    def filled(pieces: list[str | Part]) -> str:
        return "".join(piece if isinstance(piece, str) else {"x": x, "y": y}[str(piece.key)] for piece in pieces)

    if filled(one) == filled(other):
        assert may_be_same(one, other)
        assert may_be_same(other, one)
