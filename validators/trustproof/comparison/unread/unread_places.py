"""
Files and directories that both sides have and nobody looks into: whether they hold the same.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from filecmp import cmp

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.discovery.directories import sources_in
from trustproof.inputs.discovery.inputs import is_input, suffixes
from trustproof.inputs.discovery.unread_contents import unread_content
from trustproof.inputs.template_detection import look, resemblance
from trustproof.inputs.text.source import read
from trustproof.inputs.walk import why_not_entered

#: The data of programs for versions: what is deployed stands beside them, and is read.
_OF_VERSIONS = (".git", ".svn")
#: Bytes that are read at once.
_MOST_BYTES = 1 << 24


def changed_in(new: str, old: str, read: Collection[str] = ()) -> str | None:
    """
    What is not the same in a place that both sides pass over: the path of a file from there, empty for the place
    itself. None where nothing is.

    A file has changed if its bytes have, but for the ends of its lines, which git may write otherwise. In a directory
    only those count that would be read, or passed over by themselves: nobody deploys access from a program's code.

    Args:
        read: files in there that are read all the same, by their real paths.
    """
    if os.path.basename(new) in _OF_VERSIONS:
        return None
    if os.path.isfile(new) and os.path.isfile(old):
        return None if _are_same(new, old) else ""
    if not (os.path.isdir(new) and os.path.isdir(old)):
        # There is nothing in a submodule that is not checked out, nor in a pipe.
        return "" if any(map(os.path.isfile, (new, old))) else None
    is_whole = bool(why_not_entered(new) or why_not_entered(old))
    for name in sorted(_files(new, is_whole=is_whole) | _files(old, is_whole=is_whole)):
        one, other = (os.path.join(place, name) for place in (new, old))
        if not {real_path(one), real_path(other)}.isdisjoint(read):
            continue
        if not _are_same(one, other) and (_says_something(one) or _says_something(other)):
            return name
    return None


def _files(directory: str, *, is_whole: bool) -> set[str]:
    """The files below a directory by their paths from there; of one that is a module of Terraform's, its sources."""
    if not is_whole:
        return {*sources_in(directory)}
    return {
        os.path.relpath(os.path.join(folder, name), directory)
        for folder, _, names in os.walk(directory)
        for name in names
    }


def _are_same(one: str, other: str) -> bool:
    try:
        if not (os.path.isfile(one) and os.path.isfile(other)):
            # A link that leads nowhere is no file, nor is a pipe.
            return not (os.path.isfile(one) or os.path.isfile(other))
        if cmp(one, other, shallow=False):
            return True
        if max(os.path.getsize(one), os.path.getsize(other)) > _MOST_BYTES:
            return False
        contents = []
        for path in (one, other):
            with open(path, "rb") as file:
                contents.append(file.read(_MOST_BYTES))
    except OSError:
        return False
    return not any(b"\0" in found for found in contents) and (
        contents[0].replace(b"\r\n", b"\n") == contents[1].replace(b"\r\n", b"\n")
    )


def _says_something(path: str) -> bool:
    """Whether a file would be read where it is looked for, or named as passed over."""
    if not os.path.isfile(path):
        return False
    if look(path) is not None:
        return True
    if not path.lower().endswith(suffixes()):
        return False
    if is_input(path):
        return True
    try:
        source = read(path)
        try:
            return bool(unread_content(source.load()))
        except InputError:
            return bool(resemblance(source.text))
    except InputError:
        # Nobody knows what it says.
        return True
