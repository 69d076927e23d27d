"""
A repository whose files are called like modules of Python: none of them is run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import HELD, HOLE, environment, interruptible

#: All that a process of Python, this program and what it depends on may import by name.
_NAMES = sorted({*sys.stdlib_module_names, "yaml", "pathspec", "trustproof", "sitecustomize", "usercustomize"})
_SCRIPT = "import sys\nfrom trustproof.cli.main import program\nif __name__ == '__main__':\n    sys.exit(program())\n"
_FILES = 40


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough templates for several processes, one of them wrong, and modules that say when they are run."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "repository").mkdir()
    (folder / "trustproof").write_text(_SCRIPT, encoding="utf-8")
    for number in range(_FILES):
        (folder / "repository" / f"t{number:02}.json").write_text(HOLE if number == 30 else HELD, encoding="utf-8")
    hostile = f"open({str(folder / 'run')!r}, 'a').write(__name__ + '\\n')\nraise SystemExit(0)\n"
    for name in _NAMES:
        (folder / "repository" / f"{name}.py").write_text(hostile, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("python", "jobs"),
    [
        *((["{folder}/trustproof"], jobs) for jobs in (["--jobs", "1"], ["--jobs", "2"])),
        # What several processes start and run has all that one has.
        (["-E", "{folder}/trustproof"], ["--jobs", "2"]),
        (["-I", "{folder}/trustproof"], ["--jobs", "2"]),
        (["-P", "-m", "trustproof"], ["--jobs", "2"]),
    ],
    ids=["one", "two", "without an environment", "isolated", "python -P -m"],
)
def test_no_file_of_a_repository_is_run(repository: Path, python: list[str], jobs: list[str]) -> None:
    """In no process of the run: neither in the workers, nor in what looks after their locks."""
    program = [sys.executable, *(part.format(folder=repository) for part in python)]
    done = subprocess.run(
        [*program, "check", *jobs, "--format", "json", "."],
        cwd=repository / "repository",
        env=environment(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert not (repository / "run").exists(), (repository / "run").read_text()
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout)["summary"]["templates"] == _FILES


def test_processes_of_others_are_started_as_before(tmp_path: Path) -> None:
    """What tells our processes where not to look for modules is gone when they are started: it is not for others."""
    (tmp_path / "templates").mkdir()
    for number in range(_FILES):
        (tmp_path / "templates" / f"t{number:02}.json").write_text(HELD, encoding="utf-8")
    program = (
        "import os\nimport trustproof\n"
        "if __name__ == '__main__':\n"
        f"    report = trustproof.check([{str(tmp_path / 'templates')!r}], jobs=2)\n"
        "    print(len(report.results) > 1, os.environ.get('PYTHONSAFEPATH'))\n"
    )
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=environment(), capture_output=True, timeout=300, check=True
    )
    assert said.stdout.decode().split() == ["True", "None"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at the processes of Linux")
@pytest.mark.parametrize(("number", "status"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_worker_that_cannot_end_is_not_waited_for(tmp_path: Path, number: str, status: int) -> None:
    """Whoever asks the run to end is not kept by a process that is stuck before its first line."""
    for one in range(_FILES):
        (tmp_path / f"t{one:02}.json").write_text(HELD, encoding="utf-8")
    stuck = tmp_path / "stuck"
    os.mkfifo(stuck)
    program = (
        "import sys\n"
        "if __name__ != '__main__':\n"
        f"    open({str(stuck)!r}).read()\n"
        "from trustproof.cli.main import program\n"
        "if __name__ == '__main__':\n"
        "    print('begun', file=sys.stderr, flush=True)\n"
        "    program()\n"
    )
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "program.py", "check", "--jobs", "2", "."],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=interruptible,
    )
    # A worker has begun to wait where somebody can begin to write.
    writer = os.open(stuck, os.O_WRONLY)
    try:
        process.send_signal(getattr(signal, number))
        process.communicate(timeout=60)
    finally:
        process.kill()
        os.close(writer)
    assert process.returncode == status


def test_a_repository_within_a_repository_gives_git_no_orders(tmp_path: Path) -> None:
    """The files of a bare repository are a change like any other; git would run what their configuration says."""
    inner = tmp_path / "infra"
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "init", "-q", "--bare", str(inner)], check=True)
    (inner / "t.json").write_text(HELD, encoding="utf-8")
    with (inner / "config").open("a", encoding="utf-8") as file:
        file.write(f"[core]\n\tbare = false\n\tworktree = {tmp_path}\n\tfsmonitor = touch {tmp_path}/run; false\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "trustproof", "diff", "--base", "HEAD", "t.json"],
        cwd=inner,
        env=environment(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, b"safe.bareRepository" in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "run").exists()
