"""
The files, of those that are no sources, that a configuration may read: values of variables, and what a text in its
sources names, which ``file`` and ``templatefile`` may be given.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles, RefusedFile

_CALLS = re.compile(rb"\b(?:file|templatefile)\(")
#: Values of variables: those that are read in any case, and those that ``--var-file`` may name.
_VARIABLES = r".*\.tfvars(?:\.json)?"
_FILLED_IN = re.compile(r"[$%]\{[^}]*\}")


def names(named: str, directories: Iterable[str], suffixes: Sequence[str]) -> frozenset[str]:
    """
    Regular expressions for the names, without directories, of the files that configurations may read.

    Args:
        named: the directory that was named.
        directories: those at and below it with sources.
        suffixes: how the names of sources end.
    """
    files = DiskFiles(named)
    sources = [source for directory in directories for source in _sources(files, directory, suffixes)]
    if not any(map(_CALLS.search, sources)):
        return frozenset((_VARIABLES,))
    return frozenset((_VARIABLES, *(pattern for source in sources for pattern in _named(source))))


def _sources(files: DiskFiles, directory: str, suffixes: Sequence[str]) -> Iterable[bytes]:
    """The contents of the sources in a directory that a configuration would read, too."""
    try:
        listed = files.names(directory) or ()
    except InputError:
        # Here and below, whoever reads the configuration says so.
        return
    for name in listed:
        if name.endswith(tuple(suffixes)):
            try:
                yield files.read(os.path.join(directory, name))
            except RefusedFile:
                continue


def _named(source: bytes) -> Iterable[str]:
    # The end of a text, which may stand in another one. A megabyte without a quote is looked at once.
    for before in source.split(b'"')[:-1]:
        if not before or before[-1:].isspace():
            continue
        start, brace, end = before.split()[-1].decode(errors="replace").rpartition("}")
        # A part to fill in may hold a directory.
        last = (_FILLED_IN.sub("\0", start + brace) + end).rpartition("/")[2]
        if "." in last or last == "\0":
            yield ".*".join(map(re.escape, last.split("\0")))
