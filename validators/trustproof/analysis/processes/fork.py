"""
A part of the work in a process of its own, which starts with all that this one knows.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Generic, NoReturn, Protocol, TypeVar

from trustproof.analysis.processes.endings import ENDING

T = TypeVar("T")


class Pipe(Protocol):
    """The end of a pipe from which is read."""

    def fileno(self) -> int: ...


def end_with(pipe: Pipe | int) -> None:
    """
    End this process at once when nobody can write to a pipe any more: however that process ends, its pipes are closed.

    This process then holds nothing of what the other one is read by.
    """
    # Few runs start processes.
    from threading import Thread

    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    os.close(nothing)
    Thread(target=_wait, args=(pipe,), daemon=True).start()


def _wait(pipe: Pipe | int) -> None:
    try:
        os.read(pipe if isinstance(pipe, int) else pipe.fileno(), 1)
    finally:
        os._exit(1)


def may_fork() -> bool:
    """Whether this process can be doubled: a thread of it would be missing in the other, with its locks."""
    if not hasattr(os, "fork"):
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


class ForkedTask(Generic[T]):
    """
    Work that another process has begun.

    Args:
        work: what it does; what that gives is sent back, so it must be possible to pickle it.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        opened: list[int] = []
        try:
            for _ in range(2):
                opened += os.pipe()
            self._process: int | None = os.fork()
        except OSError:
            # There are too many files or processes for another one.
            for one in opened:
                os.close(one)
            self._process = None
            return
        self._reader, writer, needed, self._held = opened
        if self._process == 0:
            os.close(self._reader)
            os.close(self._held)
            _send(work, writer, needed)
        os.close(writer)
        os.close(needed)

    def result(self) -> T:
        """
        What the work gives.

        Where the other process could not do it, it is done here: what is wrong with it is then said by this one.
        """
        if self._process is None:
            return self._work()
        with open(self._reader, "rb") as stream:
            sent = stream.read()
        _, status = os.waitpid(self._process, 0)
        os.close(self._held)
        if status != 0:
            return self._work()
        # Few runs have so much work that it is shared.
        import pickle

        done: T = pickle.loads(sent)  # noqa: S301
        return done


def _send(work: Callable[[], object], writer: int, needed: int) -> NoReturn:
    """Do the work, and end; nothing that the other process has begun to write is written here too."""
    import pickle

    status = 1
    try:
        # What others ask for is for the process that was started first; this one ends with it.
        for one in ENDING:
            signal.signal(one, signal.SIG_DFL)
        end_with(needed)
        done = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with open(writer, "wb") as stream:
            stream.write(done)
        status = 0
    finally:
        os._exit(status)
