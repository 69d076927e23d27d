"""
Symbolic links that are read on neither side: whether what they lead to is the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from filecmp import cmp

from trustproof.files.paths import real_path
from trustproof.inputs.discovery.inputs import suffixes
from trustproof.inputs.hcl_files import is_read_by_terraform
from trustproof.inputs.template_detection import look
from trustproof.inputs.walk import FOREIGN_DIRECTORIES

#: So many files below one link are compared.
_MAX_FILES = 10_000


def lead_to_the_same(one: str, other: str) -> bool:
    """Whether two paths, of which one is a link at least, lead to files that are the same by what they hold."""
    ends = [real_path(path) for path in (one, other)]
    if ends[0] == ends[1]:
        return True
    if all(map(os.path.isdir, ends)):
        listed = [sorted(_files(end)) for end in ends]
        same = listed[0] == listed[1] and len(listed[0]) <= _MAX_FILES
        return same and all(_are_same(*(os.path.join(end, name) for end in ends)) for name in listed[0])
    return _are_same(*ends)


def _are_same(one: str, other: str) -> bool:
    try:
        return os.path.isfile(one) and os.path.isfile(other) and cmp(one, other, shallow=False)
    except OSError:
        return False


def _files(directory: str) -> Iterator[str]:
    """
    What may say something of access below a directory, by its path from there; links in it are not followed.

    A configuration of Terraform reads files of any name, as by ``templatefile``; else a template is one by its name, or
    by what it says.
    """
    paths: list[str] = []
    for folder, inside, names in os.walk(directory):
        inside[:] = [one for one in inside if one not in FOREIGN_DIRECTORIES and one != ".git"]
        paths += (os.path.join(folder, name) for name in names)
    is_whole = any(map(is_read_by_terraform, paths))
    for path in paths:
        if is_whole or path.lower().endswith(suffixes()) or (os.path.isfile(path) and look(path) is not None):
            yield os.path.relpath(path, directory)
