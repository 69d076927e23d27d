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
from collections.abc import Callable, Mapping, Sequence
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
    end, the program checks by itself.

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
    jobs = cores() if jobs is None else jobs
    check_jobs(jobs)
    # Who has told Python not to look at the environment would not be obeyed by the processes.
    if jobs > 1 and not sys.flags.ignore_environment:
        report = _report_of_another(pickle.dumps((files, declared, today, jobs), pickle.HIGHEST_PROTOCOL), meanwhile)
        if report is not None:
            return report
    return check(files, config=declared, today=today)


def _report_of_another(work: bytes, meanwhile: Callable[[], object] | None) -> Report | None:
    """What another process says; None where it says nothing."""
    command = [sys.executable, "-P", "-c", _PROGRAM, __file__]
    try:
        with subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as other:
            try:
                assert other.stdin is not None
                assert other.stdout is not None
                # It is left open: at its end the other process ends too, and so does not outlive this one.
                other.stdin.write(work)
                other.stdin.flush()
                if meanwhile is not None:
                    meanwhile()
                said = other.stdout.read()
            except BaseException:
                other.kill()
                raise
        report = pickle.loads(said)  # noqa: S301
    except (OSError, EOFError, pickle.UnpicklingError):
        return None
    return report if isinstance(report, Report) else None


def answer(asking: str) -> None:
    """
    Check what standard input says, and write the report to standard output: the other side of `check_separately`.

    Args:
        asking: this file, where the program that asks has it from.
    """
    if __file__ != asking:
        raise SystemExit("another trustproof would answer")
    needed, answered = os.dup(0), os.dup(1)
    with open(needed, "rb", closefd=False) as stream:
        paths, config, today, jobs = pickle.load(stream)  # noqa: S301
    end_with(needed)
    gc.set_threshold(100_000, 10, 100)
    report = check(paths, config=config, today=today, jobs=jobs)
    with open(answered, "wb") as stream:
        pickle.dump(report, stream, pickle.HIGHEST_PROTOCOL)
    # All has been said, and whoever asked waits for the end: it takes no look for garbage.
    gc.freeze()
