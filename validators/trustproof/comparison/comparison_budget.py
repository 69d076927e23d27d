"""
What the comparison of all pairs may cost: a part each, and what is left for those that need more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from trustproof.engine.allowance import WORK, check_what_is_left, comparison_units, limited_to
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached

_T = TypeVar("_T")
#: How much more each of those that came to the end of their part has to have, to be compared again.
_MUCH_MORE = 2
#: What is compared besides, one after the other, has this part of what is left.
_PART = 4


class ComparisonBudget:
    """
    The units of a comparison, for whatever it compares.

    Args:
        units: how many there are.
    """

    def __init__(self, units: int) -> None:
        self._left = units

    def part(self, of: int) -> ComparisonBudget:
        """A part of what is left, for something that may cost no more, whatever else does."""
        units = self._left // of
        self._left -= units
        return ComparisonBudget(units)

    def each(self, asked: Sequence[Callable[[], Iterable[_T]]]) -> list[list[_T]]:
        """
        The answers to some questions: each has the same part, and those that come to its end divide what is left. So
        none depends on the order in which they are asked.
        """
        found: list[list[_T]] = []
        unfinished: list[int] = []
        share = self._left // max(len(asked), 1)
        for number, question in enumerate(asked):
            answers, is_spent = self._within(share, question)
            found.append(answers)
            if is_spent:
                unfinished.append(number)
        more = self._left // max(len(unfinished), 1)
        for number in unfinished if more >= _MUCH_MORE * share else ():
            found[number], _ = self._within(more, asked[number])
        return found

    def one(self, question: Callable[[], Iterable[_T]]) -> list[_T]:
        """The answers to a question that comes up later."""
        return self._within(self._left // _PART, question)[0]

    def _within(self, units: int, question: Callable[[], Iterable[_T]]) -> tuple[list[_T], bool]:
        with limited_to(units) as allowance:
            answers = [*question()]
        # Who comes to the end of its part has used it; that the last search was larger takes nothing from others.
        self._left -= units - max(allowance.left, 0)
        return answers, allowance.is_spent or any(map(_is_cut_short, answers))


def _is_cut_short(answer: object) -> bool:
    """Whether a part of an answer had a part of the budget, and came to the end of that."""
    return any(str(one).startswith(f"{BUDGET}: {WORK}") for one in getattr(answer, "reasons", ()))


def budget_for(texts: Iterable[str]) -> ComparisonBudget:
    """The units of a comparison of two sides with these templates."""
    return ComparisonBudget(comparison_units(sum(map(len, texts))))


def until_the_end(found: Iterable[_T]) -> tuple[list[_T], str]:
    """What is found before a budget comes to its end, and which one did, in words; empty where none has."""
    there: list[_T] = []
    try:
        there.extend(found)
        check_what_is_left()
    except BudgetReached as reached:
        return there, f"{BUDGET}: {reached.name} ({reached.limit})"
    return there, ""


def said_once(reasons: Sequence[str]) -> tuple[str, ...]:
    """Reasons, of which each budget that is at its end is one, whatever part of it each question has had."""
    spent = {_without_limit(one): one for one in reversed(reasons) if one.startswith(f"{BUDGET}: ")}
    return tuple(one for one in reasons if spent.get(_without_limit(one), one) == one)


def _without_limit(reason: str) -> str:
    return reason.rpartition(" (")[0]
