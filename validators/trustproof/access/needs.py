"""
What else has to let in a caller whom a policy of a role or resource lets in.
"""

from __future__ import annotations

from trustproof.access.grants import at_role, grant
from trustproof.access.obstacles import boundary_that_may_stop
from trustproof.access.own_policies import HeldPolicies
from trustproof.access.resources import Resource
from trustproof.model.document import TRUST
from trustproof.properties.question import Refutation
from trustproof.spec.principals import ACCOUNT, match

#: What is said of a need that is surely not met.
NOT_GIVEN = "which the templates do not give it"


def needs(resource: Resource, answer: Refutation, held: HeldPolicies) -> str:
    """What else has to let the caller in, where the statement names only its account, or another account is entered."""
    request = answer.request
    if request.caller.account is None:
        return ""
    entries = answer.statement.principals or ()
    by_account = all(match(entry, request.caller) in (ACCOUNT, None) for entry in entries)
    if not by_account and request.caller.account == resource.context.account:
        return ""
    wanted = f"a policy of its own that allows {request.action}"
    own = held.side(request.caller.arn)
    context = resource.context
    asking = request
    if resource.kind == TRUST:
        is_ours = bool(context.template.targets.groups)
        asking = at_role(request, request.resource, context.account, context.config, is_ours=is_ours)
    try:
        given = None if own is None else grant(own, asking)
    except ValueError:
        # What it holds is known only when it is deployed.
        given = None
    if given is None:
        return wanted
    if given.is_given:
        return "; ".join((f"{wanted}, which it has", *(f"provided that {one}" for one in given.provided)))
    if given.missing:
        wanted = f"{wanted}, which it has, and {' and '.join(given.missing)}"
    if limited := boundary_that_may_stop(request, answer.statement, resource, held):
        return f"{limited}, which stops this request and may let in others"
    return f"{wanted}, {NOT_GIVEN}"
