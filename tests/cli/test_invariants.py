"""
Invariants of the project on the command line: in every form of the report, and in differences.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Run, role
from trustproof.output.formats import FORMATS

DECLARED = """\
[boundary]
accounts = ["222222222222"]

[[invariant]]
name = "ours"
resources = ["Deployer"]
roles = ["arn:aws:iam::222222222222:role/ci"]
"""
CI = role("{}", '{"AWS": "arn:aws:iam::222222222222:role/ci"}')
ANYBODY = role('{"Bool": {"aws:MultiFactorAuthPresent": "true"}}')


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an invariant, a template that keeps to it, and one that does not."""
    (tmp_path / "trustproof.toml").write_text(DECLARED, encoding="utf-8")
    (tmp_path / "held.json").write_text(CI, encoding="utf-8")
    (tmp_path / "broken.json").write_text(ANYBODY, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_of_the_report_has_it(run: Run, project: Path, form: str) -> None:
    """By its name, with who gets in."""
    done = run("check", "broken.json", "--property", "invariant-ours", "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert "invariant-ours" in done.stdout.replace("\\-", "-")
    assert "Deployer" in done.stdout


def test_what_keeps_to_it_is_proved_and_certified(run: Run, project: Path) -> None:
    """The proof is checked again, as every other one."""
    done = run("check", "held.json", "--property", "invariant-ours", "--certify", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["summary"]["proved"], document["summary"]["certified"]) == (0, 1, 1)


def test_a_change_that_breaks_it_is_a_difference(run: Run, project: Path) -> None:
    """`trustproof diff` says that it held before."""
    document = json.loads(run("diff", "held.json", "broken.json", "--format", "json").stdout)
    changed = {one["property"]: (one["before"], one["after"]) for one in document["verdicts"]}
    assert changed["invariant-ours"] == ("proved", "refuted")
