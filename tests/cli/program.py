"""
The program under test, and templates for it.
"""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from trustproof.cli.main import main


class Run(Protocol):
    """Runs ``trustproof`` with arguments, standard input and extra environment variables."""

    def __call__(
        self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


#: What would change the output of a program from outside.
SCRUBBED = (
    "PYTHONUNBUFFERED",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "COLUMNS",
    "LINES",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "LANG",
    "LC_ALL",
    "PYTHONWARNINGS",
)


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a program under test."""
    kept = {name: value for name, value in os.environ.items() if name not in SCRUBBED}
    return {**kept, **(extra or {})}


def called(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """What the command line says and returns in a directory, called in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in SCRUBBED:
            patch.delenv(name, raising=False)
        patch.setattr(sys, "argv", ["trustproof", *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        status = main()
    written = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(arguments, status, *written)


def role(condition: str, principal: str = '{"AWS": "arn:aws:iam::222222222222:root"}', name: str = "Deployer") -> str:
    """A template with one role; the condition is a JSON object."""
    return f"""\
{{
  "Resources": {{
    "{name}": {{
      "Type": "AWS::IAM::Role",
      "Properties": {{
        "AssumeRolePolicyDocument": {{
          "Version": "2012-10-17",
          "Statement": [
            {{
              "Effect": "Allow",
              "Principal": {principal},
              "Action": "sts:AssumeRole",
              "Condition": {condition}
            }}
          ]
        }}
      }}
    }}
  }}
}}
"""


#: No request without MFA gets in.
HELD = role('{"Bool": {"aws:MultiFactorAuthPresent": "true"}}')
#: An access key gets in, because it carries no MFA key.
HOLE = role('{"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}')
#: Declares the account that the templates trust.
CONFIG = '[boundary]\naccounts = ["222222222222"]\n'


def interruptible() -> None:
    """To be run in a process that begins: whoever runs the tests in the background has it ignore interrupts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def on_a_terminal(
    folder: Path,
    *arguments: str,
    env: dict[str, str],
    size: tuple[int, int] = (80, 24),
    program: Sequence[str] = ("-m", "trustproof"),
) -> str:
    """
    Everything that the program writes to a terminal.

    Args:
        size: in columns and lines.
        program: what Python runs.
    """
    import fcntl
    import pty
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    process = subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 65_536):
            written += chunk
    except OSError:
        # Linux reports the end of a terminal as an error.
        pass
    finally:
        os.close(leader)
    process.wait(timeout=120)
    return written.decode().replace("\r\n", "\n")
