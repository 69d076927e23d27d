"""
What is written to standard output and standard error, and the exit statuses.
"""

from __future__ import annotations

import os
import sys

from trustproof.errors import TrustproofError, UsageError
from trustproof.output.style import style_for
from trustproof.output.words import printable

EXIT_OK = 0

EXIT_REFUTED = 1

EXIT_ERROR = 2

#: A bug, as `sysexits.h` calls it: after a traceback Python exits with 1, which here says that something is refuted.
EXIT_BUG = 70

#: As shells report a program that was interrupted: 128 and the number of the signal.
EXIT_INTERRUPTED = 130


def write(text: str) -> None:
    """
    Write to standard output; quietly stop where the reader has closed it (``| head``).

    The exit code stays the answer of the gate, however much of the report somebody wanted to read.

    Raises:
        UsageError: standard output cannot be written: a report that is lost is not a pass.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered must not be written once more when the interpreter shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            message = (error.strerror or str(error)).lower()
            raise UsageError(f"standard output cannot be written: {message}") from None


def complain(error: TrustproofError) -> None:

    sys.stderr.write(f"{style_for(sys.stderr)('error', 'error')}: {printable(str(error))}\n")
