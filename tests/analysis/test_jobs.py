"""
What the processes of a run hand to each other.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trustproof.analysis.execution import pool
from trustproof.cli.main import main

POLICIES = ("PowerUserAccess", "ReadOnlyAccess", "IAMFullAccess")


def test_two_processes_say_what_one_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles with policies of AWS, which chains are asked about, come out the same however many processes there are."""
    # Three batches for two processes.
    monkeypatch.setattr(pool, "MIN_SHARE", 20)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [trust]},
            "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}" for name in POLICIES],
        },
    }
    for number in range(36):
        (tmp_path / f"t{number:02}.json").write_text(json.dumps({"Resources": {"R": role, "S": role}}))
    said = []
    for jobs in ("1", "2"):
        status = main(["check", "--format", "json", "--jobs", jobs, str(tmp_path)])
        said.append((status, capsys.readouterr().out))
    assert said[0] == said[1]
    assert said[0][0] in (0, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of open files")
@pytest.mark.parametrize("files", [10, 16])
def test_too_few_open_files_for_processes_are_an_error(tmp_path: Path, files: int) -> None:
    """What the system does not give is said in one line, with how to do without; nothing hangs."""
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    for number in range(40):
        (tmp_path / f"t{number:02}.json").write_text(json.dumps({"Resources": {"R": role}}))
    limited = f"import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files}))\n"
    program = f"{limited}from trustproof.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    run = [sys.executable, "-c", program, "check", str(tmp_path), "--jobs", "2"]
    ended = subprocess.run(run, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: processes that check templates cannot be started: ")
    assert ended.stderr.endswith("; try again with --jobs 1\n")


@pytest.mark.skipif(sys.platform == "win32", reason="the program is not guarded against being imported")
def test_a_worker_of_a_pool_checks_by_itself(tmp_path: Path) -> None:
    """Python lets the workers of a `multiprocessing.Pool` have no processes of their own."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [trust]}}}
    for number in range(40):
        (tmp_path / f"t{number:02}.json").write_text(json.dumps({"Resources": {"R": role}}))
    program = (
        "import sys\n"
        "from multiprocessing import get_context\n"
        "import trustproof\n"
        "def refuted(path):\n"
        "    report = trustproof.check([path], jobs=2)\n"
        "    return sum(one.verdict == 'refuted' for one in report.results)\n"
        "with get_context('fork').Pool(1) as workers:\n"
        "    print(workers.apply(refuted, sys.argv[1:]) >= 40)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("True\n", "")
