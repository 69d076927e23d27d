"""
The work that one template may ask for: functions, comparisons, branches, and the text that they make.

Each is counted before it is done. What does not fit is not read, and the reason names the budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from trustproof.inputs.grammar.values import Unreadable
from trustproof.results.result import BUDGET

#: Functions, comparisons and branches that are read of one template, as often as they are. The largest real templates
#: need some ten thousand.
MAX_STEPS = 400_000
#: How long one text may become: as long as a template that CloudFormation takes.
MAX_TEXT = 1_000_000
#: How much text all functions of a template may make together.
MAX_WRITTEN = 50_000_000
#: So many conditions that others name, and that only put these together, cost as much as one function.
NAMED_IN_A_STEP = 8
#: How many functions may stand inside each other, or refer to each other in a row; and how many conditions.
MAX_DEPTH = 120


class OverBudget(Unreadable):
    """A value takes more work than a template may ask for; `args` is the reason, which names the budget."""


class Work:
    """
    Counts the work on one template.
    """

    __slots__ = ("_depth", "_most_steps", "_most_written", "_named", "_steps", "_written", "hits", "reached")

    def __init__(self) -> None:
        self._depth = self._named = self._steps = self._written = 0
        self._most_steps, self._most_written = MAX_STEPS, MAX_WRITTEN
        #: How often a budget was reached: what is found out meanwhile may be otherwise where none is.
        self.hits = 0
        #: The reasons that were given so far: who reads a value may have passed over that it takes too much.
        self.reached: dict[str, None] = {}

    def _over(self, name: str, limit: int) -> OverBudget:
        found = OverBudget(f"{BUDGET}: {name} ({limit})")
        self.hits += 1
        self.reached[str(found)] = None
        return found

    @property
    def is_spent(self) -> bool:
        """Whether there have been too many functions and conditions, so that no more are read."""
        return self._steps > self._most_steps

    @property
    def steps(self) -> int:
        """How many functions, comparisons and branches there have been."""
        return self._steps

    @contextmanager
    def share(self) -> Iterator[None]:
        """
        What is asked for here may take half of what is left, so that one resource ends the reading of no other one;
        `reached` says meanwhile what was reached by it alone.
        """
        steps, written, reached = self._most_steps, self._most_written, self.reached
        self._most_steps -= max(steps - self._steps, 0) // 2
        self._most_written -= max(written - self._written, 0) // 2
        self.reached = {}
        try:
            yield
        finally:
            # What did not fit has not been done.
            self._steps, self._written = min(self._steps, self._most_steps), min(self._written, self._most_written)
            self._most_steps, self._most_written = steps, written
            self.reached = {**reached, **self.reached}

    @contextmanager
    def told(self) -> Iterator[None]:
        """What is asked for here is told that a budget was reached, and says itself what that means."""
        known = dict(self.reached)
        try:
            yield
        except OverBudget:
            self.reached = known
            raise

    def step(self, count: int = 1) -> None:
        """
        Count one function, comparison or branch, or so many.

        Raises:
            OverBudget: there have been too many.
        """
        self._steps += count
        if self._steps > self._most_steps:
            raise self._over("functions and conditions of a template", MAX_STEPS)

    def name(self, count: int = 1) -> None:
        """
        Count one condition that is looked up by its name, or so many.

        Raises:
            OverBudget: there have been too many functions and conditions.
        """
        self._named += count
        if self._named >= NAMED_IN_A_STEP:
            steps, self._named = divmod(self._named, NAMED_IN_A_STEP)
            self.step(steps)

    def write(self, size: int) -> None:
        """
        Count the characters of a text that is to be made.

        Raises:
            OverBudget: it would be too long, or all of them together are.
        """
        if size > MAX_TEXT:
            raise self._over("characters of one text", MAX_TEXT)
        self._written += size
        if self._written > self._most_written:
            raise self._over("characters that the functions of a template make", MAX_WRITTEN)

    def enter(self) -> None:
        """
        Go one level deeper; `leave` goes back.

        Raises:
            OverBudget: it is too deep.
        """
        if self._depth >= MAX_DEPTH:
            raise self._over("functions and conditions inside each other", MAX_DEPTH)
        self._depth += 1

    def leave(self) -> None:
        """Go back one level."""
        self._depth -= 1
