"""
The files, of those that are no sources, that a configuration may read: values of variables, and what a text in its
sources names, which ``file`` and ``templatefile`` may be given.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from trustproof import files

#: The end of a text, which may stand in another one.
_TEXT = re.compile(rb'([^"\s]+)"')
_CALLS = re.compile(rb"\b(?:file|templatefile)\(")
#: Values of variables: those that are read in any case, and those that ``--var-file`` may name.
_VARIABLES = r".*\.tfvars\.json"
_FILLED_IN = re.compile(r"[$%]\{[^}]*\}")


def names(directories: Iterable[str], suffixes: Sequence[str]) -> frozenset[str]:
    """
    Regular expressions for the names, without directories, of the files that configurations may read.

    Args:
        directories: those with sources.
        suffixes: how the names of sources end.
    """
    sources = [
        _content(os.path.join(directory, name))
        for directory in directories
        for name in os.listdir(directory)
        if name.endswith(tuple(suffixes))
    ]
    if not any(map(_CALLS.search, sources)):
        return frozenset((_VARIABLES,))
    return frozenset((_VARIABLES, *(pattern for source in sources for pattern in _named(source))))


def _content(source: str) -> bytes:
    try:
        return files.read_bytes(source)
    except OSError:
        # Whoever reads the configuration says so.
        return b""


def _named(source: bytes) -> Iterable[str]:
    for path in _TEXT.findall(source):
        # A part to fill in may hold a directory.
        last = _FILLED_IN.sub("\0", path.decode(errors="replace")).rpartition("/")[2]
        if "." in last or last == "\0":
            yield ".*".join(map(re.escape, last.split("\0")))
