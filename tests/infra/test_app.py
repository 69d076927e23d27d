"""
The app: each template gives exactly what the accounts file says, to nobody else, and with MFA.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import cx_api

from infra.accounts import Accounts
from infra.application import build_app
from infra.boundary import boundary, render_boundary

REPOSITORY = Path(__file__).resolve().parents[2]

Properties = Callable[[str, str], list[dict[str, Any]]]


def test_there_is_a_stack_for_each_account(accounts: Accounts, assembly: cx_api.CloudAssembly) -> None:
    """Each stack is deployed to its own account and Region."""
    environments = {
        stack.stack_name: (stack.environment.account, stack.environment.region) for stack in assembly.stacks
    }
    assert environments == {
        f"access-{account.name}": (account.id, account.region) for account in (accounts.hub, *accounts.workloads)
    }


def test_roles_trust_the_hub_with_mfa_and_nobody_else(accounts: Accounts, properties: Properties) -> None:
    """Every role has one statement: the hub's account, with MFA, as fresh as the file demands."""
    for account in accounts.workloads:
        roles = {role["RoleName"]: role for role in properties(f"access-{account.name}", "AWS::IAM::Role")}
        assert roles.keys() == {access.role for access in accounts.access_in(account)}
        for access in accounts.access_in(account):
            condition: dict[str, Any] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
            if access.mfa_age_minutes is not None:
                age = str(60 * access.mfa_age_minutes)
                condition["NumericLessThanEquals"] = {"aws:MultiFactorAuthAge": age}
            assert roles[access.role]["AssumeRolePolicyDocument"] == {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"AWS": accounts.hub.id},
                        "Condition": condition,
                    }
                ],
            }
            assert roles[access.role]["MaxSessionDuration"] == 3600 * access.session_hours


def test_groups_may_assume_what_the_file_says(accounts: Accounts, properties: Properties) -> None:
    """The grants of the hub name the roles of the workload accounts, ARN by ARN."""
    granted: dict[str, list[str]] = {}
    for policy in properties("access-hub", "AWS::IAM::ManagedPolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow" and statement["Action"] == "sts:AssumeRole":
                (group,) = policy["Groups"]
                resources = statement["Resource"]
                granted[group["Ref"]] = sorted(map(arn, resources if isinstance(resources, list) else [resources]))
    assert sorted(granted.values()) == sorted(
        sorted(f"arn:aws:iam::{account.id}:role/{access.role}" for account, access in accounts.granted_to(name))
        for name in accounts.groups
    )
    assert {group["GroupName"] for group in properties("access-hub", "AWS::IAM::Group")} == accounts.groups.keys()


def arn(value: dict[str, Any]) -> str:
    """An ARN of a template, in the partition ``aws``."""
    separator, parts = value["Fn::Join"]
    return str(separator.join("aws" if part == {"Ref": "AWS::Partition"} else part for part in parts))


def test_gate_is_part_of_the_app(accounts: Accounts, tmp_path: Path) -> None:
    """A role whose MFA condition is taken away stops the synthesis, and the report names it."""
    app = build_app(accounts, outdir=str(tmp_path / "cdk.out"))
    resource = app.node.find_child("access-prod").node.find_child("deploy").node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.add_property_deletion_override("AssumeRolePolicyDocument.Statement.0.Condition")
    with pytest.raises(RuntimeError, match="access-prod/deploy/Resource"):
        app.synth()


def test_command_line_has_the_boundary_of_the_app(accounts: Accounts) -> None:
    """`trustproof.toml` is what the accounts file says; `make boundary` writes it."""
    text = (REPOSITORY / "trustproof.toml").read_text(encoding="utf-8")
    assert text == render_boundary(accounts)
    assert tomllib.loads(text) == boundary(accounts)


def test_app_needs_no_credentials_and_no_command_line(tmp_path: Path, assembly: cx_api.CloudAssembly) -> None:
    """`python app.py` writes the same templates, byte for byte, with nothing of AWS in its environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_", "PYTEST_"))}
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=REPOSITORY,
        env={**environment, "CDK_OUTDIR": str(tmp_path / "cdk.out")},
        check=True,
    )
    for stack in assembly.stacks:
        written = tmp_path / "cdk.out" / stack.template_file
        assert written.read_bytes() == Path(stack.template_full_path).read_bytes()
