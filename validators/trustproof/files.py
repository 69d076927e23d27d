"""
The files that a user names, and standard output.

Only regular files are opened, and the pipes that a shell has opened already: what is asked of a device, or of a pipe
that nobody writes to, may have no end.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from trustproof.errors import InputError, UsageError

STDIN = "-"
#: What standard input is called in findings.
STDIN_NAME = "<stdin>"
#: The most bytes of a file: fifty times as many as CloudFormation takes.
MOST_BYTES = 50 * 1024 * 1024
#: The marks that a text in UTF-16 begins with.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: What a shell has opened already and hands over by its number, as in ``trustproof check <(cdk synth)``.
_HANDED_OVER = re.compile(r"/dev/(stdin|fd/\d+)|/proc/self/fd/\d+")
#: The same, to be written.
_OPENED = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/self/fd/\d+")

#: What streams gave, by their names, where it is kept.
_KEPT: ContextVar[dict[str, bytes] | None] = ContextVar("kept streams", default=None)


def working_directory() -> str:
    """
    The working directory.

    Raises:
        UsageError: it has been removed: what a path means is not known.
    """
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError(f"the working directory cannot be read: {reason(error)}") from None


def real_path(name: str) -> str:
    """
    Where a path leads behind all symbolic links, as far as there are any.

    Raises:
        InputError: they change while they are followed, or no path is written so.
    """
    try:
        try:
            return os.path.realpath(name)
        except OSError:
            # What was a link has become something else between two looks: as a rule it stays so.
            return os.path.realpath(name)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be followed: {why}", name) from None


def place_of(name: str) -> str:
    """The real path; of one that cannot be followed, and that nobody can read either, the absolute path."""
    try:
        return real_path(name)
    except InputError:
        return os.path.abspath(name)


def is_stream(name: str) -> bool:
    """Whether a name is that of standard input, or of a pipe that a shell has opened: what can be read only once."""
    return name == STDIN or (_HANDED_OVER.fullmatch(name) is not None and not os.path.isfile(name))


def shown(name: str) -> str:
    """What a path is called in findings: a stream has its name in angle brackets."""
    if name == STDIN:
        return STDIN_NAME
    return f"<{name}>" if is_stream(name) else name


@contextmanager
def kept_streams() -> Iterator[None]:
    """As long as it lasts, a stream can be read again: the bytes that it gave are kept."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def read_bytes(name: str) -> bytes:
    """
    The bytes of a path, or of standard input for ``-``.

    Raises:
        InputError: it cannot be read, is neither a regular file nor a stream, or is longer than `MOST_BYTES`.
        FileNotFoundError: there is none.
    """
    called = shown(name)
    kept = _KEPT.get()
    if kept is not None and name in kept:
        return kept[name]
    try:
        content = _standard_input() if name == STDIN else _content(name, called)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", called) from None
    if len(content) > MOST_BYTES:
        raise InputError(f"cannot be read: it is longer than {MOST_BYTES} bytes", called)
    if kept is not None and is_stream(name):
        kept[name] = content
    return content


def not_utf8(error: UnicodeDecodeError) -> str:
    """What a file is that is not UTF-8, in words."""
    if error.object.startswith(_UTF_16):
        return "it is UTF-16, as Windows PowerShell writes: save it as UTF-8"
    return f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}"


def reason(error: OSError) -> str:
    """What the operating system says, in lower case."""
    return (error.strerror or str(error)).lower()


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise InputError("cannot be read: standard input is closed", STDIN_NAME)
    return sys.stdin.buffer.read(MOST_BYTES + 1)


def _content(name: str, called: str) -> bytes:
    pipe = called != name
    if not pipe:
        mode = os.stat(name).st_mode
        if not stat.S_ISREG(mode):
            what = "is a directory" if stat.S_ISDIR(mode) else "it is not a regular file"
            raise InputError(f"cannot be read: {what}", called)
    # Should it be another one by now, opening it does not wait.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(name, flags), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not (stat.S_ISREG(mode) or (pipe and stat.S_ISFIFO(mode))):
            raise InputError("cannot be read: it is not a regular file", called)
        if pipe:
            os.set_blocking(file.fileno(), True)
        content: bytes | None = file.read(MOST_BYTES + 1)
        if content is None:
            # A file of the system's that waits for something to happen.
            raise InputError("cannot be read: it has no end", called)
        return content


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
