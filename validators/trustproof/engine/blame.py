"""
Why nothing gets through an Allow statement: the request that comes nearest, and the condition that stops it.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof._typing import NamedTuple
from trustproof.engine.boxes import Shape
from trustproof.engine.question import Compiled, Found, Region
from trustproof.engine.search import Literal, Piece, Steps, conjoin
from trustproof.engine.world import World


class Blame(NamedTuple):
    """
    The nearest miss of one statement.
    """

    #: A request that meets as much of the statement as one request can; for `engine.witness.build`.
    nearest: Found
    #: Literals that no request of this world meets, whatever the others say.
    impossible: tuple[Literal, ...]
    #: Literals that exclude what the ones before them demand.
    conflicting: tuple[Literal, ...]


def blame(compiled: Compiled, regions: Sequence[Region], index: int) -> Blame | None:
    """
    The nearest miss over several worlds; None where no caller is even named by the statement.

    Raises:
        BudgetReached: when a string search does.
    """
    best: tuple[tuple[int, int, int, int], Blame] | None = None
    for order, region in enumerate(regions):
        world = region.world
        shape = compiled.allow(index, world)
        found = _nearest(region, world, shape)
        if found is None:
            continue
        # A world whose action the statement does not name is no near miss, unless there is no other.
        wrong_action = any(literal.dimension == "action" for literal in found.impossible)
        # Who is meant by the statement is the caller whom its conditions on the caller admit.
        wrong_caller = any(literal.dimension == "caller" for literal in (*found.impossible, *found.conflicting))
        rank = (int(wrong_action), int(wrong_caller), len(found.impossible) + len(found.conflicting), order)
        if best is None or rank < best[0]:
            best = (rank, found)
    return None if best is None else best[1]


def _nearest(region: Region, world: World, shape: Shape) -> Blame | None:
    steps = Steps()
    start: Piece = {}
    for dimension, values in region.constraints:
        start = conjoin(start, dimension, values, world.domain, steps) or start
    piece = start
    impossible: list[Literal] = []
    conflicting: list[Literal] = []
    for literal in shape.box.literals:
        alone = conjoin(start, literal.dimension, literal.yes, world.domain, steps)
        if alone is None:
            if literal.label in ("Principal", "NotPrincipal"):
                return None
            impossible.append(literal)
            continue
        together = conjoin(piece, literal.dimension, literal.yes, world.domain, steps)
        if together is None:
            conflicting.append(literal)
        else:
            piece = together
    if world.domain("caller").is_empty:
        return None
    return Blame(Found(region, piece, shape, ()), tuple(impossible), tuple(conflicting))
