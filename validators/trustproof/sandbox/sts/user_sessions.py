"""
GetSessionToken and GetFederationToken: temporary credentials of users and root users.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from typing import Any

from trustproof.model.request import (
    FEDERATED_USER,
    ROOT,
    USER_KEY,
    USER_SESSION,
    USER_SESSION_MFA,
    Caller,
    ContextValue,
)
from trustproof.sandbox.authorization.authorize import authorize
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import PARTITION, Credentials, user_by_id
from trustproof.sandbox.errors import AccessDenied, RefusedRequest
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.sts import parameters as read
from trustproof.sandbox.sts.role_sessions import COMPUTED, credentials_member

DEFAULT_DURATION = 43_200
SHORTEST, LONGEST = 900, 129_600
#: Of root users.
ROOT_LONGEST = 3_600


def get_session_token(state: State, call: Call, credentials: Credentials) -> dict[str, Any]:
    """
    Answer GetSessionToken; no policy has a say.
    """
    _only_long_term(credentials, "GetSessionToken")
    parameters = call.parameters
    duration = _duration(call, credentials)
    serial, code = read.text(parameters, "SerialNumber"), read.text(parameters, "TokenCode")
    if (serial is None) is not (code is None):
        raise RefusedRequest("SerialNumber and TokenCode must be passed together.")
    caller, now = credentials.caller, state.clock.now()
    with_mfa = serial is not None and code is not None
    if serial is not None and code is not None:
        user = None if caller.kind == ROOT else user_by_id(caller.account or "", credentials.entity)
        state.mfa.verify(user, serial, code)
    if caller.kind != ROOT:
        caller = caller._replace(kind=USER_SESSION_MFA if with_mfa else USER_SESSION)
    made = Credentials(
        "",
        "",
        caller,
        issued=now,
        expires=now + duration,
        mfa_at=now if with_mfa else None,
        entity=credentials.entity,
    )
    return {"Credentials": credentials_member(state.credentials.issue(made))}


def get_federation_token(state: State, call: Call, credentials: Credentials) -> dict[str, Any]:
    """Answer GetFederationToken."""
    _only_long_term(credentials, "GetFederationToken")
    parameters = call.parameters
    name = read.required_parameter(parameters, "Name")
    account = credentials.account or ""
    duration = _duration(call, credentials)
    arn = f"arn:{PARTITION}:sts::{account}:federated-user/{name}"
    tags = read.tags(parameters)
    keys: dict[str, ContextValue] = {f"aws:requesttag/{key.lower()}": value for key, value in tags.items()}
    if tags:
        keys["aws:tagkeys"] = tuple(tags)
    actions = ["sts:GetFederationToken", *(["sts:TagSession"] if tags else [])]
    needs = [Need(action, arn, account, keys=keys, computed=COMPUTED) for action in actions]
    authorize(state, credentials.caller, credentials, needs, dict(call.http.headers), call.region)
    policies, size = read.session_policies(parameters, account)
    packed = read.packed_size(size + sum(len(key) + len(value) for key, value in tags.items()))
    now = state.clock.now()
    made = Credentials(
        "",
        "",
        Caller(FEDERATED_USER, arn, userid=f"{account}:{name}"),
        issued=now,
        expires=now + duration,
        # Without a session policy it may only what resource policies grant to it by name.
        policies=() if policies is None else policies,
        tags=tags,
        entity=credentials.entity,
    )
    answer: dict[str, Any] = {
        "Credentials": credentials_member(state.credentials.issue(made)),
        "FederatedUser": {"FederatedUserId": f"{account}:{name}", "Arn": arn},
    }
    if packed is not None:
        answer["PackedPolicySize"] = packed
    return answer


def _only_long_term(credentials: Credentials, operation: str) -> None:
    if credentials.temporary or credentials.caller.kind not in (USER_KEY, ROOT):
        raise AccessDenied(f"Cannot call {operation} with session credentials")


def _duration(call: Call, credentials: Credentials) -> int:
    """Root users' sessions last an hour at most, whatever they ask for."""
    longest = ROOT_LONGEST if credentials.caller.kind == ROOT else LONGEST
    return min(read.duration(call.parameters, DEFAULT_DURATION, SHORTEST, LONGEST), longest)
