"""
Blocks and statements that are made of a list of which nobody knows what is in it: one stands for any number of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

LIST = 'variable "l" {\n type = list(string)\n}\n'


def verdicts(directory: Path, text: str, asked: str) -> set[str]:
    (directory / "main.tf").write_text(text)
    report = trustproof.check([directory], config={}, account=OWN, properties=[asked])
    assert report.errors == ()
    return {one.verdict for one in report.results}


def block(name: str, content: str) -> str:
    return f"{name} {{\n{content}\n}}\n"


def each(name: str, content: str) -> str:
    """Blocks for each item of the list."""
    return block(f'dynamic "{name}"', "for_each = var.l\n" + block("content", content))


def principal(name: str) -> str:
    return f'type = "AWS"\nidentifiers = [{name}]'


def mfa(value: str) -> str:
    return f'test = "Bool"\nvariable = "aws:MultiFactorAuthPresent"\nvalues = [{value}]'


def admits(name: str, *more: str) -> str:
    return "\n".join(('actions = ["sts:AssumeRole"]', block("principals", principal(name)), *more))


OURS = f'"{OWN}"'
DENY = 'effect = "Deny"\n' + admits('"*"', block("condition", mfa("false").replace("Bool", "BoolIfExists")))


ACTIONS = 'actions = ["sts:AssumeRole"]\n'
EITHER_ACTION = "actions = var.l\nnot_actions = var.l\n" + block("principals", principal(OURS))
EITHER_PRINCIPAL = each("not_principals", principal("not_principals.value"))
ALLOWED = block("statement", admits(OURS))


@pytest.mark.parametrize(
    ("statements", "asked", "verdict"),
    [
        (each("statement", admits('"*"')), "inside-boundary", "refuted"),
        (each("statement", admits("statement.value")), "inside-boundary", "unknown"),
        (each("statement", admits(OURS, block("condition", mfa("true")))), "mfa-required", "proved"),
        (block("statement", admits(OURS, each("condition", mfa("true")))), "mfa-required", "refuted"),
        # What is made of the items is somebody else's to choose.
        (block("statement", admits(OURS, each("condition", mfa("condition.value")))), "mfa-required", "unknown"),
        # Of an element and its opposite, whoever gives one leaves the other one out: AWS refuses both.
        (block("statement", EITHER_ACTION), "mfa-required", "unknown"),
        (each("statement", EITHER_ACTION.replace("var.l", "try(statement.value.a, null)")), "mfa-required", "unknown"),
        (block("statement", EITHER_ACTION.replace("= var.l", '= ["a:b"]', 1)), "mfa-required", "unknown"),
        (block("statement", admits("var.l") + EITHER_PRINCIPAL), "mfa-required", "unknown"),
        (
            block("statement", ACTIONS + EITHER_PRINCIPAL + each("principals", principal(OURS))),
            "mfa-required",
            "unknown",
        ),
        (block("statement", 'effect = "Deny"\n' + EITHER_ACTION) + ALLOWED, "mfa-required", "unknown"),
        # Nor has a trust policy a Resource: a module that makes policies of every kind passes it on.
        (block("statement", admits(OURS, "resources = var.l")), "mfa-required", "unknown"),
        # A Deny that may not be there excuses nobody.
        (block("statement", admits(OURS)) + each("statement", DENY), "mfa-required", "refuted"),
        (each("statement", admits(OURS)) + each("statement", DENY), "mfa-required", "proved"),
        (block("statement", admits(OURS, each("principals", principal('"*"')))), "inside-boundary", "refuted"),
        (
            block("statement", admits('"*"', each("principals", principal("principals.value")))),
            "inside-boundary",
            "refuted",
        ),
    ],
)
def test_blocks(tmp_path: Path, statements: str, asked: str, verdict: str) -> None:
    """What one of them lets in is let in, and what holds of any of them, and of none, holds."""
    document = block('data "aws_iam_policy_document" "d"', statements)
    role = block('resource "aws_iam_role" "r"', "assume_role_policy = data.aws_iam_policy_document.d.json")
    assert verdicts(tmp_path, LIST + document + role, asked) == {verdict}


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ("[for one in var.l : ALLOW('*')]", "refuted"),
        (f"concat([ALLOW('{OWN}')], [for one in var.l : ALLOW('*')])", "refuted"),
        ("[for one in var.l : ALLOW(one)]", "unknown"),
        (f"[for one in var.l : ALLOW('{OWN}')]", "proved"),
    ],
)
def test_statements_of_loops(tmp_path: Path, statements: str, verdict: str) -> None:
    """One statement stands for any number of them."""
    allow = '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = '
    made = statements.replace("ALLOW(", allow).replace(")]", " } }]").replace("'", '"')
    trust = f'jsonencode({{ Version = "2012-10-17", Statement = {made} }})'
    role = block('resource "aws_iam_role" "r"', f"assume_role_policy = {trust}")
    assert verdicts(tmp_path, LIST + role, "inside-boundary") == {verdict}


def test_statements_that_are_given_to_a_module(tmp_path: Path) -> None:
    """An object that is given a type has what the type has."""
    (tmp_path / "m").mkdir()
    allow = '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*", Condition = '
    condition = '{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
    call = f'source = "./m"\ns = [for one in var.l : {allow}{condition} }}]'
    type_ = "list(object({ Effect = string, Action = string, Principal = string }))"
    role = block('resource "aws_iam_role" "r"', "assume_role_policy = jsonencode({ Statement = var.s })")
    (tmp_path / "m" / "main.tf").write_text(block('variable "s"', f"type = {type_}") + role)
    assert verdicts(tmp_path, LIST + block('module "m"', call), "mfa-required") == {"refuted"}


def test_inline_policies(tmp_path: Path) -> None:
    """An inline policy of a role for each item is one, if there are any."""
    policy = (
        'name = inline_policy.value\npolicy = jsonencode({ Version = "2012-10-17", '
        'Statement = { Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" } })'
    )
    role = block('resource "aws_iam_role" "r"', each("inline_policy", policy))
    assert "refuted" in verdicts(tmp_path, LIST + role, "assume-role-scoped")


@pytest.mark.parametrize(
    ("condition", "named", "verdict"),
    [
        ("length(var.l) == 0", '"*"', "proved"),
        ('alltrue([for one in var.l : startswith(one, "team-")])', '"*"', "refuted"),
        (
            'alltrue([for one in var.l : one == "x"])',
            '"arn:aws:iam::999988887777:user/${statement.value}"',
            "unknown",
        ),
    ],
)
def test_what_a_validation_says_of_the_list(tmp_path: Path, condition: str, named: str, verdict: str) -> None:
    """No list is made up that Terraform would refuse."""
    validation = block("validation", f'condition = {condition}\nerror_message = "no"')
    document = block('data "aws_iam_policy_document" "d"', each("statement", admits(named)))
    role = block('resource "aws_iam_role" "r"', "assume_role_policy = data.aws_iam_policy_document.d.json")
    variable = block('variable "l"', f"type = list(string)\n{validation}")
    assert verdicts(tmp_path, variable + document + role, "inside-boundary") == {verdict}


@pytest.mark.parametrize("keys", ["keys(aws_iam_policy.p)", "keys(var.m)"])
def test_keys_of_what_nobody_knows(tmp_path: Path, keys: str) -> None:
    """What goes through the keys of a block has the instance of each key."""
    allow = '{ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "*", Resource = "*" } }'
    policy = block('resource "aws_iam_policy" "p"', f"for_each = var.m\nname = each.key\npolicy = jsonencode({allow})")
    attached = "user = aws_iam_user.u.name\npolicy_arn = aws_iam_policy.p[each.value].arn"
    attachment = block('resource "aws_iam_user_policy_attachment" "a"', f"for_each = toset({keys})\n{attached}")
    user = block('resource "aws_iam_user" "u"', 'name = "u"')
    variable = block('variable "m"', "type = map(string)")
    assert verdicts(tmp_path, variable + policy + attachment + user, "sensitive-actions-require-mfa") == {"refuted"}


def test_a_known_key_beside_a_map_of_any_type(tmp_path: Path) -> None:
    """That the map has no such key can be so."""
    allow = '{ Version = "2012-10-17", Statement = { Effect = "Allow", Action = each.value.actions, Resource = "*" } }'
    policy = block(
        'resource "aws_iam_user_policy" "p"',
        f'for_each = merge({{ a = {{ actions = ["*"] }} }}, var.m)\nuser = "u"\npolicy = jsonencode({allow})',
    )
    found = verdicts(tmp_path, block('variable "m"', "type = any") + policy, "sensitive-actions-require-mfa")
    assert "refuted" in found


STATEMENT = f'Effect = "Allow", Principal = {{ AWS = {OURS} }}'


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("{ for k, v in { %s, Action = var.l, NotAction = var.l } : k => v if v != null }", ""),
        ("{ for k, v in { %s, Action = var.l } : k => v if v != null }", ""),
        ("merge({ %s }, var.l == null ? {} : { Action = var.l })", ""),
        ("merge({ %s, Action = var.l }, var.l == null ? {} : { NotAction = var.l })", ""),
        # Whatever it is, AWS refuses that.
        ("merge({ %s }, var.l == null ? {} : { Condition = {} })", "a statement has neither Action nor NotAction"),
        (
            "merge({ %s, Action = 'a:b', NotAction = 'a:c' }, var.l == null ? {} : { Sid = 's' })",
            "a statement has both Action and NotAction",
        ),
    ],
)
def test_elements_that_are_there_in_some_cases(statement: str, error: str, tmp_path: Path) -> None:
    """What AWS refuses in some of the cases that a module leaves open is unknown, and in all of them an error."""
    made = (statement % STATEMENT).replace("'", '"')
    trust = f'jsonencode({{ Version = "2012-10-17", Statement = [{made}] }})'
    (tmp_path / "main.tf").write_text(LIST + block('resource "aws_iam_role" "r"', f"assume_role_policy = {trust}"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in report.results] == ([] if error else ["unknown"])
    assert [one.message.partition(": ")[2] for one in report.errors] == ([error] if error else [])
