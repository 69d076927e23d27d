"""
What is neither gained nor lost, though it is let in by other means: callers that a policy names and not their account.

An account that is trusted lets its administrators decide who gets in, by identity policies. A policy that names one
role of the account instead lets in fewer callers, of whom each could get in before; that this one needs no identity
policy any more is said, and is no reason to stop somebody who tightens a policy. Whoever takes everybody of an account
for the account itself, or adds a caller beside it, or frees one from its permissions boundary, gives something away.
Nor is it so for a user or role in sight whose own policies did not allow it: nobody but the policy lets it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from trustproof.comparison.gains import CALLERS, OpenQuestion, StatementGain, scene_of
from trustproof.comparison.pairs.names_across import called, of_own_role
from trustproof.comparison.pairs.stopped_elsewhere import names_where, sides_of, who_sends
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.domains import text
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy, Principal
from trustproof.model.query import is_concrete
from trustproof.model.request import Request
from trustproof.properties.shared.regions import held_by
from trustproof.proving.excess import excess
from trustproof.proving.further_requests import Part
from trustproof.proving.own_account import IDENTITY_SIDE, narrow_side
from trustproof.proving.sides import Side, allows
from trustproof.results.difference import GAINED, LOST, NARROWED
from trustproof.sets.patterns import exact


def narrowings(
    found: Sequence[StatementGain | OpenQuestion],
    before: Callable[[StatementGain], Side | None],
    everything: tuple[Sequence[Subject], Sequence[Subject]],
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What was found of a pair, with what is only narrowed called that.

    Args:
        before: the old side where something is given; None where there is none, or it is not known what it says.
        everything: what there is on the new side and on the old one.
    """
    taken = [one for one in found if isinstance(one, StatementGain) and one.direction == LOST and not one.without]
    for one in found:
        if not isinstance(one, StatementGain) or not _is_narrowing(one, taken, before):
            yield one
            continue
        if not one.parts:
            request = _let_in_by_name(one.request, one, everything)
            yield one._replace(direction=NARROWED) if request is None else one
            continue
        gained, left = list[Part](), list[Part]()
        for part in one.parts:
            request = _let_in_by_name(part.request, one, everything)
            (left if request is None else gained).append(part if request is None else part._replace(request=request))
        if gained:
            yield one.only(gained)
        if left:
            yield one.only(left)._replace(direction=NARROWED)


def _is_narrowing(
    one: StatementGain, taken: Iterable[StatementGain], before: Callable[[StatementGain], Side | None]
) -> bool:
    if one.direction != GAINED or one.without != IDENTITY_SIDE:
        return False
    if not all(map(_is_somebody, one.found.statement.principals or (Principal("*", "*"),))):
        return False
    account = one.subject.context.account
    if not any(request.caller.account == account for lost in taken for request in lost.found.requests):
        # Nobody of the account lost anything: its callers were added to it.
        return False
    side = before(one)
    try:
        # What their own policies allowed them, these callers could do already.
        asked = (*one.found.requests, *(part.request for part in one.found.further.parts))
        return side is not None and all(allows(side, request) for request in asked)
    except ValueError:
        # What was let in is known only where it is deployed.
        return False


def _is_somebody(principal: Principal) -> bool:
    return "*" not in str(principal.value)


def _let_in_by_name(
    request: Request, given: StatementGain, everything: tuple[Sequence[Subject], Sequence[Subject]]
) -> Request | None:
    """
    What a policy lets a user or role in sight do, that its own policies did not allow before; None where there is none.

    What a user or role has that is not known, or that no template makes, may have allowed it.

    Args:
        request: by that user or role.
    """
    names = names_where(given)
    # Who is new is asked what it has now: by that it would have got in.
    senders = (one for side in everything[::-1] for one in who_sends(request, given.subject, names, side))
    caller = next(senders, None)
    if caller is None or caller.holder is None or not caller.holder.logical_id or caller.opaque:
        return None
    whom = (Principal("AWS", str(caller.arn)),)
    own = [
        Policy(tuple(it._replace(principals=whom) for it in document.policy.statements))
        for document in caller.documents
    ]
    limit = None if caller.permissions_boundary is None else caller.permissions_boundary.policy
    if not all(map(is_concrete, (*own, *(() if limit is None else (limit,))))):
        return None
    mine, theirs = (narrow_side(side, IDENTITY_SIDE) for side in sides_of(given))
    place = given.found.policy, given.found.statement.path
    scene = scene_of(given.subject, given.other)
    scene = scene._replace(
        account=given.subject.context.account,
        callers=CALLERS[caller.holder.kind],
        constraints=(
            *scene.constraints,
            *of_own_role(called(given.subject, names)),
            *held_by(caller.asked),
            # What else a call that assumes a role may bring is no access.
            *((("action", text(exact(request.action.lower()))),) if given.subject.kind == TRUST else ()),
        ),
    )
    others = Side((*theirs.policies, *own), limit)
    found = excess(mine, others, scene, is_asked=lambda policy, it: (policy, it.path) == place)
    return next((one.request for one in found if one.requests), None)
