"""
Pieces of a region: what is left of it inside boxes and within constraints, before it is asked who denies that.

A constraint that leaves out a thousand accounts by name is looked at last: most questions are closed without it, and
what closes a piece closes every part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from trustproof.engine.domains import Values
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import (
    Assignment,
    Box,
    Empty,
    StepBudget,
    Tree,
    conjoin,
    conjoin_all,
    find_uncovered,
)
from trustproof.sets.search import BudgetReached

#: What a first look at the values costs that a constraint leaves out, where it is looked at last; and how many literals
#: are tried without such constraints.
_WIDE, _AT_ONCE = 200, 1_000

#: A dimension, and the values that it is left.
Constraint: TypeAlias = "tuple[str, Values]"


def start_of(
    space: RequestSpace, constraints: Sequence[Constraint], boxes: Sequence[Box], steps: StepBudget
) -> Assignment | Empty:
    """The part of a region inside all boxes, whoever denies it, or the dimension that leaves none."""
    assignment: Assignment | Empty = {}
    for box in boxes:
        if isinstance(assignment, dict):
            assignment = conjoin_all(assignment, box.literals, space.domain, steps)
    if isinstance(assignment, dict):
        assignment = restricted(assignment, constraints, space, steps)
    if isinstance(assignment, Empty):
        return assignment
    if space.action and "action" not in assignment:
        assignment = {**assignment, "action": space.domain("action")}
    if "caller" not in assignment and space.domain("caller").is_empty:
        return Empty("caller")
    return assignment


def restricted(
    assignment: Assignment, constraints: Iterable[Constraint], space: RequestSpace, steps: StepBudget
) -> Assignment | Empty:
    """What is left of a piece within the constraints of a region, or the dimension that leaves nothing."""
    for dimension, values in constraints:
        narrowed = conjoin(assignment, dimension, values, space.domain, steps)
        if narrowed is None:
            return Empty(dimension)
        assignment = narrowed
    return assignment


def wide_apart(constraints: Sequence[Constraint]) -> tuple[tuple[Constraint, ...], tuple[Constraint, ...]]:
    """The constraints of a region, and apart from them those that leave out very many values by name."""
    near: list[Constraint] = []
    wide: list[Constraint] = []
    for constraint in constraints:
        (wide if sum(one.glance for one in constraint[1].searched) > _WIDE else near).append(constraint)
    return tuple(near), tuple(wide)


def closed_by(start: Assignment, denies: Mapping[int, Box], domain: Callable[[str], Values]) -> Tree | None:
    """The proof that the denies leave nothing, where it is found at once."""
    steps = StepBudget(_AT_ONCE)
    try:
        found = find_uncovered(start, denies, domain, steps)
    except BudgetReached:
        steps.check()
        return None
    return None if isinstance(found, dict) else found
