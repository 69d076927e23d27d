"""
Where the paths lead that a user names.
"""

from __future__ import annotations

import os

from trustproof.errors import InputError, UsageError, reason


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
