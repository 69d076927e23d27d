"""
The search itself, on boxes made by hand.
"""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.strategies import choices, examples
from trustproof.engine.domains import ABSENT, NOTHING, Values, not_text, text
from trustproof.engine.search import (
    Assignment,
    Box,
    CoveredBy,
    Empty,
    Literal,
    Split,
    StepBudget,
    conjoin,
    conjoin_all,
    find_uncovered,
)
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import exact
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

ONE, TWO, THREE = "one", "two", "three"
ANYTHING = Values(True, StringSet.full())
_VALUES = ("a", "b", "c", None)


def domain(dimension: str) -> Values:
    return ANYTHING


def literal(dimension: str, letters: str, *, absent: bool = False, negated: bool = False) -> Literal:
    """That a key is one of the letters, or absent; or the opposite."""
    inside = StringSet.of(exact(letter) for letter in letters)
    outside = StringSet.outside(exact(letter) for letter in letters)
    yes, no = Values(absent, inside), Values(not absent, outside)
    return Literal(dimension, no, yes, "") if negated else Literal(dimension, yes, no, "")


def box(*literals: Literal) -> Box:
    return Box(literals, "")


def has(values: Values, value: str | None) -> bool:
    return values.absent if value is None else isinstance(values.present, StringSet) and value in values.present


def run(*denies: Box, assignment: Assignment | None = None) -> Assignment | Empty | CoveredBy | Split:
    found = find_uncovered({} if assignment is None else assignment, dict(enumerate(denies)), domain, StepBudget())
    assert isinstance(found, dict | Empty | CoveredBy | Split)
    return found


def test_without_denies_the_piece_is_the_answer() -> None:
    """Nothing to stay out of, nothing to do."""
    assignment = {ONE: text(exact("a"))}
    assert run(assignment=assignment) == assignment
    assert run(box(literal(ONE, "b")), assignment=assignment) == assignment


def test_a_deny_that_holds_everything_covers() -> None:
    """Each literal of a Deny that cannot be negated leaves no way out."""
    assert run(box(literal(ONE, "ab")), assignment={ONE: text(exact("a"))}) == CoveredBy(0)
    assert run(box()) == CoveredBy(0)


def test_one_way_out_is_taken() -> None:
    """A Deny is left by the negation of its only literal that can be negated."""
    found = run(box(literal(ONE, "a", absent=True), literal(TWO, "b")), assignment={TWO: text(exact("b"))})
    assert isinstance(found, dict)
    assert not has(found[ONE], "a")
    assert not found[ONE].absent


def test_denies_that_cover_together_make_a_tree() -> None:
    """The proof names the Deny that it splits on, and how each branch ends."""
    found = run(box(literal(ONE, "a")), box(literal(ONE, "a", negated=True)))
    assert found == Split(0, ((0, CoveredBy(1)),), CoveredBy(0))


def test_absent_is_a_value() -> None:
    """Denying all texts leaves the absent key, and denying that as well leaves nothing."""
    every = (
        box(literal(ONE, "a")),
        box(Literal(ONE, not_text(exact("a")), Values(True, StringSet.of([exact("a")])), "")),
    )
    found = run(*every)
    assert isinstance(found, dict)
    assert found[ONE].absent
    present = found[ONE].present
    assert present is None or present.sample() is None
    assert not isinstance(run(*every, box(Literal(ONE, ABSENT, Values(False, StringSet.full()), ""))), dict)


def test_meet_stops_where_nothing_is_left() -> None:
    """Literals that exclude each other name the dimension."""
    assert conjoin_all({}, (literal(TWO, "a"), literal(ONE, "a"), literal(ONE, "b")), domain, StepBudget()) == Empty(
        ONE
    )
    assert conjoin({}, ONE, NOTHING, domain, StepBudget()) is None


def test_steps_are_counted() -> None:
    """Every narrowing is a step, and the budget is named."""
    steps = StepBudget(2)
    conjoin({}, ONE, ANYTHING, domain, steps)
    conjoin({}, ONE, ANYTHING, domain, steps)
    with pytest.raises(BudgetReached, match="steps of one question"):
        conjoin({}, ONE, ANYTHING, domain, steps)


def test_one_dimension_has_one_type() -> None:
    """Text and numbers under one key are a mistake in the engine, not a set without members."""
    with pytest.raises(AssertionError, match="two types"):
        _ = ANYTHING & Values(True, NumberSet.full())


@examples(150)
@given(rng=choices())
def test_the_search_agrees_with_brute_force(rng: Random) -> None:
    """A piece outside all Denies is found if and only if one of all combinations of values is outside them all."""

    def some_literal() -> Literal:
        letters = "".join(letter for letter in "abc" if rng.randrange(2))
        dimension = (ONE, TWO, THREE)[rng.randrange(3)]
        return literal(dimension, letters, absent=rng.randrange(2) == 1, negated=rng.randrange(2) == 1)

    denies = [box(*(some_literal() for _ in range(rng.randrange(1, 4)))) for _ in range(rng.randrange(1, 8))]
    # Texts that no literal mentions are all alike: one stands for them.
    cells = [dict(zip((ONE, TWO, THREE), values, strict=True)) for values in product((*_VALUES, "z"), repeat=3)]

    def inside(cell: dict[str, str | None], found: Box) -> bool:
        return all(has(one.yes, cell[one.dimension]) for one in found.literals)

    free = [cell for cell in cells if not any(inside(cell, found) for found in denies)]
    answer = run(*denies)
    tally.agree("search", isinstance(answer, dict) is bool(free), denies)
    if isinstance(answer, dict):
        in_piece = [cell for cell in cells if all(has(answer.get(d, ANYTHING), v) for d, v in cell.items())]
        tally.agree("search", bool(in_piece) and all(cell in free for cell in in_piece), denies)
