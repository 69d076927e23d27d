"""
Every command of the pages is run, in a project that has what the pages speak of.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import called
from tests.docs.test_pages import REPOSITORY, commands

Json = dict[str, Any]
ACCOUNT = "111122223333"
#: How commands begin that cannot be run here, each with the reason.
NOT_RUN = {
    "trustproof sandbox": "serves until it is interrupted, or runs a command of the reader's",
    "trustproof verify": "asks deployed accounts",
    "trustproof pull": "asks a deployed account",
}
#: And one by all that it says.
ASKS = {"trustproof new access": "asks at a terminal what it is not told"}
#: What stands for a value of the reader's.
PLACEHOLDERS = {"HUB": "hub"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}
MAIN = """\
variable "environment" {
  default = "dev"
}

resource "aws_iam_role" "admin" {
  name = "OrgAdmin"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sts:AssumeRole" }]
  })
}
"""
PROVIDER = "registry.terraform.io/hashicorp/aws"
RESOURCE = {
    "address": "aws_iam_role.admin",
    "mode": "managed",
    "type": "aws_iam_role",
    "name": "admin",
    "provider_name": PROVIDER,
}
VALUES = {"name": "OrgAdmin", "assume_role_policy": json.dumps(TRUST)}


def plan() -> Json:
    """What `terraform show -json` says of a plan of the configuration."""
    change = {"actions": ["create"], "before": None, "after": VALUES, "after_unknown": {}}
    expressions = {"name": {"constant_value": "OrgAdmin"}, "assume_role_policy": {}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "variables": {"environment": {"value": "dev"}},
        "planned_values": {"root_module": {"resources": [{**RESOURCE, "values": VALUES}]}},
        "resource_changes": [{**RESOURCE, "change": change}],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": PROVIDER}},
            "root_module": {
                "resources": [{**RESOURCE, "provider_config_key": "aws", "expressions": expressions}],
                "variables": {"environment": {"default": "dev"}},
            },
        },
    }


def state() -> Json:
    """What it says of what is there."""
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.0",
        "values": {"root_module": {"resources": [{**RESOURCE, "values": VALUES}]}},
    }


def template(who: Any = ACCOUNT) -> Json:
    """A role, and the account that it is for as a parameter."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"AssumeRolePolicyDocument": policy}
    parameters = {"Parameters": {"HubAccount": {"Type": "String"}}} if isinstance(who, dict) else {}
    roles = ("OrgAdmin", "Deployer")
    resources = {one: {"Type": "AWS::IAM::Role", "Properties": {**properties, "RoleName": one}} for one in roles}
    return {**parameters, "Resources": resources}


def listed() -> Json:
    """What `aws organizations list-accounts` says."""
    arn = f"arn:aws:organizations::{ACCOUNT}:account/o-a1b2c3d4e5"
    return {
        "Accounts": [
            {"Id": ident, "Name": name, "Status": "ACTIVE", "Arn": f"{arn}/{ident}", "Email": "a@example.com"}
            for ident, name in ((ACCOUNT, "hub"), ("444455556666", "dev"))
        ]
    }


def git(folder: Path, *arguments: str) -> None:
    """As somebody without a configuration."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with templates, an assembly, a configuration of Terraform with its plan and state, and a history."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(REPOSITORY / "examples", root / "examples")
    manifest = {
        "version": "36.0.0",
        "artifacts": {
            "Access": {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://{ACCOUNT}/eu-central-1",
                "properties": {"templateFile": "Access.template.json"},
            }
        },
    }
    files = {
        "cdk.out/manifest.json": manifest,
        "cdk.out/cdk.out": {"version": "36.0.0"},
        "cdk.out/Access.template.json": template(),
        "templates/role.json": template(),
        "template.yaml": template({"Ref": "HubAccount"}),
        **{name: template() for name in ("old.yaml", "new.yaml", "role.yaml", "fixed.yaml")},
        "plan.json": plan(),
        "state.json": state(),
        "accounts.json": listed(),
    }
    for name, content in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(json.dumps(content), encoding="utf-8")
    for name in ("main.tf", "infra/main.tf"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(MAIN, encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "Begin")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return root


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, with a template on standard input; what a process costs is no part of what pages say."""
    return called(folder, *arguments, stdin=json.dumps(template()))


def why_not(command: str) -> str | None:
    """Why a command cannot be run here; None for one that can."""
    return ASKS.get(command.strip()) or next(
        (why for begins, why in NOT_RUN.items() if command.startswith(begins)), None
    )


def ready(folder: Path, command: str) -> None:
    """What the command before on the page leaves behind."""
    if "baseline" in command and "write" not in command:
        assert run(folder, "baseline", "write").returncode == 0


def to_run() -> dict[tuple[str, ...], Any]:
    """The commands that can be run here, each where it stands last: many pages have the same."""
    return {
        tuple(shlex.split(text, comments=True)): pytest.param(text, id=f"{page.relative_to(REPOSITORY)}:{line}")
        for page, line, text in commands()
        if why_not(text) is None
    }


@pytest.mark.parametrize("command", to_run().values())
def test_every_command_runs(made: Path, tmp_path: Path, command: str) -> None:
    """It comes to verdicts, or does what it is for: nothing is refused, and nothing is said to be wrong with it."""
    project = tmp_path / "project"
    shutil.copytree(made, project)
    ready(project, command)
    arguments = shlex.split(command, comments=True)[1:]
    done = run(project, *(PLACEHOLDERS.get(one, one) for one in arguments))
    assert done.returncode in (0, 1), done.stderr
    # Whoever writes a baseline is told how it counts, as the next line of the page does.
    said = "note: trustproof check knows it by --baseline" if arguments[:2] == ["baseline", "write"] else ""
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == bool(said), done.stderr


def test_what_is_not_run_is_on_the_pages() -> None:
    """A reason stands for a command that some page has."""
    texts = [text for _, _, text in commands()]
    assert all(any(text.startswith(begins) for text in texts) for begins in NOT_RUN)
    assert {text.strip() for text in texts} >= ASKS.keys()
