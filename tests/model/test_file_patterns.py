"""
Patterns of files mean what pathspec says, and take no combinations of ways to tell.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from trustproof.model.file_patterns import spec_of, without_retries

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
