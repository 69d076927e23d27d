"""
One template with many policies, on several cores: the work is shared, and the report is the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.program import Run, environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot double a process")

#: What each process of a run says of itself.
TRACED = """\
import os, sys
from trustproof.analysis.templates import template
from trustproof.cli.main import main

share = template.share

def traced(context, part):
    os.write(2, f"{os.getpid()} has {len(part)}\\n".encode())
    if os.environ.get("DIES") and os.getpid() != first:
        os.abort()
    return share(context, part)

first = os.getpid()
template.share = traced
sys.exit(main(sys.argv[1:]))
"""


def _role(number: int) -> dict[str, object]:
    """One of forty different trust policies; every third has a hole."""
    operator = "BoolIfExists" if number % 3 == 0 else "Bool"
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"{222200000000 + number % 40}"},
        "Condition": {operator: {"aws:MultiFactorAuthPresent": "true"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A template with many roles."""
    resources = {f"R{number:03d}": _role(number) for number in range(48)}
    (tmp_path / "large.json").write_text(json.dumps({"Resources": resources}, indent=1), encoding="utf-8")
    return "large.json"


@pytest.mark.parametrize("arguments", [[], ["--certify", "--format", "json"]])
def test_report_is_the_same(run: Run, file: str, arguments: list[str]) -> None:
    """Whoever has checked which policy: byte for byte."""
    alone, shared, spread = (run("check", file, "--jobs", jobs, *arguments) for jobs in ("1", "2", "3"))
    assert alone.returncode == 1
    assert "16 refuted" in alone.stdout or alone.stdout.count("refuted") > 16
    assert shared.stdout == spread.stdout == alone.stdout
    assert shared.stderr == spread.stderr == alone.stderr


def _traced(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", TRACED, "check", *arguments],
        cwd=folder,
        env=environment(env),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def _who(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    return {line.split()[0]: int(line.split()[2]) for line in done.stderr.splitlines()}


def test_work_is_shared(tmp_path: Path, file: str) -> None:
    """Each policy is checked once, by one of as many processes as were named."""
    shares = _who(_traced(tmp_path, file, "--jobs", "3"))
    assert len(shares) == 3
    assert sum(shares.values()) == 48
    assert min(shares.values()) > 5


def test_small_template_is_left_to_one_process(tmp_path: Path) -> None:
    """A process costs more than a few policies."""
    resources = {f"R{number}": _role(number) for number in range(12)}
    (tmp_path / "small.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    assert list(_who(_traced(tmp_path, "small.json", "--jobs", "8")).values()) == [12]


def test_work_of_a_process_that_dies_is_done(tmp_path: Path, file: str) -> None:
    """A process that is killed changes nothing of the report."""
    alone = _traced(tmp_path, file, "--jobs", "1")
    survived = _traced(tmp_path, file, "--jobs", "3", DIES="1")
    assert survived.stdout == alone.stdout
    assert survived.returncode == alone.returncode == 1
    # The first process has done its own share, and then those of the two others.
    assert sorted(Counter(line.split()[0] for line in survived.stderr.splitlines()).values()) == [1, 1, 3]
