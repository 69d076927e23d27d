"""
Where the files of a configuration are: on disk, or in the snapshot that a plan file holds.

Local modules may stand outside of the directory that was named (``source = "../modules/role"`` is ordinary), so what
the module tree names is read wherever it is, if it is a module: a directory with sources that no symbolic link leads
to, and not one that the repository itself stands in. Nothing else is, neither through a link nor with ``file``.
"""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol
from zipfile import BadZipFile, ZipFile

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.terraform.configuration.modules.installed_modules import Record
from trustproof.inputs.terraform.configuration.values.work import MAX_FILE, MAX_FILES
from trustproof.inputs.terraform.snapshots.source_names import is_source_name
from trustproof.results.result import BUDGET

#: Where a plan file keeps the sources of each module, and the list of them.
_SNAPSHOT = "tfconfig/"
_MODULE = f"{_SNAPSHOT}m-"
_INSTALLED = ".terraform/modules/modules.json"


class InstalledModules(NamedTuple):
    """
    Where modules are that somebody has installed or kept.
    """

    #: By their place in the tree, ``a.b``.
    directories: Mapping[str, str] = {}
    #: Whether local modules are there too, as in a plan file, and not where their source says.
    has_local: bool = False
    #: The file that says so.
    file: str = ""
    #: What is written down of each.
    records: Mapping[str, Record] = {}


class RefusedFile(Exception):
    """A file is not read; `args` is why, a clause."""


class TooLong(RefusedFile):
    """A file is longer than what is read."""


class Files(Protocol):
    """
    The files of the modules of one configuration.
    """

    def installed(self, root: str) -> InstalledModules:
        """The directories of modules, as Terraform has installed them."""
        ...

    def names(self, directory: str) -> Sequence[str] | None:
        """The names of the files in the directory of a module, sorted; None where there is no such directory."""
        ...

    def listed(self, directory: str) -> Sequence[str]:
        """
        The names of all files in a directory, sorted.

        Raises:
            RefusedFile: it is not there, holds too many, or stands where nothing is read.
        """
        ...

    def read(self, path: str) -> bytes:
        """
        The content of a file.

        Raises:
            Refused: it is not there, too large, or stands where nothing is read.
        """
        ...


class DiskFiles:
    """
    Files on disk.

    Args:
        named: the directory that was named.
    """

    def __init__(self, named: str) -> None:
        self._named = os.path.abspath(named)
        self._inside = {real_path(named)}

    def installed(self, root: str) -> InstalledModules:
        """
        What ``terraform init`` has written down.

        Raises:
            InputError: the file is not what it writes.
        """
        path = os.path.join(root, _INSTALLED)
        try:
            content = self.read(path)
        except RefusedFile:
            return InstalledModules()
        found = _records(content, path, "Modules")
        directories = {key: os.path.normpath(os.path.join(root, directory)) for key, (directory, _) in found.items()}
        return InstalledModules(directories, file=path, records={key: record for key, (_, record) in found.items()})

    def names(self, directory: str) -> Sequence[str] | None:
        """The names of the files in a directory; one with sources becomes one of those that files are read from."""
        try:
            with os.scandir(directory) as listing:
                names = sorted(entry.name for entry in listing if not _is_directory(entry))
        except OSError:
            return None
        if any(map(is_source_name, names)) and self._may_be_module(directory):
            self._inside.add(real_path(directory))
        if len(names) > MAX_FILES:
            raise InputError(f"{BUDGET}: files of one directory ({MAX_FILES})", directory)
        return names

    def listed(self, directory: str) -> Sequence[str]:
        """The names of all files in a directory, sorted; whoever may read none of them is told of none."""
        try:
            names = self.names(directory)
        except InputError as error:
            raise RefusedFile(error.message) from None
        if not names:
            raise RefusedFile("there is no file in it")
        self.read(os.path.join(directory, names[0]))
        return names

    def _may_be_module(self, directory: str) -> bool:
        """Whether no link leads to a directory, from what was named or beside it, and the repository is not in it."""
        path, real = os.path.abspath(directory), real_path(directory)
        for start in (self._named, os.path.dirname(self._named)):
            around = real_path(start)
            if real == os.path.normpath(os.path.join(around, os.path.relpath(path, start))):
                top = _top_of_repository(around)
                return not top or real == top or os.path.commonpath([real, top]) != real
        return False

    def read(self, path: str) -> bytes:
        """The content of a file."""
        try:
            real = real_path(path)
        except InputError as error:
            raise RefusedFile(error.message) from None
        if not any(os.path.commonpath([real, inside]) == inside for inside in self._inside):
            if os.path.islink(path) and not os.path.exists(path):
                raise RefusedFile(os.strerror(errno.ENOENT).lower())
            raise RefusedFile("it stands outside of the directory that was named")
        try:
            status = os.stat(real)
            if not stat.S_ISREG(status.st_mode):
                raise RefusedFile("it is no regular file")
            if status.st_size > MAX_FILE:
                raise TooLong(f"{BUDGET}: bytes of one file ({MAX_FILE})")
            with open(real, "rb") as file:
                return file.read()
        except OSError as error:
            raise RefusedFile((error.strerror or str(error)).lower()) from None


