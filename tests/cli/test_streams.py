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

from tests.cli.program import CONFIG, HOLE, Run, environment, interruptible, on_a_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="terminals and signals of POSIX")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "hole.json").write_text(HOLE)
    (tmp_path / "trustproof.toml").write_text(CONFIG)


def test_a_terminal_gets_colour(tmp_path: Path) -> None:
    """On a terminal the verdict is red."""
    assert "\x1b[1;31mrefuted[mfa-required]\x1b[0m" in on_a_terminal(
        tmp_path, "check", "hole.json", env={"TERM": "xterm"}
    )


@pytest.mark.parametrize("env", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour_gets_none(tmp_path: Path, env: dict[str, str]) -> None:
    """NO_COLOR and a dumb terminal are respected."""
    written = on_a_terminal(tmp_path, "check", "hole.json", env=env)
    assert "refuted[mfa-required]: " in written
    assert "\x1b" not in written


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
@pytest.mark.parametrize("arguments", [["check", "hole.json"], ["properties"], ["--help"], ["who", "hole.json"]])
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
    """Ctrl-C stops the program with 130, a line that says at what it was, and without a traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trustproof", "check", "-"],
        cwd=tmp_path,
        preexec_fn=interruptible,
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
    assert (process.returncode, complaint) == (130, b"interrupted while judging - (0 of 1 files judged); no verdict\n")


@pytest.mark.parametrize("arguments", [("who", "hole.json"), ("properties",), ("check", "hole.json")], ids=" ".join)
def test_what_a_command_says_arrives_in_a_pipe(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The process ends at once, and not before everything is written."""
    (tmp_path / "hole.json").write_text(HOLE)
    assert run(*arguments).stdout.endswith("\n")


def _shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """What a line of bash does, with the program as ``trustproof``."""
    return subprocess.run(
        ["bash", "-c", f'trustproof() {{ "{sys.executable}" -m trustproof "$@"; }}; {command}'],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("trustproof check hole.json 0>&-", 1, ""),
        ("trustproof check - 0>&-", 2, "error: <stdin>: cannot be read: standard input is closed\n"),
        ("trustproof check hole.json 1>&-", 2, "error: standard output cannot be written: it is closed\n"),
        ("trustproof --version 1>&-", 2, "error: standard output cannot be written: it is closed\n"),
        ("trustproof who hole.json 1>&-", 2, "error: standard output cannot be written: it is closed\n"),
        ("trustproof check hole.json 2>&-", 1, ""),
        ("trustproof check gone.json 2>&-", 2, ""),
        ("trustproof check gone.json 2>/dev/full", 2, ""),
        ("trustproof check hole.json --format json 0>&- 1>&- 2>&-", 2, ""),
        ("trustproof check hole.json --output json=f 0>&- 2>&- && cat f", 1, ""),
    ],
)
def test_a_closed_stream_has_an_exit_code(tmp_path: Path, command: str, status: int, said: str) -> None:
    """A process that is started without a standard stream says so, or is judged as ever; there is no traceback."""
    done = _shell(tmp_path, command)
    assert (done.returncode, done.stderr) == (status, said)


@pytest.mark.parametrize("option", ["", "--config", "--parameters-file", "--baseline"])
def test_a_pipe_or_device_that_is_named_is_not_opened(tmp_path: Path, option: str) -> None:
    """A FIFO that nobody writes to and a device without an end are errors at once, wherever they are named."""
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo",) if option else ("fifo", "/dev/zero"):
        done = _shell(tmp_path, f"trustproof check {'hole.json ' + option if option else ''} {name}")
        assert done.returncode == 2
        assert done.stderr == f"error: {name}: cannot be read: it is not a regular file\n"


def test_a_pipe_in_a_directory_is_passed_over(tmp_path: Path) -> None:
    """A FIFO among the files of a directory is counted, and not opened."""
    os.mkfifo(tmp_path / "more.json")
    done = _shell(tmp_path, "trustproof check .")
    assert done.returncode == 1
    assert "passed over ./more.json: not a regular file" in done.stdout


def test_a_process_substitution_is_read_once(tmp_path: Path) -> None:
    """What a shell hands over as a pipe is read as a template, a configuration and parameters; each of them once."""
    done = _shell(
        tmp_path,
        "trustproof check <(cat hole.json) hole.json <(cat hole.json) --config <(cat trustproof.toml)"
        " --property mfa-required --format json",
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert '"refuted": 3' in done.stdout


@pytest.mark.parametrize("arguments", ["check ../hole.json", "check .", "who ../hole.json", "baseline write ."])
def test_a_working_directory_that_is_gone_is_an_error(tmp_path: Path, arguments: str) -> None:
    """Nothing is known of relative paths, nor of the nearest configuration."""
    done = _shell(tmp_path, f"mkdir gone && cd gone && rmdir ../gone && trustproof {arguments}")
    assert done.returncode == 2
    assert done.stderr == "error: the working directory cannot be read: no such file or directory\n"


def test_links_that_go_round_in_circles_are_errors(tmp_path: Path) -> None:
    """A symbolic link to itself is said, and what lies beside it is judged."""
    (tmp_path / "round.json").symlink_to("round.json")
    (tmp_path / "up").symlink_to(".")
    done = _shell(tmp_path, "trustproof check .")
    assert (done.returncode, done.stderr) == (
        2, "error: ./round.json: cannot be read: too many levels of symbolic links\n",
    )  # fmt: skip
    assert "refuted[mfa-required]" in done.stdout
    assert "passed over ./up: a symbolic link to a directory" in done.stdout
