"""
Fixtures that run the program in a directory of its own: in this process, and where a process counts, in one of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Run, called, environment


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """Run the real program in the test's directory."""

    def call(*arguments: str, stdin: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trustproof", *arguments],
            cwd=tmp_path,
            env=environment(env),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def run(tmp_path: Path, process: Run) -> Run:
    """
    Run the command line in the test's directory, as the program would.

    A process costs ten times as much as what these tests have it do; where the environment is another one, it is one.
    """

    def call(*arguments: str, stdin: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        if env is not None:
            return process(*arguments, stdin=stdin, env=env)
        return called(tmp_path, *arguments, stdin=stdin)

    return call
