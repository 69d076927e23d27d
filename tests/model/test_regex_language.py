"""
What holds of every text of a regular language.
"""

from __future__ import annotations

import re

import pytest

from trustproof.model import regex_language
from trustproof.model.regex_language import EITHER, lengths, outcomes

#: Languages with all of their texts, so that each answer can be counted.
LANGUAGES = {
    "[ab]{3}": [f"{a}{b}{c}" for a in "ab" for b in "ab" for c in "ab"],
    "a(b|cd)?": ["a", "ab", "acd"],
    "(|x)y{0,2}": ["", "y", "yy", "x", "xy", "xyy"],
    "A-[0-1]": ["A-0", "A-1"],
}
PATTERNS = [
    *"a b x y A".split(),
    "",
    "^",
    r"\Z",
    r"^\Z",
    "^a",
    r"b\Z",
    "ab|cd",
    "^(a|b)+",
    r"^[^b]*\Z",
    "a.?b",
    "(aa|bb)",
]
PATTERNS += [r"\d", r"\w-\d", r"^\w{1,2}\Z", r"y?^", "a{2}", "[A-Z]", r"^(?:x|)y\Z", "(^a|b)c?"]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_those_of_all_texts(language: str, pattern: str) -> None:
    """What is said of a language is what its texts say one by one, whether case counts or not."""
    texts = LANGUAGES[language]
    assert outcomes(language, pattern) == {re.search(pattern, text) is not None for text in texts}
    ignoring = {re.search(pattern, text, re.IGNORECASE) is not None for text in texts}
    assert outcomes(language, pattern, "i") == ignoring


@pytest.mark.parametrize(
    ("language", "pattern", "times", "answers"),
    [
        ("[0-9]{12}", r"\d{12}", 2, {False}),
        ("[0-9]{12}", r"\d{6}", 2, {True}),
        ("[0-9]{11,12}", r"\d{6}", 2, EITHER),
        (r"[\s\S]*", "a", 1, EITHER),
        (r"[\s\S]*a", "a", 1, {True}),
        (r"a[^\n]b", r"\n", 1, {False}),
        ("ab", "a.b", 1, {False}),
        # What is not read, or takes too much, is either.
        ("a", r"\ba", 1, EITHER),
        ("a", "(?=a)", 1, EITHER),
        ("a", "(a)\\1", 1, EITHER),
        ("a", "(?m)^a", 1, EITHER),
        ("a{2000}", "b", 1, EITHER),
        ("[ab]{500}", "a[ab]{400}", 1, EITHER),
        ("é", "É", 1, {False}),
    ],
)
def test_either_is_said_where_nothing_is_known(
    language: str, pattern: str, times: int, answers: frozenset[bool]
) -> None:
    assert outcomes(language, pattern, times=times) == answers


def test_letters_that_are_others_in_some_case_are_not_read() -> None:
    """The long s is an s in any case."""
    assert outcomes("\u017f", "s", "i") == outcomes("[^a]", "s", "i") == EITHER


@pytest.mark.parametrize("language", LANGUAGES)
def test_lengths(language: str) -> None:
    sizes = [*map(len, LANGUAGES[language])]
    assert lengths(language) == (min(sizes), max(sizes))
    assert regex_language.lengths(f"{language}z+") == (min(sizes) + 1, None)
