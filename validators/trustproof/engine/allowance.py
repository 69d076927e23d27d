"""
What the work on one policy may cost: a part of what a template may, the same for each of its policies.

What a template may cost is a part of what the run may, the same for each file. Parts do not depend on the order in
which policies are judged, nor on which process judges them.
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
#: How many templates of a run may each cost so much; the files of a larger run share it. One that is not hostile needs
#: a small part of the least that each has, however many there are.
_WHOLE = 1_000
_LEAST = 2


def template_units(files: int) -> int:
    """The units of one template in a run of so many files."""
    return max(TEMPLATE_UNITS * _WHOLE // max(files, _WHOLE), TEMPLATE_UNITS // _LEAST)


def share_of(units: int, count: int) -> int:
    """The units of each of so many policies of a template that has these."""
    return units // max(count, 1)


class Allowance:
    """
    The units that are left for one policy.
    """

    __slots__ = ("left", "limit")

    def __init__(self, units: int) -> None:
        self.limit: int = units
        self.left: int = units

    def check(self) -> None:
        """
        Go on only if something is left.

        Raises:
            BudgetReached: nothing is.
        """
        if self.left < 0:
            raise BudgetReached("work on one policy, as many as the template has, and files as the run has", self.limit)

    def charge_states(self, states: int) -> None:
        """Count states of a search."""
        self.left -= _STATE * states

    def charge(self, states: int, positions: int) -> None:
        """Count one search."""
        self.left -= _STATE * states + positions


_CURRENT: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def current() -> Allowance | None:
    """What is left for the policy that is being judged; None where nothing is counted."""
    return _CURRENT.get()


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
def limited_to(units: int) -> Iterator[None]:
    """Judge one policy with so many units."""
    token = _CURRENT.set(Allowance(units))
    try:
        yield
    finally:
        _CURRENT.reset(token)
