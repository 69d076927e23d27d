"""
What a statement gives by each outcome of the conditions that decide what there is beside it.

A search takes each condition by itself, so it may find something where two hold together that exclude each other: no
deployment has that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product

from trustproof.comparison.pairs.relevant_statements import RelevantStatements
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.policy import Guard, Policy, Statement
from trustproof.proving.excess import UNCONFIRMED, Excess
from trustproof.proving.sides import Side
from trustproof.sets.search import BudgetReached

#: Of more conditions, it is not tried which hold together.
_CONDITIONS = 6


def gives_nothing_by_any(
    found: Excess,
    mine: Side,
    theirs: Side,
    subjects: tuple[Subject, Subject | None],
    asked: Callable[[Side, Side], Iterable[Excess]],
) -> bool:
    """
    Whether what the evaluator did not confirm would take conditions that never hold together.

    Args:
        subjects: the side that has the statement, and the other one.
        asked: what the statement lets in beside some policies, and others do not.
    """
    there = [one for one in subjects if one is not None]
    if set(found.doubts) != {UNCONFIRMED} or any(one.is_foreign for side in there for one in side.all_documents):
        return False
    about = RelevantStatements(found.statement, there[0].kind)
    sides = [_only(about.of, side) for side in (mine, theirs)]
    guards = {guard for side in sides for one in _statements(side) for guard in one.guards}
    names = sorted({guard.name for guard in guards})
    template = there[0].context.template
    if len(names) > _CONDITIONS or not all(isinstance(one.value, bool) for one in guards):
        return False
    if not all(template.definition(name) for name in names):
        # The condition of the other side may be another one.
        return False
    for outcome in product((True, False), repeat=len(names)):
        together = tuple(map(Guard, names, outcome))
        if not set(found.statement.guards) <= set(together):
            continue
        try:
            if there[0].deployments.satisfy(together) is None:
                continue
        except BudgetReached:
            return False
        decided = partial(_decided, together=frozenset(together))
        held = [_only(decided, side) for side in sides]
        if any(True for _ in asked(*held)):
            return False
    return True


def _decided(policy: Policy, together: frozenset[Guard]) -> Policy:
    """What there is of a policy where some conditions are decided."""
    there = (one._replace(guards=()) for one in policy.statements if set(one.guards) <= together)
    return policy._replace(statements=tuple(there))


def _only(of: Callable[[Policy], Policy], side: Side) -> Side:
    limit = side.permissions_boundary
    return Side(tuple(map(of, side.policies)), None if limit is None else of(limit))


def _statements(side: Side) -> Iterator[Statement]:
    limit = side.permissions_boundary
    for policy in (*side.policies, *(() if limit is None else (limit,))):
        yield from policy.statements
