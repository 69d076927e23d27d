"""
What else has to let in a caller whom a policy of a role or resource lets in.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.access.grants import Grant, at_role
from trustproof.access.obstacles import boundary_that_may_stop
from trustproof.access.own_policies import HeldPolicies
from trustproof.access.own_requests import conditions_in_the_way, with_own_policies
from trustproof.access.resources import Resource
from trustproof.model.arn import is_account
from trustproof.model.document import TRUST
from trustproof.model.request import ROOT, Request
from trustproof.properties.question import Refutation
from trustproof.properties.shared.callers import NamedCaller, parse_caller
from trustproof.proving.prover import Prover
from trustproof.results.explanation import Entrance
from trustproof.spec.principals import ACCOUNT, match

#: What is said of a need that is surely not met.
NOT_GIVEN = "which the templates do not give it"
_HAS = "which it has"


def permitted(found: Sequence[Entrance]) -> Sequence[Entrance]:
    """The entrances of one caller by a statement; where its own policies give it some, none that they do not give."""
    left = [one for one in found if not one.needs.endswith(NOT_GIVEN)]
    return left if any(_HAS in one.needs for one in left) else found


def needs(
    resource: Resource,
    prover: Prover,
    index: int,
    kinds: Sequence[str],
    answer: Refutation,
    caller: NamedCaller | None,
    held: HeldPolicies,
) -> tuple[Refutation, str]:
    """
    What else has to let the caller in, where the statement names only its account, or another account is entered; and a
    request that has what policies of the caller ask for, where they are known and there is one.

    Args:
        kinds: of callers, who were asked about.
        answer: a request that the statement lets in.
        caller: who was asked about; None for everybody.
    """
    request = answer.request
    if request.caller.account is None or kinds[0] == ROOT:
        # The root user has no policies, and is allowed everything that none of others denies.
        return answer, ""
    entries = answer.statement.principals or ()
    by_account = all(match(entry, request.caller) in (ACCOUNT, None) for entry in entries)
    if not by_account and request.caller.account == resource.context.account:
        return answer, ""
    wanted = f"a policy of its own that allows {request.action}"
    context = resource.context

    def placed(asking: Request) -> Request:
        if resource.kind != TRUST:
            return asking
        is_ours = bool(context.template.targets.groups)
        return at_role(asking, request.resource, context.account, context.config, is_ours=is_ours)

    given: Grant | None = None
    under: list[str] = []
    try:
        named = caller or parse_caller(request.caller.arn)
        answer, given = with_own_policies(prover, index, answer, named._replace(kinds=tuple(kinds)), held, placed)
        if given is not None and not given.is_given and (side := held.side(request.caller.arn)) is not None:
            under = conditions_in_the_way(side, placed(request))
    except ValueError:
        # What it holds is known only when it is deployed.
        given = None
    is_one = len(entries) == 1 if caller is None else not is_account(caller.written)
    if given is None or not (given.is_given or is_one):
        # What somebody may not, others of the account may.
        return answer, wanted
    if given.is_given:
        return answer, "; ".join((f"{wanted}, {_HAS}", *(f"provided that {one}" for one in given.provided)))
    if given.missing:
        wanted = f"{wanted}, {_HAS}, and {' and '.join(given.missing)}"
    if limited := boundary_that_may_stop(request, answer.statement, resource, held):
        return answer, f"{limited}, which stops this request and may let in others"
    if under:
        wanted = f"{wanted} in such a call (it has one if {' or if '.join(under)})"
    return answer, f"{wanted}, {NOT_GIVEN}"
