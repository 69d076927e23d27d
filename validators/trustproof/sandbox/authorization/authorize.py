"""
May this caller do all that a request needs? The answer, or the refusal as the service words it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from trustproof.model.request import Caller
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.decide import Denial, as_written, judge, layers_of, request_for
from trustproof.sandbox.authorization.possible_keys import asked_for, readings, with_possible
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import AccessDenied, Undecided

#: The header of a denial with the handle that DecodeAuthorizationMessage takes. EC2 has it in its message, as on AWS;
#: other services of AWS do not say.
MESSAGE_HEADER = "x-trustproof-authorization-message"


class Unauthorized(AccessDenied):
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

    What is surely denied is denied, whatever cannot be decided besides.

    Raises:
        Unauthorized: something is not allowed.
        Undecided: something cannot be decided.
    """
    undecided: Undecided | None = None
    for need in needs:
        try:
            denial = _sure_denial(state, caller, credentials, need, headers, region)
        except Undecided as error:
            undecided = undecided or error
            continue
        if denial is not None:
            raise Unauthorized(denial, state.messages.keep(denial))
    if undecided is not None:
        raise undecided


def _sure_denial(
    state: State, caller: Caller, credentials: Credentials | None, need: Need, headers: dict[str, str], region: str
) -> Denial | None:
    """
    Why a need is denied, whatever is not known of it; None where it is allowed.

    Raises:
        Undecided: it hangs on what the sandbox does not know.
    """
    denial = decide_need(state, caller, credentials, need, headers, region)
    if need.alternative is not None:
        other = replace(need, resource=need.alternative)
        if (decide_need(state, caller, credentials, other, headers, region) is None) is not (denial is None):
            raise Undecided(f"whether {need.action} is about {need.resource} or {need.alternative} is not known here")
    if denial is None and need.denied_as is not None:
        other_form = decide_need(state, caller, credentials, replace(need, resource=need.denied_as), headers, region)
        if other_form is not None and other_form.explicit:
            raise Undecided(f"whether {need.action} is denied by {need.denied_as} is not known here")
    if denial is not None and need.only_denied and not denial.explicit:
        return None
    if denial is not None and need.doubt is not None and not (denial.explicit and need.deny_counts):
        raise Undecided(f"{need.action} is not decided: {need.doubt}; {denial.message}")
    return denial


def decide_need(
    state: State, caller: Caller, credentials: Credentials | None, need: Need, headers: dict[str, str], region: str
) -> Denial | None:
    """
    Decide one need.

    Returns:
        None when it is allowed.

    Raises:
        Undecided: it hangs on what the sandbox does not know.
    """
    surroundings = state.surroundings
    need = with_possible(need, caller)
    if credentials is not None and credentials.unknown:
        need = replace(need, unknown=(*need.unknown, *credentials.unknown))
    layers = layers_of(caller, credentials, need, state.controls, surroundings)
    asked = asked_for(need, (policy for _, policy in layers.named()))
    found = [
        judge(layers, request_for(caller, credentials, one, surroundings, headers, region), one)
        for one in readings(need, asked)
    ]
    if any((one is None) is not (found[0] is None) for one in found):
        raise Undecided(
            f"{need.action} is not decided: whether the request has {' and '.join(asked)}, and with which value, is not"
            " known here"
        )
    denial = found[0]
    if denial is None or not denial.statements:
        return denial
    return as_written(denial, layers_of(caller, credentials, need, state.controls, surroundings, whole=True))
