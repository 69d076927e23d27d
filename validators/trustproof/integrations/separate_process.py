"""
A check in a Python process of its own, for programs that cannot be started again for each worker: an app of the CDK is
built when its file is imported.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from os import PathLike

from trustproof.analysis.processes.child_processes import cores
from trustproof.analysis.processes.fork import end_with
from trustproof.api import check, read_config
from trustproof.config.model import Config
from trustproof.inputs.arguments import check_day, check_jobs, path_texts
from trustproof.results.report import Report

#: What the other process does. It is no file, which each of its own processes would read again.
_PROGRAM = "import sys; from trustproof.integrations.separate_process import answer; answer(sys.argv[1])"


class CheckProcess:
    """
    A Python process that waits for what it is to check, and has imported by then what takes long to import.

    It finds `trustproof` as the program does, imports nothing else of it, and ends with it, or when nobody has this
    object any more.

    Args:
        jobs: how many processes may check templates; None is one for each core. With 1 none is started.

    Raises:
        UsageError: less than one job, or no whole number.
    """

    def __init__(self, *, jobs: int | None = None) -> None:
        self._jobs = cores() if jobs is None else jobs
        check_jobs(self._jobs)
        # Who has told Python not to look at the environment would not be obeyed by the processes.
        is_worth_it = self._jobs > 1 and not sys.flags.ignore_environment
        self._other = _started() if is_worth_it else None
        if self._other is not None:
            self._end = weakref.finalize(self, _end, self._other)

    def check(
        self,
        paths: Sequence[str | PathLike[str]],
        *,
        config: Config | Mapping[str, object] | None = None,
        today: date | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> Report:
        """
        The report that `check_separately` gives. A process answers once; what it is asked after that, and what it comes
        to no end with, is checked by the program itself.

        Args:
            paths: as `check_separately` takes it.
            config: as `check_separately` takes it.
            today: as `check_separately` takes it.
            meanwhile: as `check_separately` takes it.

        Raises:
            UsageError: what `check` raises.
            ConfigError: what `check` raises.
        """
        files, declared = path_texts(paths, "a file or directory"), read_config(config)
        check_day(today)
        if self._other is not None:
            other, self._other = self._other, None
            try:
                report = _report_of(other, (_directory(), files, declared, today, self._jobs), meanwhile)
            finally:
                self._end()
            if report is not None:
                return report
        return check(files, config=declared, today=today)


def check_separately(
    paths: Sequence[str | PathLike[str]],
    *,
    config: Config | Mapping[str, object] | None = None,
    today: date | None = None,
    jobs: int | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Report:
    """
    The report that `check` gives, made by processes that import nothing of the program that asks.

    They find `trustproof` as that program does, and end with it. Where they cannot be started, or do not come to an
    end, the program checks by itself. A `CheckProcess` is one that is started before it is known what to check.

    Args:
        paths: files, directories of templates, or cloud assemblies.
        config: as `check` takes it.
        today: as `check` takes it.
        jobs: how many processes may check templates; None is one for each core. With 1 none is started.
        meanwhile: is called while they are at work; what it raises ends them. Where none is started, it is not called.

    Raises:
        UsageError: what `check` raises.
        ConfigError: what `check` raises.
    """
    files, declared = path_texts(paths, "a file or directory"), read_config(config)
    check_day(today)
    return CheckProcess(jobs=jobs).check(files, config=declared, today=today, meanwhile=meanwhile)


def _started() -> subprocess.Popen[bytes] | None:
    """Another process; None where there can be none."""
    command = [sys.executable, "-P", "-c", _PROGRAM, __file__]
    try:
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None


def _end(other: subprocess.Popen[bytes]) -> None:
    """End a process, if it has not ended."""
    other.kill()
    for stream in (other.stdin, other.stdout):
        # What it has not taken is lost with it.
        with suppress(OSError):
            assert stream is not None
            stream.close()
    other.wait()


def _directory() -> str | None:
    """From where the paths of this program lead, which may have gone elsewhere; None where that is gone."""
    try:
        return os.getcwd()
    except OSError:
        return None


def _report_of(
    other: subprocess.Popen[bytes], work: tuple[object, ...], meanwhile: Callable[[], object] | None
) -> Report | None:
    """What another process says; None where it says nothing."""
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        # It is left open: at its end the other process ends too, and so does not outlive this one.
        pickle.dump(work, other.stdin, pickle.HIGHEST_PROTOCOL)
        other.stdin.flush()
        if meanwhile is not None:
            meanwhile()
        report = pickle.loads(other.stdout.read())  # noqa: S301
    except (OSError, EOFError, pickle.UnpicklingError):
        return None
    return report if isinstance(report, Report) else None


def answer(asking: str) -> None:
    """
    Check what standard input says, and write the report to standard output: the other side of `CheckProcess`.

    Args:
        asking: this file, where the program that asks has it from.
    """
    if __file__ != asking:
        raise SystemExit("another trustproof would answer")
    needed, answered = os.dup(0), os.dup(1)
    with open(needed, "rb", closefd=False) as stream:
        directory, paths, config, today, jobs = pickle.load(stream)  # noqa: S301
    end_with(needed)
    if directory is not None:
        os.chdir(directory)
    gc.set_threshold(100_000, 10, 100)
    report = check(paths, config=config, today=today, jobs=jobs)
    with open(answered, "wb") as stream:
        pickle.dump(report, stream, pickle.HIGHEST_PROTOCOL)
    # All has been said, and whoever asked waits for the end: it takes no look for garbage.
    gc.freeze()
