"""
From a request to everything that it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from trustproof.aws.published import service
from trustproof.sandbox.authorization.actions import api_gateway, cloudformation, encryption, iam, reference, s3
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import Call

_BY_HAND: dict[str, Callable[[Call], list[Need]]] = {
    "apigateway": api_gateway.needs_of,
    "apigatewayv2": api_gateway.needs_of_http_api,
    "cloudformation": cloudformation.needs_of,
    "iam": iam.needs_of,
    "s3": s3.needs_of,
}
#: Services of which nothing is decided.
_NOT_DECIDED = {
    # The policies of access points decide on objects, and are not asked; nor are the settings of an account.
    "s3control": "S3 Control (access points, the public access block of an account) is not to be reached here",
}


def needs_of(call: Call) -> list[Need]:
    """
    Every action, with its resource, that a request needs; all of them have to be allowed.

    Raises:
        Refused: the request lacks what would name its resource.
        Undecided: what it needs is not known.
    """
    if call.service in _NOT_DECIDED:
        raise Undecided(_NOT_DECIDED[call.service])
    needs = _BY_HAND.get(call.service, reference.needs_of)(call)
    for need in needs:
        # The name of an operation is no action's by itself: some have none, or another one.
        if call.service in _BY_HAND and not _is_published(need.action):
            raise Undecided(f"no action of the name {need.action} is in the service authorization reference")
    return [*needs, *encryption.needs_of(call, needs)]


@cache
def _is_published(action: str) -> bool:
    prefix, _, name = action.lower().partition(":")
    found = service(prefix)
    return found is not None and name in found.actions
