"""
The program under test, and templates for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Protocol


class Run(Protocol):
    """Runs ``trustproof`` with arguments, standard input and extra environment variables."""

    def __call__(
        self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


#: What would change the output of a program from outside.
SCRUBBED = (
    "PYTHONUNBUFFERED",
    "NO_COLOR",
    "TERM",
    "COLUMNS",
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
