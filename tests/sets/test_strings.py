"""
Sets of strings, against brute force over all short words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import tally
from tests.sets.test_patterns import ALL_WORDS, PATTERNS
from tests.strategies import examples
from trustproof.sets import strings
from trustproof.sets.patterns import ANY, ANY_RUN, EVERYTHING, Pattern, exact, join, like, literal_text
from trustproof.sets.product_automaton import ProductAutomaton
from trustproof.sets.search import MAX_POSITIONS, MAX_STATES, MAX_WORK, BudgetReached, CostsMore, member
from trustproof.sets.strings import StringSet

FULL, EMPTY = StringSet.full(), StringSet.empty()
LISTS = st.lists(PATTERNS, max_size=3)
SETS = st.one_of(
    st.builds(
        lambda one, two, three: StringSet.of(one) & StringSet.of(two) & StringSet.outside(three), LISTS, LISTS, LISTS
    ),
    st.builds(lambda one, two: StringSet.of(one) & StringSet.outside(two), LISTS, LISTS),
    st.builds(StringSet.outside, LISTS),
    st.just(FULL),
)


def words(found: StringSet) -> set[str]:
    """The members among all short words."""
    return {word for word in ALL_WORDS if word in found}


@examples(400)
@given(SETS)
def test_a_sample_is_a_member_and_none_means_empty(found: StringSet) -> None:
    """`sample` gives a shortest member where no list of texts names one, and None only where brute force finds none."""
    sample = found.sample()
    short = words(found)
    tally.agree("sets", (sample is None) <= (not short), found)
    if sample is None:
        return
    tally.agree("sets", sample in found, (found, sample))
    lists = [clause for clause in found.clauses if all(literal_text(p) is not None for p in clause)]
    if short and not lists:
        tally.agree("sets", len(sample) == min(map(len, short)), (found, sample))


@given(SETS, SETS, st.sets(st.sampled_from(ALL_WORDS), min_size=8, max_size=30))
def test_sample_of_many_names_is_the_first_member(one: StringSet, two: StringSet, names: set[str]) -> None:
    """Of a long list of names, `sample` gives the first that all else leaves, also where the list is asked of again."""
    listed = StringSet.of(exact(name) for name in names)
    for found in (listed & one, listed & two, listed & one & two):
        shortest = min((len(c) for c in found.clauses if all(literal_text(p) is not None for p in c)), default=0)
        if shortest == len(names):
            assert found.sample() == min((name for name in names if name in found), default=None)
        assert (found.sample() is None) is not any(name in found for name in names)


@given(SETS)
def test_search_without_memory_agrees(found: StringSet) -> None:
    """The search for a member says the same whether or not an answer is remembered."""
    assert (found.search() is None) is (found.sample() is None)


@given(SETS)
def test_what_a_search_costs_is_the_same_before_and_after_it(found: StringSet) -> None:
    """Whether a search can be paid for does not depend on who has asked for it before."""
    forget()
    cost = found.cost
    assert found.cost == cost
    forget()
    assert found.cost == cost
    assert cost[1] <= found.positions


def paid(found: StringSet, units: int) -> object:
    """What a search says that may cost so much, of which a state costs sixteen."""
    try:
        return found.cost_within(units, 16)
    except CostsMore:
        return "costs more"
    except BudgetReached as reached:
        return reached.name, reached.visited


def forget() -> None:
    """Let no search be remembered."""
    strings._remembered.clear()
    strings._searched.clear()


@examples(400)
@given(SETS, st.integers(0, 300))
def test_whether_a_search_costs_more_than_is_left_depends_on_nothing_that_is_remembered(
    found: StringSet, units: int
) -> None:
    """An answer that costs more is none, also where somebody who had more has asked for it before."""
    forget()
    alone = paid(found, units)
    states, positions = found.cost
    assert paid(found, units) == alone
    assert (alone == "costs more") is (16 * states + positions > units)


@examples(400)
@given(SETS, SETS)
def test_what_is_found_of_more_strings_is_what_would_be_found_of_fewer(wide: StringSet, other: StringSet) -> None:
    """A member that is known of a wider set, where it is one of a narrower set, is what a search of that finds."""
    narrow = wide & other
    known = narrow.with_member_of(wide.with_member()) if wide.sample() is not None else None
    if known is not None:
        assert known == narrow
        assert known.sample() == narrow.search()
    assert narrow.with_member_of(wide) is None


@given(SETS, SETS, SETS)
def test_intersection(one: StringSet, two: StringSet, three: StringSet) -> None:
    """Intersection is what it says, idempotent, commutative and associative; the full set is neutral."""
    assert words(one & two) == words(one) & words(two)
    assert one & two == two & one
    assert (one & two) & three == one & (two & three)
    assert words(one & one) == words(one)
    assert one & FULL == one == FULL & one
    assert (one & EMPTY).sample() is None


@given(LISTS)
def test_of_and_outside_are_complements(patterns: list[Pattern]) -> None:
    """A word matches one of the patterns, or is outside all of them."""
    inside, outside = StringSet.of(patterns), StringSet.outside(patterns)
    assert words(inside) | words(outside) == set(ALL_WORDS)
    assert not words(inside) & words(outside)
    assert (inside & outside).sample() is None


@given(SETS, st.lists(st.sampled_from(ALL_WORDS), max_size=3))
def test_preferred_members_come_first(found: StringSet, preferred: list[str]) -> None:
    """The first preferred text that is a member is the sample."""
    wanted = next((word for word in preferred if word in found), None)
    assert found.sample(preferred) == (wanted if wanted is not None else found.sample())


def test_trivial_sets_are_canonical() -> None:
    """All patterns, or none, make the full and the empty set themselves."""
    assert StringSet.of([EVERYTHING, exact("a")]) == FULL == StringSet.outside([])
    assert StringSet.outside([EVERYTHING]) == EMPTY == StringSet.of([])
    assert FULL.sample() == ""
    assert EMPTY.sample() is None


def test_wildcards_in_literal_text_are_characters() -> None:
    """A literal ``*`` is one character, also next to a pattern that matches it."""
    starred = StringSet.of([exact("a*")])
    assert "a*" in starred
    assert "ab" not in starred
    assert (starred & StringSet.outside([like("a?")])).sample() is None


class TestBudget:
    """``*a????`` doubles its states with every ``?``."""

    @staticmethod
    def nth_from_last(count: int) -> Pattern:
        return join(ANY_RUN, "a", *(ANY,) * count)

    def test_within(self) -> None:
        """Ten places from the end are within the budget."""
        rest = StringSet.outside([self.nth_from_last(10)]) & StringSet.of([join(*(ANY,) * 12, ANY_RUN)])
        sample = rest.sample()
        assert sample is not None
        assert sample in rest
        assert len(sample) == 12

    def test_beyond(self) -> None:
        """What only two patterns together cover, from both sides, reaches the budget, and the budget is named."""
        apart = join(self.nth_from_last(40), "b")
        with pytest.raises(BudgetReached) as reached:
            (StringSet.of([join(apart, ANY_RUN)]) & StringSet.outside([apart, join(apart, ANY, ANY_RUN)])).sample()
        assert reached.value.limit == MAX_STATES
        assert reached.value.name == "states of a string search"

    def test_long_literals_are_within(self) -> None:
        """A pattern as long as a trust policy may be is searched to the end."""
        long = StringSet.of([like("a*" + "b" * 8_000)]) & StringSet.outside([like("a*bc")])
        assert long.sample() == "a" + "b" * 8_000

    def test_wide_states_cost_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The longer the patterns are, the fewer states are visited; the budget is the product."""
        work = MAX_WORK // 10
        monkeypatch.setattr("trustproof.sets.search.MAX_WORK", work)
        tail = "b" * 9_000
        with pytest.raises(BudgetReached) as reached:
            (StringSet.of([like("a*" + tail)]) & StringSet.outside([like("a*bc"), exact("a" + tail)])).sample()
        assert reached.value.name == "states of a string search"
        assert work // 20_000 < reached.value.limit < MAX_STATES

    def test_a_search_without_an_answer_says_what_it_cost(self) -> None:
        """All ways of searching are counted, and what is remembered says the same again."""
        apart = join(self.nth_from_last(40), "b")
        hard = StringSet.of([join(apart, ANY_RUN)]) & StringSet.outside([apart, join(apart, ANY, ANY_RUN)])
        costs = []
        for _ in range(2):
            with pytest.raises(BudgetReached) as reached:
                hard.sample()
            costs.append(reached.value.visited)
        assert costs[0] == costs[1] > 2 * MAX_STATES

    def test_states_of_many_clauses_and_positions_cost_more(self) -> None:
        """What is charged for a search follows the work: each clause is asked for its letters by itself."""
        few = member(((like("*a*b*"),),), ())
        many = member(tuple((like(f"*a*b{'?' * n}*"),) for n in range(20)), ())
        wide = member(((like("*a*b*"), *(like(f"*{n}*" * 10) for n in range(2_000))),), ())
        assert few[1] < many[1]
        assert few[1] < wide[1]

    def test_of_many_patterns_few_texts_are_tried(self) -> None:
        """A text that reads well is not worth asking each of thousands of patterns, for each of thousands of texts."""
        tried = iter(range(10_000))
        hard = StringSet.of([like(f"*{n}x*{n * 7}y") for n in range(5_000)])
        assert hard.sample(f"t{n}" for n in tried) is not None
        assert next(tried) < 20
        assert StringSet.of([like("a*")]).sample(["b", "c", "a1"]) == "a1"

    def test_ordinary_states_cost_nothing_more(self) -> None:
        """Patterns as long as a trust policy may be have all states."""
        assert MAX_WORK // 8_000 >= MAX_STATES

    @pytest.mark.parametrize(
        ("patterns", "states"), [(["s3:Get*", "s3:Put1*"], 1), (["s3:Get*", "s3:Put*"], 7), (["s3:Get?"], 3)]
    )
    def test_the_only_shortest_text_needs_no_search(self, patterns: list[str], states: int) -> None:
        """Where a clause has one text that is shorter than its others, that is tried; others are looked for."""
        found = StringSet.of(map(like, patterns)) & StringSet.outside([like("*Object"), like("*x*")])
        assert found.cost[0] == states

    def test_nothing_is_searched_that_is_far_too_long(self) -> None:
        """Longer patterns than any policy of AWS can hold are refused before the search begins."""
        tail = "b" * MAX_POSITIONS
        with pytest.raises(BudgetReached) as reached:
            (StringSet.of([like("a*" + tail)]) & StringSet.outside([like("a*bc"), exact("a" + tail)])).sample()
        assert (reached.value.name, reached.value.limit) == ("characters of a string search", MAX_POSITIONS)

    @pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.9, 0.999, 1])
    @pytest.mark.parametrize("places", [9, 40])
    def test_a_hard_search_ends_at_what_is_left_for_it(
        self, places: int, share: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It visits no more states than that pays for, and whoever has more left finds what there is to find."""
        apart = join(self.nth_from_last(places), "b")
        hard = StringSet.of([join(apart, ANY_RUN)]) & StringSet.outside([apart, join(apart, ANY, ANY_RUN)])
        with pytest.raises(BudgetReached) if places == 40 else nullcontext():
            hard.sample()
        found = strings._remembered[hard.clauses, hard.forbidden]
        states = found.visited if isinstance(found, BudgetReached) else found[1]
        costs = 16 * states + hard.positions
        visited: list[int] = []
        following = ProductAutomaton.following

        def counted(automaton: ProductAutomaton, state: int) -> Iterator[tuple[int, str]]:
            visited.append(state)
            return following(automaton, state)

        monkeypatch.setattr(ProductAutomaton, "following", counted)
        units = int(share * costs)
        forget()
        alone = paid(hard, units)
        assert len(visited) <= units // 16 + 3
        assert (alone == "costs more") is (units < costs)
        with suppress(BudgetReached):
            hard.sample()
        assert paid(hard, units) == alone
