"""
Sets of numbers, against brute force over halves of small integers.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests import tally
from tests.strategies import examples
from trustproof.sets.numbers import NumberSet

FULL, EMPTY = NumberSet.full(), NumberSet.empty()
POINTS = st.integers(-6, 6).map(lambda n: Fraction(n, 2))
#: More closely spaced than the ends of the sets, and beyond them.
ALL_POINTS = [Fraction(n, 4) for n in range(-16, 17)]
BASIC = st.one_of(
    st.builds(NumberSet.below, POINTS, inclusive=st.booleans()),
    st.builds(NumberSet.above, POINTS, inclusive=st.booleans()),
    st.builds(NumberSet.only, POINTS),
    st.sampled_from((FULL, EMPTY)),
)
SETS = st.recursive(
    BASIC,
    lambda inner: st.one_of(
        st.builds(lambda one, two: one & two, inner, inner),
        st.builds(lambda one, two: one | two, inner, inner),
        inner.map(lambda one: ~one),
    ),
    max_leaves=6,
)


def points(found: NumberSet) -> set[Fraction]:
    """The members among all points."""
    return {point for point in ALL_POINTS if point in found}


@examples(300)
@given(SETS, SETS)
def test_operations_are_those_of_sets(one: NumberSet, two: NumberSet) -> None:
    """Intersection, union and complement are what they say, and obey De Morgan."""
    everything = set(ALL_POINTS)
    tally.agree("sets", points(one & two) == points(one) & points(two), (one, two))
    tally.agree("sets", points(one | two) == points(one) | points(two), (one, two))
    tally.agree("sets", points(~one) == everything - points(one), one)
    assert ~(one & two) == ~one | ~two
    assert ~(one | two) == ~one & ~two
    assert ~~one == one
    assert one & two == two & one
    assert one & one == one == one & FULL == one | EMPTY
    assert (one & ~one).is_empty


@given(SETS, SETS)
def test_equal_sets_are_equal_values(one: NumberSet, two: NumberSet) -> None:
    """Intervals are sorted, disjoint and do not touch, so that sets with the same members are the same."""
    assert (one == two) is (points(one) == points(two))
    assert one != two or hash(one) == hash(two)


@examples(300)
@given(SETS, st.booleans())
def test_a_sample_is_a_member_and_none_means_empty(found: NumberSet, whole: bool) -> None:
    """`sample` prefers integers, and gives None only where there is no member."""
    found = found.integers() if whole else found
    sample = found.sample()
    members = points(found)
    tally.agree("sets", (sample is None) is (not members), found)
    assert found.is_empty is (not members)
    if sample is not None:
        tally.agree("sets", sample in found, found)
        integers = [member for member in members if member.denominator == 1]
        assert not integers or Fraction(sample).denominator == 1


@given(SETS)
def test_integers_have_no_member_between_two_integers(found: NumberSet) -> None:
    """Of a set of integers only integers are members, and its complement has the other integers."""
    whole = found.integers()
    assert points(whole) == {point for point in points(found) if point.denominator == 1}
    assert points(~whole) == {point for point in ALL_POINTS if point.denominator == 1} - points(whole)


def test_between_300_and_301_seconds_there_is_nothing() -> None:
    """An age counts whole seconds."""
    between = NumberSet.above(300) & NumberSet.below(301)
    assert not between.is_empty
    assert between.integers().is_empty
    assert between.sample() == Fraction(601, 2)


def test_preferred_numbers_come_first() -> None:
    """The first preferred number that is a member is the sample."""
    assert NumberSet.above(5).sample((1, 7, 9)) == 7
    assert NumberSet.between(3, 4).sample((9,)) == 3


def test_a_union_is_what_is_in_one_of_the_sets() -> None:
    """A union of many sets has the members of each, and equals the same union in another order."""
    parts = [NumberSet.between(n * 7 % 40, n * 7 % 40 + n % 3) for n in range(20)]
    found = NumberSet.union(parts)
    assert found == NumberSet.union(reversed(parts))
    assert [n for n in range(60) if n in found] == [n for n in range(60) if any(n in one for one in parts)]
    assert NumberSet.union([]) == NumberSet.empty()
    assert NumberSet.union([NumberSet.below(3), NumberSet.above(2)]) == NumberSet.full()
