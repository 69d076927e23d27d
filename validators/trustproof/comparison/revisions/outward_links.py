"""
Symbolic links of a revision that lead out of its repository: what they lead to is a part of no revision.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from trustproof.comparison.revisions.repository import (
    LINK,
    Entry,
    contents_of,
    entries_at,
    from_directory,
    git,
    place_of,
    target_of,
)
from trustproof.comparison.revisions.revision_names import commit_of
from trustproof.errors import UsageError
from trustproof.inputs.walk import FOREIGN_DIRECTORIES

#: So many links are followed from one, as Linux does.
_MOST_LINKS = 40
#: Why nothing is read through one.
OUTWARD = "a symbolic link out of the repository"


class _Links(NamedTuple):
    """
    The symbolic links of a revision.
    """

    #: The top of the work tree that a path is in, and what the path is called from there.
    top: str
    name: str
    #: Those at the path, by their names from the top.
    there: tuple[str, ...]
    #: The names of all, each to what it says, from the directory that it is in.
    targets: Mapping[str, str]


class OutwardLink(NamedTuple):
    """
    A link that leads out of the repository.
    """

    #: From the top of the repository.
    name: str
    #: What it is called on both sides of a comparison.
    label: str
    #: Whether the work tree has the same link, and those that it leads through.
    is_same: bool


def outward_links(revision: str, paths: Sequence[str]) -> Iterator[OutwardLink]:
    """
    The links that a revision has at some paths, and that lead out of the repository.

    Raises:
        UsageError: one of the paths is such a link, or what `write_revision` raises.
    """
    for number, path in enumerate(paths):
        links = _links_at(revision, path)
        for name in links.there:
            way = _way_out(name, links.targets)
            if way is None:
                continue
            if name == links.name:
                raise UsageError(
                    f"{path}: at {revision} it is {OUTWARD}, and what it leads to is a part of no revision: compare "
                    "two files or directories instead"
                )
            inside = os.path.relpath(name, links.name)
            if not set(inside.split(os.sep)).intersection(FOREIGN_DIRECTORIES):
                is_same = all(_says(links.top, one) == links.targets[one] for one in way)
                yield OutwardLink(name, f"{number}/{inside}", is_same)


def _links_at(revision: str, path: str) -> _Links:
    """The symbolic links that a revision has at a path, and those that they may lead through."""
    top, name = place_of(path)
    commit = commit_of(top, revision)
    there = [entry for entry in entries_at(top, commit, name) if entry.mode == LINK]
    if not there:
        return _Links(top, name, (), {})
    others = git(top, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")
    fields = [(*line.partition("\t")[0].split(" "), line.partition("\t")[2]) for line in others if line]
    links = [*there, *(Entry(mode, sha, own, top, commit, own) for mode, _, sha, own in fields if mode == LINK)]
    links.sort(key=lambda entry: entry.top)
    targets = {
        entry.name: target_of(entry, content)
        for inside, those in groupby(links, key=lambda entry: entry.top)
        for entry, content in contents_of(inside, list(those))
    }
    return _Links(top, name, tuple(entry.name for entry in there), targets)


def _way_out(name: str, targets: Mapping[str, str]) -> list[str] | None:
    """The links that one leads through out of the repository, itself the first; None for one that stays inside."""
    way: list[str] = []
    for _ in range(_MOST_LINKS):
        parts = name.split(os.sep)
        starts = (os.sep.join(parts[:count]) for count in range(1, len(parts) + 1))
        link = next((one for one in starts if one in targets), None)
        if link is None:
            return None
        way.append(link)
        rest = os.path.relpath(name, link)
        name = os.path.normpath(os.path.join(os.path.dirname(link), targets[link], rest))
        if os.path.isabs(name) or name.split(os.sep)[0] == os.pardir:
            return way
    return None


def _says(top: str, name: str) -> str | None:
    """What a link of the work tree says; None for what is none."""
    try:
        return from_directory(top, name, os.readlink(os.path.join(top, name)))
    except OSError:
        return None
