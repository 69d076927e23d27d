"""
Runs that are ended from outside: no process outlives them, nobody waits for them, and nothing is left behind.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.program import HELD, environment, interruptible
from tests.hostile.constructions import hard_patterns

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at the processes of Linux")

#: More than one process checks in either way: many files, or a large one.
WORK = {"many files": (80, 20), "a large file": (1, 400)}


@pytest.fixture(params=WORK)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Templates that take longer than this test has patience."""
    files, roles = WORK[request.param]
    (tmp_path / "templates").mkdir()
    text = hard_patterns(roles=roles)
    for number in range(files):
        (tmp_path / "templates" / f"{number}.json").write_text(text)
    return tmp_path


def _of_session(session: int) -> Iterator[int]:
    """The processes of a session that have not ended."""
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            yield int(entry.name)


def _until(met: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)


def _started(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The program in a session of its own, as soon as it has begun to share the work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trustproof", "check", "templates", "--jobs", "2", *arguments],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=interruptible,
    )
    _until(lambda: len(list(_of_session(process.pid))) > 1)
    return process


@pytest.mark.parametrize(("number", "status"), [("SIGHUP", 129), ("SIGINT", 130), ("SIGTERM", 143), ("SIGKILL", -9)])
def test_workers_end_when_their_parent_does(folder: Path, number: str, status: int) -> None:
    """
    A signal to the parent alone ends all: its output is at its end, no process is left, and no file. How far the run
    was stands on standard error.
    """
    (folder / "out").mkdir()
    process = _started(folder, "--output", "json=out/report.json")
    process.send_signal(getattr(signal, number))
    said, complaint = process.communicate(timeout=60)
    assert (process.returncode, said) == (status, b"")
    # To be killed leaves no time: what Python says of itself then is not the program's.
    far = rb"interrupted while judging templates/\d+\.json \(\d+ of \d+ files judged\); no verdict\n"
    assert status == -9 or re.fullmatch(far, complaint)
    _until(lambda: not list(_of_session(process.pid)))
    assert os.listdir(folder / "out") == []


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_report_that_is_half_written_is_taken_back(tmp_path: Path, number: str) -> None:
    """What stands under another name until it is whole is gone when the program is ended there."""
    (tmp_path / "held.json").write_text(HELD)
    program = (
        "import os, signal\n"
        "replace = os.replace\n"
        f"os.replace = lambda *names: (os.kill(os.getpid(), signal.{number}), replace(*names))\n"
        "from trustproof.cli.main import program\n"
        "program()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "held.json", "--output", "json=report.json"],
        cwd=tmp_path,
        preexec_fn=interruptible,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 128 + getattr(signal, number)
    assert os.listdir(tmp_path) == ["held.json"]


def test_a_run_that_is_ended_says_how_far_it_was(tmp_path: Path) -> None:
    """Of its files, how many are judged, and which one is not; nothing of it is on standard output."""
    for name in ("a.json", "##[b]\n.json", "c.json"):
        (tmp_path / name).write_text(HELD)
    program = (
        "import os, signal\n"
        "from trustproof.analysis.execution.task import Worker\n"
        "check = Worker.check\n"
        "def ended(worker, number, unit):\n"
        "    if number:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return check(worker, number, unit)\n"
        "Worker.check = ended\n"
        "from trustproof.cli.main import program\n"
        "program()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "a.json", "##[b]\n.json", "c.json", "--jobs", "1"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    said = b"interrupted while judging #\\x23[b]\\n.json (1 of 3 files judged); no verdict\n"
    assert (done.returncode, done.stdout, done.stderr) == (143, b"", said)
