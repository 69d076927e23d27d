"""
A repository of git as it is asked about: its work tree, its commits, and what they have at a path.

https://git-scm.com/docs/git-cat-file
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.errors import UsageError
from trustproof.files.paths import real_path

#: What git sets for its hooks, and for what a rebase runs, is about the directory that it was called in.
#: https://git-scm.com/docs/githooks#_description
_OF_THE_CALLER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")
#: What changes how a path is understood makes another question of each that is asked here.
#: https://git-scm.com/docs/git#Documentation/git.txt-codeGITLITERALPATHSPECScode
_OF_PATHS = ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")

#: A repository within a repository is files like any other, and among them a configuration that git would obey.
#: https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository
_GIT = ("git", "-c", "safe.bareRepository=explicit", "-c", "advice.graftFileDeprecated=false")
#: What a repository keeps to be shown instead of its objects, or of the parents of its commits (``main~1``), is no part
#: of a revision, and stays where it was made.
#: https://git-scm.com/docs/git-replace, https://git-scm.com/docs/gitglossary#def_grafts
_AS_COMMITTED = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}

#: How git calls what a tree has.
FILE, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"


class Entry(NamedTuple):
    mode: str
    sha: str
    #: From the top of the repository that was asked.
    name: str
    #: The top of the one that has it: a submodule is a repository of its own.
    top: str
    #: Of that repository, and its name there.
    commit: str
    own: str


def own_place_of(path: str) -> tuple[str, str]:
    """The top of the work tree that a path is in, be it that of a submodule, and its name from there."""
    there = os.path.abspath(path)
    start = there if os.path.isdir(there) else os.path.dirname(there)
    if not os.path.isdir(start):
        raise UsageError(f"{path}: there is no such directory")
    try:
        top = real_path(git(start, "rev-parse", "--show-toplevel").rstrip("\n"))
    except UsageError as error:
        if "not a git repository" not in str(error):
            raise
        led = real_path(start)
        where = "it" if led == start else f"it leads to {led}, which"
        raise UsageError(
            f"{path}: {where} is in no repository of git, so there is no revision of it to compare with: name both "
            "sides (trustproof diff OLD NEW)"
        ) from None
    return top, os.path.relpath(os.path.join(real_path(start), os.path.relpath(there, start)), top)


def place_of(path: str) -> tuple[str, str]:
    """
    The top of the work tree that a path is asked about in, and its name from there.

    That is the repository of the working directory, also for what is in a submodule of it: a revision is one of the
    repository that records the submodule's commit, and `origin/main` of the submodule has what it was moved to.
    """
    return _asked_in(*own_place_of(path))


def _asked_in(top: str, name: str) -> tuple[str, str]:
    here, outer = f"{real_path(os.getcwd())}/", top
    while not here.startswith(f"{outer}/"):
        # https://git-scm.com/docs/git-rev-parse#Documentation/git-rev-parse.txt---show-superproject-working-tree
        above = git(outer, "rev-parse", "--show-superproject-working-tree").rstrip("\n")
        if not above:
            break
        outer = real_path(above)
    return outer, os.path.relpath(os.path.join(top, name), outer)


def named_place_of(path: str) -> tuple[str, str]:
    """
    The top of the work tree that a path is in, and its name from there as it is written: where a link of the work tree
    is on the way, what git has by that name is the link, which may have led elsewhere at a revision.
    """
    there = _as_written(path)
    for link in filter(os.path.islink, _on_the_way(there)):
        parent = os.path.dirname(link)
        try:
            top = real_path(git(parent, "rev-parse", "--show-toplevel").rstrip("\n"))
        except UsageError:
            # A link outside of every work tree leads into one, as /tmp does on a Mac.
            continue
        if not f"{real_path(there)}/".startswith(f"{top}/"):
            # It is looked up where it leads to, of which another repository may know more.
            break
        return _asked_in(top, os.path.relpath(os.path.join(real_path(parent), os.path.relpath(there, parent)), top))
    return place_of(path)


def _as_written(path: str) -> str:
    """An absolute path; from a working directory that was entered by a link, that by which the shell calls it."""
    there, called = os.path.abspath(path), os.environ.get("PWD", "")
    named = os.path.normpath(os.path.join(called, path))
    return named if os.path.isabs(called) and real_path(named) == real_path(there) else there


def _on_the_way(path: str) -> list[str]:
    """The directories above an absolute path, the outermost first, and the path itself."""
    found = [path]
    while (above := os.path.dirname(found[-1])) != found[-1]:
        found.append(above)
    return found[::-1]


def path_below(path: str, top: str, name: str) -> str:
    """What is called so from the top of a work tree, as whoever names a path there calls it."""
    there = real_path(os.path.abspath(path))
    return os.path.normpath(os.path.join(path, os.path.relpath(os.path.join(top, name), there)))


def entries_at(top: str, commit: str, name: str, below: str = "") -> Iterator[Entry]:
    """
    What a commit has at a path, with what its submodules have at the commits that it names.

    Args:
        below: where the repository is in the one that was asked, as the start of a path.
    """
    for mode, sha, found in _listed(top, commit, name, "-r"):
        if mode != SUBMODULE:
            yield Entry(mode, sha, below + found, top, commit, found)
        else:
            yield from _in_submodule(top, sha, found, ".", below)
    names = os.path.normpath(name).split(os.sep)
    # Of what is in a submodule, the tree names no more than that.
    for count in range(1, len(names)):
        for mode, sha, found in _listed(top, commit, os.sep.join(names[:count])):
            if mode == SUBMODULE:
                yield from _in_submodule(top, sha, found, os.sep.join(names[count:]), below)


def _listed(top: str, commit: str, name: str, *options: str) -> Iterator[tuple[str, str, str]]:
    """What a commit has at a path: how git calls what it is, its object, and its name."""
    listed = git(top, "--literal-pathspecs", "ls-tree", *options, "-z", "--full-tree", commit, "--", name)
    for line in filter(None, listed.split("\0")):
        head, _, found = line.partition("\t")
        mode, _, sha = head.split(" ")
        yield mode, sha, found


def _in_submodule(top: str, commit: str, found: str, name: str, below: str) -> Iterator[Entry]:
    """What a submodule has at a path in it; nothing of one that is not checked out, as in the work tree."""
    inside = os.path.join(top, found)
    if os.path.lexists(os.path.join(inside, ".git")):
        yield from entries_at(inside, _recorded(inside, commit, below + found), name, f"{below}{found}/")


def _recorded(submodule: str, commit: str, name: str) -> str:
    """The commit of a submodule that a revision names."""
    try:
        return git(submodule, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}").strip()
    except UsageError:
        raise UsageError(
            f"{name}: the submodule has no commit {commit[:12]}, which the revision names: fetch it first "
            f"(git -C {name} fetch)"
        ) from None


def contents_of(top: str, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """
    What files of a revision hold.

    Raises:
        UsageError: the repository has not all of its objects, as one that is copied in part.
    """
    asked = "".join(f"{entry.sha}\n" for entry in entries).encode()
    answer = run_git(top, ["cat-file", "--batch"], asked) if entries else b""
    for entry in entries:
        header, _, answer = answer.partition(b"\n")
        said = header.split(b" ")
        if len(said) != 3:
            raise UsageError(
                f"{entry.name}: git has no object {entry.sha[:12]}, which the revision names: fetch it first"
            )
        size = int(said[2])
        yield entry, answer[:size]
        answer = answer[size + 1 :]


def git(folder: str, *arguments: str) -> str:
    return run_git(folder, arguments).decode(errors="surrogateescape")


def run_git(folder: str, arguments: Sequence[str], given: bytes = b"") -> bytes:
    try:
        # The first git of the path, as for whoever types it; nothing goes through a shell.
        done = subprocess.run(  # noqa: S603
            [*_GIT, "-C", folder, *arguments],
            input=given,
            capture_output=True,
            check=False,
            env=_environment(),
        )
    except OSError as error:
        raise UsageError(f"git cannot be run: {(error.strerror or str(error)).lower()}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise UsageError(f"git {arguments[0]}: {said or f'failed with {done.returncode}'}")
    return done.stdout


def _environment() -> dict[str, str]:
    left_out = {*_OF_THE_CALLER, *_OF_PATHS}
    return {key: value for key, value in os.environ.items() if key not in left_out} | _AS_COMMITTED


def target_of(entry: Entry, content: bytes) -> str:
    """What a link says, from where it is: by an absolute path, a link may stay in the work tree all the same."""
    top = entry.top.removesuffix(entry.name.removesuffix(entry.own).rstrip("/")).rstrip("/")
    return from_directory(top, entry.name, content.decode(errors="surrogateescape"))


def from_directory(top: str, name: str, target: str) -> str:
    """What a link in a work tree says, from the directory that it is in, unless it is absolute and leads out."""
    if not target.startswith(f"{top}/"):
        return target
    return os.path.relpath(target, os.path.join(top, os.path.dirname(name)))
