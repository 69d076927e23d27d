"""
What the processes of a run hand to each other.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof.cli.main import main

POLICIES = ("PowerUserAccess", "ReadOnlyAccess", "IAMFullAccess")


def test_two_processes_say_what_one_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Roles with policies of AWS, which chains are asked about, come out the same however many processes there are."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [trust]},
            "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}" for name in POLICIES],
        },
    }
    for number in range(60):
        (tmp_path / f"t{number:02}.json").write_text(json.dumps({"Resources": {"R": role, "S": role}}))
    said = []
    for jobs in ("1", "2"):
        status = main(["check", "--format", "json", "--jobs", jobs, str(tmp_path)])
        said.append((status, capsys.readouterr().out))
    assert said[0] == said[1]
    assert said[0][0] in (0, 1)
