"""
Patterns of files mean what pathspec says, and take no combinations of ways to tell.
"""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from trustproof.model.file_patterns import spec_of, why_no_pattern, without_retries

_NAMES = st.text("ab.", min_size=1, max_size=4)
_SEGMENTS = st.one_of(st.just("**"), st.text("ab*?.", min_size=1, max_size=6), st.sampled_from(["[a.]*b", "[!a]*"]))
_PATTERNS = st.builds(
    lambda bang, root, segments, end: bang + root + "/".join(segments) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(_SEGMENTS, min_size=1, max_size=5),
    st.sampled_from(["", "/"]),
)
_PATHS = st.builds(
    lambda names, end: "/".join(names) + end, st.lists(_NAMES, min_size=1, max_size=6), st.sampled_from(["", "/"])
)


@given(st.lists(_PATTERNS, min_size=1, max_size=3), st.lists(_PATHS, min_size=1, max_size=8))
def test_patterns_mean_what_pathspec_says(patterns: list[str], paths: list[str]) -> None:
    """Whatever the patterns and the path, it is left out by ours where it is by those of pathspec."""
    ours, theirs = spec_of(patterns), GitIgnoreSpec.from_lines(patterns)
    assert [ours.match_file(path) for path in paths] == [theirs.match_file(path) for path in paths]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "*b", "a" * 4_000),
        ("**/a/" * 25 + "b", "a/" * 2_000),
        ("/".join(["*a*a*b"] * 20), "/".join(["a" * 100] * 20)),
        ("**/*a*a*a/" * 10 + "b", "aaaaaaaaaa/" * 300),
    ],
    ids=["stars", "directories", "names", "both"],
)
def test_many_wildcards_are_told_at_once(pattern: str, path: str) -> None:
    """A pattern whose wildcards could share a path in more ways than there is time for is answered."""
    assert not spec_of([pattern]).match_file(path)


@pytest.mark.parametrize("pattern", ["*a*a*b", "**/a/**/b*c*", "a**b*c"])
def test_only_the_last_wildcard_tries_several_places(pattern: str) -> None:
    """Of the stars of a name, and of the directories of a path, each but the last stands in an atomic group."""
    regex, _ = GitIgnoreSpec.from_lines([pattern]).patterns[0].pattern_to_regex(pattern)
    assert regex is not None
    bare = re.sub(r"\(\?>(?:\(\?:[^()]*\)\?\?)?[^()]*(?:\(\?=/\))?\)", "", without_retries(regex))
    assert len(re.findall(r"\[\^/\]\*|\.\+", bare)) <= 2


_WRITTEN = st.builds(
    lambda root, parts, end: root + "/".join(parts) + end,
    st.sampled_from(["", "/", "./", "../", "../../"]),
    st.lists(st.one_of(_SEGMENTS, st.sampled_from([".", "..", ""])), min_size=1, max_size=4),
    st.sampled_from(["", "/", "/."]),
)


@given(_WRITTEN, st.lists(_PATHS, min_size=1, max_size=8))
def test_what_is_refused_matches_no_path(pattern: str, paths: list[str]) -> None:
    """A pattern of which it is said that it matches nothing finds no path as git and the file system write them."""
    short = [path for path in paths if not {".", "..", ""} & set(path.rstrip("/").split("/"))]
    if why_no_pattern(pattern):
        assert not any(map(spec_of([pattern]).match_file, short))


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("./a.yaml", 'a part "." in it: write "a.yaml"'),
        ("!./legacy/**", 'write "!legacy/**"'),
        ("/./a/", 'write "/a/"'),
        ("a/./b", 'write "a/b"'),
        ("a//b", 'an empty part in it: write "a/b"'),
        ("../x/./y", 'write "../x/y"'),
        ("./", 'write "*" for everything'),
        ("/", 'names no file: write "*" for everything'),
        ("!/", "names no file"),
        ("a/../b", 'a part ".." behind a name'),
        ("#a", "it is a comment"),
        ("stacks\\legacy", 'a backslash before "l"'),
        ("", "is no pattern"),
        (3, "is no pattern"),
    ],
)
def test_what_matches_nothing_is_no_pattern(pattern: object, said: str) -> None:
    """What no path is written like is refused, with what was meant where that can be told."""
    assert said in why_no_pattern(pattern)


@pytest.mark.parametrize("pattern", r"a /a a/ ** *.y?ml !a ../a.yaml /../a .github/** \#a a\*".split())
def test_what_matches_something_is_a_pattern(pattern: str) -> None:
    """Names that begin with a dot, escapes, and what lies beside the configuration are patterns."""
    assert not why_no_pattern(pattern)


@pytest.mark.parametrize("pattern", ["[[]x", "a[b||c]", "[&&]", "[+--]"])
def test_python_warns_of_no_class_of_characters(pattern: str) -> None:
    """What Python may read otherwise one day is no line in a log, nor an error where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert why_no_pattern(pattern) == ""
        spec_of((pattern,))
