"""
Why nothing gets through an Allow statement: the request that comes nearest, and the conditions that stop it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trustproof.engine.caller_records import VIEWS
from trustproof.engine.certificate import used_boxes
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.query import ask, denying_statements
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import READING, RequestSpace
from trustproof.engine.search import Assignment, Box, Empty, Literal, StepBudget, conjoin, conjoin_all
from trustproof.engine.statements import EncodedStatement

#: What tells who is meant by a statement.
_WHO = ("caller", "key:aws:principaltype", *map(key_dimension, VIEWS))


class Conflict(NamedTuple):
    """
    The nearest miss of one statement.
    """

    #: A request that meets as much of the statement as one request can; for `engine.witness.build`.
    nearest: AllowedPart
    #: Literals that no caller meets whom the statement may mean, whatever the others say.
    impossible: tuple[Literal, ...]
    #: Literals that exclude each other: each can be met, and not together.
    conflicting: tuple[Literal, ...]
    #: Facts about requests that no request gets around.
    facts: tuple[Box, ...] = ()
    #: Whether a Deny stops what the statement lets in.
    denied: bool = False

    @property
    def space(self) -> RequestSpace:
        """The callers of the nearest miss."""
        return self.nearest.region.space


class _Miss(NamedTuple):
    """What of a statement the requests of one region do not meet."""

    nearest: AllowedPart
    #: Met by no request of the region.
    alone: tuple[Literal, ...]
    #: Not met together with those before them.
    together: tuple[Literal, ...]

    @property
    def names_action(self) -> bool:
        return not any(literal.dimension == "action" for literal in self.alone)

    @property
    def means_caller(self) -> bool:
        return not any(literal.dimension in _WHO for literal in (*self.alone, *self.together))


def find_conflict(
    compiled: CompiledPolicy,
    regions: Sequence[Region],
    index: int,
    *,
    others: Sequence[CompiledPolicy] = (),
    permissions_boundary: CompiledPolicy | None = None,
    accounts: Sequence[str] = (),
) -> Conflict | None:
    """
    The nearest miss over several request spaces; None where no caller is even named by the statement.

    Args:
        others: policies of the same caller.
        permissions_boundary: the permissions boundary.
        accounts: tried first as the caller's account, where a request is made of the nearest miss.

    Raises:
        BudgetReached: when a string search does.
    """
    misses = [miss for region in regions if (miss := _miss(region, compiled.allow(index, region.space))) is not None]
    if not misses:
        return None
    # A request space whose action the statement does not name is no near miss, unless there is no other; and who is
    # meant by the statement is the caller whom its conditions on the caller admit.
    best = min(misses, key=lambda m: (not m.names_action, not m.means_caller, len(m.alone) + len(m.together)))
    meant = [m for m in misses if (m.names_action, m.means_caller) == (best.names_action, best.means_caller)]
    impossible = tuple(literal for literal in best.alone if all(_is_in(literal, m.alone) for m in meant))
    if impossible or best.alone or best.together:
        return Conflict(best.nearest, impossible, () if impossible else _conflict(best, meant))
    closed = ask(compiled, best.nearest.region, index, others=others, permissions_boundary=permissions_boundary)
    facts: tuple[Box, ...] = ()
    denied = True
    if isinstance(closed, ClosedRegion):
        policies = (compiled, *others, *((permissions_boundary,) if permissions_boundary is not None else ()))
        denied_by = denying_statements(best.nearest.region, policies, closed.encoded)
        facts, denied = _stopping(closed, [encoded.box for encoded in denied_by])
    # What is shown is a request that can be sent, and that only the Denies stop.
    allowed = ask(compiled, best.nearest.region, index, denied=False, accounts=accounts) if denied else None
    return Conflict(allowed if isinstance(allowed, AllowedPart) else best.nearest, (), (), facts, denied)


def _miss(region: Region, encoded: EncodedStatement) -> _Miss | None:
    """None where no caller of the region is named, or none exists."""
    space = region.space
    if space.domain("caller").is_empty:
        return None
    steps = StepBudget()
    start = assignment = _start(region, steps)
    alone: list[Literal] = []
    together: list[Literal] = []
    for literal in encoded.box.literals:
        if conjoin(start, literal.dimension, literal.yes, space.domain, steps) is None:
            if literal.label in ("Principal", "NotPrincipal"):
                return None
            alone.append(literal)
            continue
        narrowed = conjoin(assignment, literal.dimension, literal.yes, space.domain, steps)
        if narrowed is None:
            together.append(literal)
        else:
            assignment = narrowed
    return _Miss(AllowedPart(region, assignment, encoded, ()), tuple(alone), tuple(together))


def _conflict(best: _Miss, meant: Sequence[_Miss]) -> tuple[Literal, ...]:
    """The literals that exclude each other: those that the nearest request does not meet, and what is against them."""
    literals = best.nearest.encoded.box.literals
    if best.together:
        first = best.together[0]
        return _least([one for one in literals if one.dimension == first.dimension], best.nearest.region)
    first = best.alone[0]
    # Who meets this one does not meet others.
    elsewhere = next(m for m in meant if not _is_in(first, m.alone))
    against = [literal for literal in literals if _is_in(literal, (*elsewhere.alone, *elsewhere.together))]
    return (first, *against)


def _least(literals: Sequence[Literal], region: Region) -> tuple[Literal, ...]:
    """As few of these literals as exclude each other."""
    kept = list(literals)
    for literal in literals:
        fewer = [one for one in kept if one is not literal]
        steps = StepBudget()
        if isinstance(conjoin_all(_start(region, steps), fewer, region.space.domain, steps), Empty):
            kept = fewer
    return tuple(kept)


def _start(region: Region, steps: StepBudget) -> Assignment:
    assignment: Assignment = {}
    for dimension, values in region.constraints:
        assignment = conjoin(assignment, dimension, values, region.space.domain, steps) or assignment
    return assignment


def _is_in(literal: Literal, literals: Iterable[Literal]) -> bool:
    """Whether the same condition is among literals of another request space."""
    return any(literal.label == other.label for other in literals)


def _stopping(closed: ClosedRegion, denied: Sequence[Box]) -> tuple[tuple[Box, ...], bool]:
    """The facts that a proof rests on, and whether it rests on a Deny."""
    boxes = [case.denies[number] for case in closed.cases for number in sorted(used_boxes(case.tree))]
    read = [box for box in boxes if any(literal.dimension == READING for literal in box.literals)]
    facts = {box.label: box for box in boxes if box not in denied and box not in read}
    return tuple(facts.values()), any(box in denied for box in boxes)
