"""
Requests of a caller that its own policies allow as well: where they ask for MFA or for an address, these have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.access.denied_requests import condition_text
from trustproof.access.grants import Grant, grant
from trustproof.access.own_policies import HeldPolicies
from trustproof.engine.compiled_policy import compiled
from trustproof.engine.domains import text
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, Region
from trustproof.engine.witness import build, neighbours
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, DENY, Policy
from trustproof.model.query import is_concrete
from trustproof.model.request import Request
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.shared.callers import NamedCaller
from trustproof.properties.shared.regions import TRUST_ACTIONS, trust_regions
from trustproof.proving.prover import Prover
from trustproof.proving.replay import lets_in
from trustproof.proving.sides import Side
from trustproof.sets.patterns import exact
from trustproof.sets.search import BudgetReached
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import decide
from trustproof.spec.realism import impossibilities

#: Keys of the account that the resource is in; of its tags, and of those of a caller.
_OF_RESOURCES = ("aws:resourceaccount", "aws:resourceorgid")
_TAG, _OWN_TAG = "aws:resourcetag/", "aws:principaltag/"
#: Says where a request is made to.
Placed = Callable[[Request], Request]


def with_own_policies(
    prover: Prover, index: int, answer: Refutation, caller: NamedCaller, held: HeldPolicies, placed: Placed
) -> tuple[Refutation, Grant | None]:
    """
    A request that a statement lets in and the policies of its caller allow, and what these say of it; the one that was
    found, where they allow none that it lets in, with None where that is not known.

    Args:
        answer: a request of the caller that the statement lets in.
        caller: whose request it has to be, with the kinds of caller.
        placed: a request, with what is known of what it is made to.

    Raises:
        ValueError: something in the policies of the caller is known only when it is deployed.
    """
    request, subject = answer.request, prover.subject
    side = held.side(request.caller.arn)
    given = None if side is None else grant(side, placed(request))
    if side is None or given is None or given.is_given or given.missing:
        return answer, given
    everything = (*subject.documents, *subject.others)
    if subject.document.kind != TRUST or not all(is_concrete(one.policy) for one in everything):
        # Whether its conditions can be met is asked of policies that are known.
        return answer, _open(side, placed(request), given)
    known = {**held.tags(caller.written), **_of_resource(held, placed(request))}
    is_known = True
    for region in _regions(subject, caller, side):
        try:
            found = [*_found(prover, index, _carrying(region, known, placed(request)), side, placed(request))]
        except BudgetReached:
            is_known = False
            continue
        for each in found:
            own = grant(side, placed(each))
            if own.is_given and lets_in(subject, each) and not impossibilities(each):
                provided = (*own.provided, *_asked_for(side, placed(request), placed(each)))
                return answer._replace(request=each), own._replace(provided=tuple(dict.fromkeys(provided)))
        is_known = is_known and not found
    return answer, given if is_known else None


def may_meet_both(
    prover: Prover, index: int, caller: NamedCaller, side: Side, held: HeldPolicies, request: Request
) -> bool:
    """
    Whether a statement may let in a request of a caller that the policies of this one allow, each under its own
    conditions; what is not known may be.

    Args:
        caller: whose request it has to be, with the kinds of caller.
        side: the policies.
        request: one that the statement lets in, with what is known of what it is made to.
    """
    subject = prover.subject
    limit = () if side.permissions_boundary is None else (side.permissions_boundary,)
    documents = (*subject.documents, *subject.others)
    if not all(map(is_concrete, (*(one.policy for one in documents), *side.policies, *limit))):
        return True
    known = _of_resource(held, request)
    try:
        return any(
            True
            for region in _regions(subject, caller, side)
            for _ in _found(prover, index, _carrying(region, known, request), side, request)
        )
    except BudgetReached:
        return True


def conditions_in_the_way(side: Side, request: Request) -> list[str]:
    """
    Under which conditions policies allow what a request asks for, as texts, where they would allow it but for these.

    Raises:
        ValueError: something in them is known only when it is deployed.
    """
    bare = tuple(_without_conditions(policy, ALLOW) for policy in side.policies)
    if not grant(side._replace(policies=bare), request).is_given:
        return []
    found: dict[str, None] = {}
    for policy, other in zip(side.policies, bare, strict=True):
        allowing = {one.statement.path for one in decide(other, request).deciding}
        for one in policy.statements:
            if one.effect == ALLOW and one.path in allowing:
                found[" and ".join(map(condition_text, one.conditions))] = None
    return [*found]


def _regions(subject: Subject, caller: NamedCaller, side: Side) -> Iterator[Region]:
    """The requests of a caller for a role, also with what its own policies speak of and a call may pass."""
    own = [subject.document._replace(policy=policy) for policy in side.policies]
    for kind in caller.kinds:
        if kind in TRUST_ACTIONS:
            yield from trust_regions(subject, kind, TRUST_ACTIONS[kind][0], caller.constraints, beside=own)


def _of_resource(held: HeldPolicies, request: Request) -> dict[str, str]:
    """What is known of the role that a request is for: where it is, and its tags; others there may be."""
    known = {f"{_TAG}{key.removeprefix(_OWN_TAG)}": value for key, value in held.tags(request.resource).items()}
    there = {key: value for key, value in request.context.items() if key in _OF_RESOURCES and isinstance(value, str)}
    return {**known, **there}


def _carrying(region: Region, known: Mapping[str, str], request: Request) -> Region:
    """The requests of a region for one resource, with some keys."""
    here = (("resource", text(exact(request.resource))),) if request.resource != "*" else ()
    also = tuple(space.narrowed(known) for space in region.also)
    return region._replace(space=region.space.narrowed(known), also=also, constraints=(*region.constraints, *here))


def _found(prover: Prover, index: int, region: Region, side: Side, request: Request) -> Iterator[Request]:
    """The requests of a region, one for each policy of the caller that allows some, and what comes near."""
    subject = prover.subject
    limit = None if side.permissions_boundary is None else compiled(side.permissions_boundary)
    others = tuple(map(compiled, (*(one.policy for one in subject.others), *side.policies)))
    for policy in side.policies:
        found = ask(
            prover.compiled,
            region,
            index,
            others=others,
            permissions_boundary=limit,
            within=compiled(policy),
            accounts=(subject.account,),
            resource=request.resource,
        )
        if isinstance(found, AllowedPart):
            first = build(found, accounts=(subject.account,), resource=request.resource)
            yield from (first, *neighbours(first, found))


def _open(side: Side, request: Request, given: Grant) -> Grant | None:
    """What policies say of a request that they do not allow; None where they have conditions that others may meet."""
    bare = Side(tuple(_without_conditions(policy, ALLOW, DENY) for policy in side.policies), side.permissions_boundary)
    return None if grant(bare, request).is_given else given


def _without_conditions(policy: Policy, *effects: str) -> Policy:
    return policy._replace(
        statements=tuple(one._replace(conditions=()) if one.effect in effects else one for one in policy.statements)
    )


def _asked_for(side: Side, plain: Request, found: Request) -> Iterator[str]:
    """What the policies of a caller ask for in the request that was found, and the plain one does not have."""
    for policy in side.policies:
        for one in decide(policy, found).deciding:
            for condition in one.statement.conditions:
                if not evaluate(condition, plain.context, variables=policy.has_variables).matched:
                    yield condition_text(condition)
