"""
Whether some policies allow or deny anything that others do not: the first request that shows it.
"""

from __future__ import annotations

from trustproof.model.policy import DENY
from trustproof.model.request import Request
from trustproof.proving.excess import UNCONFIRMED, excess
from trustproof.proving.sides import Scene, Side, denies, with_other_effect


def first_excess(first: Side, others: Side, scene: Scene) -> Request | tuple[str, ...]:
    """A request that one side allows and the other does not; else why it is not known, empty where there is none."""
    doubts: list[str] = []
    for found in excess(first, others, scene, all_callers=False):
        if found.requests:
            return found.requests[0]
        doubts += found.doubts
    return tuple(dict.fromkeys(doubts))


def first_denied(first: Side, others: Side, scene: Scene) -> Request | tuple[str, ...]:
    """
    A request that one side denies explicitly and the other does not; else why it is not known, empty where there is
    none.

    Beside policies that allow, such as those of another principal or of the resource, this decides, also where nothing
    on either side allows the request.
    """
    doubts: list[str] = []
    denied = _of_denies(first), _of_denies(others)
    for found in excess(*denied, scene, all_callers=False, whole_calls=False):
        for request in found.requests:
            if denies(first, request) and not denies(others, request):
                return request
        doubts += found.doubts or ((UNCONFIRMED,) if found.requests else ())
    return tuple(dict.fromkeys(doubts))


def _of_denies(side: Side) -> Side:
    """What a side denies, as if it were allowed."""
    return Side(tuple(with_other_effect(policy, DENY) for policy in side.policies))
