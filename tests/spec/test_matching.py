"""
The two wildcards.
"""

from __future__ import annotations

import itertools

import pytest

from trustproof.spec.matching import TokenPattern, Wildcard, characters, fold, matches_wildcards, pattern, text_of


def by_definition(value: str, tokens: TokenPattern) -> bool:
    """The definition, by recursion on the pattern."""
    if not tokens:
        return value == ""
    head, rest = tokens[0], tokens[1:]
    if head is Wildcard.RUN:
        return any(by_definition(value[at:], rest) for at in range(len(value) + 1))
    return value != "" and head in (Wildcard.ONE, value[0]) and by_definition(value[1:], rest)


def test_matcher_agrees_with_the_definition() -> None:
    """The iterative matcher and the recursive definition agree on every short pattern and value."""
    values = ["".join(word) for size in range(5) for word in itertools.product("ab", repeat=size)]
    for size in range(5):
        for word in itertools.product("ab*?", repeat=size):
            tokens = pattern("".join(word))
            for value in values:
                assert matches_wildcards(value, tokens) is by_definition(value, tokens), (value, word)


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("a:b/c", "a*c", True),
        ("line\nend", "line*end", True),
        ("line\nend", "line?end", True),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("a[b]c", "a[b]c", True),
        ("ab", "[ab]b", False),
        ("a" * 2000, "*a*a*a*b", False),
        ("𝄞", "?", True),
    ],
)
def test_wildcards(value: str, text: str, expected: bool) -> None:
    """Nothing but ``*`` and ``?`` is special, and both match every character."""
    assert matches_wildcards(value, pattern(text)) is expected


def test_characters_are_not_wildcards() -> None:
    """Text that is not the policy's own has no wildcards."""
    assert matches_wildcards("*", characters("*"))
    assert not matches_wildcards("x", characters("*"))
    assert not matches_wildcards("x", characters("?"))


def test_text_of_restores_the_text() -> None:
    """Where wildcards mean nothing, a pattern is its text."""
    assert text_of(pattern("a*b?c")) == "a*b?c"


def test_fold_knows_ascii_only() -> None:
    """Letters outside ASCII keep their case."""
    assert fold("AWS:Ünal") == "aws:Ünal"
