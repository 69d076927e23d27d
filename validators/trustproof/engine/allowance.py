"""
What the work on one policy may cost: a part of what a template may, the same for each of its policies.

Where a run has many files, each has a first share; what the run has besides is divided among those that came to its
end, and once more among the few of them that came to the end of that. Parts do not depend on the order in which
policies are judged, nor on which process judges them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from trustproof.sets.search import BudgetReached

#: Units of work of all policies of a template: a position of a pattern is one, and a state of a search `_STATE`; what
#: others cost is said where it is spent. An ordinary policy needs a few thousand, and a template that can be deployed
#: has at most some hundred of them.
TEMPLATE_UNITS = 40_000_000
_STATE = 16
#: How many patterns the searches have together of which is known that they have been counted.
_KNOWN = 250_000
#: How many templates of a run may each cost so much; the files of a larger run share it.
_WHOLE = 6
#: The part of that which each file of a larger run has at first, up to so many files: the first shares of more files
#: are smaller, and never smaller than the least part. One that is not hostile needs a small part of it.
_FIRST, _FIRST_FILES, _LEAST = 40, 150, 100
#: How often what the run has is divided among those that came to the end of what they had; and how much more each has
#: to have by it from the second time on.
_TIMES, _MUCH_MORE = 2, 4
#: What its budget is called where it is reached.
WORK = "work on one policy, as many as the template has, and files as the run has"


#: How many runs share what one has that is alone.
_RUNS: ContextVar[int] = ContextVar("runs", default=1)


@contextmanager
def shared_by(runs: int) -> Iterator[None]:
    """Let so many runs that answer one question together have what one has that is alone, in equal parts."""
    token = _RUNS.set(runs)
    try:
        yield
    finally:
        _RUNS.reset(token)


def template_units() -> int:
    """What all policies of a template may cost, and each other part of the work on it."""
    return TEMPLATE_UNITS // _RUNS.get()


def first_units(files: int) -> int:
    """The units that each template has at first, in a run of so many files: all where that is no more than all have."""
    whole = template_units()
    if files <= _WHOLE:
        return whole
    return max(whole * _FIRST_FILES // (_FIRST * max(files, _FIRST_FILES)), whole // _LEAST)


def run_units() -> int:
    """What all templates of a run may cost together, beyond their first shares."""
    return template_units() * _WHOLE


def comparison_units(templates: int) -> int:
    """The units of a comparison of two sides, of which one has so many templates, and the other has no more."""
    return TEMPLATE_UNITS * min(max(templates, 1), _WHOLE)


def second_units(reached: int) -> int:
    """The units that each of so many templates has which came to the end of what they had at first."""
    return min(template_units(), run_units() // max(reached, 1))


def is_worth_more(units: int, before: int, times: int) -> bool:
    """
    Whether templates that came to the end of what they had are judged again with so much more.

    Args:
        before: what they had.
        times: how often some have been judged again before; from the second time on it is for a few of them only, such
            as the one template that names all accounts.
    """
    return units > before if times == 0 else times < _TIMES and units >= _MUCH_MORE * before


def share_of(units: int, count: int) -> int:
    """The units of each of so many policies of a template that has these."""
    return units // max(count, 1)


class Allowance:
    """
    The units that are left for one policy.
    """

    __slots__ = ("_known", "_size", "left", "limit")

    def __init__(self, units: int) -> None:
        self.limit: int = units
        self.left: int = units
        #: Searches that have been counted; all are forgotten where they would be more than what else remembers them.
        self._known: set[object] = set()
        self._size = 0

    @property
    def is_spent(self) -> bool:
        """Whether more was asked for than there is."""
        return self.left < 0

    def check(self) -> None:
        """
        Go on only if something is left.

        Raises:
            BudgetReached: nothing is.
        """
        if self.left < 0:
            raise BudgetReached(WORK, self.limit)

    def charge(self, search: object, size: int, states: int, positions: int) -> None:
        """
        Count one search; who asks the same again only looks the answer up.

        Args:
            search: what is looked for, as a value.
            size: how many patterns that has.
        """
        if search in self._known:
            self.left -= _STATE + size
            return
        self._size += size
        if self._size > _KNOWN:
            self._known.clear()
            self._size = size
        self._known.add(search)
        self.left -= _STATE * states + positions


_CURRENT: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def current_allowance() -> Allowance | None:
    """What is left for the policy that is being judged; None where nothing is counted."""
    return _CURRENT.get()


def has_come_to_its_end() -> bool:
    """Whether nothing is left for what is being judged."""
    allowance = _CURRENT.get()
    return allowance is not None and allowance.is_spent


def spend(units: int) -> None:
    """
    Count work on the policy that is being judged, before it is done.

    Raises:
        BudgetReached: nothing is left for it.
    """
    allowance = _CURRENT.get()
    if allowance is not None:
        allowance.left -= units
        allowance.check()


@contextmanager
def limited_to(units: int) -> Iterator[Allowance]:
    """Judge one policy with so many units; gives what is left of them."""
    allowance = Allowance(units)
    token = _CURRENT.set(allowance)
    try:
        yield allowance
    finally:
        _CURRENT.reset(token)
