"""
The commit that the name of a revision stands for, and that there is one such only.

https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from trustproof.comparison.revisions.repository import git, place_of
from trustproof.errors import UsageError

#: What may follow the name of a reference: ``main~1``, ``main^{commit}``, ``main@{1}``, ``main:a.json``.
_SUFFIX = re.compile(r"[~^:]|@\{")
#: Where git looks for a name, in its order: a tag comes before the branch of a remote that is called so.
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
#: The start of an object's name, also behind what git-describe puts before it.
_ABBREVIATED = re.compile(r"(?:.*-g)?([0-9a-f]{4,})", re.DOTALL)
#: The characters of an object's name in full: nothing is called so but the object.
_FULL = (40, 64)


class UnclearRevisionError(UsageError):
    """
    A name stands for more than one commit, or not for what it says.
    """


def is_revision(name: str) -> bool:
    """Whether the repository that the working directory is in has a commit by a name."""
    try:
        top, _ = place_of(os.curdir)
        return bool(name and commit_of(top, name))
    except UsageError:
        return False


def commit_of(top: str, revision: str) -> str:
    """
    The name of the commit, in full.

    Raises:
        UsageError: there is none, or more than one.
        UnclearRevisionError: several things are called so, or none that the name says.
    """
    first, dots, second = revision.partition("..")
    if revision.startswith("^"):
        raise UsageError(f'"{revision}" is all that a revision has not, and what is compared with is one revision')
    if dots:
        parted = f"{first or 'HEAD'} {second.removeprefix('.') or 'HEAD'}"
        raise UsageError(
            f'"{revision}" is a range, and what is compared with is one revision: for where two branches have parted, '
            f'--base "$(git merge-base {parted})"'
        )
    _refuse_unclear(top, revision)
    try:
        # A search (":/text") takes all that follows for the text.
        named = git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", revision).strip()
        return git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}").strip()
    except UsageError:
        raise UsageError(f'there is no revision "{revision}" in {top}: fetch it first, or name another one') from None


def _refuse_unclear(top: str, revision: str) -> None:
    """
    Refuse a name that another reference, or an object, has too, where that is another commit.

    git takes the first of them, and a tag comes first: whoever may push one that is called ``origin/main`` would choose
    what a branch is compared with.

    Raises:
        UnclearRevisionError: naming what is called so.
    """
    name = _SUFFIX.split(revision, maxsplit=1)[0]
    # What is directly in the directory of the repository, as HEAD, is of who works there, and comes before all.
    if not name or name == "@" or (len(name) in _FULL and _ABBREVIATED.fullmatch(name)):
        return
    if name.startswith("refs/"):
        if not _references(top, name):
            raise UnclearRevisionError(f'there is no reference "{name}" in {top}: fetch it first, or name another one')
        return
    found = _references(top, *(each.format(name) for each in _PLACES))
    if not found or (name.isupper() and "/" not in name and _is_own(top, name)):
        return
    commits = {place: commit for place in found if (commit := _commit(top, place))}
    commits |= {commit: commit for commit in _abbreviated(top, name)}
    if len({*commits.values()}) > 1:
        said = " and ".join(
            f"{place} ({commit[:12]})" if place != commit else place for place, commit in commits.items()
        )
        raise UnclearRevisionError(f'"{name}" is ambiguous in {top}: it may be {said}; name one of them in full')
    remote = next((one for one in git(top, "remote").split("\n") if one and f"{name}/".startswith(f"{one}/")), None)
    if remote is not None and not any(place.startswith("refs/remotes/") for place in found):
        raise UnclearRevisionError(
            f'"{name}" is called after the remote {remote}, and is {found[0]}: fetch the branch (git fetch {remote}), '
            f"or name refs/remotes/{name} or {found[0]} in full"
        )


def _references(top: str, *names: str) -> list[str]:
    """Which of some full names there are."""
    # A name is also the start of others to git, as that of a directory.
    listed = git(top, "for-each-ref", "--format=%(refname)", "--", *names).split("\n")
    return [name for name in names if name in listed]


def _is_own(top: str, name: str) -> bool:
    """Whether there is something of a name directly in the directory of the repository."""
    return os.path.lexists(os.path.join(top, git(top, "rev-parse", "--git-path", name).rstrip("\n")))


def _commit(top: str, name: str) -> str | None:
    try:
        return git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
    except UsageError:
        return None


def _abbreviated(top: str, name: str) -> Iterator[str]:
    """The commits whose names begin so."""
    if matched := _ABBREVIATED.fullmatch(name):
        for one in git(top, "rev-parse", f"--disambiguate={matched[1]}").split():
            if (commit := _commit(top, one)) is not None:
                yield commit
