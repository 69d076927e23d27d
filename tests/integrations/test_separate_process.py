"""
`check_separately`: the same report, without a program being started again for it.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from pathlib import Path

import pytest

import trustproof
from tests.cli.program import environment
from tests.cli.test_interrupts import _of_session, _until
from tests.hostile.constructions import hard_patterns
from trustproof.analysis.execution import pool
from trustproof.analysis.execution.task import Task
from trustproof.config.model import Config
from trustproof.inputs.settings import Settings
from trustproof.integrations import separate_process
from trustproof.output import json as as_json
from trustproof.output import text
from trustproof.output.style import Style

OPEN = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": OPEN}}
CONFIG = {"boundary": {"accounts": ["111122223333"]}}


def _refuted(report: trustproof.Report) -> list[trustproof.Result]:
    return [one for one in report.results if one.verdict == trustproof.REFUTED]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """More templates than one process is given, one of them no template."""
    for number in range(70):
        (tmp_path / f"t{number:02}.json").write_text(json.dumps({"Resources": {"R": ROLE}}))
    (tmp_path / "broken.yaml").write_text("Resources: [\n")
    return tmp_path


def test_says_what_check_says(folder: Path) -> None:
    """Results, errors and excerpts."""
    separate = trustproof.check_separately([folder], config=CONFIG, jobs=2)
    here = trustproof.check([folder], config=CONFIG)
    assert len(_refuted(here)) >= 70
    assert len(here.errors) == 1
    assert separate.results == here.results
    assert [str(one) for one in separate.errors] == [str(one) for one in here.errors]
    assert as_json.render(separate) == as_json.render(here)
    plain = Style(coloured=False)
    assert text.render(separate, plain) == text.render(here, plain)


def _say_at_the_end(needed: Connection, said: Connection) -> None:
    """A worker that says, when it ends, whether Python has anything to look through."""
    pool._begin(Task(Settings(), Config(), ()), needed)
    Finalize(None, lambda: said.send(gc.get_freeze_count() > 0), exitpriority=-1)


def test_a_worker_does_not_look_for_garbage_at_its_end() -> None:
    """It is waited for, and would look through all that it has made."""
    context = get_context("spawn")
    needed, _held = context.Pipe(duplex=False)
    heard, said = context.Pipe(duplex=False)
    worker = context.Process(target=_say_at_the_end, args=(needed, said))
    worker.start()
    assert heard.recv()
    worker.join()
    assert worker.exitcode == 0


def test_a_program_needs_no_guard(folder: Path) -> None:
    """Nothing of it is imported, and so nothing is done twice."""
    program = folder / "program.py"
    program.write_text(
        f"import trustproof\nprint('built', trustproof.check_separately(['.'], config={CONFIG!r}, jobs=2).templates)\n"
    )
    done = subprocess.run([sys.executable, program], cwd=folder, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("built 70\n", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sys.executable", "/nowhere/python"),
        ("trustproof.integrations.separate_process.__file__", "/nowhere/separate_process.py"),
    ],
)
def test_what_no_other_process_says_is_checked_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A Python that is not there, or one that has another release."""
    monkeypatch.setattr(name, value)
    report = trustproof.check_separately([folder / "t00.json"], config=CONFIG, jobs=2)
    assert _refuted(report)


def test_with_one_job_none_is_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its documentation says."""
    monkeypatch.setattr(separate_process, "_started", lambda: pytest.fail("a process"))
    assert trustproof.check_separately([folder / "t00.json"], config=CONFIG, jobs=1).results


def test_something_else_is_done_meanwhile(folder: Path) -> None:
    """Once, and what it raises is raised."""
    done: list[str] = []
    report = trustproof.check_separately(
        [folder / "t00.json"], config=CONFIG, jobs=2, meanwhile=lambda: done.append("that")
    )
    assert _refuted(report)
    assert done == ["that"]
    with pytest.raises(ZeroDivisionError):
        trustproof.check_separately([folder], config=CONFIG, jobs=2, meanwhile=lambda: 1 / 0)


def test_a_process_that_was_started_before_says_the_same(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers once, and looks for the files from where the program is by then."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    process = trustproof.CheckProcess(jobs=2)
    monkeypatch.chdir(folder)
    here = trustproof.check(["."], config=CONFIG)
    monkeypatch.setattr(separate_process, "check", lambda *_, **__: pytest.fail("checked here"))
    assert as_json.render(process.check(["."], config=CONFIG)) == as_json.render(here)
    monkeypatch.undo()
    assert _refuted(process.check([folder / "t00.json"], config=CONFIG))


def test_a_process_that_is_not_asked_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """When nobody has it any more."""
    started: list[subprocess.Popen[bytes]] = []
    start = separate_process._started

    def noted() -> subprocess.Popen[bytes] | None:
        other = start()
        assert other is not None
        started.append(other)
        return other

    monkeypatch.setattr(separate_process, "_started", noted)
    process = trustproof.CheckProcess(jobs=2)
    (other,) = started
    assert other.poll() is None
    del process
    gc.collect()
    assert other.poll() is not None


def test_what_check_refuses_is_refused(folder: Path) -> None:
    """Before anything is started."""
    with pytest.raises(trustproof.UsageError, match="jobs must be at least 1"):
        trustproof.check_separately([folder], jobs=0)
    with pytest.raises(trustproof.UsageError, match="no path was named"):
        trustproof.check_separately([])
    with pytest.raises(trustproof.ConfigError):
        trustproof.check_separately([folder], config={"boundry": {}})


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at the processes of Linux")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_the_processes_end_with_the_program(tmp_path: Path, number: str) -> None:
    """A signal to the program alone ends all."""
    import signal

    for one in range(80):
        (tmp_path / f"{one}.json").write_text(hard_patterns(roles=20))
    process = subprocess.Popen(
        [sys.executable, "-c", "import trustproof; trustproof.check_separately(['.'], jobs=2)"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # The process beside it, what looks after that one's locks, and a worker.
    _until(lambda: len(list(_of_session(process.pid))) > 3)
    process.send_signal(getattr(signal, number))
    assert process.wait(timeout=60) != 0
    _until(lambda: not list(_of_session(process.pid)))
