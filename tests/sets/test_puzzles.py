"""
Hard patterns: every way of looking for a member answers as the plain one does.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.sets import search
from trustproof.sets.patterns import Pattern, Wildcard, are_apart, covers, glob, join, like, matches
from trustproof.sets.puzzles import put_together, reversed_pattern, simplify, without_tails
from trustproof.sets.search import member

LETTERS = st.text("ab*?", max_size=6).map(like)
#: Patterns with classes of characters, as AWS's formats have them.
CLASSES = st.lists(
    st.one_of(
        st.sampled_from(["a", "b", "ab"]),
        st.builds(Wildcard, st.sampled_from(["a", "b", ""]), st.just(True), st.booleans()),
    ),
    max_size=4,
).map(tuple)
PATTERNS: st.SearchStrategy[Pattern] = st.one_of(LETTERS, CLASSES)
CLAUSES = st.lists(st.lists(PATTERNS, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
FORBIDDEN = st.lists(PATTERNS, max_size=3).map(tuple)


def is_member(text: str, require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...]) -> bool:
    met = all(any(matches(p, text) for p in clause) for clause in require)
    return met and not any(matches(p, text) for p in forbid)


@given(CLAUSES, FORBIDDEN, st.sampled_from([0, 1, 3, 10]))
def test_every_way_answers_alike(
    require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...], patience: int
) -> None:
    """Whether there is a member does not depend on how soon other ways are tried, and what is found is one."""
    plain, _ = member(require, forbid)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "PATIENCE", patience)
        found, _ = member(require, forbid)
    assert (found is None) is (plain is None)
    for text in (found, plain):
        assert text is None or is_member(text, require, forbid)


@given(CLAUSES, FORBIDDEN)
def test_each_part_keeps_the_members(require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...]) -> None:
    """Leaving out what no member matches, and the ends of texts of one length, changes no answer; nor does turning."""
    plain, _ = member(require, forbid)
    simple, _ = simplify(require, forbid)
    if simple is None:
        assert plain is None
        return
    clauses, outside = simple
    opened, left = without_tails(clauses, outside)
    assert (member(tuple(map(tuple, opened)), tuple(left))[0] is None) is (plain is None)
    turned = tuple(tuple(reversed_pattern(p) for p in clause) for clause in clauses)
    assert (member(turned, tuple(reversed_pattern(p) for p in outside))[0] is None) is (plain is None)
    text = put_together(clauses, outside)
    assert text is None or is_member(text, require, forbid)


@given(PATTERNS, PATTERNS)
def test_what_covers_another_matches_all_of_it(wide: Pattern, narrow: Pattern) -> None:
    """No text matches a pattern and not the one that covers it."""
    if covers(wide, narrow):
        assert member(((narrow,),), (wide,))[0] is None


@given(PATTERNS, PATTERNS)
def test_patterns_are_apart_where_no_text_matches_both(one: Pattern, other: Pattern) -> None:
    """Two patterns are apart exactly where the search finds no text for both."""
    assert are_apart(one, other) is (member(((one,), (other,)), ())[0] is None)


@pytest.mark.parametrize("count", [1, 2, 12])
def test_what_names_hold_is_put_before_what_stands_behind_them(count: int) -> None:
    """
    A name with all that is asked for is put together where an id stands behind it, and where each part may also be in
    a path that this name has not.
    """
    behind = join("|AIDA", *glob("*", ""))
    clauses = [
        [join(*glob(f"*/*{n}*", "|"), "|", *glob("*", "")), join(*glob(f"*{n}*", "|/"), "|", *glob("*", ""))]
        for n in range(count)
    ]
    name = [join(*glob("*-U-*", "|/"), *behind)]
    simple, _ = simplify((*clauses, name), [like("*/*"), like("*a*")])
    assert simple is not None
    assert all(len(clause) == 1 for clause in simple[0])
    text = put_together(*simple)
    assert text is not None
    assert all(text.partition("|AIDA")[0].count(str(n)) for n in range(count))


def test_pieces_that_end_otherwise_are_no_text() -> None:
    """Where two patterns have other characters before one that both have, nothing is put together of that."""
    assert put_together([[like("*a:*")], [like("*b:*")]], []) in (None, "a:b:", "b:a:")
    assert put_together([[join(*glob("*a", ":"), ":x")], [join(*glob("*b", ":"), ":x")]], []) is None


@pytest.mark.parametrize(
    ("require", "forbid", "exists"),
    [
        # The same place from the end, and different ones.
        ([f"*{letter}{'?' * 30}" for letter in "ab"], [], False),
        ([f"*{letter}{'?' * (12 + n)}" for n, letter in enumerate("abcdefghijklmnop")], [], True),
        # Somewhere between.
        ([f"*{letter}{'?' * (12 + n)}z*" for n, letter in enumerate("abcdefghijkl")], ["?" * 65 + "*"], True),
        ([f"*w{n}x*" for n in range(40)], [], True),
        # What is required holds what is forbidden.
        (["*a" + "?" * 40 + "c" + "?" * 40 + "b*"], ["*c*"], False),
        # Every place of a short text has one of two letters, as no forbidden text has them.
        (
            ["?" * 24, *(f"{'?' * n}[01]{'?' * (23 - n)}" for n in range(24))],
            ["1*0" + "?" * n for n in range(22)],
            True,
        ),
    ],
)
def test_puzzles_are_decided(require: list[str], forbid: list[str], exists: bool) -> None:
    """What a trust policy has room for is decided, and no more than some ten thousand states are visited."""
    clauses = tuple(
        tuple(like(text.replace("[01]", one)) for one in (("0", "1") if "[01]" in text else ("",))) for text in require
    )
    found, states = member(clauses, tuple(like(text) for text in forbid))
    assert (found is not None) is exists
    assert states < 50_000
