"""
What a repository of git has at a revision, as files; the work tree and the index are left alone.

https://git-scm.com/docs/git-cat-file
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from trustproof.errors import UsageError

#: What git sets for its hooks, and for what a rebase runs, is about the directory that it was called in.
#: https://git-scm.com/docs/githooks#_description
_OF_THE_CALLER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")

#: A repository within a repository is files like any other, and among them a configuration that git would obey.
#: https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository
_GIT = ("git", "-c", "safe.bareRepository=explicit")

#: So many links are followed from one, as Linux does.
_MOST_LINKS = 40
_FILE, _EXECUTABLE, _LINK, _SUBMODULE = "100644", "100755", "120000", "160000"


class _Entry(NamedTuple):
    mode: str
    sha: str
    #: From the top of the repository that was asked.
    name: str
    #: The top of the one that has it: a submodule is a repository of its own.
    top: str
    #: Of that repository, and its name there.
    commit: str
    own: str


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
        top, name = _place(path)
        commit = _commit(top, revision)
        entries = list(_entries(top, commit, name))
        if not entries and not _git(top, "ls-files", "-z", "--", f":(literal){name}"):
            raise UsageError(
                f"{path}: git does not keep it, so there is nothing to compare with at {revision}: compare two "
                "directories instead"
            )
        _write(entries, folder)
        _write_targets(entries, folder)
        out.append(folder / name if entries else None)
    return out


def _write_targets(entries: Sequence[_Entry], folder: Path) -> None:
    """What links of a revision lead to in its repository, wherever that is; one that leads nowhere was no file."""
    waiting = list(entries)
    links: list[Path] = []
    while waiting:
        entry = waiting.pop()
        place = folder / entry.name
        if entry.mode != _LINK or not place.is_symlink() or place.exists():
            continue
        links.append(place)
        below = entry.name.removesuffix(entry.own)
        target = _through_links(entry, os.path.join(os.path.dirname(entry.own), os.readlink(place)), below, folder)
        if not os.path.lexists(folder / below / target):
            found = list(_entries(entry.top, entry.commit, target, below))
            _write(found, folder)
            waiting += found
    for place in links:
        if not place.exists():
            place.unlink()


def _through_links(entry: _Entry, target: str, below: str, folder: Path) -> str:
    """Where the target of a link is in its repository, after the links on the way, which are written, too."""
    for _ in range(_MOST_LINKS):
        target = os.path.normpath(target)
        names = target.split(os.sep)
        for count in range(1, len(names) + 1):
            way = os.sep.join(names[:count])
            listed = _git(entry.top, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", entry.commit, "--", way)
            mode, _, sha = listed.partition("\t")[0].partition(" ")
            if mode == _LINK:
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
    The submodules at some paths that are not checked out, and are at another commit than at the revision: the path, and
    why nothing is known of it.

    Raises:
        UsageError: as `write_revision` does.
    """
    for path in paths:
        top, name = _place(path)
        for found, why in _submodules_unread(top, _commit(top, revision), name, ""):
            yield _called(path, top, found), why


def _submodules_unread(top: str, commit: str, name: str, below: str) -> Iterator[tuple[str, str]]:
    """Those of one repository, and of the submodules in it that are checked out."""
    then = _submodules(_git(top, "--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", name))
    now = _submodules(_git(top, "--literal-pathspecs", "ls-files", "-s", "-z", "--", name))
    for found in sorted(then.keys() | now.keys()):
        before, after, inside = then.get(found), now.get(found), os.path.join(top, found)
        if os.path.lexists(os.path.join(inside, ".git")):
            if before is not None:
                yield from _submodules_unread(inside, before, ".", f"{below}{found}/")
        elif before != after:
            said = " and ".join(f"{when} {sha[:12]}" for when, sha in (("was", before), ("is", after)) if sha)
            yield below + found, f"a submodule that is not checked out, whose commit {said}"


def _place(path: str) -> tuple[str, str]:
    """The top of the work tree that a path is in, and its name from there."""
    there = os.path.abspath(path)
    start = there if os.path.isdir(there) else os.path.dirname(there)
    if not os.path.isdir(start):
        raise UsageError(f"{path}: there is no such directory")
    top = os.path.realpath(_git(start, "rev-parse", "--show-toplevel").rstrip("\n"))
    return top, os.path.relpath(os.path.join(os.path.realpath(start), os.path.relpath(there, start)), top)


def _called(path: str, top: str, name: str) -> str:
    """What is called so from the top of a work tree, as whoever names a path there calls it."""
    there = os.path.realpath(os.path.abspath(path))
    return os.path.normpath(os.path.join(path, os.path.relpath(os.path.join(top, name), there)))


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
    for path in paths:
        top, name = _place(path)
        entries = [one for one in _entries(top, _commit(top, revision), name) if one.mode in (_FILE, _EXECUTABLE)]
        for (inside, commit), those in groupby(entries, key=lambda entry: (entry.top, entry.commit)):
            filters = _filters(inside, commit, names := {one.own: one.name for one in those})
            changed = _changed(inside, commit) if filters else set()
            for own, filtered_by in filters.items():
                now, then = Path(inside, own), folder / names[own]
                then.unlink(missing_ok=True)
                if now.is_file():
                    then.write_bytes(now.read_bytes())
                if changed is None or own in changed:
                    why = f"what it was is behind a filter of git ({filtered_by}), and it has changed"
                    yield _called(path, top, names[own]), why


