"""
Where the paths lead that a user names.
"""

from __future__ import annotations

import os

from trustproof.errors import InputError, UsageError, reason

#: How many directories are remembered.
_MOST_REMEMBERED = 10_000


class _Directories:
    """
    The real paths of directories: the file system is asked once for each of those around a file, and not once more for
    every file, at a cost that grows with the cube of their depth.
    """

    def __init__(self) -> None:
        #: By the path as it is written, and by which directory it leads to: that may change.
        self._known: dict[tuple[str, int, int], str] = {}

    def real_path(self, name: str) -> str:
        """
        What `os.path.realpath` says of a path.

        Raises:
            OSError: links change while they are followed.
            ValueError: no path is written so.
        """
        head, tail = os.path.split(name)
        if _goes_elsewhere(name, tail):
            return os.path.realpath(name)
        try:
            return os.path.join(self._directory(head or os.curdir), tail)
        except OSError:
            # There is no such directory, or it cannot be entered.
            return os.path.realpath(name)

    def _directory(self, directory: str) -> str:
        below: list[tuple[tuple[str, int, int], str]] = []
        while True:
            status = os.stat(directory)
            # A directory that was removed may have left its number to another one, in which the program works now.
            where = directory if os.path.isabs(directory) else os.path.join(os.getcwd(), directory)
            key = where, status.st_dev, status.st_ino
            if key in self._known:
                break
            head, tail = os.path.split(directory)
            if not head or _goes_elsewhere(directory, tail):
                self._remember(key, os.path.realpath(directory))
                break
            below.append((key, tail))
            directory = head
        real = self._known[key]
        for inner, tail in reversed(below):
            real = os.path.join(real, tail)
            self._remember(inner, real)
        return real

    def _remember(self, key: tuple[str, int, int], real: str) -> None:
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = real


def _goes_elsewhere(path: str, name: str) -> bool:
    """Whether a path does not lead to something of its own name in the directory before it."""
    return name in ("", os.curdir, os.pardir) or "\0" in name or os.path.islink(path)


_directories = _Directories()


def is_possible(name: str) -> bool:
    """Whether a file can have such a name: none has a NUL in it, or half of a character."""
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


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
            return _directories.real_path(name)
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
