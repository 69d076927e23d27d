"""
Which files a cloud assembly may name: those that are inside of it.
"""

from __future__ import annotations

import os

from trustproof.errors import InputError


def below(directory: str, file: str, named_in: str) -> str:
    """
    A file that an assembly names, which is inside of it.

    Args:
        directory: of the assembly.
        named_in: the file that names it.

    Raises:
        InputError: it is not: whoever writes a manifest says what is read, and must not read what nobody has given.
    """
    root = os.path.realpath(directory)
    if "\0" in file or os.path.commonpath((root, os.path.realpath(file))) != root:
        raise InputError(f"names a file that is not in the cloud assembly: {file}", named_in)
    return file
