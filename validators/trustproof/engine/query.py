"""
A question: may a request of this region be allowed by this policy?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product

from trustproof.engine.axioms import Pairs, facts, is_comparing
from trustproof.engine.domains import NOTHING, Values
from trustproof.engine.region import Case, Closed, Found, Region
from trustproof.engine.request_space import World
from trustproof.engine.search import Box, Empty, Literal, Piece, Steps, Tree, conjoin, escape, meet
from trustproof.engine.statements import ACROSS, Shape, across, allow_shape, beside, deny_shape
from trustproof.engine.witness import shown
from trustproof.model.policy import ALLOW, DENY, Policy
from trustproof.sets.patterns import matches
from trustproof.sets.strings import StringSet


class Compiled:
    """
    A policy compiled for worlds, so that several questions share the work.
    """

    __slots__ = ("_allow", "_denies", "_nobody", "allow_indices", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        #: Indices of the Allow statements.
        self.allow_indices = [i for i, statement in enumerate(policy.statements) if statement.effect == ALLOW]
        self._allow: dict[tuple[int, tuple[object, ...]], Shape] = {}
        #: Statements that name no caller of a kind, whatever else they say: index, kind and partition.
        self._nobody: dict[tuple[int, str, str], Shape] = {}
        self._denies: dict[tuple[object, ...], list[Shape]] = {}

    def allow(self, index: int, world: World) -> Shape:
        """One Allow statement as a box."""
        found = self._allow.get((index, world.key)) or self._nobody.get((index, world.kind, world.partition))
        if found is None:
            found = allow_shape(self.policy.statements[index], index, world, self.policy.has_variables)
            if _names_nobody(found):
                self._nobody[index, world.kind, world.partition] = found
            else:
                self._allow[index, world.key] = found
        return found

    def allows(self, world: World) -> list[Shape]:
        """The Allow statements as boxes."""
        return [self.allow(index, world) for index in self.allow_indices]

    def denies(self, world: World) -> list[Shape]:
        """The Deny statements that are certain in some part, as boxes."""
        found = self._denies.get(world.key)
        if found is None:
            denies = [(i, statement) for i, statement in enumerate(self.policy.statements) if statement.effect == DENY]
            variables = self.policy.has_variables
            read = [deny_shape(statement, i, world, variables) for i, statement in denies]
            more = [across(shape, world, variables) for shape in read if shape is not None]
            found = self._denies[world.key] = [shape for shape in (*read, *more) if shape is not None]
        return found


def _names_nobody(shape: Shape) -> bool:
    """Whether a statement names no caller of its world, whatever else it says."""
    return any(literal.dimension == "caller" and literal.yes is NOTHING for literal in shape.box.literals[:1])


#: Compiles a policy, or remembers it: the properties are asked of one policy one after the other.
compiled = lru_cache(maxsize=256)(Compiled)


def ask(
    compiled: Compiled,
    region: Region,
    index: int,
    *,
    others: Sequence[Compiled] = (),
    limit: Compiled | None = None,
    blocked: Sequence[Box] = (),
    accounts: Sequence[str] = (),
    resource: str = "*",
    denied: bool = True,
) -> Found | Closed:
    """
    Search a region for a request that one Allow statement lets through and no Deny stops.

    Args:
        compiled: the policy with the Allow statement.
        index: of the Allow statement in the policy.
        others: policies of the same caller; their Denies count too.
        limit: a permissions boundary, which must allow the request as well.
        blocked: further boxes to stay out of.
        accounts: tried first as the caller's account, where a request is made of what is found.
        resource: what that request is about, where the policy says nothing of it.
        denied: whether Denies count.

    Raises:
        BudgetReached: when the question needs more than `MAX_STEPS` steps.
    """
    steps = Steps()
    world = region.world
    shape = compiled.allow(index, world)
    if limit is None and not region.also and _names_nobody(shape):
        # So it is with most kinds of caller, and nothing else needs to be known.
        return Closed(region, shape, (Case(None, Empty("caller"), {}),))
    policies = (compiled, *others, *((limit,) if limit is not None else ()))
    cases: list[Case] = []
    for within, also in ways(region, compiled, limit):
        needed = [shape, *((within,) if within is not None else ()), *also]
        boxes = [s.box for s in needed]
        start = _start(region, boxes, steps)
        if isinstance(start, Empty):
            # Most callers are not even named: who else denies them need not be known.
            cases.append(Case(within, start, {}, also))
            continue
        stops = denying(region, policies, shape) if denied else []
        said = spoken(region, [*boxes, *(s.box for s in stops)])
        known = (*(s.box for s in stops), *readings(needed), *facts(world, said), *region.without, *blocked)
        denies = dict(enumerate(known))
        found = _escape(Found(region, start, shape, ()), denies, said, steps, accounts, resource)
        if isinstance(found, dict):
            if ACROSS.dimension in found and (found[ACROSS.dimension] & ACROSS.yes).is_empty:
                # The evaluator reads it the other way, in which there may be a request as well.
                other = region._replace(constraints=(*region.constraints, (ACROSS.dimension, ACROSS.yes)))
                again = ask(
                    compiled,
                    other,
                    index,
                    others=others,
                    limit=limit,
                    blocked=blocked,
                    accounts=accounts,
                    resource=resource,
                    denied=denied,
                )
                if isinstance(again, Found):
                    return again
            return Found(region, found, shape, _notes(policies, [*needed, *stops], found))
        cases.append(Case(within, found, denies, also))
    return Closed(region, shape, tuple(cases))


def ways(region: Region, compiled: Compiled, limit: Compiled | None) -> list[tuple[Shape | None, tuple[Shape, ...]]]:
    """What else must let the request in: a statement of the boundary, and one for each further action."""
    limits: list[Shape | None] = [None] if limit is None else [*limit.allows(region.world)]
    also = product(*(_naming(compiled.allows(world), world) for world in region.also))
    return [(within, others) for others in also for within in limits]


def readings(needed: Iterable[Shape]) -> Iterator[Box]:
    """Where the statements that must let a request in do not, as their wildcards are read."""
    return (box for shape in needed for box in shape.readings)


def denying(region: Region, policies: Sequence[Compiled], allow: Shape) -> list[Shape]:
    """
    The Deny statements that stop a request of the region, for any action that it needs.

    Args:
        policies: the one with the Allow statement first.
        allow: lets the request in, so that it is about a resource that this statement names.
    """
    world, variables = region.world, policies[0].policy.has_variables
    out = [s for policy in policies for deny in policy.denies(world) for s in beside(deny, allow, world, variables)]
    for other in region.also:
        out += [s for policy in policies for s in _naming(policy.denies(other), other)]
    return out


def _naming(found: Iterable[Shape], world: World) -> list[Shape]:
    """The statements that name the action of a world; that being settled, what they say of all else."""
    action = world.domain("action")
    out: list[Shape] = []
    for shape in found:
        literals = shape.box.literals
        if not any(literal.dimension == "action" and (literal.yes & action).is_empty for literal in literals):
            kept = tuple(literal for literal in literals if literal.dimension != "action")
            out.append(shape._replace(box=shape.box._replace(literals=kept)))
    return out


def _escape(
    start: Found, denies: dict[int, Box], said: Sequence[Literal], steps: Steps, accounts: Sequence[str], resource: str
) -> Piece | Tree:
    """
    A part that no box of `denies` covers, or the proof that there is none.

    Most facts about pairs do not matter, so each is added to `denies` only where what would be shown is none that can
    be sent.
    """
    world = start.region.world
    pairs: Pairs | None = None
    while True:
        found = escape(start.piece, denies, world.domain, steps)
        if not isinstance(found, dict) or (world.action and not is_comparing(said)):
            return found
        values = shown(start._replace(piece=found), accounts=accounts, resource=resource)
        pairs = pairs or Pairs(world, said)
        about = pairs.of(values["action"] or "", values["resource"] or "")
        missed = next((box for box in about if _holds(box, values)), None)
        if missed is None or missed in denies.values():
            return found
        denies[len(denies)] = missed


def _holds(box: Box, values: Mapping[str, str | None]) -> bool:
    """Whether some values lie in a box on just these dimensions."""
    return all(_has(literal.yes, values.get(literal.dimension)) for literal in box.literals)


def _has(values: Values, value: str | None) -> bool:
    if value is None:
        return values.absent
    return isinstance(values.present, StringSet) and value in values.present


def spoken(region: Region, boxes: Iterable[Box]) -> list[Literal]:
    """Everything that a question speaks of: what `facts` may be needed about."""
    return [
        *(literal for box in (*boxes, *region.without) for literal in box.literals),
        *(Literal(dimension, values, values, "") for dimension, values in region.constraints),
    ]


def _start(region: Region, boxes: Sequence[Box], steps: Steps) -> Piece | Empty:
    """The part of the region inside all boxes, whoever denies it, or the dimension that leaves none."""
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
    return piece


def _notes(policies: Sequence[Compiled], shapes_: Sequence[Shape], piece: Piece) -> tuple[str, ...]:
    """What is approximate about the statements on the way, as far as it matters for the callers that are left."""
    callers = piece.get("caller")
    record = callers.present.sample() if callers is not None and isinstance(callers.present, StringSet) else None
    notes = [
        note
        for s in shapes_
        for note in s.notes
        if note.callers is None or record is None or any(matches(p, record) for p in note.callers)
    ]
    # Where the reading makes no difference to what was found, it is no reason, unless there is no other.
    open_ = [note for note in notes if not note.reading or ACROSS.dimension in piece]
    out = [note.text for note in open_ or notes]
    return (*out, *(reason for policy in policies for reason in _unread_denies(policy.policy)))


def _unread_denies(policy: Policy) -> tuple[str, ...]:
    return tuple(reason for s in policy.statements if s.effect != ALLOW for reason in s.unreadable)
