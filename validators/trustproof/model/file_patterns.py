"""
Patterns of files, as in a ``.gitignore``.

What a pattern means is pathspec's to say. How long it takes to tell is not: it reads a pattern as a regular expression
that tries each way to spread the text over the wildcards, and whoever writes a pattern may write as many as they like.
So each wildcard but the last takes the first place that will do, which finds whatever there is to be found.

https://git-scm.com/docs/gitignore#_pattern_format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec, Pattern

_STAR = "[^/]*"
#: How pathspec writes ``**/`` at the beginning of a pattern, and inside of one.
_LEADING, _INNER = "(?:.+/)?", "(?:/.+)?"
#: The same, as little as will do.
_LEAST = {_LEADING: "(?:.+?/)??", _INNER: "(?:/.+?)??"}
_TOKEN = re.compile(r"\(\?:\.\+/\)\?|\(\?:/\.\+\)\?|\[\^/\][*+]?|\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|.", re.DOTALL)
#: What stands behind the last name of a pattern: that the path ends there, or goes on below a directory.
_ENDING = re.compile(r"(?:\(\?:\(\?P<\w+>/\)\|\$\)|\(\?P<\w+>/\)|/)\Z")


def is_file_pattern(value: object) -> bool:
    """Whether a value is such a pattern."""
    if not isinstance(value, str) or not value.strip():
        return False
    if "[" not in value and "\\" not in value:
        return True
    # Whatever else stands in one means something, and few have a class of characters.
    try:
        spec_of((value,))
    except (ValueError, re.error):
        return False
    return True


def spec_of(patterns: Iterable[str]) -> GitIgnoreSpec:
    """
    Patterns as one, of which a later one may take back an earlier one.

    Raises:
        ValueError: one is no pattern.
    """
    # Few projects have patterns, and the others need not wait for it.
    from pathspec import GitIgnoreSpec

    # Another library that it might find would read another language of expressions.
    return GitIgnoreSpec.from_lines(patterns, _factory(), backend="simple")


@cache
def _factory() -> type[Pattern]:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    class _FirstPlace(GitIgnoreSpecPattern):
        """A pattern that takes the first place that will do."""

        @classmethod
        def pattern_to_regex(cls, pattern: str) -> tuple[str | None, bool | None]:  # type: ignore[override]
            """The regular expression of a pattern, and whether it includes; None for a comment."""
            regex, include = super().pattern_to_regex(pattern)
            return (None if regex is None else without_retries(regex)), include

    return _FirstPlace


def without_retries(regex: str) -> str:
    """
    A regular expression of pathspec's that finds the same, and tries no combinations.

    >>> without_retries(r"^(?:.+/)?[^/]*a[^/]*b(?:(?P<ps_d>/)|$)")
    '^(?:.+/)?(?>[^/]*?a)[^/]*b(?:(?P<ps_d>/)|$)'
    """
    ending = _ENDING.search(regex)
    if not regex.startswith("^") or ending is None:
        return regex
    sections: list[tuple[str, list[str]]] = [("", [])]
    for token in _TOKEN.findall(regex[1 : ending.start()]):
        if token in _LEAST:
            sections.append((token, []))
        else:
            sections[-1][1].append(token)
    written = [
        f"(?>{_LEAST[before]}{_section(tokens)}(?=/))" if before else _section(tokens)
        for before, tokens in sections[:-1]
    ]
    before, tokens = sections[-1]
    return f"^{''.join(written)}{before}{_section(tokens)}{ending.group()}"


def _section(tokens: Sequence[str]) -> str:
    """What stands between two ``**``: names, each with stars."""
    names: list[list[str]] = [[]]
    for token in tokens:
        if token == "/":
            names.append([])
        elif token != _STAR or names[-1][-1:] != [_STAR]:
            names[-1].append(token)
    return "/".join(map(_name, names))


def _name(tokens: Sequence[str]) -> str:
    pieces: list[list[str]] = [[]]
    for token in tokens:
        if token == _STAR:
            pieces.append([])
        else:
            pieces[-1].append(token)
    first, *others = ("".join(piece) for piece in pieces)
    if not others:
        return first
    return first + "".join(f"(?>{_STAR}?{piece})" for piece in others[:-1]) + _STAR + others[-1]
