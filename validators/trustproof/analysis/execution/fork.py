"""
A part of the work in a process of its own, which starts with all that this one knows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


def may_fork() -> bool:
    """Whether this process can be doubled: a thread of it would be missing in the other, with its locks."""
    if not hasattr(os, "fork"):
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


class Forked(Generic[T]):
    """
    Work that another process has begun.

    Args:
        work: what it does; what that gives is sent back, so it must be possible to pickle it.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._reader, writer = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._reader)
            _send(work, writer)
        os.close(writer)

    def result(self) -> T:
        """
        What the work gives.

        Where the other process could not do it, it is done here: what is wrong with it is then said by this one.
        """
        with open(self._reader, "rb") as stream:
            sent = stream.read()
        _, status = os.waitpid(self._process, 0)
        if status != 0:
            return self._work()
        # Few runs have so much work that it is shared.
        import pickle

        done: T = pickle.loads(sent)  # noqa: S301
        return done


def _send(work: Callable[[], object], writer: int) -> NoReturn:
    """Do the work, and end; nothing that the other process has begun to write is written here too."""
    import pickle

    status = 1
    try:
        done = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with open(writer, "wb") as stream:
            stream.write(done)
        status = 0
    finally:
        os._exit(status)
