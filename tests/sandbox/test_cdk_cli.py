"""
The CDK CLI as it is, against accounts where trust is enforced: bootstrap, deploy, nothing to do, diff, update, destroy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.accounts import ACCOUNTS_FILE, parse_accounts
from infra.application import build_app
from trustproof.sandbox import Sandbox

HUB = "111122223333"
DEV = "222233334444"
REGION = "eu-central-1"


class Cli:
    """The CLI in the environment of a sandbox."""

    def __init__(self, aws: Sandbox, scratch: Path) -> None:
        self.aws = aws
        self.scratch = scratch
        self.environment = aws.environment() | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CDK_VALIDATION": "false",
            "NO_COLOR": "1",
        }

    def run(self, *arguments: str, status: int = 0) -> str:
        """What a command says; it must exit with a status."""
        done = subprocess.run(
            ["cdk", *arguments, "--no-notices"],
            cwd=self.scratch,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        return said

    def app(self, command: str, *arguments: str, out: str = "app", profile: str = "hub", status: int = 0) -> str:
        """A command on the app."""
        out = str(self.scratch / out)
        return self.run(command, *arguments, "--app", out, "--profile", profile, status=status)

    def verify(self, *profiles: str) -> str:
        """What `trustproof verify` says of the app, which must be what is deployed."""
        named = [word for one in profiles for word in ("--profile", one)]
        command = [sys.executable, "-m", "trustproof", "verify", str(self.scratch / "app"), *named]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def roles(self, account: str) -> set[str]:
        """The names of the roles of the app in an account."""
        pages = self.aws.client("iam", account=account).get_paginator("list_roles").paginate()
        names = {role["RoleName"] for page in pages for role in page["Roles"]}
        return {name for name in names if name.startswith("Org") and name != "OrganizationAccountAccessRole"}


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    with Sandbox(ACCOUNTS_FILE) as aws:
        yield Cli(aws, tmp_path)


def test_the_life_of_the_app(cli: Cli, tmp_path: Path) -> None:
    """
    The unmodified CLI does all that people do with it, in several accounts by way of one; and nobody else may.
    """
    for name, account in {one.name: one.id for one in cli.aws.organization.accounts.values()}.items():
        if name in ("hub", "dev"):
            trusted = [
                "--trust",
                HUB,
                "--cloudformation-execution-policies",
                "arn:aws:iam::aws:policy/AdministratorAccess",
            ]
            cli.run("bootstrap", f"aws://{account}/{REGION}", "--profile", name, *trusted)
    accounts = _accounts(without=("audit", "prod"))
    build_app(parse_accounts(accounts, ACCOUNTS_FILE), outdir=str(tmp_path / "app")).synth()

    # Dev trusts the hub, and not prod.
    refused = cli.app("deploy", "access-dev", "--require-approval", "never", profile="prod", status=1)
    assert "is not authorized to perform: sts:AssumeRole" in refused
    assert not cli.roles(DEV)

    cli.app("deploy", "--all", "--require-approval", "never")
    assert cli.roles(DEV) == {"OrgAdmin", "OrgAuditor", "OrgDeployer", "OrgReader"}
    assert cli.app("deploy", "--all", "--require-approval", "never").count("(no changes)") == 2
    assert cli.app("diff", "--all", "--fail").count("There were no differences") == 2
    assert "0 differs, 0 unknown" in cli.verify("hub", "dev")

    accounts["groups"]["operators"] = {"operate": ["development"]}
    build_app(parse_accounts(accounts, ACCOUNTS_FILE), outdir=str(tmp_path / "changed")).synth()
    said = cli.app("diff", "--all", "--fail", out="changed", status=1)
    assert "[+] AWS::IAM::Role operate" in said
    assert "[-] AWS::IAM::Role admin" in said
    cli.app("deploy", "--all", "--require-approval", "never", out="changed")
    assert cli.roles(DEV) == {"OrgAuditor", "OrgDeployer", "OrgOperator", "OrgReader"}

    cli.app("destroy", "--all", "--force", out="changed")
    assert not cli.roles(DEV)
    assert not cli.aws.client("iam", account=HUB).list_groups()["Groups"]


def _accounts(*, without: tuple[str, ...]) -> dict[str, dict[str, object]]:
    """The accounts file, with fewer accounts and nobody but people: bootstrapping takes seconds for each."""

    found = tomllib.loads(ACCOUNTS_FILE.read_text(encoding="utf-8"))
    for name in without:
        del found["accounts"][name]
    found["groups"] = {
        "developers": {"deploy": ["development"], "read": ["development"]},
        "operators": {"admin": ["development"]},
        "auditors": {"audit": ["*"]},
    }
    for section in ("vendors", "repositories"):
        found.pop(section, None)
    del found["organization"]["units"]["production"]
    return found
