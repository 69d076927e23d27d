"""
Streams: terminals, closed pipes, full disks and interrupts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import CONFIG, HELD, HOLE, Run, environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="terminals and signals of POSIX")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG)


def _on_a_terminal(folder: Path, *arguments: str, env: dict[str, str]) -> str:
    """Everything that the program writes to a terminal."""
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "trustproof", *arguments],
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
    return written.decode()


def test_a_terminal_gets_colour(tmp_path: Path) -> None:
    """On a terminal the verdict is red."""
    assert "\x1b[1;31mrefuted[mfa-required]\x1b[0m" in _on_a_terminal(
        tmp_path, "check", "hole.json", env={"TERM": "xterm"}
    )


@pytest.mark.parametrize("env", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour_gets_none(tmp_path: Path, env: dict[str, str]) -> None:
    """NO_COLOR and a dumb terminal are respected."""
    written = _on_a_terminal(tmp_path, "check", "hole.json", env=env)
    assert "refuted[mfa-required]: " in written
    assert "\x1b" not in written


def test_a_long_run_shows_how_far_it_is(tmp_path: Path) -> None:
    """Many templates get a progress line, which is gone before the report begins."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number:02}.json").write_text(HELD)
    written = _on_a_terminal(tmp_path, "check", "many", env={"TERM": "xterm"})
    assert "20 templates" in written.rpartition("\r\x1b[K")[0]
    assert written.rpartition("\r\x1b[K")[2].startswith("\x1b[1m25 templates, 25 policies: ")


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    """A reader that has seen enough (``| head``) neither makes a traceback nor changes the answer."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "trustproof", "check", "hole.json"],
        cwd=tmp_path,
        env=environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
@pytest.mark.parametrize("arguments", [["check", "hole.json"], ["properties"], ["--help"]])
def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path, arguments: list[str]) -> None:
    """A report that is lost on a full disk is not a pass."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "trustproof", *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"error: standard output cannot be written: no space left on device\n"


def test_an_interrupt_has_the_exit_code_of_one(tmp_path: Path) -> None:
    """Ctrl-C stops the program with 130 and without a traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trustproof", "check", "-"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # A pipe takes more than it can hold only once the program reads, so this returns when it is at work.
    process.stdin.write(b" " * (1 << 20))
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=120)
    assert (process.returncode, complaint) == (130, b"")


@pytest.mark.parametrize("arguments", [("who", "hole.json"), ("properties",), ("check", "hole.json")], ids=" ".join)
def test_what_a_command_says_arrives_in_a_pipe(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The process ends at once, and not before everything is written."""
    (tmp_path / "hole.json").write_text(HOLE)
    assert run(*arguments).stdout.endswith("\n")
