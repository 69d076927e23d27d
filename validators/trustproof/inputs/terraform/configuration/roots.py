"""
Which directories are root modules: those that no other one calls.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration import json_syntax, syntax
from trustproof.inputs.terraform.configuration.files import DiskFiles, Refused
from trustproof.inputs.terraform.configuration.modules import LOCAL, source_names, source_of, source_text

#: Below a root module, what stands in them is not part of it.
_NOT_PART = frozenset(("example", "examples", "test", "tests"))
#: What every call of a local module has, and few other files.
_CALL = re.compile(rb"""source"?\s*[=:]\s*"\.\.?[/\\]""")


def root_modules(named: str, directories: Sequence[str]) -> Sequence[str]:
    """
    The directories that are called by no other one, in order.

    Directories whose names begin with a dot are left out, and below another module those with examples and tests.

    Args:
        named: the directory that was named.
        directories: those at and below it that hold sources, as the user would call them.
    """
    found = [directory for directory in sorted(directories) if not _is_aside(directory, named, directories)]
    called: set[str] = set()
    files = DiskFiles(named)
    for directory in found:
        here = os.path.realpath(directory or ".")
        for source in _local_calls(files, directory):
            target = os.path.realpath(os.path.join(directory, source))
            if target != here:
                called.add(target)
    roots = [directory for directory in found if os.path.realpath(directory or ".") not in called]
    # Modules that call each other in a circle are called by nobody else.
    return roots or found[:1]


def _is_aside(directory: str, named: str, directories: Sequence[str]) -> bool:
    steps = os.path.relpath(directory, named).split(os.sep)
    for number, step in enumerate(steps):
        if step.startswith(".") and step not in (os.curdir, os.pardir):
            return True
        if step in _NOT_PART and any(os.path.join(named, *steps[:end]) in directories for end in range(number + 1)):
            return True
    return False


def _local_calls(files: DiskFiles, directory: str) -> Iterator[str]:
    """
    The sources of the local modules that a directory calls. A file that is malformed calls none: whoever reads it
    says so.
    """
    for name in source_names(files.names(directory or ".") or ()):
        try:
            source = source_text(files, os.path.join(directory, name))
            if _CALL.search(source.content) is None:
                continue
            body = json_syntax.parse(source) if name.endswith(".json") else syntax.parse(source)
            for block in body.blocks():
                called = source_of(block) if block.type == "module" else None
                if called is not None and called.startswith(LOCAL):
                    yield called
        except (InputError, Refused):
            continue
