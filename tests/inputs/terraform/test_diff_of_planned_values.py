"""
Values that two plans do not know, by one name on both sides: they are the same where both make them of the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, OWN, After, Resource, allow, plan, policy, trust

OURS = f"arn:aws:iam::{HUB}:root"
STATEMENT = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": OURS}}
ROLES = [
    Resource(f"aws_iam_role.{name}", {"name_prefix": name, "assume_role_policy": trust()}, {"name": After()})
    for name in ("a", "b")
]
GROUP = [
    Resource("aws_iam_group.g", {"name": "g"}),
    Resource("aws_iam_group_policy.g", {"group": "g", "name": "p", "policy": policy(allow("iam:*"))}),
]
ASSIGNMENT = {
    "instance_arn": "arn:aws:sso:::instance/ssoins-1",
    "principal_type": "USER",
    "target_id": OWN,
    "target_type": "AWS_ACCOUNT",
}
#: The type of a resource with its arguments, of which the one with None is not known.
OPEN: dict[str, dict[str, Any]] = {
    "aws_lambda_permission": {
        "function_name": "f",
        "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com",
        "source_arn": None,
    },
    "aws_kms_grant": {"key_id": "k", "grantee_principal": None, "operations": ["Decrypt"]},
    "aws_sqs_queue_policy": {"queue_url": None, "policy": policy(STATEMENT)},
    "aws_secretsmanager_secret_policy": {
        "secret_arn": None,
        "policy": policy({**STATEMENT, "Action": "secretsmanager:GetSecretValue"}),
    },
    "aws_s3_bucket_policy": {"bucket": None, "policy": policy({**STATEMENT, "Action": "s3:GetObject"})},
    "aws_iam_role_policy": {"name": "p", "role": None, "policy": policy(allow("iam:*"))},
    "aws_iam_role_policy_attachment": {"role": None, "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    "aws_iam_group_membership": {"group": "g", "name": "m", "users": None},
    "aws_iam_role": {"name": "r", "assume_role_policy": trust(), "permissions_boundary": None},
    "aws_ssoadmin_account_assignment": ASSIGNMENT | {"permission_set_arn": None, "principal_id": "x"},
}


def _plan(folder: Path, side: str, type_: str, references: tuple[str, ...], **more: Any) -> Path:
    """A plan in which one argument is made of references."""
    arguments = {key: After(*references) if value is None else value for key, value in OPEN[type_].items()}
    file = folder / f"{side}.json"
    file.write_text(json.dumps(plan(*ROLES, *GROUP, Resource(f"{type_}.x", arguments), **more)))
    return file


@pytest.mark.parametrize("type_", OPEN)
def test_what_is_made_of_something_else_is_undecided(type_: str, tmp_path: Path) -> None:
    """A permission for what another bucket sends, and a policy on another queue, look the same in two first plans."""
    old = _plan(tmp_path, "old", type_, ("aws_any.a.arn", "aws_any.a"))
    new = _plan(tmp_path, "new", type_, ("aws_any.b.arn", "aws_any.b"))
    found = trustproof.diff(old, new, account=OWN)
    assert found.undecided
    assert trustproof.diff(old, old, account=OWN).is_empty


@pytest.mark.parametrize(("before", "after", "is_same"), [("x", "x", True), ("x", "y", False)])
def test_a_variable_with_another_value_is_something_else(
    before: str, after: str, is_same: bool, tmp_path: Path
) -> None:
    """A plan has the values of the variables that an expression refers to."""
    sides = [
        _plan(tmp_path, side, "aws_lambda_permission", ("var.v",), variables={"v": {"value": value}})
        for side, value in (("old", before), ("new", after))
    ]
    assert bool(trustproof.diff(*sides, account=OWN).undecided) is not is_same


def test_who_is_assigned_to_a_permission_set_of_elsewhere_is_undecided(tmp_path: Path) -> None:
    """What the set allows is said elsewhere; who has it is another one, whether a plan knows who that is or not."""

    def written(side: str, principal: object) -> Path:
        arguments = {"permission_set_arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "principal_id": principal}
        assignment = Resource("aws_ssoadmin_account_assignment.x", ASSIGNMENT | arguments)
        file = tmp_path / f"{side}.json"
        file.write_text(json.dumps(plan(assignment)))
        return file

    for before, after in (("u", "v"), (After("data.aws_any.a.user_id"), After("data.aws_any.b.user_id"))):
        old, new = written("old", before), written("new", after)
        assert trustproof.diff(old, new, account=OWN).undecided
        assert trustproof.diff(old, old, account=OWN).is_empty
