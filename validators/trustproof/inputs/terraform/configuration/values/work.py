"""
The work that one configuration may ask for: expressions, texts, instances.

Each is counted before it is done. What does not fit is unknown, and the reason names the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax.expressions import Mentions
from trustproof.inputs.terraform.values.place import Place
from trustproof.results.result import BUDGET

#: Expressions that are evaluated, and items that functions go through. The largest real configurations need some
#: hundred thousand.
MAX_STEPS = 2_000_000
#: So many expressions are written out again in the time that it takes to evaluate one.
_LOOKED_THROUGH = 4
#: How many parts the value of one argument or local may have, those that are referred to counted as often as they are.
MAX_PARTS = 300_000
#: How long one text may become.
MAX_TEXT = 1_000_000
#: How much text all expressions may make together.
MAX_WRITTEN = 50_000_000
#: How many expressions may stand inside each other, or refer to each other in a row.
MAX_DEPTH = 100
#: How many instances one block may have.
MAX_INSTANCES = 20_000
#: How many instances all blocks may have, modules and what is in them: a few modules that each call the next one twice
#: are as many as nobody waits for. The root modules of a run share them, since they may all call the same few modules;
#: each has so many at least as a root module of a project that is not hostile needs.
MAX_ALL = 30_000
_LEAST = 1_000
#: How many of them may say who may do what: each is judged, and more than an account has roles (5,000 at most) take
#: longer than half a minute.
MAX_WITH_ACCESS = 6_000
#: How large a file may be, in bytes, and how many of them a configuration may have.
MAX_FILE = 10_000_000
MAX_FILES = 10_000


class Fault(Exception):
    """
    An expression has no value: Terraform would refuse it, or nobody knows. `args` is the reason, a clause.
    """

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.args[0])


class NotKnown(Fault):
    """An expression has a value that is not known: unlike any other fault, `try` and `can` do not catch it."""


class OverBudget(NotKnown):
    """A value takes more work than a configuration may ask for."""


def of_constants(why: str) -> str:
    """
    Why a value is not known that is made of nothing but constants: whoever has chosen these knows what it comes to, so
    it is a budget of ours that ends, and nothing that the deployment brings.
    """
    return why if BUDGET in why else f"{BUDGET}: what is evaluated of constants ({why})"


class Measure(NamedTuple):
    """
    How large a value is at most.
    """

    #: How many parts it has, those that are referred to counted as often as they are.
    parts: int
    #: How deep they stand inside each other.
    depth: int


def instances_of_each(roots: int, of_all: int | None = None) -> int:
    """
    How many instances each of so many root modules may have: the same, whatever the others take.

    Args:
        of_all: how many all of them may have together.
    """
    of_all = MAX_ALL if of_all is None else of_all
    return max(of_all // max(roots, 1), min(of_all, _LEAST))


class Work:
    """
    Counts the work on one configuration.

    Args:
        roots: how many of them the run has.
    """

    __slots__ = (
        "_base",
        "_deepest",
        "_depth",
        "_instances",
        "_limit",
        "_most_with_access",
        "_parts",
        "_steps",
        "_with_access",
        "_written",
    )

    def __init__(self, roots: int = 1) -> None:
        self._limit: int = instances_of_each(roots)
        self._most_with_access: int = instances_of_each(roots, MAX_WITH_ACCESS)
        self._with_access = 0
        self._depth = self._steps = self._written = self._instances = 0
        #: Of the value that is being made: its parts, the depth where it begins, and how deep it has gone.
        self._parts = self._base = self._deepest = 0

    def step(self, count: int = 1) -> None:
        """
        Count expressions, or items.

        Raises:
            OverBudget: there have been too many, or too many of one value.
        """
        self._steps += count
        self._parts += count
        if self._steps > MAX_STEPS:
            raise OverBudget(f"{BUDGET}: expressions of a configuration ({MAX_STEPS})")
        if self._parts > MAX_PARTS:
            raise OverBudget(f"{BUDGET}: parts of one value ({MAX_PARTS})")

    def look_through(self, mentions: Mentions) -> str:
        """
        Count what is looked through again of an expression without a value, to know what it is called and made of.

        Returns:
            Which budget that reaches; empty where it is within it.
        """
        self._steps += len(mentions.names) + mentions.size // _LOOKED_THROUGH
        return f"{BUDGET}: expressions of a configuration ({MAX_STEPS})" if self._steps > MAX_STEPS else ""

    def instance(self, place: Place, calls: Sequence[Place] = (), *, has_access: bool = False) -> None:
        """
        Count one instance of a resource or module.

        Args:
            place: of its block.
            calls: that lead to the module it stands in, that of the root module first: the error is there.
            has_access: whether it says who may do what.

        Raises:
            InputError: there have been too many.
        """
        self._instances += 1
        if self._instances > self._limit:
            message = f"{BUDGET}: instances of resources and modules, as many as the run has ({self._limit})"
            raise at_first_call(message, place, calls)
        self._with_access += has_access
        if self._with_access > self._most_with_access:
            most = self._most_with_access
            message = f"{BUDGET}: instances of resources that say who may do what, as many as the run has ({most})"
            raise at_first_call(message, place, calls)

    def begin(self) -> tuple[int, int, int]:
        """Begin with a value that others may refer to; gives what `end` wants."""
        before = self._parts, self._base, self._deepest
        self._parts, self._base, self._deepest = 0, self._depth, 0
        return before

    def end(self, before: tuple[int, int, int]) -> Measure:
        """End with it, and go on with the value around it."""
        measure = Measure(self._parts, self._deepest)
        self._parts, self._base, self._deepest = before
        return measure

    @property
    def is_making(self) -> bool:
        """Whether a value is being made, that what is referred to becomes a part of."""
        return self._depth > 0

    def refer(self, measure: Measure) -> None:
        """
        Count the parts of a value that the one which is being made refers to.

        Raises:
            OverBudget: the value that refers to it would have too many.
        """
        self._parts += measure.parts
        if self._parts > MAX_PARTS:
            raise OverBudget(f"{BUDGET}: parts of one value ({MAX_PARTS})")
        self._reach(self._depth - self._base + measure.depth)

    def _reach(self, depth: int) -> None:
        if depth > self._deepest:
            if depth > MAX_DEPTH:
                raise OverBudget(f"{BUDGET}: expressions inside each other ({MAX_DEPTH})")
            self._deepest = depth

    def write(self, size: int) -> None:
        """
        Count the characters of a text that is to be made.

        Raises:
            OverBudget: it would be too long, or all of them together are.
        """
        if size > MAX_TEXT:
            raise OverBudget(f"{BUDGET}: characters of one text ({MAX_TEXT})")
        self._written += size
        if self._written > MAX_WRITTEN:
            raise OverBudget(f"{BUDGET}: characters that a configuration makes ({MAX_WRITTEN})")

    def enter(self) -> None:
        """
        Go one level deeper, which is a step; `leave` goes back.

        Raises:
            OverBudget: it is too deep, or there have been too many steps.
        """
        self.leaf()
        self._depth += 1

    def leaf(self) -> None:
        """
        Count what is one level deeper, and nothing inside it: it is a step.

        Raises:
            OverBudget: it is too deep, or there have been too many steps.
        """
        if not self._depth:
            # Nothing is being made that what was evaluated before is a part of.
            self._parts = 0
        self.step()
        if self._depth >= MAX_DEPTH:
            raise OverBudget(f"{BUDGET}: expressions inside each other ({MAX_DEPTH})")
        depth = self._depth + 1 - self._base
        if depth > self._deepest:
            self._reach(depth)

    def leave(self) -> None:
        """Go back one level."""
        self._depth -= 1


def at_first_call(message: str, place: Place, calls: Sequence[Place]) -> InputError:
    """
    An error that many modules make together: at the call that leads there, and it says where the last one is.

    Args:
        place: that it was noticed at.
        calls: that lead there, that of the root module first.
    """
    first = calls[0] if calls else place
    where = f"{message}, reached by way of {place.file}:{place.line}" if place != first else message
    return InputError(where, first.file, first.line, first.column)
