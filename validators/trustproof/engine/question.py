"""
A question: may a request of this region be allowed by this policy?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.engine.boxes import Shape, shapes
from trustproof.engine.nature import facts
from trustproof.engine.search import Box, Empty, Piece, Steps, Tree, conjoin, escape, meet
from trustproof.engine.values import Values
from trustproof.engine.world import World
from trustproof.model.policy import ALLOW, Policy
from trustproof.sets.patterns import matches
from trustproof.sets.strings import StringSet


class Region(NamedTuple):
    """
    A set of requests: one world, and what some dimensions are restricted to.
    """

    world: World
    #: Dimension to the values that the region leaves it.
    constraints: tuple[tuple[str, Values], ...] = ()
    #: Boxes that the region leaves out.
    without: tuple[Box, ...] = ()


class Found(NamedTuple):
    """
    A part of the region in which every request is allowed, as far as the boxes are exact.
    """

    region: Region
    piece: Piece
    shape: Shape
    #: Why the boxes on the way are not exact; empty where they are.
    notes: tuple[str, ...]


class Case(NamedTuple):
    """
    One way for a request to be allowed, and the proof that none is allowed in this way.
    """

    #: The Allow statement of the permissions boundary that must hold as well; None where there is no boundary.
    within: Shape | None
    tree: Tree
    #: What the tree stays out of; it names these by number.
    denies: Mapping[int, Box]


class Closed(NamedTuple):
    """
    No request of the region is allowed by one Allow statement; `engine.certificate` checks it.
    """

    region: Region
    shape: Shape
    #: One case; with a permissions boundary, one for each of its Allow statements.
    cases: tuple[Case, ...]


class Compiled:
    """
    A policy compiled for worlds, so that several questions share the work.
    """

    __slots__ = ("_shapes", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._shapes: dict[tuple[object, ...], tuple[list[Shape], list[Shape]]] = {}

    def shapes(self, world: World) -> tuple[list[Shape], list[Shape]]:
        """The Allow and the Deny statements as boxes."""
        key = (world.kind, world.action, world.partition, world.barred, world.own_name, *world.fixed.items())
        found = self._shapes.get(key)
        if found is None:
            found = self._shapes[key] = shapes(self.policy, world)
        return found

    def allows(self, world: World) -> list[Shape]:
        """The Allow statements as boxes."""
        return self.shapes(world)[0]

    def denies(self, world: World) -> list[Shape]:
        """The Deny statements that are certain in some part, as boxes."""
        return self.shapes(world)[1]

    @property
    def allow_indices(self) -> list[int]:
        """Indices of the Allow statements."""
        return [i for i, statement in enumerate(self.policy.statements) if statement.effect == ALLOW]


def ask(
    compiled: Compiled,
    region: Region,
    index: int,
    *,
    others: Sequence[Compiled] = (),
    limit: Compiled | None = None,
    blocked: Sequence[Box] = (),
) -> Found | Closed:
    """
    Search a region for a request that one Allow statement lets through and no Deny stops.

    Args:
        compiled: the policy with the Allow statement.
        index: of the Allow statement in the policy.
        others: policies of the same caller; their Denies count too.
        limit: a permissions boundary, which must allow the request as well.
        blocked: further boxes to stay out of.

    Raises:
        BudgetReached: when the question needs more than `MAX_STEPS` steps.
    """
    steps = Steps()
    world = region.world
    shape = next(s for s in compiled.allows(world) if s.number == index)
    policies = (compiled, *others, *((limit,) if limit is not None else ()))
    denied = [s for policy in policies for s in policy.denies(world)]
    limits: list[Shape | None] = [None] if limit is None else [*limit.allows(world)]
    cases: list[Case] = []
    for within in limits:
        boxes = (shape.box,) if within is None else (shape.box, within.box)
        denies = _denies(region, boxes, denied, blocked)
        found = _escape(region, boxes, denies, steps)
        if isinstance(found, dict):
            notes = _notes(policies, [shape, *denied, *((within,) if within is not None else ())], found)
            return Found(region, found, shape, notes)
        cases.append(Case(within, found, denies))
    return Closed(region, shape, tuple(cases))


def _denies(
    region: Region, boxes: Sequence[Box], denied: Sequence[Shape], blocked: Sequence[Box]
) -> dict[int, Box]:
    """Everything to stay out of, numbered: Denies first, then the facts about the dimensions in play."""
    found = [s.box for s in denied]
    dimensions = {d for d, _ in region.constraints}
    dimensions.update(literal.dimension for box in (*boxes, *found, *region.without) for literal in box.literals)
    return dict(enumerate((*found, *facts(region.world, dimensions), *region.without, *blocked)))


def _escape(
    region: Region, boxes: Sequence[Box], denies: Mapping[int, Box], steps: Steps
) -> Piece | Tree:
    """A part of the region inside all boxes and outside all denies, or why there is none."""
    world = region.world
    piece: Piece | Empty = {}
    for box in boxes:
        if isinstance(piece, dict):
            piece = meet(piece, box.literals, world.domain, steps)
    for dimension, values in region.constraints:
        if isinstance(piece, dict):
            piece = conjoin(piece, dimension, values, world.domain, steps) or Empty(dimension)
    if isinstance(piece, Empty):
        return piece
    if world.action and "action" not in piece:
        piece = {**piece, "action": world.domain("action")}
    if "caller" not in piece and world.domain("caller").is_empty:
        return Empty("caller")
    return escape(piece, denies, world.domain, steps)


def _notes(policies: Sequence[Compiled], shapes_: Sequence[Shape], piece: Piece) -> tuple[str, ...]:
    """What is approximate about the statements on the way, as far as it matters for the callers that are left."""
    callers = piece.get("caller")
    record = callers.present.sample() if callers is not None and isinstance(callers.present, StringSet) else None
    out = [
        note.text
        for s in shapes_
        for note in s.notes
        if note.callers is None or record is None or any(matches(p, record) for p in note.callers)
    ]
    return (*out, *(reason for policy in policies for reason in _unread_denies(policy.policy)))


def _unread_denies(policy: Policy) -> tuple[str, ...]:
    return tuple(reason for s in policy.statements if s.effect != ALLOW for reason in s.unreadable)
