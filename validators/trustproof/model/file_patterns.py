"""
Patterns of files, as in a ``.gitignore``.

What a pattern means is pathspec's to say. How long it takes to tell is not: it reads a pattern as a regular expression
that tries each way to spread the text over the wildcards, and whoever writes a pattern may write as many as they like.
So each wildcard but the last takes the first place that will do, which finds whatever there is to be found.

https://git-scm.com/docs/gitignore#_pattern_format
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec, Pattern
    from pathspec.pattern import RegexMatchResult

#: How the files end that a configuration of Terraform is made of.
#: https://developer.hashicorp.com/terraform/language/files
SOURCES = (".tf", ".tf.json", ".tofu", ".tofu.json")
#: What stands for all sources of a configuration, as the last part of a path: a pattern matches it that matches any.
ANY_SOURCE = "*.tf"
#: What their names may be made of besides what a pattern names: a pattern that is about any has no say in it.
_OTHER_NAMES = "*\uffff"
#: A class of characters in a pattern.
_CLASS = r"\[[!^]?\]?(?:\\.|[^\]\\])*\]"
_NONE = "is no pattern as in a .gitignore"
#: What git reads as the letter, and a person who writes it means as a directory and what is in it.
_ESCAPED_LETTER = r"(?:^|[^\\])(?:\\\\)*\\(\w)"
_STAR = "[^/]*"
#: How pathspec writes ``**/`` at the beginning of a pattern, and inside of one.
_LEADING, _INNER = "(?:.+/)?", "(?:/.+)?"
#: The same, as little as will do.
_LEAST = {_LEADING: "(?:.+?/)??", _INNER: "(?:/.+?)??"}
_TOKEN = r"\(\?:\.\+/\)\?|\(\?:/\.\+\)\?|\[\^/\][*+]?|\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|."
#: What stands behind the last name of a pattern: that the path ends there, or goes on below a directory.
_ENDING = r"(?:\(\?:\(\?P<\w+>/\)\|\$\)|\(\?P<\w+>/\)|/)\Z"


def why_no_pattern(value: object) -> str:
    """
    Why a value is no such pattern, or matches no path whatever, in words that follow it; empty where it is a good one.

    What a person writes in a shell, `./stacks`, is a pattern that git never finds anything by.

    >>> why_no_pattern("./stacks/**")
    'matches nothing, as no path has a part "." in it: write "stacks/**"'
    """
    if not isinstance(value, str) or not value.strip():
        return _NONE
    if "[" in value or "\\" in value:
        # Whatever else stands in one means something, and few have a class of characters.
        try:
            spec_of((value,))
        except (ValueError, re.error):
            return _NONE
    if value.startswith("#"):
        return f'matches nothing, as it is a comment: write "\\{value}" for a name that begins so'
    if escaped := re.search(_ESCAPED_LETTER, value):
        return f'has a backslash before "{escaped[1]}", which separates no directories: write "/"'
    return _why_nowhere(value)


def _why_nowhere(pattern: str) -> str:
    """Why there is no path that is written as the pattern is: each has been made as short as it can be."""
    before = re.match("!?/?", pattern)
    assert before is not None
    *folders, last = pattern[before.end() :].split("/")
    # A configuration that is named may be beside the directory of the templates.
    above = next((number for number, part in enumerate(folders) if part != ".."), len(folders))
    head, folders = before.group() + "../" * above, folders[above:]
    parts = [*folders, last]
    if ".." in parts:
        return 'matches nothing, as no path has a part ".." behind a name'
    if parts == [""] and not above:
        return 'matches nothing, as it names no file: write "*" for everything'
    if "." not in parts and "" not in folders:
        return ""
    short = "/".join([*(part for part in folders if part not in (".", "")), "" if last == "." else last])
    written = f'write "{head}{short}"' if short else 'write "*" for everything'
    part = 'a part "."' if "." in parts else "an empty part"
    return f"matches nothing, as no path has {part} in it: {written}"


def spec_of(patterns: Iterable[str]) -> GitIgnoreSpec:
    """
    Patterns as one, of which a later one may take back an earlier one.

    Raises:
        ValueError: one is no pattern.
    """
    # Few projects have patterns, and the others need not wait for it.
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        # That of two brackets in a class of characters, which Python may read otherwise one day.
        warnings.simplefilter("ignore", FutureWarning)
        # Another library that it might find would read another language of expressions.
        return GitIgnoreSpec.from_lines(patterns, _factory(), backend="simple")


def path_for_patterns(template: str, root: str) -> str:
    """
    The path that patterns as in a ``.gitignore`` are tried on, for a template or a configuration of Terraform.

    A configuration of Terraform is a directory: what is said of any of its sources (``*.tf``, or all that it holds) is
    said of it, and so is what is said of the directory, as a pattern that matches one matches what is in it.

    Args:
        root: the directory that the patterns are relative to.
    """
    place = os.path.abspath(template)
    named = os.path.join(place, ANY_SOURCE) if os.path.isdir(place) else place
    return os.path.relpath(named, os.path.abspath(root)).replace(os.sep, "/")


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

        def match_file(self, file: str) -> RegexMatchResult | None:
            """How the pattern matches a path; one that stands for all sources, if it would match each of them."""
            found: RegexMatchResult | None = super().match_file(file)
            folder, _, name = file.rpartition("/")
            if found is None or name != ANY_SOURCE:
                return found
            matches = super().match_file
            names = _names_of_sources(str(self.pattern))
            return found if all(matches(f"{folder}/{one}".lstrip("/")) for one in names) else None

    return _FirstPlace


def _names_of_sources(pattern: str) -> Iterator[str]:
    r"""
    Names of sources that tell a pattern that is about any from one of a certain length, or of certain characters.

    >>> [ascii(name) for name in _names_of_sources("[!x].tf")][:4]
    ["'*.tf'", "'**.tf'", "'\\uffff.tf'", "'\\uffff\\uffff.tf'"]
    """
    named = dict.fromkeys(chain(_OTHER_NAMES, *re.findall(_CLASS, pattern)))
    return (character * length + ".tf" for character in named if character != "/" for length in (1, 2))


def without_retries(regex: str) -> str:
    """
    A regular expression of pathspec's that finds the same, and tries no combinations.

    >>> without_retries(r"^(?:.+/)?[^/]*a[^/]*b(?:(?P<ps_d>/)|$)")
    '^(?:.+/)?(?>[^/]*?a)[^/]*b(?:(?P<ps_d>/)|$)'
    """
    ending = re.search(_ENDING, regex)
    if not regex.startswith("^") or ending is None:
        return regex
    sections: list[tuple[str, list[str]]] = [("", [])]
    for token in re.findall(_TOKEN, regex[1 : ending.start()], re.DOTALL):
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
