"""
Text to standard output, and to files: whole or not at all, and never through a link that somebody else has made.
"""

from __future__ import annotations

import os
import re
import sys

from trustproof.errors import UsageError, reason

#: What a shell has opened already and hands over by its number, to be written.
_OPENED = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/self/fd/\d+")


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
            raise UsageError(f"standard output cannot be written: {reason(error)}") from None


def write_file(name: str, text: str) -> None:
    """
    Write a text file, whole or not at all.

    Raises:
        UsageError: it cannot be written, or a symbolic link leads elsewhere.
    """
    content = text.encode(errors="backslashreplace")
    try:
        if os.path.exists(name) and not os.path.isfile(name):
            # A pipe or a device has no other name to be written under; a pipe that nobody reads is not waited for.
            with open(os.open(name, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)), "wb") as file:
                os.set_blocking(file.fileno(), True)
                file.write(content)
            return
        refuse_link(name)
        # What a shell has opened has no other name either.
        target = os.path.realpath(name) if _OPENED.fullmatch(name) else os.path.abspath(name)
        # Beside the file and with its usual rights, which a temporary file would not have.
        half = f"{target}.{os.getpid()}.part"
        try:
            with open(half, "xb") as file:
                file.write(content)
            os.replace(half, target)
        finally:
            if os.path.exists(half):
                os.unlink(half)
    except OSError as error:
        raise unwritable(name, error) from None


def refuse_link(name: str) -> None:
    """
    See that a file is written where it was named, and not where somebody else has made it lead.

    What a shell has opened aside, no file that is written is a symbolic link, nor, below the working directory, in a
    directory that is one.

    Raises:
        UsageError: it is.
    """
    if _OPENED.fullmatch(name):
        return
    here, path = os.getcwd(), os.path.abspath(name)
    steps = [path]
    while os.path.dirname(path).startswith(here + os.sep):
        path = os.path.dirname(path)
        steps.append(path)
    found = next(filter(os.path.islink, steps), None)
    if found is not None:
        which = "it" if found == steps[0] else os.path.relpath(found, here)
        raise UsageError(f"{name} cannot be written: {which} is a symbolic link")


def unwritable(name: str, error: OSError) -> UsageError:
    """The error of a file that cannot be written."""
    return UsageError(f"{name} cannot be written: {reason(error)}")
