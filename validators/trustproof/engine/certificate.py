"""
Certificates: a closed search is a proof that can be checked without searching.

The checker is the part of the engine that a proof needs to be believed, so it shares with the search only what both
speak about: statements and facts as boxes, and the sets of values. It follows the tree as it is written, remembers
nothing, and takes nothing from the certificate but the tree and which boxes it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trustproof.engine.axioms import facts, lengths
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.domains import Values
from trustproof.engine.query import denying_statements, mentioned_literals, readings, ways
from trustproof.engine.region import Case, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.resource_relations import Pairs
from trustproof.engine.search import Box, CoveredBy, Empty, Split, Tree
from trustproof.engine.statements import EncodedStatement
from trustproof.sets.collections import CollectionSet
from trustproof.sets.strings import StringSet


class RejectedError(Exception):
    """A certificate does not prove what it is for."""


def verify(
    closed: ClosedRegion,
    region: Region,
    index: int,
    compiled: CompiledPolicy,
    *,
    others: Sequence[CompiledPolicy] = (),
    permissions_boundary: CompiledPolicy | None = None,
    excluded: Callable[[Box], bool] = lambda box: False,
) -> None:
    """
    Check that no request of a region is let through by one Allow statement.

    Args:
        closed: the certificate; which region and statement it says it is for is not looked at.
        region: what was asked.
        index: of the Allow statement in the policy.
        compiled: the policy, compiled by the checker.
        others: policies of the same caller.
        permissions_boundary: the permissions boundary.
        excluded: whether no deployment has a request in a box that is neither a Deny nor a fact.

    Raises:
        RejectedError: the certificate proves something else, or nothing.
        BudgetReached: a string search did.
    """
    space = region.space
    encoded = compiled.allow(index, space)
    policies = (compiled, *others, *(() if permissions_boundary is None else (permissions_boundary,)))
    known = [*(s.box for s in denying_statements(region, policies, encoded)), *region.without]
    spoken_of = [(case.within, case.also) for case in closed.cases]
    # What nobody gets through by this statement, nobody gets through by it and others.
    if spoken_of != [(None, ())]:
        if spoken_of != ways(region, compiled, encoded, permissions_boundary):
            raise RejectedError("it does not speak of all Allow statements that the request needs besides")
        left_out = (one for further in region.also for one in compiled.naming_others(further, encoded))
        if not all(_are_for_others(encoded, one, space) for one in left_out):
            raise RejectedError("it leaves out an Allow statement that lets the same callers in for a further action")
    for case in closed.cases:
        needed = (encoded, *(() if case.within is None else (case.within,)), *case.also)
        _check_case(case, region, encoded.box, [*known, *readings(needed)], excluded)


def _are_for_others(one: EncodedStatement, other: EncodedStatement, space: RequestSpace) -> bool:
    """Whether no caller is named by both of two statements."""
    held: dict[str, Values] = {}
    for literal in (*one.box.literals, *other.box.literals):
        if literal.dimension == "caller":
            held = _holding(held, literal.dimension, literal.yes, space)
    return is_nothing(held.get("caller") or space.domain("caller"))


def _check_case(case: Case, region: Region, allow: Box, known: Sequence[Box], excluded: Callable[[Box], bool]) -> None:
    """Check one tree: what it starts from, what it stays out of, and that nothing is left."""
    boxes = [allow, *(() if case.within is None else (case.within.box,)), *(s.box for s in case.also)]
    numbers = sorted(used_boxes(case.tree))
    if not case.denies.keys() >= set(numbers):
        raise RejectedError("it names a Deny that is not there")
    strange = [box for box in (case.denies[number] for number in numbers) if box not in known]
    said = mentioned_literals(region, (*boxes, *known)) if strange else []
    natural = (
        [*facts(region.space, said), *lengths(region.space, said).values(), *Pairs(region.space, said)]
        if strange
        else []
    )
    for box in strange:
        if box not in natural and not excluded(box):
            raise RejectedError(f"no Deny and no fact is the same as the one it calls {box.label}")
    held: dict[str, Values] = {}
    for box in boxes:
        for literal in box.literals:
            held = _holding(held, literal.dimension, literal.yes, region.space)
    for dimension, values in region.constraints:
        held = _holding(held, dimension, values, region.space)
    _check_tree(case.tree, held, case.denies, region.space)


def used_boxes(tree: Tree) -> set[int]:
    """The numbers of the boxes that a tree stays out of."""
    found: set[int] = set()
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, CoveredBy):
            found.add(one.deny)
        elif isinstance(one, Split):
            found.add(one.deny)
            waiting += (one.rest, *(branch for _, branch in one.branches))
    return found


def _check_tree(tree: Tree, held: Mapping[str, Values], denies: Mapping[int, Box], space: RequestSpace) -> None:
    """Check that no request, outside all of `denies`, has its keys in `held`."""
    # A list of what is still to be checked: a tree may be deeper than a program's stack.
    waiting: list[tuple[Tree, Mapping[str, Values]]] = [(tree, held)]
    while waiting:
        one, values = waiting.pop()
        if isinstance(one, Empty):
            if not is_nothing(values.get(one.dimension) or space.domain(one.dimension)):
                raise RejectedError(f"something is left of {one.dimension}")
            continue
        deny = denies[one.deny]
        if isinstance(one, CoveredBy):
            for literal in deny.literals:
                if not is_nothing(_holding(values, literal.dimension, literal.no, space)[literal.dimension]):
                    raise RejectedError(f"{deny.label} can be escaped: {literal.label}")
            continue
        # A request meets each literal or not: first those that don't meet it, then, for what follows, those that do.
        for number, branch in one.branches:
            if number not in range(len(deny.literals)):
                raise RejectedError(f"{deny.label} has no condition {number}")
            literal = deny.literals[number]
            waiting.append((branch, _holding(values, literal.dimension, literal.no, space)))
            values = _holding(values, literal.dimension, literal.yes, space)
        waiting.append((one.rest, values))


def _holding(held: Mapping[str, Values], dimension: str, values: Values, space: RequestSpace) -> dict[str, Values]:
    return {**held, dimension: (held.get(dimension) or space.domain(dimension)) & values}


def is_nothing(values: Values) -> bool:
    """
    Whether no value is left, decided anew.

    Raises:
        BudgetReached: a string search did.
    """
    present = values.present
    if values.absent or present is None:
        return not values.absent
    if isinstance(present, StringSet):
        return present.search() is None
    if isinstance(present, CollectionSet):
        # Every demand is met by an element that all elements may be; without demands one element is enough.
        demands = [present.every & demand for demand in present.some] or [present.every]
        return any(demand.search() is None for demand in demands)
    return present.is_empty
