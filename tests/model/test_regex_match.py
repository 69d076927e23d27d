"""
A regular expression is matched in a number of steps, and as Python matches it.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.model.regex_match import matches

_ATOMS = ("a", "b", ".", "[ab]", "[^a]", r"\d", r"\W", "(a|b)", "(ab|c)", "(?:a|bc)", "[a-c1]", "")
_PLACES = ("^", "$", r"\b", r"\B", "(?=a)", "(?!b)", "(?!.*c)")
_REPEATS = ("", "", "*", "+", "?", "{2}", "{1,3}", "*?", "{0,2}")


def _repeated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pieces = st.one_of(st.tuples(inner, st.sampled_from(_REPEATS)).map(lambda p: f"({p[0]}){p[1]}"), inner)
    return st.lists(pieces, min_size=1, max_size=4).map("".join) | st.lists(pieces, min_size=2, max_size=3).map(
        "|".join
    )


_EXPRESSIONS = st.recursive(st.sampled_from((*_ATOMS, *_PLACES)), _repeated, max_leaves=8)


@given(_EXPRESSIONS, st.text("abc1 \n", max_size=8))
def test_what_is_matched_is_what_python_matches(pattern: str, text: str) -> None:
    """For every expression of the supported kind and every text, the answer is Python's own."""
    assert matches(pattern, text) is (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^(a+)+$", "a" * 4000 + "!"),
        ("^(a|a|aa)+$", "a" * 1000 + "!"),
        ("(.*)*(.*)*(.*)*b", "a" * 4000),
        (".*" * 12 + "b", "a" * 4000),
        ("(a|a)" * 300, "a" * 299),
    ],
)
def test_what_a_search_by_trial_never_ends_with_is_answered(pattern: str, text: str) -> None:
    """Nothing is tried twice at one place, so that these have an answer."""
    assert matches(pattern, text) is False


@pytest.mark.parametrize("pattern", ["(a", r"(a*)\1", "((((a{1000}){1000}){1000}){1000})", "(" * 3000])
def test_what_is_not_understood_is_not_known(pattern: str) -> None:
    """An expression that cannot be read, or is too long when written out, says nothing."""
    assert matches(pattern, "b" * 50) is None
