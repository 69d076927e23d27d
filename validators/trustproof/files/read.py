"""
The bytes of the files that a user names, and of standard input.

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
from typing import BinaryIO

from trustproof.errors import InputError, reason

STDIN = "-"
#: What standard input is called in findings.
STDIN_NAME = "<stdin>"
#: The most bytes of a file: fifty times as many as CloudFormation takes.
MOST_BYTES = 50 * 1024 * 1024
_PIECE = 1024 * 1024
#: The marks that a text in UTF-16 begins with.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
#: Those of UTF-32, one of which begins as one of these does.
_UTF_32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
#: How a file begins that git-crypt keeps: https://github.com/AGWA/git-crypt/blob/master/crypto.cpp
_GIT_CRYPT = b"\0GITCRYPT\0"
#: What a shell has opened already and hands over by its number, as in ``trustproof check <(cdk synth)``.
_HANDED_OVER = re.compile(r"/dev/(stdin|fd/\d+)|/proc/self/fd/\d+")

#: What streams gave, by their names, where it is kept.
_KEPT: ContextVar[dict[str, bytes] | None] = ContextVar("kept streams", default=None)


def is_stream(name: str) -> bool:
    """Whether a name is that of standard input, or of a pipe that a shell has opened: what can be read only once."""
    return name == STDIN or (_HANDED_OVER.fullmatch(name) is not None and not os.path.isfile(name))


def stream_name(name: str) -> str:
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
    called = stream_name(name)
    kept = _KEPT.get()
    if kept is not None and name in kept:
        return kept[name]
    try:
        content = _standard_input() if name == STDIN else _content(name, called)
    except (FileNotFoundError, InputError):
        raise
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", called) from None
    except ValueError:
        # It has a NUL, or half of a character: the system is not asked at all.
        raise InputError("cannot be read: no file has such a name", called) from None
    if len(content) > MOST_BYTES:
        raise InputError(f"cannot be read: it is longer than {MOST_BYTES} bytes", called)
    if kept is not None and is_stream(name):
        kept[name] = content
    return content


def encryption(content: bytes) -> str:
    """That a file is encrypted, and what makes it readable, in words; empty for another one."""
    is_encrypted = content.startswith(_GIT_CRYPT)
    return "git-crypt has encrypted it: git-crypt unlock makes it readable" if is_encrypted else ""


def not_utf8(error: UnicodeDecodeError) -> str:
    """What a file is that is not UTF-8, in words."""
    if error.object.startswith(_UTF_32):
        return "it is UTF-32: save it as UTF-8"
    if error.object.startswith(_UTF_16):
        return "it is UTF-16, as Windows PowerShell writes: save it as UTF-8"
    return f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}"


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise InputError("cannot be read: standard input is closed", STDIN_NAME)
    return _read_to_end(sys.stdin.buffer) or b""


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
        content: bytes | None = _read_to_end(file)
        if content is None:
            # A file of the system's that waits for something to happen.
            raise InputError("cannot be read: it has no end", called)
        return content


def _read_to_end(file: BinaryIO) -> bytes | None:
    """
    What is in a file, and no more than a byte beyond `MOST_BYTES`; None where nothing is there yet.

    Piece by piece: room for the most would be taken of a file of a few bytes, too.
    """
    pieces: list[bytes] = []
    left = MOST_BYTES + 1
    while left:
        piece: bytes | None = file.read(min(left, _PIECE))
        if piece is None:
            return b"".join(pieces) or None
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