def _is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether there is a directory, also by a link: of most entries the listing says it."""
    return os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir(follow_symlinks=False)


def _top_of_repository(directory: str) -> str:
    """The nearest directory at or above one that git keeps; empty where there is none."""
    while not os.path.lexists(os.path.join(directory, ".git")):
        above = os.path.dirname(directory)
        if above == directory:
            return ""
        directory = above
    return directory


class ChangedFiles:
    """
    Files some of which are not what they are on disk.

    Args:
        files: as they are.
        changed: what is different, by path.
    """

    def __init__(self, files: Files, changed: Mapping[str, bytes]) -> None:
        self._files = files
        self._changed = changed

    def installed(self, root: str) -> InstalledModules:
        """As on disk."""
        return self._files.installed(root)

    def names(self, directory: str) -> Sequence[str] | None:
        """As on disk."""
        return self._files.names(directory)

    def listed(self, directory: str) -> Sequence[str]:
        """As on disk."""
        return self._files.listed(directory)

    def read(self, path: str) -> bytes:
        """The content of a file, as it has been changed."""
        return self._changed[path] if path in self._changed else self._files.read(path)


class PlanFiles:
    """
    The snapshot of the sources in a plan file, which is a zip archive.

    Args:
        path: of the plan file.

    Raises:
        InputError: it is no plan file, or holds no sources.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            with open(path, "rb") as file:
                self._archive = ZipFile(io.BytesIO(file.read(20 * MAX_FILE)))
            self._infos = {info.filename: info for info in self._archive.infolist()[: 2 * MAX_FILES]}
        except OSError as error:
            raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", path) from None
        except BadZipFile:
            raise InputError("neither a directory nor a plan file, which is a zip archive", path) from None
        if f"{_SNAPSHOT}modules.json" not in self._infos:
            raise InputError("a zip archive that holds no sources, expected the file that `-out` writes", path)

    @property
    def root(self) -> str:
        """The directory of the root module, inside the archive."""
        return f"{self._path}/{_MODULE}"

    def installed(self, root: str) -> InstalledModules:
        """The modules of the snapshot."""
        manifest = f"{_SNAPSHOT}modules.json"
        found = _records(self.read(f"{self._path}/{manifest}"), f"{self._path}/{manifest}", "")
        return InstalledModules({key: f"{self._path}/{_MODULE}{key}" for key in found if key}, has_local=True)

    def names(self, directory: str) -> Sequence[str] | None:
        """The names of the files of a module."""
        start = f"{directory[len(self._path) + 1 :]}/"
        names = sorted(name[len(start) :] for name in self._infos if name.startswith(start))
        return [name for name in names if "/" not in name] or None

    def listed(self, directory: str) -> Sequence[str]:
        """Not known: the archive has the sources alone."""
        raise RefusedFile("a plan file holds the sources of modules only")

    def read(self, path: str) -> bytes:
        """The content of a file of the archive."""
        info = self._infos.get(path[len(self._path) + 1 :])
        if info is None:
            raise RefusedFile("a plan file holds the sources of modules only")
        if info.file_size > MAX_FILE:
            raise TooLong(f"{BUDGET}: bytes of one file ({MAX_FILE})")
        try:
            with self._archive.open(info) as file:
                return file.read(MAX_FILE)
        except (BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            raise RefusedFile(f"it cannot be unpacked: {str(error).lower()}") from None


def _records(content: bytes, path: str, within: str) -> dict[str, tuple[str, Record]]:
    """Key, directory and origin of each module of a list that Terraform has written."""
    try:
        found = json.loads(content)
        records = found[within] if within else found
        return {
            str(record["Key"]): (
                str(record["Dir"]),
                Record(str(record.get("Source", "")), str(record.get("Version", ""))),
            )
            for record in records
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("not a list of modules as Terraform writes it", path) from None
