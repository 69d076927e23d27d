"""
What there is to read below a directory, and what is passed over: nothing is left out in silence.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.files import reason
from trustproof.model.file_patterns import spec_of

#: Directories that hold what others have written: their files are deployed by nobody from here, and there are many.
FOREIGN_DIRECTORIES = (".terraform", "__pycache__", "node_modules", "site-packages", "venv")
#: The data of version control, which refuses to keep a directory of such a name: no change that is reviewed has one.
_VERSION_CONTROL = (".git", ".hg", ".svn")
#: Of a file whose name does not say what it is, so much is looked at to tell whether it is a template.
MOST_SNIFFED = 5 * 1024 * 1024
#: The sections of a template, one of which begins it.
_SECTIONS = (
    "AWSTemplateFormatVersion Conditions Description Globals Hooks Mappings Metadata Outputs Parameters Resources "
    "Rules Transform"
).split()
_KEY = re.compile(r"""["']?([A-Za-z:]+)["']?\s*:""")
#: At the beginning of a line of YAML, anywhere in JSON.
_RESOURCES = re.compile(r"""^\s*["']?Resources["']?\s*:|"Resources"\s*:""", re.MULTILINE)


class PassedOver(NamedTuple):
    """
    A file or directory that nobody has looked into, and why.
    """

    path: str
    reason: str


class Excluded:
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

    def has(self, path: str, *, directory: bool = False) -> bool:
        """Whether a file or a directory is left out."""
        if self._spec is None:
            return False
        relative = os.path.relpath(os.path.abspath(path), self._root).replace(os.sep, "/")
        return not relative.startswith("../") and self._spec.match_file(f"{relative}/" if directory else relative)


def walk(named: str, suffixes: Sequence[str], excluded: Excluded) -> Iterator[str | PassedOver | InputError]:
    """
    The files below a directory that may be templates, and what is passed over, sorted by name within a directory.

    A file is taken whose name says so, in whatever case, or whose content does. A symbolic link is followed to a file
    below the directory that was named, and nowhere else.

    Args:
        named: the directory, as the user named it.
        suffixes: how the names of templates end, lower-cased.
        excluded: what the configuration leaves out.
    """
    yield from _walk(os.path.realpath(named), named, tuple(suffixes), excluded)


def _walk(
    root: str, directory: str, suffixes: tuple[str, ...], excluded: Excluded
) -> Iterator[str | PassedOver | InputError]:
    try:
        with os.scandir(directory) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(f"cannot be read: {reason(error)}", directory)
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name in _VERSION_CONTROL or excluded.has(entry.path, directory=True):
                continue
            why_not = _why_not_entered(entry)
            if why_not:
                yield PassedOver(entry.path, why_not)
            else:
                yield from _walk(root, entry.path, suffixes, excluded)
        elif not excluded.has(entry.path):
            yield from _file(root, entry, suffixes)


def _why_not_entered(entry: os.DirEntry[str]) -> str:
    if entry.name in FOREIGN_DIRECTORIES:
        return "a directory of files that others have written"
    if os.path.isfile(os.path.join(entry.path, "pyvenv.cfg")):
        return "a virtual environment of Python"
    return ""


def _file(root: str, entry: os.DirEntry[str], suffixes: tuple[str, ...]) -> Iterator[str | PassedOver | InputError]:
    try:
        status = entry.stat()
    except OSError as error:
        yield InputError(f"cannot be read: {reason(error)}", entry.path)
        return
    if entry.is_symlink():
        if stat.S_ISDIR(status.st_mode):
            yield PassedOver(entry.path, "a symbolic link to a directory")
            return
        if os.path.commonpath([root, os.path.realpath(entry.path)]) != root:
            yield PassedOver(entry.path, "a symbolic link out of the directory that was named")
            return
    if not stat.S_ISREG(status.st_mode):
        yield PassedOver(entry.path, "not a regular file")
    elif entry.name.lower().endswith(suffixes) or looks_like_template(entry.path):
        yield entry.path


def looks_like_template(path: str) -> bool:
    """Whether a file is a template by its content, or tries to be one; of files with another name, most are not."""
    try:
        if not 0 < os.path.getsize(path) <= MOST_SNIFFED:
            return False
        with open(path, "rb") as file:
            start = file.read(4096)
            if b"\0" in start:
                return False
            text = (start + file.read()).decode("utf-8", "replace")
    except OSError:
        return False
    return resembles_template(text)


def resembles_template(text: str) -> bool:
    """
    Whether a text is written as a CloudFormation template, whether or not it can be parsed.

    It has a section ``Resources`` and names a type of AWS's, and what stands in front of its first section is blank,
    a comment, a bracket, or an instruction of a program that fills templates in (``{% … %}``).
    """
    if "AWS::" not in text or _RESOURCES.search(text) is None:
        return False
    for line in text.splitlines():
        bare = line.strip().lstrip("{").strip()
        if not bare or bare.startswith(("#", "//", "---", "%", "!")):
            continue
        key = _KEY.match(bare)
        return key is not None and key[1] in _SECTIONS
    return False
