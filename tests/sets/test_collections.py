"""
Sets of collections, against brute force over all collections of short words.
"""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests import tally
from tests.sets.test_patterns import PATTERNS
from tests.sets.test_strings import SETS as ELEMENTS
from tests.strategies import examples
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import Pattern, exact
from trustproof.sets.strings import StringSet

_WORDS = ("", "a", "b", "ab", "aa", "c")
_ALL = [chosen for size in (1, 2, 3) for chosen in combinations(_WORDS, size)]
SETS = st.builds(CollectionSet, ELEMENTS, st.lists(ELEMENTS, max_size=3).map(tuple))


def holds(found: CollectionSet[StringSet], values: tuple[str, ...]) -> bool:
    """Membership as it is defined: all elements lie in `every`, and each demand is met by one."""
    return all(value in found.every for value in values) and all(
        any(value in demand for value in values) for demand in found.some
    )


@examples(200)
@given(SETS)
def test_a_sample_is_a_member_and_none_means_empty(found: CollectionSet[StringSet]) -> None:
    """`sample` gives a collection with an element for each demand, and None only where there is none."""
    sample = found.sample()
    if sample is None:
        tally.agree("sets", not any(holds(found, values) for values in _ALL), found)
    else:
        texts = tuple(str(value) for value in sample)
        tally.agree("sets", bool(texts) and len(set(texts)) == len(texts) and holds(found, texts), (found, sample))


@given(SETS, SETS)
def test_intersection(one: CollectionSet[StringSet], two: CollectionSet[StringSet]) -> None:
    """A collection is in the intersection if and only if it is in both."""
    for values in _ALL:
        assert holds(one & two, values) is (holds(one, values) and holds(two, values))


@given(st.lists(PATTERNS, max_size=3))
def test_for_all_and_for_any_have_complements(patterns: list[Pattern]) -> None:
    """Not all inside is some outside, and none inside is all outside."""
    full = StringSet.full()
    inside, outside = StringSet.of(patterns), StringSet.outside(patterns)
    for values in _ALL:
        assert holds(CollectionSet(inside), values) is not holds(CollectionSet(full, (outside,)), values)
        assert holds(CollectionSet(full, (inside,)), values) is not holds(CollectionSet(outside), values)


def test_demands_may_need_several_elements() -> None:
    """Two demands that no one element meets need two elements."""
    both = CollectionSet(StringSet.full(), (StringSet.of([exact("a")]), StringSet.of([exact("b")])))
    assert both.sample() == ("a", "b")
    assert (both & CollectionSet(StringSet.outside([exact("b")]))).sample() is None
