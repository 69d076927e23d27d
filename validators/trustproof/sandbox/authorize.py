"""
May this caller do all that a request needs? The answer, or the refusal as the service words it.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.model.request import Caller
from trustproof.sandbox.context import Need
from trustproof.sandbox.credentials import Credentials
from trustproof.sandbox.decide import Denial, judge, layers_of, request_for
from trustproof.sandbox.errors import Denied
from trustproof.sandbox.state import State

#: The header of a denial with the handle that DecodeAuthorizationMessage takes. EC2 has it in its message, as on AWS;
#: other services of AWS do not say.
MESSAGE_HEADER = "x-trustproof-authorization-message"


class Unauthorized(Denied):
    """
    A denial by policies.

    Args:
        denial: the reason.
        handle: by which the reason can be asked for.
    """

    def __init__(self, denial: Denial, handle: str) -> None:
        super().__init__(denial.message)
        self.denial = denial
        self.handle = handle


def authorize(
    state: State,
    caller: Caller,
    credentials: Credentials | None,
    needs: Iterable[Need],
    headers: dict[str, str],
    region: str,
) -> None:
    """
    Check that a caller may do everything that a request needs.

    Raises:
        Unauthorized: something is not allowed.
        Undecided: something cannot be decided.
    """
    surroundings = state.surroundings
    for need in needs:
        request = request_for(caller, credentials, need, surroundings, headers, region)
        layers = layers_of(caller, credentials, need, state.controls, surroundings)
        denial = judge(layers, request, need)
        if denial is not None:
            raise Unauthorized(denial, state.messages.keep(denial))
