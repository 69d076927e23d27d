"""
Patterns of files that match nothing below a directory: whoever wrote one may have meant another.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain

from trustproof.model.file_patterns import spec_of

#: How often a pattern is tried on a path. Of more nothing is said: a note is not worth that many looks.
MAX_LOOKS = 200_000


def unmatched_patterns(patterns: Iterable[str], root: str, known: Collection[str] = ()) -> frozenset[str]:
    """
    The patterns that no file or directory below a directory matches; none where that takes too many looks.

    Args:
        patterns: as in a ``.gitignore``, each for itself; one that takes back another is never among them.
        root: what they are relative to.
        known: paths that are looked at first, relative to `root`.
    """
    # Most of those that have no wildcard are there.
    left = {
        one: spec_of((one,))
        for one in patterns
        if not (one.startswith("!") or is_outside(one)) and not os.path.lexists(os.path.join(root, one.lstrip("/")))
    }
    looks = 0
    for name in chain(known, _entries(root)):
        if not left:
            break
        looks += len(left)
        if looks > MAX_LOOKS:
            return frozenset()
        for one in [one for one, spec in left.items() if spec.match_file(name)]:
            del left[one]
    return frozenset(left)


def patterns_of_single_sources(
    patterns: Iterable[str], root: str, known: Collection[str], directories: Collection[str], suffixes: tuple[str, ...]
) -> dict[str, str]:
    """
    The patterns that are about single files of configurations of Terraform and about no template, with the directory of
    the first; none where that takes too many looks.

    Args:
        patterns: as in a ``.gitignore``, each for itself; one that takes back another is never among them.
        root: what they are relative to.
        known: the paths that patterns of templates are tried on, relative to `root`.
        directories: those of the configurations, relative to `root`; each ends with a slash but `root` itself.
        suffixes: how the sources of a configuration end.
    """
    left = {one: spec_of((one,)) for one in patterns if not one.startswith("!")} if directories else {}
    looks = len(left) * len(known)
    if looks > MAX_LOOKS:
        return {}
    left = {one: spec for one, spec in left.items() if not any(map(spec.match_file, known))}
    found: dict[str, str] = {}
    for directory in directories:
        names = _files(os.path.join(root, directory), suffixes) if left else ()
        looks += len(left) * len(names)
        if looks > MAX_LOOKS:
            return {}
        for one in [one for one, spec in left.items() if any(spec.match_file(directory + name) for name in names)]:
            found[one] = directory
            del left[one]
    return found


def _files(directory: str, suffixes: tuple[str, ...]) -> Sequence[str]:
    """What a directory holds that ends so; nothing where it has gone."""
    try:
        return sorted(name for name in os.listdir(directory) if name.endswith(suffixes))
    except OSError:
        return ()


def is_outside(pattern: str) -> bool:
    """Whether a pattern is about what is not below the directory that it is relative to."""
    return pattern.startswith(("../", "/../"))


def is_nowhere(pattern: str, root: str) -> bool:
    """Whether there is nothing where a pattern begins, up to its first wildcard."""
    parts = pattern.lstrip("/").split("/")
    fixed = next((number for number, part in enumerate(parts) if set(part) & set("*?[\\")), len(parts))
    return not os.path.lexists(os.path.join(root, *parts[:fixed]))


def without_detour(pattern: str, root: str) -> str:
    """
    A pattern that leaves the directory that it is relative to and comes back, as paths are written; any other as it is.

    >>> without_detour("../stacks/a.yaml", "/project/stacks")
    'a.yaml'
    """
    parts = pattern.lstrip("/").split("/")
    above = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    own = os.path.abspath(root).split(os.sep)
    left = above
    while left and parts[2 * above - left : 2 * above - left + 1] == own[-left:][:1]:
        left -= 1
    return pattern if left == above else "/".join([".."] * left + parts[2 * above - left :]) or "*"


def _entries(root: str) -> Iterator[str]:
    """Files and directories below, relative; the data of git aside, of which no template is made."""
    for directory, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name != ".git")
        below = os.path.relpath(directory, root).replace(os.sep, "/")
        for name in (*(f"{folder}/" for folder in folders), *files):
            yield name if below == "." else f"{below}/{name}"
