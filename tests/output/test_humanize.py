"""
Counts and lists, as people write them.
"""

from __future__ import annotations

import pytest

from trustproof.output.humanize import count, names


@pytest.mark.parametrize(("number", "words"), [(0, "0 policies"), (1, "1 policy"), (2, "2 policies")])
def test_counts_agree_with_their_nouns(number: int, words: str) -> None:
    """One is singular, everything else is plural."""
    assert count(number, "policy", "policies") == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcd", "a, b, c and 1 more"),
        ("abcdefg", "a, b, c and 4 more"),
    ],
)
def test_long_lists_of_names_are_cut(given: str, words: str) -> None:
    """Three names are shown, the rest is counted."""
    assert names(list(given)) == words
