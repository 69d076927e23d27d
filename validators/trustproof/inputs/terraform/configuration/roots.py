"""
Which directories are root modules: those that no other one calls.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules import LOCAL, Loader, source_names, source_of

#: Below a root module, what stands in them is not part of it.
_NOT_PART = ("example", "examples", "test", "tests")


def root_modules(named: str, loader: Loader) -> Sequence[str]:
    """
    The directories at and below one that hold sources and are called by no other one of them, in order.

    Directories whose names begin with a dot are left out, and below another module those with examples and tests.

    Args:
        named: a directory, as the user calls it.
        loader: of its files.

    Raises:
        InputError: a source is not what it claims to be.
    """
    found: list[str] = []
    _find(named, found, below=False)
    called: set[str] = set()
    for directory in found:
        module = loader.load(directory)
        for call in module.calls.values() if module is not None else ():
            source = source_of(call)
            if source is not None and source.startswith(LOCAL):
                target = os.path.realpath(os.path.join(directory, source))
                if target != os.path.realpath(directory):
                    called.add(target)
    roots = [directory for directory in found if os.path.realpath(directory) not in called]
    # Modules that call each other in a circle are called by nobody else.
    return roots or found[:1]


def _find(directory: str, found: list[str], *, below: bool) -> None:
    try:
        with os.scandir(directory) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", directory) from None
    is_module = bool(source_names([entry.name for entry in entries if not entry.is_dir()]))
    if is_module:
        found.append(directory)
    below = below or is_module
    for entry in entries:
        is_passed_over = entry.name.startswith(".") or (below and entry.name in _NOT_PART)
        if entry.is_dir(follow_symlinks=False) and not is_passed_over:
            _find(entry.path, found, below=below)
