"""
Control policies of the accounts file in vain: they leave roles nothing to do, or reach nothing.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from infra.accounts import parse_accounts
from infra.in_vain import in_vain
from tests.infra.test_accounts import GOOD

EVERYTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def said(folder: Path, statement: dict[str, Any], kind: str = "service", target: str = "work") -> list[str]:
    (folder / "x.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}), encoding="utf-8")
    mapping = copy.deepcopy(GOOD)
    names = ["x.json"] if kind == "resource" else ["FullAWSAccess", "x.json"]
    mapping["organization"][f"{kind}-control-policies"] = {target: names}
    return list(in_vain(parse_accounts(mapping, folder / "accounts.toml")))


@pytest.mark.parametrize("condition", [{}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}])
def test_roles_that_may_do_nothing_are_said(tmp_path: Path, condition: dict[str, Any]) -> None:
    """Somebody gets into a role of an account that is closed, or asks sessions for MFA, and can do nothing there."""
    first, second = said(tmp_path, {**EVERYTHING, "Condition": condition})
    where = "accounts.toml: organization.service-control-policies.work leaves the roles of "
    assert first.startswith(f"{where}dev nothing to do: x.json denies them everything")
    assert second.startswith(f"{where}prod nothing to do")


@pytest.mark.parametrize(
    "changed",
    [
        {"Action": ["ec2:*", "s3:*"]},
        {"Action": None, "NotAction": ["s3:*"]},
        {"Resource": "arn:aws:s3:::*"},
        {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}},
        {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}},
        {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Org*"}}},
        {"Effect": "Allow"},
    ],
)
def test_roles_that_may_do_something_are_not(tmp_path: Path, changed: dict[str, Any]) -> None:
    statement = {key: value for key, value in {**EVERYTHING, **changed}.items() if value is not None}
    assert said(tmp_path, statement) == []


def test_the_hub_may_be_the_management_account(tmp_path: Path) -> None:
    assert said(tmp_path, EVERYTHING, target="hub") == []


@pytest.mark.parametrize(
    ("actions", "named"),
    [
        (["s3:*", "ec2:*", "EC2:RunInstances"], "ec2"),
        ("lambda:*", "lambda"),
        ("*", ""),
        (["sts:AssumeRole", "kms:*", "logs:*"], ""),
    ],
)
def test_services_that_are_not_reached_are_said(tmp_path: Path, actions: Any, named: str) -> None:
    """AWS may have extended resource control policies to one since, so that it is no error."""
    messages = said(tmp_path, {**EVERYTHING, "Principal": "*", "Action": actions}, "resource")
    start = f"accounts.toml: organization.resource-control-policies.work names {named} in x.json, and resource control "
    assert [one.startswith(start) for one in messages] == ([True] if named else [])
