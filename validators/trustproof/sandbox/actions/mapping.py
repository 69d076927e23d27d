"""
From a request to everything that it needs.
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.sandbox.actions import cloudformation, encryption, iam, reference, s3
from trustproof.sandbox.context import Need
from trustproof.sandbox.wire import Call

_BY_HAND: dict[str, Callable[[Call], list[Need]]] = {
    "cloudformation": cloudformation.needs_of,
    "iam": iam.needs_of,
    "s3": s3.needs_of,
}


def needs_of(call: Call) -> list[Need]:
    """
    Every action, with its resource, that a request needs; all of them have to be allowed.

    Raises:
        Refused: the request lacks what would name its resource.
        Undecided: what it needs is not known.
    """
    needs = _BY_HAND.get(call.service, reference.needs_of)(call)
    return [*needs, *encryption.needs_of(call, needs)]
