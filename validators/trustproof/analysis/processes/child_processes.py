"""
Other processes of Python: whether this one has started any, and that they take no module from where it was started.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Lock

_SAFE_PATH = "PYTHONSAFEPATH"

_started = False
#: The lock on the environment, once somebody has needed it.
_locks: dict[str, Lock] = {}


def has_started_processes() -> bool:
    """Whether this process has started others, which want to be waited for at its end."""
    return _started


def note_start() -> None:
    """Remember that others are started."""
    global _started
    _started = True


def cores() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def may_start() -> bool:
    """
    Whether this process may start others, and they can be told where not to look for modules: not in a worker of a
    `multiprocessing.Pool`, which Python lets have no children, and not under ``python -E``.
    """
    # Whoever is such a worker has imported it.
    processes = sys.modules.get("multiprocessing.process")
    is_worker = processes is not None and processes.current_process().daemon
    return not is_worker and bool(sys.flags.safe_path or not sys.flags.ignore_environment)


@contextmanager
def without_modules_of_the_directory() -> Iterator[None]:
    """
    What is started here imports nothing from the working directory.

    ``python -c``, as which the processes of `multiprocessing` are started, takes its modules from there first, and what
    is there may be a stranger's. The environment is what it was as soon as they are started: other programs may need
    the modules beside them. See https://docs.python.org/3/using/cmdline.html#envvar-PYTHONSAFEPATH
    """
    # Few runs start processes.
    from threading import Lock

    # Who would put the environment back while another thread starts its processes, would undo this for them.
    with _locks.setdefault(_SAFE_PATH, Lock()):
        before = os.environ.get(_SAFE_PATH)
        os.environ[_SAFE_PATH] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[_SAFE_PATH]
            else:
                os.environ[_SAFE_PATH] = before
