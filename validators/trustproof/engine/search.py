"""
The search: a request inside a box and outside every deny, or a proof that there is none.

It is DPLL with the conditions as literals. The keys are independent of each other, so each key's conjunction is decided
by its own set, and there is nothing to learn and nothing to combine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.engine.allowance import current_allowance
from trustproof.engine.domains import Values
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: How many literals one question may try. Trust policies are limited in size by IAM; a policy of that size needs a few
#: hundred, and the worst ones known some ten thousand.
MAX_STEPS = 200_000

#: How many states the string searches of one question may visit, each different search counted once. Ordinary policies
#: need less than a thousand.
MAX_QUESTION_STATES = 500_000

#: How many literals a question tries as a part of what it costs otherwise, and the units of each one beyond: of
#: thousands of statements each is tried a few times.
_FEW_STEPS, _STEP = 1_000, 16
#: Units that it costs to see that a text is one of some strings, besides one for each of their patterns.
_TRIED = 16
#: So many keys of a piece are copied in the time of one unit of an allowance.
_COPIED = 64
#: So many times a first look at patterns takes as long as taking them together with others.
_TAKEN = 16

#: Dimension to the values left for it. A dimension that is not in it has its whole domain.
Assignment: TypeAlias = "dict[str, Values]"


class Literal(NamedTuple):
    """
    One condition on one dimension: the values that meet it, and those that don't.
    """

    dimension: str
    yes: Values
    no: Values
    #: What it says, for a person: ``Bool aws:MultiFactorAuthPresent true``.
    label: str


class Box(NamedTuple):
    """
    A conjunction of literals: what a statement matches.
    """

    literals: tuple[Literal, ...]
    #: Which statement it comes from (or which fact of nature), for a person and for the certificate.
    label: str


def never(label: str, *literals: Literal) -> Box:
    """A box that no real request is in."""
    return Box(literals, label)


class Empty(NamedTuple):
    """A leaf: the literals on this dimension exclude each other."""

    dimension: str


class CoveredBy(NamedTuple):
    """A leaf: everything that is left is denied by this box."""

    deny: int


class Split(NamedTuple):
    """An inner node: one branch per literal of a deny that can be escaped by negating it."""

    deny: int
    #: (index of the literal that is negated, the proof of that branch).
    branches: tuple[tuple[int, Tree], ...]
    #: Why the rest, where all these literals hold, has no request either.
    rest: Tree


#: Why nothing is left, as a value; `engine.certificate` checks it.
Tree: TypeAlias = "Empty | CoveredBy | Split"


class StepBudget:
    """
    Counts the work of one question.
    """

    __slots__ = ("_allowance", "_few", "_seen", "left", "states")

    def __init__(self, limit: int = MAX_STEPS, states: int = MAX_QUESTION_STATES) -> None:
        self.left: int = limit
        self._few = limit - _FEW_STEPS
        self.states: int = states
        self._seen: set[StringSet] = set()
        self._allowance = current_allowance()

    def take(self) -> None:
        """
        Use one step.

        Raises:
            BudgetReached: when none is left.
        """
        self.left -= 1
        if self.left < 0:
            raise BudgetReached("steps of one question", MAX_STEPS)
        if self._allowance is not None:
            if self.left < self._few:
                self._allowance.left -= _STEP
            self._allowance.check()

    def check(self) -> None:
        """
        Go on only if something is left for the policy.

        Raises:
            BudgetReached: nothing is.
        """
        if self._allowance is not None:
            self._allowance.check()

    def copy(self, assignment: Assignment) -> None:
        """
        Count that a piece is copied, which takes time where it is about very many keys.

        Raises:
            BudgetReached: nothing is left for the policy.
        """
        if self._allowance is not None:
            self._allowance.left -= len(assignment) // _COPIED
            self._allowance.check()

    def look_at(self, values: Values) -> None:
        """
        Count a first look at values, before it is taken: one set of strings may hold more patterns than a policy may
        look at, and one of addresses more intervals.

        Raises:
            BudgetReached: that is more than is left.
        """
        if self._allowance is not None:
            searched = (found for found in values.searched if found not in self._seen)
            # Patterns are taken together with others as they are: what each of them says is looked at by a search.
            self._allowance.left -= sum(found.glance // _TAKEN for found in searched) + values.width
            self._allowance.check()

    def look_up(self, values: Values) -> None:
        """
        Count that a text is tried on strings, which takes no search.

        Raises:
            BudgetReached: that is more than is left.
        """
        if self._allowance is not None:
            self._allowance.left -= _TRIED + sum(found.width for found in values.searched)
            self._allowance.check()

    def search(self, searched: Iterable[StringSet]) -> None:
        """
        Make string searches, and count their states, whether or not another question has made them before.

        Raises:
            BudgetReached: one has come to its end without an answer, or costs more than is left; or more have been
                visited than one question may.
        """
        for found in searched:
            if found in self._seen:
                continue
            states, _ = found.cost if self._allowance is None else self._allowance.search(found)
            self._seen.add(found)
            self.states -= states
        if self.states < 0:
            raise BudgetReached("states of the string searches of one question", MAX_QUESTION_STATES)


Domain: TypeAlias = "Callable[[str], Values]"


def conjoin(
    assignment: Assignment, dimension: str, values: Values, domain: Domain, steps: StepBudget
) -> Assignment | None:
    """Restrict one dimension of a piece; None when nothing is left."""
    narrowed = _narrowed(assignment, dimension, values, domain, steps)
    if narrowed is None:
        return None
    steps.copy(assignment)
    return {**assignment, dimension: narrowed}


def _narrowed(
    assignment: Assignment, dimension: str, values: Values, domain: Domain, steps: StepBudget
) -> Values | None:
    """What is left of one dimension of a piece; None when nothing is."""
    steps.take()
    before = assignment.get(dimension)
    if before is None:
        before = domain(dimension)
    narrowed = before & values
    steps.look_at(narrowed)
    # Mostly one more constraint leaves in what was found without it.
    found = narrowed.with_member_of(before)
    if found is not None:
        steps.look_up(found)
        return found
    steps.search(narrowed.searched)
    return None if narrowed.is_empty else narrowed.with_member()


def conjoin_all(
    assignment: Assignment, literals: Sequence[Literal], domain: Domain, steps: StepBudget
) -> Assignment | Empty:
    """Restrict a piece by all the literals; the dimension that runs empty when nothing is left."""
    # One copy for all of them: a statement may be about thousands of keys.
    found = dict(assignment)
    for literal in literals:
        narrowed = _narrowed(found, literal.dimension, literal.yes, domain, steps)
        if narrowed is None:
            return Empty(literal.dimension)
        found[literal.dimension] = narrowed
    return found


def find_uncovered(
    assignment: Assignment, denies: Mapping[int, Box], domain: Domain, steps: StepBudget
) -> Assignment | Tree:
    """
    A non-empty part of `assignment` that no box of `denies` covers, or the proof that there is none.
    """
    live: list[tuple[int, int, list[int]]] = []
    for index in denies:
        ways_out = _ways_out(assignment, denies[index], domain, steps)
        if ways_out is None:
            continue
        if not ways_out:
            return CoveredBy(index)
        live.append((len(ways_out), index, [*ways_out]))
    if not live:
        return assignment
    #: Denies with one way out, which is taken at once: the literal that is negated.
    forced: list[tuple[int, int]] = []
    for index in [index for count, index, _ in live if count == 1]:
        ways_out = _ways_out(assignment, denies[index], domain, steps)
        if ways_out is None:
            continue
        if not ways_out:
            return _after(forced, CoveredBy(index))
        ((number, assignment),) = ways_out.items()
        forced.append((index, number))
    if forced:
        # What is left may have fewer ways out by now.
        left = {index: denies[index] for count, index, _ in live if count > 1}
        found = find_uncovered(assignment, left, domain, steps) if left else assignment
        return found if isinstance(found, dict) else _after(forced, found)
    live.sort()
    _, chosen, numbers = live[0]
    rest = {index: denies[index] for _, index, _ in live[1:]}
    branches: list[tuple[int, Tree]] = []
    for number in numbers:
        literal = denies[chosen].literals[number]
        outside = conjoin(assignment, literal.dimension, literal.no, domain, steps)
        if outside is not None:
            found = find_uncovered(outside, rest, domain, steps)
            if isinstance(found, dict):
                return found
            branches.append((number, found))
        inside = conjoin(assignment, literal.dimension, literal.yes, domain, steps)
        if inside is None:
            return Split(chosen, tuple(branches), Empty(literal.dimension))
        assignment = inside
    return Split(chosen, tuple(branches), CoveredBy(chosen))


def _ways_out(assignment: Assignment, box: Box, domain: Domain, steps: StepBudget) -> dict[int, Assignment] | None:
    """What is left outside a box, by the literal that is negated; None where nothing is inside."""
    steps.check()
    for literal in box.literals[:1]:
        # Most statements name somebody else, as is seen at once.
        before = assignment.get(literal.dimension)
        if before is not None and before.is_apart_from(literal.yes):
            return None
    if isinstance(conjoin_all(assignment, box.literals, domain, steps), Empty):
        return None
    outside = {
        number: conjoin(assignment, literal.dimension, literal.no, domain, steps)
        for number, literal in enumerate(box.literals)
    }
    return {number: rest for number, rest in outside.items() if rest is not None}


def _after(forced: Sequence[tuple[int, int]], tree: Tree) -> Tree:
    """The proof for a piece, from that for the part of it where all one could do has been done."""
    for index, number in reversed(forced):
        tree = Split(index, ((number, tree),), CoveredBy(index))
    return tree
