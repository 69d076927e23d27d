"""
Targets of rules that are buses elsewhere: EventBridge takes one with a role, and where the policy of the bus lets that
in.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.actions.exact_resources import is_bus_of
from trustproof.sandbox.authorization.actions.request_keys import OF_EVENTS
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.services.service_roles import session_of

_PUTS = "events:PutEvents"


def check_call(state: State, call: Call) -> None:
    """See that EventBridge takes the targets that a call gives a rule."""
    if call.service == "events" and call.operation == "PutTargets":
        check(state, call.account, call.region, call.parameters.get("Targets") or ())


def check(state: State, account: str, region: str, targets: Iterable[Mapping[str, Any]]) -> None:
    """
    See that EventBridge takes the targets of a rule.

    Args:
        state: of the sandbox.
        account: of the rule.
        region: likewise.
        targets: each with its `Arn`, and `RoleArn` where it has one.

    Raises:
        Refused: it does not take one.
        Undecided: whether it does is not known.
    """
    for target in targets:
        bus, role = str(target.get("Arn") or ""), str(target.get("RoleArn") or "")
        if ":event-bus/" not in bus or is_bus_of(bus, account, region):
            continue
        if not role:
            raise RefusedRequest(f"RoleArn is required for target {bus}.", "ValidationException")
        _check_bus(state, region, bus, role)


def _check_bus(state: State, region: str, bus: str, role: str) -> None:
    policy = resource_policy("events", bus)
    need = Need(_PUTS, bus, account_in(bus), policy, unknown=FORWARDED)
    session = session_of(state, role, "events")
    # That there is no such role is said where it is handed over.
    if session is None:
        return
    try:
        denial = decide_need(state, session.caller, session, need, {}, region)
    except Undecided:
        # Which events get in is asked of each: a target is none.
        if any(key in (policy or "").lower() for key in OF_EVENTS):
            return
        raise
    if denial is None:
        return
    if policy is None and account_in(bus) != account_in(role):
        raise RefusedRequest(denial.message, "AccessDeniedException", 403)
    raise Undecided(f"whether EventBridge takes the target {bus} is not known here: {denial.message}")
