"""
Patterns, held to the evaluator's reading of wildcards and to brute force.
"""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import tally
from tests.strategies import examples
from trustproof.sets.patterns import (
    ANY_RUN,
    EVERYTHING,
    Pattern,
    Wildcard,
    arn_like,
    exact,
    glob,
    ignoring_case,
    join,
    like,
    literal_text,
    matches,
    nonempty,
    show,
    split,
    without,
)
from trustproof.spec.matching import fold, matches_wildcards, pattern
from trustproof.spec.operators import comparison_of

#: Few letters, so that patterns meet; the delimiters, a line end, and the wildcards as text.
_LETTERS = "ab:/*?\n"
WORDS = st.text(_LETTERS, max_size=6)
PARTS = st.one_of(
    st.text("ab", min_size=1, max_size=2),
    st.builds(Wildcard, st.sampled_from(("", "a", "b", "ab")), st.booleans(), st.booleans()),
)
PATTERNS = st.lists(PARTS, max_size=4).map(lambda parts: join(*parts))
#: Every word of up to four letters: `c` stands for all letters that no pattern mentions.
ALL_WORDS = ["".join(letters) for size in range(5) for letters in product("abc", repeat=size)]


@examples(300)
@given(WORDS, WORDS)
def test_wildcards_match_what_the_evaluator_matches(written: str, value: str) -> None:
    """``*`` and ``?`` mean the same to the sets and to the evaluator."""
    as_wildcards = matches_wildcards(value, pattern(written))
    tally.agree("patterns", matches(like(written), value) is as_wildcards, (written, value))
    tally.agree("patterns", matches(exact(written), value) is (written == value), (written, value))
    folded = matches_wildcards(fold(value), pattern(fold(written)))
    tally.agree("patterns", matches(ignoring_case(like(written)), value) is folded, (written, value))


@examples(300)
@given(st.lists(st.text("ab*?", max_size=2), min_size=6, max_size=6), st.lists(st.text("ab:", max_size=2), max_size=8))
def test_arns_match_field_by_field(fields: list[str], pieces: list[str]) -> None:
    """A wildcard in one of the first five fields of an ARN stops at the colon."""
    value = ":".join(pieces)
    meant = comparison_of("ArnLike").matches(value, [pattern(":".join(fields))])
    found = matches(arn_like(tuple(glob(field, "") for field in fields)), value)
    tally.agree("patterns", found is meant, (fields, value))


@given(PATTERNS, st.sampled_from("ab"))
def test_split_parts_at_the_first_occurrence(written: Pattern, char: str) -> None:
    """The pairs of `split` match just the two sides of the words that have the character."""
    pairs = split(written, char)
    for word in ALL_WORDS:
        before, found, after = word.partition(char)
        sides = any(matches(left, before) and matches(right, after) for left, right in pairs)
        assert sides is (bool(found) and matches(written, word)) or not found


@given(PATTERNS)
def test_nonempty_is_all_but_the_empty_string(written: Pattern) -> None:
    """`nonempty` takes away the empty string and nothing else."""
    rest = nonempty(written)
    for word in ALL_WORDS:
        assert any(matches(one, word) for one in rest) is (word != "" and matches(written, word))


@given(PATTERNS, st.sampled_from(("", "a", "b", "ab")))
def test_without_bars_characters_from_wild_parts(written: Pattern, barred: str) -> None:
    """A pattern whose wild parts may not match a character matches fewer words, and those without it as before."""
    narrow = without(written, barred)
    assert all(matches(written, word) for word in ALL_WORDS if matches(narrow, word))
    for word in ALL_WORDS:
        if not set(word) & set(barred):
            assert matches(narrow, word) is matches(written, word)


@given(st.lists(PARTS, max_size=5))
def test_join_changes_no_language(parts: list[str | Wildcard]) -> None:
    """The canonical form matches what the parts matched one after the other."""
    whole = join(*parts)
    assert whole == join(*(join(part) for part in parts))
    assert not any(isinstance(one, str) and isinstance(two, str) for one, two in pairwise(whole))
    assert all(matches(whole, word) is matches(tuple(parts), word) for word in ALL_WORDS)


@pytest.mark.parametrize(
    ("written", "text"), [((), ""), (("ab",), "ab"), (EVERYTHING, None), (("a", ANY_RUN), None), (("*",), "*")]
)
def test_literal_text(written: Pattern, text: str | None) -> None:
    """Only a pattern without wild parts is one text."""
    assert literal_text(written) == text


def test_show_writes_wildcards() -> None:
    """Classes are shown as the wildcards that a policy would have."""
    assert show(join("arn:", Wildcard(":", True, True), ":", Wildcard("0123456789", False, False))) == "arn:*:?"