def _filters(top: str, commit: str, names: Iterable[str]) -> dict[str, str]:
    """The names of files that a revision has behind filters, each to the filter."""
    asked = "".join(f"{name}\0" for name in names).encode(errors="surrogateescape")
    try:
        said = _run(top, ["check-attr", "-z", "--stdin", f"--source={commit}", "filter"], asked)
    except UsageError:
        # Before 2.40, git says what holds in the work tree only.
        said = _run(top, ["check-attr", "-z", "--stdin", "filter"], asked)
    fields = said.decode(errors="surrogateescape").split("\0")
    found = zip(fields[0::3], fields[2::3], strict=False)
    return {name: value for name, value in found if value not in ("unspecified", "unset")}


def _changed(top: str, commit: str) -> set[str] | None:
    """The names of the files that are not as in a revision; None where git cannot say."""
    try:
        return set(_git(top, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit).split("\0"))
    except UsageError:
        return None


def _submodules(listed: str) -> dict[str, str]:
    """The names of submodules to their commits, in what git lists of a tree or of the index."""
    found: dict[str, str] = {}
    for line in filter(None, listed.split("\0")):
        head, _, name = line.partition("\t")
        fields = head.split(" ")
        if fields[0] == _SUBMODULE:
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
    """
    try:
        top = os.path.realpath(_git(os.curdir, "rev-parse", "--show-toplevel").rstrip("\n"))
        commit = _commit(top, revision)
    except UsageError:
        return None
    _write([entry for entry in _entries(top, commit, ".") if entry.name.endswith(".toml")], folder)
    return top


@contextmanager
def at_revision(revision: str, path: str) -> Iterator[str | None]:
    """
    What a file was at a revision, as a file for as long as it is needed; None for one that the revision does not have.

    Raises:
        UsageError: there is no git, no repository or no such revision, or git does not keep it at all.
    """
    with tempfile.TemporaryDirectory(prefix="trustproof-") as temporary:
        (found,) = write_revision(revision, [path], Path(os.path.realpath(temporary)))
        yield None if found is None else str(found)


def is_kept(path: str) -> bool:
    """Whether git keeps a file."""
    there = os.path.abspath(path)
    try:
        return bool(_git(os.path.dirname(there), "ls-files", "-z", "--", f":(literal){os.path.basename(there)}"))
    except UsageError:
        return False


def _commit(top: str, revision: str) -> str:
    first, dots, second = revision.partition("..")
    if dots:
        parted = f"{first or 'HEAD'} {second.removeprefix('.') or 'HEAD'}"
        raise UsageError(
            f'"{revision}" is a range, and what is compared with is one revision: for where two branches have parted, '
            f'--base "$(git merge-base {parted})"'
        )
    try:
        return _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except UsageError:
        raise UsageError(f'there is no revision "{revision}" in {top}: fetch it first, or name another one') from None


def _entries(top: str, commit: str, name: str, below: str = "") -> Iterator[_Entry]:
    """
    What a commit has at a path, with what its submodules have at the commits that it names.

    Args:
        below: where the repository is in the one that was asked, as the start of a path.
    """
    listed = _git(top, "--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", name)
    for line in listed.split("\0"):
        if not line:
            continue
        head, _, found = line.partition("\t")
        mode, _, sha = head.split(" ")
        inside = os.path.join(top, found)
        if mode != _SUBMODULE:
            yield _Entry(mode, sha, below + found, top, commit, found)
        # Of one that is not checked out, there is nothing in the work tree either.
        elif os.path.lexists(os.path.join(inside, ".git")):
            yield from _entries(inside, _recorded(inside, sha, below + found), ".", f"{below}{found}/")


def _recorded(submodule: str, commit: str, name: str) -> str:
    """The commit of a submodule that a revision names."""
    try:
        return _git(submodule, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}").strip()
    except UsageError:
        raise UsageError(
            f"{name}: the submodule has no commit {commit[:12]}, which the revision names: fetch it first "
            f"(git -C {name} fetch)"
        ) from None


def _write(entries: Sequence[_Entry], folder: Path) -> None:
    """Write files, and links that stay inside the folder; what is there is there."""
    for top, those in groupby(entries, key=lambda entry: entry.top):
        _write_of(top, list(those), folder)


def _write_of(top: str, entries: Sequence[_Entry], folder: Path) -> None:
    kept = [
        entry
        for entry in entries
        if entry.mode in (_FILE, _EXECUTABLE, _LINK) and not os.path.lexists(folder / entry.name)
    ]
    asked = "".join(f"{entry.sha}\n" for entry in kept).encode()
    answer = _run(top, ["cat-file", "--batch"], asked)
    for entry in kept:
        header, _, answer = answer.partition(b"\n")
        size = int(header.split(b" ")[2])
        content, answer = answer[:size], answer[size + 1 :]
        place = folder / entry.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode != _LINK:
            place.write_bytes(content)
            continue
        target = content.decode(errors="surrogateescape")
        inside = os.path.normpath(PurePosixPath(entry.name).parent / target)
        if not os.path.isabs(target) and inside.split(os.sep)[0] != os.pardir:
            place.symlink_to(target)


def _git(folder: str, *arguments: str) -> str:
    return _run(folder, arguments).decode(errors="surrogateescape")


def _run(folder: str, arguments: Sequence[str], given: bytes = b"") -> bytes:
    try:
        # The first git of the path, as for whoever types it; nothing goes through a shell.
        done = subprocess.run(  # noqa: S603
            [*_GIT, "-C", folder, *arguments],
            input=given,
            capture_output=True,
            check=False,
            env={key: value for key, value in os.environ.items() if key not in _OF_THE_CALLER},
        )
    except OSError as error:
        raise UsageError(f"git cannot be run: {(error.strerror or str(error)).lower()}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise UsageError(f"git {arguments[0]}: {said or f'failed with {done.returncode}'}")
    return done.stdout
