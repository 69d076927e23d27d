"""
What is written to standard output and standard error, and the exit statuses.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from types import FrameType

from trustproof.errors import TrustproofError
from trustproof.escaping.text import printable
from trustproof.output.style import style_for

EXIT_OK = 0

EXIT_REFUTED = 1

EXIT_ERROR = 2

#: A bug, as `sysexits.h` calls it: after a traceback Python exits with 1, which here says that something is refuted.
EXIT_BUG = 70

#: As shells report a program that was interrupted: 128 and the number of the signal.
EXIT_INTERRUPTED = 130

#: Signals that end a program; of those that a system has, it takes back what it has half done first.
_ENDING = ("SIGTERM", "SIGHUP")


class _Closed(io.TextIOBase):
    """Stands where a program was started without a standard stream; that what is written is lost, is said once."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lost = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def write(self, text: str, /) -> int:
        self._lost = self._lost or bool(text)
        return len(text)

    def flush(self) -> None:
        if self._lost:
            self._lost = False
            raise OSError(errno.EBADF, "it is closed")


def prepare() -> None:
    """
    Give every standard stream a place, and end as on an interrupt where others ask for the end.

    A file that is opened must not get the number of a stream that is closed: what is written there would go to it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = _Closed(1)
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(open(os.devnull, "wb"))  # noqa: SIM115
    for name in _ENDING:
        one: int | None = getattr(signal, name, None)
        if one is not None and signal.getsignal(one) == signal.SIG_DFL:
            signal.signal(one, _end)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def complain(error: TrustproofError) -> None:
    """Write an error to standard error."""
    say(f"{style_for(sys.stderr)('error', 'error')}: {printable(str(error))}\n")


def say(text: str) -> None:
    """Write to standard error; where that cannot be written, the exit status has to say it."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
