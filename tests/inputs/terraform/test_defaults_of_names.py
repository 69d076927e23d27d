"""
Names of tenants and external ids that are the defaults of variables: another value may have a wildcard.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

OWN, VENDOR = "111122223333", "777788889999"
CONFIG = {"third-party": [{"name": "v", "accounts": [VENDOR]}]}
ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "%s", Principal = %s, Condition = { %s = { "%s" = %s } } }] })
}
"""
PROVIDER = '{ Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }'
BY_TOKEN = ("sts:AssumeRoleWithWebIdentity", PROVIDER)
SUBJECT = "token.actions.githubusercontent.com:sub"
BY_VENDOR = ("sts:AssumeRole", f'{{ AWS = "{VENDOR}" }}')


def resting(folder: Path, text: str, asked: str = "web-identity-bound") -> list[tuple[str, list[str]]]:
    """What is found of the role, with the variables that it rests on."""
    (folder / "main.tf").write_text(text)
    report = trustproof.check([folder], config=CONFIG, account=OWN, properties=[asked])
    assert report.errors == ()
    return [(one.verdict, [name for name, _ in one.at_defaults]) for one in report.results]


def variable(type_: str, default: str) -> str:
    """A variable, with a local of it."""
    return f'variable "v" {{\n  type = {type_}\n  default = {default}\n}}\nlocals {{\n  s = var.v\n}}\n'


@pytest.mark.parametrize(
    ("default", "expression"),
    [
        ('"repo:acme/*"', "var.v"),
        ('"repo:acme/app:*"', "local.s"),
        ('"repo:acme/app:ref:refs/heads/main"', "lower(var.v)"),
        ('"repo:acme/*"', '[var.v, "repo:acme/x"]'),
        ('"repo:acme/*"', 'coalesce(var.v, "repo:acme/x")'),
        ('"repo:acme/*"', 'var.v == "x" ? "repo:acme/x" : var.v'),
        ('"repo:acme/*,repo:acme/x"', 'split(",", var.v)[0]'),
        ('"acme"', '"repo:${var.v}/*"'),
        ('"acme/app"', 'format("repo:%s:*", var.v)'),
    ],
)
@pytest.mark.parametrize("operator", ["StringLike", "StringEquals"])
def test_a_subject_names_its_default_where_wildcards_count(
    tmp_path: Path, default: str, expression: str, operator: str
) -> None:
    """Whatever is made of the variable on the way; to an exact operator a wildcard is an ordinary character."""
    text = variable("string", default) + ROLE % (*BY_TOKEN, operator, SUBJECT, expression)
    assert resting(tmp_path, text) == [("proved", ["var.v"] if operator == "StringLike" else [])]


@pytest.mark.parametrize("default", ['["repo:acme/*"]', '["repo:acme/x", "repo:acme/y:*"]', "[]"])
@pytest.mark.parametrize("expression", ["var.v", "[for x in var.v : x]", 'concat(var.v, ["repo:acme/z:*"])'])
def test_a_list_of_subjects_names_its_default(tmp_path: Path, default: str, expression: str) -> None:
    """One of the items may be a wildcard."""
    text = variable("list(string)", default) + ROLE % (*BY_TOKEN, "StringLike", SUBJECT, expression)
    assert resting(tmp_path, text) == [("proved", ["var.v"])]


@pytest.mark.parametrize(
    ("operator", "expression", "is_named"),
    [
        ("StringLike", "var.v", True),
        ("StringLike", '"acme-${var.v}"', True),
        ("StringEquals", "var.v", False),
    ],
)
def test_an_external_id_names_its_default_where_wildcards_count(
    tmp_path: Path, operator: str, expression: str, is_named: bool
) -> None:
    """As a subject does."""
    text = variable("string", '"c-1"') + ROLE % (*BY_VENDOR, operator, "sts:ExternalId", expression)
    assert resting(tmp_path, text, "external-id-required") == [("proved", ["var.v"] if is_named else [])]


@pytest.mark.parametrize(("pattern", "is_named"), [("^[a-z-]+$", False), ("^.+$", True)])
def test_a_validation_that_refuses_wildcards_leaves_nothing_to_name(
    tmp_path: Path, pattern: str, is_named: bool
) -> None:
    """Another value is another name then."""
    condition = f'can(regex("{pattern}", var.v))'
    validation = f'  validation {{\n    condition = {condition}\n    error_message = "no"\n  }}\n'
    declared = f'variable "v" {{\n  type = string\n  default = "acme"\n{validation}}}\n'
    text = declared + ROLE % (*BY_TOKEN, "StringLike", SUBJECT, '"repo:${var.v}/*"')
    assert resting(tmp_path, text) == [("proved", ["var.v"] if is_named else [])]


def test_a_variable_without_a_default_is_taken_to_be_a_name(tmp_path: Path) -> None:
    """Whoever gives it is asked for the name of a tenant, and the proof says so."""
    text = 'variable "v" {\n}\n' + ROLE % (*BY_TOKEN, "StringLike", SUBJECT, '"repo:${var.v}/*"')
    assert resting(tmp_path, text) == [("proved", [])]
