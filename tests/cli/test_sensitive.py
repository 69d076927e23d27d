"""
What a plan marks as sensitive stands in the output of no command, and in no file that one writes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.inputs.terraform.builders import OWN, Resource, Secret, plan, policy, trust
from trustproof.output.formats import FORMATS

#: Neither stands in an example of a page.
ACCOUNT, ORGANIZATION = "987612345678", "o-zzzz9999xx"


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """A plan with a policy that is sensitive, and another one, in which it says something else."""
    for name, who in (("plan.json", ACCOUNT), ("old.json", OWN)):
        held = trust({"AWS": f"arn:aws:iam::{who}:root"})
        bucket = policy(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION if who == ACCOUNT else "o-a1b2c3d4e5"}
                },
            }
        )
        role = Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": Secret(held)})
        other = Resource("aws_s3_bucket_policy.b", {"bucket": "b", "policy": Secret(bucket)})
        (tmp_path / name).write_text(json.dumps(plan(role, other)))
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        "init plan.json --output -",
        f"init plan.json --account {OWN} --output init.toml",
        "baseline write plan.json --baseline b.json",
        f"baseline write plan.json --account {OWN} --baseline b.json",
        "baseline show --baseline b.json",
        "explain a --in plan.json",
        "explain a --in plan.json --format json",
        "who plan.json",
        "who plan.json --format json",
        "diff old.json plan.json",
        "diff old.json plan.json --format json",
        "diff old.json plan.json --format markdown",
        "config show plan.json",
        "check plan.json --verbose --certify --reproduce",
        *(f"check plan.json --verbose --format {form}" for form in sorted(FORMATS)),
        *(f"check plan.json --account {OWN} --format {form}" for form in sorted(FORMATS)),
    ],
)
def test_no_command_shows_what_is_sensitive(run: Run, hidden: Path, command: str) -> None:
    """Accounts and organizations that only a sensitive policy names are nothing that anybody is asked to declare."""
    if "show" in command and "baseline" in command:
        run("baseline", "write", "plan.json", "--baseline", "b.json")
    found = run(*command.split())
    assert found.returncode in (0, 1), found.stderr
    written = [one.read_text() for one in hidden.iterdir() if one.name not in ("plan.json", "old.json")]
    for text in (found.stdout, found.stderr, *written):
        assert ACCOUNT not in text
        assert ORGANIZATION not in text


def test_what_is_hidden_is_nothing_to_declare(run: Run, hidden: Path) -> None:
    """The mark that stands for what is hidden is no account."""
    assert hidden.is_dir()
    assert '"(sensitive)"' not in run("init", "plan.json", "--output", "-").stdout


def test_no_name_that_is_sensitive_is_suggested(run: Run, tmp_path: Path) -> None:
    """Whoever asks about a resource that is not there learns the names of others, and of secret ones nothing."""
    held = policy({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "s3:GetObject", "Resource": "*"})
    bucket = Resource("aws_s3_bucket_policy.b", {"bucket": Secret("zq7-vendor"), "policy": held})
    (tmp_path / "plan.json").write_text(json.dumps(plan(bucket)))
    for asked in ("nobody", "zq7-vendo"):
        found = run("explain", asked, "--in", "plan.json")
        assert found.returncode == 2
        assert "aws_s3_bucket_policy.b" in found.stderr or asked == "zq7-vendo"
        assert "zq7-vendor" not in found.stderr


def test_no_baseline_says_what_is_called_by_a_sensitive_name(run: Run, tmp_path: Path) -> None:
    """A baseline is committed, and calls a resource by its name wherever it has one."""
    role = Resource("aws_iam_role.r", {"name": Secret("zq7-vendor"), "assume_role_policy": trust({"AWS": "*"})})
    (tmp_path / "plan.json").write_text(json.dumps(plan(role)))
    assert run("baseline", "write", "plan.json", "--baseline", "b.json").returncode == 0
    assert "aws_iam_role.r" in (tmp_path / "b.json").read_text()
    assert "zq7-vendor" not in (tmp_path / "b.json").read_text()
    assert run("check", "plan.json", "--baseline", "b.json").returncode == 0
