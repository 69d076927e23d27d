"""
What there is to read below a directory, and what is passed over: nothing is left out in silence.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.errors import InputError, reason
from trustproof.files.paths import real_path
from trustproof.inputs.hcl_files import is_for_terraform, is_read_by_terraform, makes_configurations, not_read
from trustproof.inputs.submodules import NOT_CHECKED_OUT, around, empty_submodules
from trustproof.inputs.template_detection import look
from trustproof.model.file_patterns import spec_of

#: Directories that hold what others have written: their files are deployed by nobody from here, and there are many.
FOREIGN_DIRECTORIES = (".terraform", "__pycache__", "node_modules", "site-packages", "venv")
#: The data of git in the directory that was named: git refuses to keep one, so that no change that is reviewed has it.
_GIT = ".git"


class PassedOver(NamedTuple):
    """
    A file or directory that nobody has looked into, and why.
    """

    path: str
    reason: str


class ExcludedPaths:
    """
    What the configuration leaves out: patterns as in a ``.gitignore``, below one directory.

    https://git-scm.com/docs/gitignore#_pattern_format

    Args:
        patterns: in their order; a later one may take back an earlier one.
        root: the directory that they are relative to, where the configuration stands.
    """

    def __init__(self, patterns: Sequence[str] = (), root: str = ".") -> None:
        self._root = os.path.abspath(root)
        self._spec = spec_of(patterns) if patterns else None

    def __bool__(self) -> bool:
        return self._spec is not None

    def has(self, path: str, *, directory: bool = False) -> bool:
        """Whether a file or a directory is left out."""
        if self._spec is None:
            return False
        relative = os.path.relpath(os.path.abspath(path), self._root).replace(os.sep, "/")
        return not relative.startswith("../") and self._spec.match_file(f"{relative}/" if directory else relative)


def walk(named: str, suffixes: tuple[str, ...], excluded: ExcludedPaths) -> Iterator[str | PassedOver | InputError]:
    """
    The files below a directory that may be templates, and what is passed over, sorted by name within a directory.

    A file is taken whose name says so, in whatever case, or whose content does. A symbolic link is followed to a file
    below the directory that was named, and nowhere else.

    Args:
        named: the directory, as the user named it.
        suffixes: how the names of templates end, lower-cased.
        excluded: what the configuration leaves out.
    """
    root, waiting = real_path(named), [named]
    # As many directories may be inside each other as the file system takes.
    listings: list[Iterator[os.DirEntry[str]]] = []
    while waiting or listings:
        if waiting:
            directory = waiting.pop()
            yield from _not_checked_out(directory, named, excluded)
            try:
                with os.scandir(directory) as listing:
                    listings.append(iter(sorted(listing, key=lambda entry: entry.name)))
            except OSError as error:
                yield InputError(f"cannot be read: {reason(error)}", directory)
            continue
        entry = next(listings[-1], None)
        if entry is None:
            listings.pop()
        elif not entry.is_dir(follow_symlinks=False):
            if not excluded.has(entry.path):
                yield from _file(root, entry, suffixes)
        elif not (_is_own_git(named, entry) or excluded.has(entry.path, directory=True)):
            if why_not := why_not_entered(entry.path):
                yield PassedOver(entry.path, why_not)
            else:
                waiting.append(entry.path)


def _not_checked_out(directory: str, named: str, excluded: ExcludedPaths) -> Iterator[PassedOver]:
    """The submodules of which nothing is here: those of a directory, and of the ones around what was named."""
    found = [*empty_submodules(directory), *(around(named) if directory == named else ())]
    for path in dict.fromkeys(found):
        if not excluded.has(path, directory=True):
            yield PassedOver(path, NOT_CHECKED_OUT)


def _is_own_git(named: str, entry: os.DirEntry[str]) -> bool:
    return entry.path == os.path.join(named, _GIT) and os.path.isfile(os.path.join(entry.path, "HEAD"))


def why_not_entered(directory: str) -> str:
    """Why nothing is read of what is in a directory; empty where it is looked into."""
    name = os.path.basename(directory)
    if name in FOREIGN_DIRECTORIES:
        return "a directory of files that others have written"
    if os.path.isfile(os.path.join(directory, "pyvenv.cfg")):
        return "a virtual environment of Python"
    if name == _GIT:
        return "the data of another repository"
    if name == ".svn" and os.path.isfile(os.path.join(directory, "wc.db")):
        return "copies of the files that Subversion keeps"
    return ""


def _file(root: str, entry: os.DirEntry[str], suffixes: tuple[str, ...]) -> Iterator[str | PassedOver | InputError]:
    try:
        status = entry.stat()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not is_read_by_terraform(entry.name) and entry.is_symlink():
            # It has no content that anybody could deploy, and Terraform alone would ask for it by its name.
            yield PassedOver(entry.path, "a symbolic link to nothing")
        else:
            yield InputError(f"cannot be read: {reason(error)}", entry.path)
        return
    if entry.is_symlink():
        if stat.S_ISDIR(status.st_mode):
            yield PassedOver(entry.path, "a symbolic link to a directory")
            return
        try:
            leads_to = real_path(entry.path)
        except InputError as error:
            yield PassedOver(entry.path, f"a symbolic link that {error.message}")
            return
        if os.path.commonpath([root, leads_to]) != root:
            yield PassedOver(entry.path, "a symbolic link out of the directory that was named")
            return
    if not stat.S_ISREG(status.st_mode):
        yield PassedOver(entry.path, "not a regular file")
    elif entry.name.lower().endswith(suffixes):
        yield entry.path
    elif (why_not := look(entry.path)) is not None:
        yield PassedOver(entry.path, why_not) if why_not else entry.path
    elif made := makes_configurations(entry.path):
        yield PassedOver(entry.path, not_read(made))
    elif is_for_terraform(entry.path):
        yield entry.path
