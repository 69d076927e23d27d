"""
The files that a run has not read, in a line for each reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import commonpath, dirname

from trustproof.escaping.text import printable

#: In the reason why a file is no template: what stands there, and what a template is.
_EXPECTED = ", expected "


def skipped_files(found: Sequence[tuple[str, str]], *, verbose: bool) -> Iterator[str]:
    """What is no template, as most files of a repository are: what stands in each of them is told to whoever asks."""
    expected = [(path, reason, f"expected {reason.partition(_EXPECTED)[2]}") for path, reason in found]
    kinds = [(path, reason, kind if _EXPECTED in reason else reason) for path, reason, kind in expected]
    return _by_reason("skipped", kinds, verbose)


def passed_over_files(what: str, found: Sequence[tuple[str, str]], *, verbose: bool) -> Iterator[str]:
    """
    What nobody has looked into.

    Args:
        what: how each line begins.
    """
    return _by_reason(what, [(path, reason, reason) for path, reason in found], verbose)


def _by_reason(what: str, found: Sequence[tuple[str, str, str]], verbose: bool) -> Iterator[str]:
    """
    One line for each kind of reason, or one for each file and directory.

    Args:
        found: paths, each with the reason, and of which kind that is.
    """
    kinds: dict[str, dict[str, str]] = {}
    for path, reason, kind in found:
        kinds.setdefault(kind, {})[path] = reason
    for kind, same in kinds.items():
        if verbose or len(same) == 1:
            yield from (f"{what} {printable(path)}: {printable(reason)}" for path, reason in same.items())
            continue
        reasons = {*same.values()}
        said = reasons.pop() if len(reasons) == 1 else f"{kind} (--verbose shows what they are)"
        yield f"{what} {len(same)} files{printable(_directory([*same]))}: {printable(said)}"


def _directory(paths: list[str]) -> str:
    """`` in DIRECTORY`` where all the files are below one."""
    try:
        return f" in {commonpath([dirname(path) for path in paths]) or '.'}"
    except ValueError:  # Absolute and relative paths have nothing in common.
        return ""
