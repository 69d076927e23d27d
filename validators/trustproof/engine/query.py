"""
A question: may a request of this region be allowed by this policy?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from math import prod
from typing import TypeAlias

from trustproof.engine.allowance import current_allowance, spend
from trustproof.engine.axioms import facts, lengths
from trustproof.engine.comparisons import is_comparing
from trustproof.engine.compiled_policy import CompiledPolicy, names_nobody
from trustproof.engine.domains import Values
from trustproof.engine.pieces import Constraint, closed_by, restricted, start_of, wide_apart
from trustproof.engine.region import AllowedPart, Case, ClosedRegion, Region
from trustproof.engine.resource_relations import Pairs
from trustproof.engine.search import (
    Assignment,
    Box,
    Empty,
    Literal,
    StepBudget,
    Tree,
    find_uncovered,
)
from trustproof.engine.statements import ACROSS, EncodedStatement, beside
from trustproof.engine.witness import displayed_values
from trustproof.model.policy import ALLOW, Policy
from trustproof.sets.patterns import matches
from trustproof.sets.strings import StringSet

#: How many ways to let a request in are part of what a question costs, and what each one beyond costs.
_FEW_WAYS, _WAY = 64, 8
#: How many questions without an answer are remembered of a policy.
_REMEMBERED = 512


def ask(
    compiled: CompiledPolicy,
    region: Region,
    index: int,
    *,
    others: Sequence[CompiledPolicy] = (),
    permissions_boundary: CompiledPolicy | None = None,
    within: CompiledPolicy | None = None,
    blocked: Sequence[Box] = (),
    accounts: Sequence[str] = (),
    resource: str = "*",
    denied: bool = True,
) -> AllowedPart | ClosedRegion:
    """
    Search a region for a request that one Allow statement lets through and no Deny stops.

    Args:
        compiled: the policy with the Allow statement.
        index: of the Allow statement in the policy.
        others: policies of the same caller; their Denies count too.
        permissions_boundary: a permissions boundary, which must allow the request as well.
        within: a further policy of which some Allow must let the request in; its Denies do not count.
        blocked: further boxes to stay out of.
        accounts: tried first as the caller's account, where a request is made of what is found.
        resource: what that request is about, where the policy says nothing of it.
        denied: whether Denies count.

    Raises:
        BudgetReached: when the question needs more than `MAX_STEPS` steps.
    """
    steps = StepBudget()
    space = region.space
    encoded = compiled.allow(index, space)
    if permissions_boundary is None and within is None and names_nobody(encoded):
        # So it is with most kinds of caller, and nothing else needs to be known.
        return ClosedRegion(region, encoded, (Case(None, Empty("caller"), {}),))
    policies = (compiled, *others, *((permissions_boundary,) if permissions_boundary is not None else ()))
    cases: list[Case] = []
    near: tuple[Constraint, ...] = region.constraints
    late: tuple[Constraint, ...] = ()
    if denied and any(policy.deny_indices for policy in policies):
        near, late = wide_apart(region.constraints)
    choices = _choices(region, compiled, encoded, permissions_boundary, within)
    count = len(choices[0]) * prod(map(len, choices[1]))
    spend(_WAY * max(count - _FEW_WAYS, 0))
    if region.also and count > 1:
        # Where the statement lets nobody in by itself, no other does so together with it.
        start = start_of(space, near, [encoded.box], steps)
        if isinstance(start, Empty):
            return ClosedRegion(region, encoded, (Case(None, start, {}),))
    for boundary, also in _combined(*choices):
        needed = [encoded, *((boundary,) if boundary is not None else ()), *also]
        boxes = [s.box for s in needed]
        start = start_of(space, near, boxes, steps)
        if isinstance(start, Empty):
            # Most callers are not even named: who else denies them need not be known.
            cases.append(Case(boundary, start, {}, also))
            continue
        stops = denying_statements(region, policies, encoded) if denied else []
        said = mentioned_literals(region, [*boxes, *(s.box for s in stops)])
        known = (*(s.box for s in stops), *readings(needed), *facts(space, said), *region.without, *blocked)
        denies = dict(enumerate(known))
        if late:
            # Mostly what is denied closes it already, and then nobody has to look at a thousand accounts: not by
            # their names, nor by the facts that tie keys to each of them.
            denied_at_once = closed_by(start, dict(enumerate(known[: len(stops)])), space.domain)
            left = denied_at_once or restricted(start, late, space, steps)
            if not isinstance(left, dict):
                cases.append(Case(boundary, left, denies, also))
                continue
            start = left
        found = _find_uncovered(AllowedPart(region, start, encoded, ()), denies, said, steps, accounts, resource)
        if isinstance(found, dict):
            if ACROSS.dimension in found and (found[ACROSS.dimension] & ACROSS.yes).is_empty:
                # The evaluator reads it the other way, in which there may be a request as well.
                other = region._replace(constraints=(*region.constraints, (ACROSS.dimension, ACROSS.yes)))
                again = ask(
                    compiled,
                    other,
                    index,
                    others=others,
                    permissions_boundary=permissions_boundary,
                    within=within,
                    blocked=blocked,
                    accounts=accounts,
                    resource=resource,
                    denied=denied,
                )
                if isinstance(again, AllowedPart):
                    return again
            return AllowedPart(region, found, encoded, _notes(policies, [*needed, *stops], found))
        cases.append(Case(boundary, found, denies, also))
    return ClosedRegion(region, encoded, tuple(cases))


def ask_again(
    compiled: CompiledPolicy,
    region: Region,
    index: int,
    *,
    others: Sequence[CompiledPolicy] = (),
    permissions_boundary: CompiledPolicy | None = None,
    blocked: Sequence[Box] = (),
    accounts: Sequence[str] = (),
    resource: str = "*",
) -> AllowedPart | ClosedRegion:
    """
    The same as `ask`, where the same may have been asked for another template: what has no answer has none there.

    It costs the same again, so that what is left for a policy does not depend on what was judged before; of what has
    been searched for the same policy already only the looking up.
    """
    also = tuple(space.key for space in region.also)
    key = (index, region.space.key, region.constraints, region.without, also, tuple(others), permissions_boundary)
    allowance = current_allowance()
    known = None if blocked else compiled.closed.get(key)
    if known is not None:
        if allowance is not None:
            allowance.repeat(known[1])
        return known[0]
    asked = partial(
        ask,
        compiled,
        region,
        index,
        others=others,
        permissions_boundary=permissions_boundary,
        blocked=blocked,
        accounts=accounts,
        resource=resource,
    )
    if allowance is None:
        return asked()
    found, work = allowance.recorded(asked)
    if isinstance(found, ClosedRegion) and not blocked and len(compiled.closed) < _REMEMBERED:
        compiled.closed[key] = found, work
    return found


#: What else must let the request in: a statement of the boundary, if any, and one for each further action and policy.
_Way: TypeAlias = tuple[EncodedStatement | None, tuple[EncodedStatement, ...]]


def ways(
    region: Region, compiled: CompiledPolicy, allow: EncodedStatement, permissions_boundary: CompiledPolicy | None
) -> list[_Way]:
    """
    What else must let the request in: a statement of the boundary, and one for each further action, of those that are
    for the same callers as far as a quick look says.
    """
    return _combined(*_choices(region, compiled, allow, permissions_boundary, None))


def _choices(
    region: Region,
    compiled: CompiledPolicy,
    allow: EncodedStatement,
    permissions_boundary: CompiledPolicy | None,
    within: CompiledPolicy | None,
) -> tuple[list[EncodedStatement | None], list[list[EncodedStatement]]]:
    """The statements of the boundary, and those for each further action and policy, of which one of each is needed."""
    boundaries: list[EncodedStatement | None] = (
        [None] if permissions_boundary is None else [*permissions_boundary.allows(region.space)]
    )
    further = [compiled.naming(space, allow) for space in region.also]
    if within is not None:
        further.append(within.allows(region.space))
    return boundaries, further


def _combined(
    boundaries: Sequence[EncodedStatement | None], further: Sequence[Sequence[EncodedStatement]]
) -> list[_Way]:
    return [(boundary, others) for others in product(*further) for boundary in boundaries]


def readings(needed: Iterable[EncodedStatement]) -> Iterator[Box]:
    """Where the statements that must let a request in do not, as their wildcards are read."""
    return (box for encoded in needed for box in encoded.readings)


def denying_statements(
    region: Region, policies: Sequence[CompiledPolicy], allow: EncodedStatement
) -> list[EncodedStatement]:
    """
    The Deny statements that stop a request of the region, for any action that it needs.

    Args:
        policies: the one with the Allow statement first.
        allow: lets the request in, so that it is about a resource that this statement names.
    """
    space, variables = region.space, policies[0].policy.has_variables
    out = [s for policy in policies for deny in policy.denies(space) for s in beside(deny, allow, space, variables)]
    for other in region.also:
        out += [s for policy in policies for s in policy.denies_naming(other)]
    return out


def _find_uncovered(
    start: AllowedPart,
    denies: dict[int, Box],
    said: Sequence[Literal],
    steps: StepBudget,
    accounts: Sequence[str],
    resource: str,
) -> Assignment | Tree:
    """
    A part that no box of `denies` covers, or the proof that there is none.

    Most facts about pairs do not matter, so each is added to `denies` only where what would be shown is none that can
    be sent.
    """
    space = start.region.space
    pairs: Pairs | None = None
    while True:
        found = find_uncovered(start.assignment, denies, space.domain, steps)
        if not isinstance(found, dict):
            return found
        missed = next((box for box in lengths(space, said).values() if _is_too_long(box, found)), None)
        if missed is None and space.action and not is_comparing(said):
            return found
        if missed is None:
            values = displayed_values(start._replace(assignment=found), accounts=accounts, resource=resource)
            pairs = pairs or Pairs(space, said)
            about = pairs.of(values["action"] or "", values["resource"] or "", values["caller"] or "")
            missed = next((box for box in about if _holds(box, values)), None)
        if missed is None or missed in denies.values():
            return found
        denies[len(denies)] = missed


def _is_too_long(box: Box, found: Assignment) -> bool:
    """Whether a value that would be shown is longer than AWS takes it."""
    (literal,) = box.literals
    values = found.get(literal.dimension)
    if values is None or values.absent or not isinstance(values.present, StringSet):
        return False
    sample = values.present.sample()
    return sample is not None and _has(literal.yes, sample)


def _holds(box: Box, values: Mapping[str, str | None]) -> bool:
    """Whether some values lie in a box on just these dimensions."""
    return all(_has(literal.yes, values.get(literal.dimension)) for literal in box.literals)


def _has(values: Values, value: str | None) -> bool:
    if value is None:
        return values.absent
    return isinstance(values.present, StringSet) and value in values.present


def mentioned_literals(region: Region, boxes: Iterable[Box]) -> list[Literal]:
    """Everything that a question speaks of: what `facts` may be needed about."""
    return [
        *(literal for box in (*boxes, *region.without) for literal in box.literals),
        *(Literal(dimension, values, values, "") for dimension, values in region.constraints),
    ]


def _notes(
    policies: Sequence[CompiledPolicy], encoded: Sequence[EncodedStatement], assignment: Assignment
) -> tuple[str, ...]:
    """What is approximate about the statements on the way, as far as it matters for the callers that are left."""
    callers = assignment.get("caller")
    record = callers.present.sample() if callers is not None and isinstance(callers.present, StringSet) else None
    notes = [
        note
        for s in encoded
        for note in s.notes
        if note.callers is None or record is None or any(matches(p, record) for p in note.callers)
    ]
    # Where the reading makes no difference to what was found, it is no reason, unless there is no other.
    open_ = [note for note in notes if not note.reading or ACROSS.dimension in assignment]
    out = [note.text for note in open_ or notes]
    return (*out, *(reason for policy in policies for reason in _unread_denies(policy.policy)))


def _unread_denies(policy: Policy) -> tuple[str, ...]:
    return tuple(reason for s in policy.statements if s.effect != ALLOW for reason in s.unreadable)
