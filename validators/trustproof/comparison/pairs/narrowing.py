"""
What is neither gained nor lost, though it is let in by other means: callers that a policy names and not their account.

An account that is trusted lets its administrators decide who gets in, by identity policies. A policy that names one
role of the account instead lets in fewer callers, of whom each could get in before; that this one needs no identity
policy any more is said, and is no reason to stop somebody who tightens a policy. Whoever takes everybody of an account
for the account itself, or adds a caller beside it, or frees one from its permissions boundary, gives something away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.model.policy import Principal
from trustproof.proving.own_account import IDENTITY_SIDE
from trustproof.proving.sides import Side, allows
from trustproof.results.difference import GAINED, LOST, NARROWED


def narrowings(
    found: Sequence[StatementGain | OpenQuestion], before: Callable[[StatementGain], Side | None]
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What was found of a pair, with what is only narrowed called that.

    Args:
        before: the old side where something is given; None where there is none, or it is not known what it says.
    """
    taken = [one for one in found if isinstance(one, StatementGain) and one.direction == LOST and not one.without]
    for one in found:
        if isinstance(one, StatementGain) and _is_narrowing(one, taken, before):
            yield one._replace(direction=NARROWED)
        else:
            yield one


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
