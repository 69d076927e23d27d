"""
Fixtures that run the real program in a directory of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Run, environment


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the program in the test's directory."""

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
