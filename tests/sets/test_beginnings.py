"""
Whether a pattern may match what begins in some way: a quick look, which spares most searches.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.sets.patterns import ANY, ANY_RUN, Wildcard, after, exact, join, may_begin

_FIELD = Wildcard(":", True, True)
_DIGITS = Wildcard("0123456789", False, True)
_PATTERNS = st.lists(st.sampled_from(["a", "b:", ":", ":a", "ab", ANY, ANY_RUN, _FIELD, _DIGITS]), max_size=5).map(
    lambda parts: join(*parts)
)


@given(_PATTERNS, st.text("ab:1", max_size=6))
def test_what_is_out_of_the_question_has_no_string_that_begins_so(
    pattern: tuple[str | Wildcard, ...], start: str
) -> None:
    """Where the quick look says no, nothing that the pattern matches begins like this."""
    assert may_begin(pattern, start) or not after(pattern, start)


@pytest.mark.parametrize(
    ("start", "may"),
    [
        ("arn:aws:iam::111122223333:", True),
        ("arn:aws:iam::4", False),
        ("arn:aws:sts::111122223333:", False),
        ("arn:a", True),
        ("arn:aws:iam::111122223333:role/x", True),
    ],
)
def test_fields_of_an_arn_decide(start: str, may: bool) -> None:
    """A run that ends at the next colon leaves one place for what follows it."""
    assert may_begin(join("arn:", _FIELD, ":iam::111122223333:", ANY_RUN), start) is may


def test_the_end_of_a_pattern_decides() -> None:
    """A text is no beginning of a shorter one."""
    assert not may_begin(exact("a"), "ab")
    assert not may_begin((), "a")
    assert may_begin((), "")
