"""
What whoever starts a sandbox has in the environment leads nobody out of it.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from trustproof.sandbox import Sandbox
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.foreign_settings import FOREIGN, shell_lines

HOSTILE = {
    "AWS_DEFAULT_PROFILE": "nosuch",
    "AWS_ENDPOINT_URL_S3": "https://example.com",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_PROFILE": "nosuch",
    "HTTP_PROXY": "http://192.0.2.1:9",
}
_ASK = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


def test_a_profile_that_no_file_has_stops_nothing() -> None:
    """A sandbox starts beside a profile that is not there, and its command finds the sandbox."""
    command = [sys.executable, "-m", "trustproof", "sandbox", "--account", "111122223333", "--"]
    script = f"import os; os.environ['AWS_PROFILE'] = 'management'; {_ASK}"
    found = subprocess.run(
        [*command, sys.executable, "-c", script], env={**os.environ, **HOSTILE}, capture_output=True, text=True
    )
    assert (found.returncode, found.stdout) == (0, "arn:aws:iam::999999999999:user/admin\n"), found.stderr


def test_the_printed_lines_undo_the_same() -> None:
    """A shell that reads what is printed has none of the variables that lead out, and asks no proxy for the sandbox."""
    script = "\n".join([*shell_lines(), "env"])
    found = subprocess.run(
        ["/bin/sh", "-c", script],
        env={**dict.fromkeys(FOREIGN, "x"), **HOSTILE},
        capture_output=True,
        text=True,
        check=True,
    )
    there = dict(line.split("=", 1) for line in found.stdout.splitlines())
    assert not {name for name in there if name in FOREIGN or name.startswith("AWS_ENDPOINT_URL_")}
    assert there["NO_PROXY"] == there["no_proxy"] == "127.0.0.1,localhost"


def test_an_account_that_is_no_text_is_refused() -> None:
    """A number is no account id: it would have lost its zeros."""
    with pytest.raises(SandboxError, match="a text of 12 digits, got 111122223333"):
        Sandbox(accounts=[111122223333])  # type: ignore[list-item]
