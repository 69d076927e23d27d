"""
Submodules of git that are not checked out: directories that are empty here, and full where somebody deploys from.

https://git-scm.com/docs/gitmodules
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.files.read import read_bytes

#: Why nobody has looked into one.
NOT_CHECKED_OUT = "a submodule of git that is not checked out"
_FILE = ".gitmodules"
_PATH = r'^[ \t]*path[ \t]*=[ \t]*"?([^"\n]*?)"?[ \t]*$'


def empty_submodules(directory: str) -> Iterator[str]:
    """The paths of the submodules of a directory that hold nothing or are not there, in the order of its file."""
    try:
        content = read_bytes(os.path.join(directory, _FILE)).decode("utf-8", "replace")
    except (OSError, InputError):
        return
    for path in dict.fromkeys(re.findall(_PATH, content, re.MULTILINE | re.IGNORECASE)):
        inside = os.path.normpath(path)
        # Git takes no other path for that of a submodule.
        if path and "\0" not in path and not os.path.isabs(inside) and inside.split(os.sep)[0] != os.pardir:
            whole = os.path.join(directory, inside)
            if _is_empty(whole):
                yield whole


def around(directory: str) -> Iterator[str]:
    """The paths of the same kind below a directory, by the files of the directories around it up to its repository."""
    outer = real = real_path(directory)
    while not os.path.lexists(os.path.join(outer, ".git")) and os.path.dirname(outer) != outer:
        outer = os.path.dirname(outer)
        for path in empty_submodules(outer):
            if os.path.commonpath([path, real]) == real:
                yield directory if path == real else os.path.join(directory, os.path.relpath(path, real))


def _is_empty(directory: str) -> bool:
    try:
        return not os.listdir(directory)
    except OSError:
        return not os.path.lexists(directory)
