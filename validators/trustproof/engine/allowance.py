"""
What the work on one policy may cost: a part of what a template may, the same for each of its policies.

Where a run has several files, each has a first share of what the run may cost, which depends on how long they are
together; what is left of that is divided among those that came to its end, and once more among the few of them that
came to the end of that. Neither parts nor what is counted of them depend
on the order in which policies are judged, nor on which process judges them: an answer that is remembered costs what it
would cost to find it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

from trustproof.sets.search import BudgetReached, CostsMore
from trustproof.sets.strings import StringSet

_T = TypeVar("_T")

#: Units of work of all policies of a template: a position of a pattern is one, and a state of a search `_STATE`; what
#: others cost is said where it is spent. An ordinary policy needs a few thousand, and a template that can be deployed
#: has at most some hundred of them.
TEMPLATE_UNITS = 20_000_000
_STATE = 16
#: What a question costs besides what is searched for it: of thousands of short policies, most of the time goes there.
_QUESTION = 150
#: As many questions take as long as a request that is made of what was found, and replayed.
CONFIRMED = 3
#: What a question costs for each statement, and for each further policy.
STATEMENT = 16
#: Characters of a template that may cost so much, and how many times that a longer one may at most: of details of an
#: account that has 5,000 roles, the most that AWS lets it have, each role needs what it needs in smaller ones.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_CHARACTERS, _LONGER = 1_000_000, 8
#: How many times that what its users and roles hold together may cost: what hundreds of them hold, as policies of AWS,
#: takes no room in it.
_TOGETHER = 2
#: The part of that which each other part of the work on a template may cost: what is asked of roles, their chains, and
#: whatever is asked once more.
_BESIDES = 4
#: Characters of the longest policies that nearly all of AWS takes, those of keys. What a policy costs grows by more
#: than its length, so that one which is longer has as much less.
#: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
_LONGEST = 32_768
#: How many patterns the searches have together of which is known that they have been counted.
_KNOWN = 250_000
#: A run may cost so many halves of what a template may for each so many characters of it, and at most so many: a run
#: of a megabyte is no longer at work than half as long again as a template of one.
_HALVES, _MOST_HALVES = 3, 24
#: How many quarters of it all files have together at first, and the least part of what a template may cost that each
#: has. One that is not hostile needs less, also of a thousand accounts in a boundary of as many: judging all of them
#: twice takes as long as it took to build them.
_FIRST, _LEAST = 3, 500
#: The part of it that is left at least to those which came to the end of what they had.
_RESERVED = 4
#: Two sides of a megabyte together are compared in a third of what a template may cost: they are judged besides, their
#: chains of roles are looked for, each is read twice, and all that is found is said. So many megabytes count.
_COMPARED, _WHOLE = 3, 12
#: Less than this answers nothing about a policy: whoever compares verdicts that all come to their end asks for none.
_ANSWERS = 5_000
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
    """What all policies of a template may cost."""
    return TEMPLATE_UNITS // _RUNS.get()


def units_for_text(units: int, characters: int) -> int:
    """The units of a template with so many characters, where one of up to a million may cost so much."""
    return units * min(max(characters, _CHARACTERS), _LONGER * _CHARACTERS) // _CHARACTERS


def units_together(units: int) -> int:
    """What is asked of what users and roles hold together may cost, where all policies may cost so much."""
    return units * _TOGETHER


def units_besides(units: int) -> int:
    """What each part of the work on a template besides its policies may cost, where all of these may cost so much."""
    return min(units, template_units() // _BESIDES)


def units_apart(units: int) -> int:
    """As how much counts, of what a run may cost, what so many units of that cost which is asked of all together."""
    return units // _TOGETHER


def first_units(files: int, characters: int = 0) -> int:
    """The units that each template has at first, in a run of so many files with so many characters together."""
    whole = template_units()
    if files <= 1:
        return whole
    first, least = _FIRST * run_units(characters) // (4 * files), whole // _LEAST
    if _RUNS.get() > 1:
        # What runs share has to be enough for all of them: none of thousands of files has more than its part of that.
        least = min(least, run_units(characters) // files)
    return min(whole, max(first, least))


def answers_files(files: int, characters: int) -> bool:
    """Whether each of so many files, with so many characters together, has at first what finds an answer."""
    return first_units(files, characters) >= _ANSWERS


def run_units(characters: int) -> int:
    """What all templates of a run with so many characters may cost together."""
    halves = _HALVES * max(characters, _CHARACTERS) // _CHARACTERS
    return template_units() * min(halves, _MOST_HALVES) // 2


def units_after(units: int, spent: int) -> int:
    """
    What the next template of one file may cost, where all of them may cost so much and those before it have cost so
    much of it. One of its parts, of which there are few: what is proved with one of them is remembered.
    """
    given, least = units, units // _LEAST
    while given > max(units - spent, least):
        given //= 2
    return given


def comparison_units(characters: int) -> int:
    """The units of a comparison of two sides that have so many characters together."""
    return TEMPLATE_UNITS * min(max(characters, _CHARACTERS), _WHOLE * _CHARACTERS) // (_COMPARED * _CHARACTERS)


def second_units(reached: int, characters: int = 0, spent: int = 0) -> int:
    """
    The units that each of so many templates has which came to the end of what they had.

    Args:
        characters: of the files of the run.
        spent: what all of its templates have cost before.
    """
    whole = run_units(characters)
    return min(template_units(), max(whole - spent, whole // _RESERVED) // max(reached, 1))


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
    """The units of each of so many policies of a template that are judged by themselves."""
    return units // max(count, 1)


def units_for_length(units: int, characters: int) -> int:
    """The units of a policy with so many characters: all of them, unless it is longer than policies of keys may be."""
    return units * _LONGEST // max(characters, _LONGEST)


class _Counted(NamedTuple):
    """What is counted in full the first time only."""

    #: The hash of what it is: an answer is remembered for many templates, and what was searched for it may be large.
    which: int
    size: int
    first: int
    again: int


class Work(NamedTuple):
    """
    What an answer has cost: units, and what costs less where it has been counted before.
    """

    units: int
    counted: tuple[_Counted, ...]


class Allowance:
    """
    The units that are left for one policy.
    """

    __slots__ = ("_known", "_size", "_units", "_work", "left", "limit")

    def __init__(self, units: int) -> None:
        self.limit: int = units
        self.left: int = units
        #: What has been counted in full, by its hash; all is forgotten where it would be more than what else remembers.
        self._known: set[int] = set()
        self._size = 0
        #: What has been counted since a record of it began; None where none is kept.
        self._work: list[_Counted] | None = None
        #: The units of all that is counted in full the first time only.
        self._units = 0

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

    def search(self, strings: StringSet) -> tuple[int, int]:
        """
        Look for one of some strings, and count that; gives the states that were visited, and the positions. It ends at
        what is left: one search may cost more than a hundred policies have.

        Raises:
            BudgetReached: it has come to its end without an answer, or costs more than is left, whether or not somebody
                who had more has made it before.
        """
        try:
            states, positions = strings.cost if hash(strings) in self._known else strings.cost_within(self.left, _STATE)
        except BudgetReached as reached:
            # One that is too long was no search.
            self.charge(strings, strings.width, reached.visited, 0)
            raise
        except CostsMore:
            self.left = -1
            raise BudgetReached(WORK, self.limit) from None
        self.charge(strings, strings.width, states, positions)
        self.check()
        return states, positions

    def charge(self, search: object, size: int, states: int, positions: int) -> None:
        """
        Count one search; who asks the same again only looks the answer up.

        Args:
            search: what is looked for, as a value.
            size: how many patterns that has.
        """
        self._count(_Counted(hash(search), size, _STATE * states + positions, _STATE + size))

    def charge_once(self, what: object, units: int) -> None:
        """
        Count work of which the result is kept, before it is done: whoever judges this policy finds it, or has to do it.

        Raises:
            BudgetReached: nothing is left for it.
        """
        self._count(_Counted(hash(what), 0, units, 0))
        self.check()

    def _count(self, work: _Counted) -> None:
        if self._work is not None:
            self._work.append(work)
        units = work.again
        if work.which not in self._known:
            units = work.first
            self._size += work.size
            if self._size > _KNOWN:
                self._known.clear()
                self._size = work.size
            self._known.add(work.which)
        self._units += units
        self.left -= units

    def recorded(self, do: Callable[[], _T]) -> tuple[_T, Work]:
        """What a function gives, which keeps no record itself, and what it costs."""
        before, units = self.left, self._units
        counted: list[_Counted] = []
        self._work = counted
        try:
            found = do()
        finally:
            self._work = None
        return found, Work(before - self.left - (self._units - units), tuple(counted))

    def repeat(self, work: Work) -> None:
        """
        Count once more what an answer has cost.

        Raises:
            BudgetReached: nothing is left for it.
        """
        self.left -= work.units
        for one in work.counted:
            self._count(one)
        self.check()


_CURRENT: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def current_allowance() -> Allowance | None:
    """What is left for the policy that is being judged; None where nothing is counted."""
    return _CURRENT.get()


def has_come_to_its_end() -> bool:
    """Whether nothing is left for what is being judged."""
    allowance = _CURRENT.get()
    return allowance is not None and allowance.is_spent


def check_what_is_left() -> None:
    """
    Go on only if something is left for what is being judged.

    Raises:
        BudgetReached: nothing is.
    """
    allowance = _CURRENT.get()
    if allowance is not None:
        allowance.check()


def spend(units: int) -> None:
    """
    Count work on the policy that is being judged, before it is done.

    Raises:
        BudgetReached: nothing is left for it.
    """
    allowance = _CURRENT.get()
    if allowance is not None:
        # Of what is not done any more nothing is counted.
        allowance.check()
        allowance.left -= units
        allowance.check()


def spend_on_question(units: int, times: int = 1) -> None:
    """
    Count what is read for a question about the policy that is being judged, and what each question costs besides.

    Args:
        units: what is read for it.
        times: as how many questions it counts.

    Raises:
        BudgetReached: nothing is left for it.
    """
    spend(units + times * _QUESTION)


@contextmanager
def limited_to(units: int) -> Iterator[Allowance]:
    """Judge one policy with so many units; gives what is left of them."""
    allowance = Allowance(units)
    token = _CURRENT.set(allowance)
    try:
        yield allowance
    finally:
        _CURRENT.reset(token)
