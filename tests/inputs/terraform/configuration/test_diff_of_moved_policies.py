"""
Two configurations of which one holds a policy, or deploys it, elsewhere: what means the same is no difference.
"""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
POLICY = (
    'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
    'Action = ["iam:*", "sts:AssumeRole", "s3:*"], Resource = "*" }] })'
)
TRUST = (
    'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", '
    'Principal = { AWS = "arn:aws:iam::777788889999:root" } }] })'
)
MANAGED = f'resource "aws_iam_policy" "p" {{\n  name = "p"\n  policy = {POLICY}\n}}\n'


def role(more: str = "") -> str:
    """A role with further arguments."""
    return f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {TRUST}\n{more}}}\n'


USER = 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
ROLES = {
    "a block": role(f'  inline_policy {{\n    name = "p"\n    policy = {POLICY}\n  }}\n'),
    "an inline policy": role()
    + f'resource "aws_iam_role_policy" "p" {{\n  name = "p"\n  role = aws_iam_role.r.name\n  policy = {POLICY}\n}}\n',
    "one by the id": role()
    + f'resource "aws_iam_role_policy" "q" {{\n  name = "p"\n  role = aws_iam_role.r.id\n  policy = {POLICY}\n}}\n',
    "an attachment": role()
    + MANAGED
    + 'resource "aws_iam_role_policy_attachment" "p" {\n  role = aws_iam_role.r.name\n'
    + "  policy_arn = aws_iam_policy.p.arn\n}\n",
    "an argument": role("  managed_policy_arns = [aws_iam_policy.p.arn]\n") + MANAGED,
}
USERS = {
    "an inline policy": USER
    + f'resource "aws_iam_user_policy" "p" {{\n  name = "p"\n  user = aws_iam_user.u.name\n  policy = {POLICY}\n}}\n',
    "an attachment": USER
    + MANAGED
    + 'resource "aws_iam_user_policy_attachment" "p" {\n  user = aws_iam_user.u.name\n'
    + "  policy_arn = aws_iam_policy.p.arn\n}\n",
    "one of all holders": USER
    + MANAGED
    + 'resource "aws_iam_policy_attachment" "p" {\n  name = "p"\n  users = [aws_iam_user.u.name]\n'
    + "  policy_arn = aws_iam_policy.p.arn\n}\n",
}


def difference(directory: Path, old: str, new: str) -> trustproof.Difference:
    """What differs between two configurations."""
    for name, text in (("old", old), ("new", new)):
        (directory / name).mkdir(exist_ok=True)
        (directory / name / "main.tf").write_text(text)
    return trustproof.diff(directory / "old", directory / "new", config={})


@pytest.mark.parametrize(
    ("old", "new"), [*permutations(ROLES.values(), 2), *permutations(USERS.values(), 2)], ids=lambda text: text[-40:-20]
)
def test_where_a_policy_is_held_makes_no_difference(tmp_path: Path, old: str, new: str) -> None:
    """Neither in access nor in what the properties say, which is the same of the same holder."""
    found = difference(tmp_path, PROVIDER + old, PROVIDER + new)
    assert (found.access, found.verdicts, found.undecided) == ((), (), ())


def test_a_policy_that_moves_and_changes_is_a_difference(tmp_path: Path) -> None:
    """Only what stays the same is left out."""
    new = ROLES["an attachment"].replace('"sts:AssumeRole", "s3:*"', '"s3:*"')
    found = difference(tmp_path, PROVIDER + ROLES["a block"], PROVIDER + new)
    assert [(one.property, one.before, one.after) for one in found.verdicts] == [
        ("assume-role-scoped", "refuted", None)
    ]
    assert found.access


def test_a_role_in_another_account_is_lost_there_and_gained_here(tmp_path: Path) -> None:
    """Both messages name the account, and what the properties say of the role is the same."""
    other = 'provider "aws" {\n  alias = "b"\n  region = "eu-west-1"\n  allowed_account_ids = ["444455556666"]\n}\n'
    text = PROVIDER + other + ROLES["a block"]
    new = text.replace('  name = "r"\n', '  name = "r"\n  provider = aws.b\n')
    found = difference(tmp_path, text, new)
    said = {one.direction: one.message for one in found.access if one.kind == "trust"}
    assert said["gained"].endswith("may assume r in account 444455556666")
    assert said["lost"].endswith("may no longer assume r in account 111122223333")
    assert all(one.property != "inside-boundary" for one in found.verdicts)


DEV = 'provider "aws" {\n  alias = "a"\n  profile = "dev"\n}\n'
BY_ROLE = (
    'variable "x" {}\nvariable "y" {}\n'
    'provider "aws" {\n  alias = "a"\n  assume_role {\n    role_arn = var.x\n    session_name = "s"\n  }\n}\n'
)
OF_A = role("  provider = aws.a\n")


@pytest.mark.parametrize(
    ("old", "new", "is_unknown"),
    [
        (DEV, DEV.replace("dev", "prod"), True),
        (BY_ROLE, BY_ROLE.replace("var.x", "var.y"), True),
        (DEV, DEV.replace('profile = "dev"', 'shared_credentials_files = ["b"]'), True),
        (BY_ROLE, BY_ROLE.replace('"s"', '"t"'), False),
        (DEV, DEV.replace("profile", 'region = "eu-west-1"\n  profile'), False),
    ],
)
def test_the_account_of_other_credentials_is_not_known(tmp_path: Path, old: str, new: str, *, is_unknown: bool) -> None:
    """A role that lets somebody in may be in production since, where nothing in it has changed."""
    found = difference(tmp_path, old + OF_A, new + OF_A)
    assert not found.access
    said = [reason for one in found.undecided for reason in one.reasons]
    assert ["which account aws_iam_role.r is in is not known" in one for one in said] == [True] * is_unknown


def test_an_alias_is_a_name(tmp_path: Path) -> None:
    """By another alias with the same credentials, a role is where it was; with others, it may be elsewhere."""
    other = DEV.replace('"a"', '"b"')
    moved = OF_A.replace("aws.a", "aws.b")
    assert difference(tmp_path, DEV + OF_A, other + moved).is_empty
    both = DEV + other.replace("dev", "prod")
    assert difference(tmp_path, both + OF_A, both + moved).undecided
