"""
What a repository of git has at a revision, as files; the work tree and the index are left alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path, PurePosixPath

from trustproof.comparison.revisions.referenced_files import referenced_files
from trustproof.comparison.revisions.repository import (
    EXECUTABLE,
    FILE,
    LINK,
    SUBMODULE,
    Entry,
    contents_of,
    entries_at,
    git,
    named_place_of,
    own_place_of,
    path_below,
    place_of,
    run_git,
    target_of,
)
from trustproof.comparison.revisions.revision_names import UnclearRevisionError, commit_of
from trustproof.errors import UsageError
from trustproof.files.paths import real_path
from trustproof.inputs.discovery.inputs import is_input

#: So many links are followed from one, as Linux does.
_MOST_LINKS = 40
#: How git marks what is in the index and not to be in the work tree: https://git-scm.com/docs/git-ls-files
_LEFT_OUT = "S"


def write_revision(revision: str, paths: Sequence[str], folder: Path) -> list[Path | None]:
    """
    Write what a revision has at some paths below a folder.

    Args:
        revision: as git understands it: ``origin/main``, a tag, the name of a commit.
        paths: of files or directories in a work tree.
        folder: an empty directory.

    Returns:
        Where each of them is now; None for one that the revision does not have.

    Raises:
        UsageError: there is no git, no repository or no such revision, or git does not keep a path at all.
    """
    out: list[Path | None] = []
    for path in paths:
        now_in, now = own_place_of(path)
        # What a link leads to now is not what it led to: a path that it is a part of is looked up as it is written.
        top, name = named_place_of(path)
        commit = commit_of(top, revision)
        entries = list(entries_at(top, commit, name))
        if not entries and (led := _led_to(top, commit, name, folder)) != name:
            entries = list(entries_at(top, commit, led))
        if not entries and not git(now_in, "ls-files", "-z", "--", f":(literal){now}"):
            raise UsageError(
                f"{path}: git does not keep it, so there is nothing to compare with at {revision}: compare two "
                "directories instead"
            )
        _write(entries, folder)
        _write_targets(entries, folder)
        for (inside, at), those in groupby(entries, key=lambda entry: (entry.top, entry.commit)):
            names = {entry.own: entry.name for entry in those}
            below = next(name.removesuffix(own) for own, name in names.items())
            _write_referenced(inside, at, [*names], folder / below)
        # A link that led out of the repository is none of its files.
        out.append(folder / name if entries and (folder / name).exists() else None)
    return out


def _led_to(top: str, commit: str, name: str, folder: Path) -> str:
    """Where a path led to in a commit, behind its links, which are written."""
    return _through_links(Entry(LINK, "", name, top, commit, name), name, "", folder)


def _places(revision: str, paths: Sequence[str], folder: Path) -> Iterator[tuple[str, str, str]]:
    """
    Paths with where they are now behind all links, and where they led to at a revision, if that is somewhere else: the
    top of the work tree, and the name there.
    """
    for path in paths:
        top, name = named_place_of(path)
        led = top, _led_to(top, commit_of(top, revision), name, folder)
        yield from ((path, *place) for place in dict.fromkeys((place_of(path), led)))


def _write_referenced(top: str, commit: str, names: Sequence[str], folder: Path) -> None:
    """
    What files of a revision speak of by paths that lead out of what was named, as a module beside them: the work tree
    has it there. Not what is behind a filter of git, or left out of the work tree, with all that stands beside that.
    """
    everything = {entry.name: entry for entry in entries_at(top, commit, ".") if entry.top == top}
    left = everything.keys() - set(names)
    while found := referenced_files(names, left, folder):
        listed = (line.partition(" ") for line in git(top, "ls-files", "-t", "-z").split("\0"))
        absent = {name for tag, _, name in listed if tag == _LEFT_OUT}
        unread = {os.path.dirname(name) for name in (*absent, *_filters(top, commit, found))}
        entries = [everything[name] for name in found if os.path.dirname(name) not in unread]
        _write(entries, folder)
        _write_targets(entries, folder)
        left, names = left - set(found), [entry.name for entry in entries]


def _write_targets(entries: Sequence[Entry], folder: Path) -> None:
    """What links of a revision lead to in its repository, wherever that is; one that leads nowhere was no file."""
    waiting = list(entries)
    links: list[Path] = []
    while waiting:
        entry = waiting.pop()
        place = folder / entry.name
        if entry.mode != LINK or not place.is_symlink() or place.exists():
            continue
        links.append(place)
        below = entry.name.removesuffix(entry.own)
        target = _through_links(entry, os.path.join(os.path.dirname(entry.own), os.readlink(place)), below, folder)
        if not os.path.lexists(folder / below / target):
            found = list(entries_at(entry.top, entry.commit, target, below))
            _write(found, folder)
            waiting += found
    for place in links:
        if not place.exists():
            place.unlink()


def _through_links(entry: Entry, target: str, below: str, folder: Path) -> str:
    """Where the target of a link is in its repository, after the links on the way, which are written, too."""
    for _ in range(_MOST_LINKS):
        target = os.path.normpath(target)
        names = target.split(os.sep)
        for count in range(1, len(names) + 1):
            way = os.sep.join(names[:count])
            listed = git(entry.top, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", entry.commit, "--", way)
            mode, _, sha = listed.partition("\t")[0].partition(" ")
            if mode == LINK:
                link = entry._replace(sha=sha.rpartition(" ")[2], name=below + way, own=way)
                _write([link], folder)
                break
        else:
            return target
        if not (folder / below / way).is_symlink():
            # It leads out of the repository.
            return target
        target = os.path.join(os.path.dirname(way), os.readlink(folder / below / way), *names[count:])
    return target


def submodules_unread(revision: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """
    The submodules at some paths that are not checked out, and are at another commit than at the revision, or deleted in
    the work tree: the path, and why nothing is known of it.

    Raises:
        UsageError: as `write_revision` does.
    """
    for path in paths:
        top, name = place_of(path)
        for found, why in _submodules_unread(top, commit_of(top, revision), name, ""):
            yield path_below(path, top, found), why


def _submodules_unread(top: str, commit: str, name: str, below: str) -> Iterator[tuple[str, str]]:
    """Those of one repository, and of the submodules in it that are checked out."""
    then = _submodules(git(top, "--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", name))
    now = _submodules(git(top, "--literal-pathspecs", "ls-files", "-s", "-z", "--", name))
    for found in sorted(then.keys() | now.keys()):
        before, after, inside = then.get(found), now.get(found), os.path.join(top, found)
        if os.path.lexists(os.path.join(inside, ".git")):
            if before is not None:
                yield from _submodules_unread(inside, before, ".", f"{below}{found}/")
        elif before != after:
            said = " and ".join(f"{when} {sha[:12]}" for when, sha in (("was", before), ("is", after)) if sha)
            yield below + found, f"a submodule that is not checked out, whose commit {said}"
        elif before and not _waits_for_checkout(top, found):
            yield below + found, f"a submodule that is deleted in the work tree, whose commit was {before[:12]}"


def _waits_for_checkout(top: str, name: str) -> bool:
    """
    Whether a submodule is only not checked out: git makes an empty directory of it, and none where a sparse checkout
    leaves it out. Any other is not what the revision has.
    """
    try:
        return not os.path.islink(os.path.join(top, name)) and not os.listdir(os.path.join(top, name))
    except FileNotFoundError:
        listed = git(top, "--literal-pathspecs", "ls-files", "-t", "-z", "--", name)
        return listed.startswith(f"{_LEFT_OUT} ")
    except OSError:
        return False


def files_behind_filters(revision: str, paths: Sequence[str], folder: Path) -> Iterator[tuple[str, str]]:
    """
    The files at some paths that the revision has behind a filter of git (git-crypt, Git LFS), and that are not what
    they were: the path, and why nothing is known of it.

    What git stores of such a file is not what it says. The filter is not run, since it may want a key or a server; in
    the folder, the file is as the work tree has it. So what has not changed is alike, and nothing is gained or lost by
    what cannot be read.

    Args:
        folder: where `write_revision` has written the paths.

    Raises:
        UsageError: as `write_revision` does.
    """
    for path, top, name in _places(revision, paths, folder):
        entries = [one for one in entries_at(top, commit_of(top, revision), name) if one.mode in (FILE, EXECUTABLE)]
        for (inside, commit), those in groupby(entries, key=lambda entry: (entry.top, entry.commit)):
            filters = _filters(inside, commit, names := {one.own: one.name for one in those})
            changed = _changed(inside, commit) if filters else set()
            for own, filtered_by in filters.items():
                now, then = Path(inside, own), folder / names[own]
                then.unlink(missing_ok=True)
                if now.is_file() and then.parent.is_dir():
                    then.write_bytes(now.read_bytes())
                if changed is None or own in changed:
                    why = f"what it was is behind a filter of git ({filtered_by}), and it has changed"
                    yield path_below(path, top, names[own]), why


def files_left_out(revision: str, paths: Sequence[str], folder: Path) -> Iterator[tuple[str, str]]:
    """
    The templates at some paths that a sparse checkout leaves out of the work tree, and that are not what they were: the
    path, and why nothing is known of it.

    In the folder there is none of them, so that nothing is lost by what is only not checked out:
    https://git-scm.com/docs/git-sparse-checkout

    Args:
        folder: where `write_revision` has written the paths.

    Raises:
        UsageError: as `write_revision` does.
    """
    for path, top, name in _places(revision, paths, folder):
        then = {one.own: one.sha for one in entries_at(top, commit_of(top, revision), name) if one.top == top}
        for line in git(top, "--literal-pathspecs", "ls-files", "-t", "-s", "-z", "--", name).split("\0"):
            head, _, own = line.partition("\t")
            tag, mode, sha = f"{head}  ".split(" ")[:3]
            if tag != _LEFT_OUT or mode not in (FILE, EXECUTABLE) or os.path.lexists(os.path.join(top, own)):
                continue
            place = folder / own
            was_input = place.is_file() and is_input(str(place))
            place.unlink(missing_ok=True)
            if then.get(own) != sha and (was_input or _is_input(top, sha, own)):
                yield path_below(path, top, own), "a file that a sparse checkout leaves out, and that has changed"


def _is_input(top: str, sha: str, name: str) -> bool:
    """Whether what git stores is something to read, if a file of a name has it."""
    with tempfile.TemporaryDirectory(prefix="trustproof-") as folder:
        place = Path(folder, os.path.basename(name))
        place.write_bytes(run_git(top, ["cat-file", "blob", sha]))
        return is_input(str(place))


def _filters(top: str, commit: str, names: Iterable[str]) -> dict[str, str]:
    """The names of files that a revision has behind filters, each to the filter."""
    asked = "".join(f"{name}\0" for name in names).encode(errors="surrogateescape")
    try:
        said = run_git(top, ["check-attr", "-z", "--stdin", f"--source={commit}", "filter"], asked)
    except UsageError:
        # Before 2.40, git says what holds in the work tree only.
        said = run_git(top, ["check-attr", "-z", "--stdin", "filter"], asked)
    fields = said.decode(errors="surrogateescape").split("\0")
    found = zip(fields[0::3], fields[2::3], strict=False)
    return {name: value for name, value in found if value not in ("unspecified", "unset")}


def _changed(top: str, commit: str) -> set[str] | None:
    """The names of the files that are not as in a revision; None where git cannot say."""
    try:
        return set(git(top, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit).split("\0"))
    except UsageError:
        return None


def _submodules(listed: str) -> dict[str, str]:
    """The names of submodules to their commits, in what git lists of a tree or of the index."""
    found: dict[str, str] = {}
    for line in filter(None, listed.split("\0")):
        head, _, name = line.partition("\t")
        fields = head.split(" ")
        if fields[0] == SUBMODULE:
            # A tree has the type before the name of the object, and the index the stage behind it.
            found[name] = fields[2] if fields[1] == "commit" else fields[1]
    return found


def write_configurations(revision: str, folder: Path) -> str | None:
    """
    Write what may be configurations, or extended by some: every ``.toml`` that a revision has.

    Args:
        folder: where the files of the revision are written.

    Returns:
        The top of the work tree that the working directory is in; None where it is in none.

    Raises:
        UnclearRevisionError: several things are called as the revision there.
    """
    try:
        top = real_path(git(os.curdir, "rev-parse", "--show-toplevel").rstrip("\n"))
        commit = commit_of(top, revision)
    except UnclearRevisionError:
        raise
    except UsageError:
        return None
    _write([entry for entry in entries_at(top, commit, ".") if entry.name.endswith(".toml")], folder)
    return top


@contextmanager
def at_revision(revision: str, path: str) -> Iterator[str | None]:
    """
    What a file was at a revision, as a file for as long as it is needed; None for one that the revision does not have.

    Raises:
        UsageError: there is no git, no repository or no such revision, or git does not keep it at all.
    """
    with tempfile.TemporaryDirectory(prefix="trustproof-") as temporary:
        (found,) = write_revision(revision, [path], Path(real_path(temporary)))
        yield None if found is None else str(found)


def is_kept(path: str) -> bool:
    """Whether git keeps a file."""
    there = os.path.abspath(path)
    try:
        return bool(git(os.path.dirname(there), "ls-files", "-z", "--", f":(literal){os.path.basename(there)}"))
    except UsageError:
        return False


def _write(entries: Sequence[Entry], folder: Path) -> None:
    """Write files, and links that stay inside the folder; what is there is there."""
    for top, those in groupby(entries, key=lambda entry: entry.top):
        _write_of(top, list(those), folder)


def _write_of(top: str, entries: Sequence[Entry], folder: Path) -> None:
    kept = [
        entry
        for entry in entries
        if entry.mode in (FILE, EXECUTABLE, LINK) and not os.path.lexists(folder / entry.name)
    ]
    for entry, content in contents_of(top, kept):
        place = folder / entry.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode != LINK:
            place.write_bytes(content)
            continue
        target = target_of(entry, content)
        inside = os.path.normpath(PurePosixPath(entry.name).parent / target)
        if not os.path.isabs(target) and inside.split(os.sep)[0] != os.pardir:
            place.symlink_to(target)
