"""
AssumeRole.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from typing import Any

from trustproof.model.request import (
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    Caller,
)
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials, user_by_id
from trustproof.sandbox.errors import AccessDenied, RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.sts import parameters as read
from trustproof.sandbox.sts.role_sessions import (
    DEFAULT_DURATION,
    LONGEST,
    SHORTEST,
    RoleRequest,
    check_duration,
    check_trust,
    find_role,
    open_session,
)

ACTION = "sts:AssumeRole"
#: A session of a role opens others for an hour at most.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
CHAINED_LIMIT = 3_600


def assume_role(state: State, call: Call, credentials: Credentials) -> dict[str, Any]:
    """Answer AssumeRole."""
    parameters = call.parameters
    arn = read.required_parameter(parameters, "RoleArn")
    session = read.required_parameter(parameters, "RoleSessionName")
    external_id = read.text(parameters, "ExternalId")
    if parameters.get("ProvidedContexts"):
        raise Undecided("context assertions (ProvidedContexts) are not checked here")
    caller = _with_code(state, call, credentials)
    if caller.kind == ROOT:
        raise AccessDenied("Roles may not be assumed by root accounts.")
    if caller.kind == FEDERATED_USER:
        raise AccessDenied("Cannot call AssumeRole with federated user credentials")
    duration = read.duration(parameters, DEFAULT_DURATION, SHORTEST, LONGEST)
    chained = caller.kind in (ROLE_SESSION, IDENTITY_CENTER)
    if chained and duration > CHAINED_LIMIT:
        raise RefusedRequest(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    role = find_role(arn, ACTION, caller)
    asked = RoleRequest(role, session, duration, keys={} if external_id is None else {"sts:externalid": external_id})
    _carry_tags(asked, parameters, credentials)
    _carry_source_identity(asked, parameters, credentials)
    check_trust(state, call, caller, credentials, ACTION, asked)
    check_duration(asked)
    return open_session(state, call, asked)


def _with_code(state: State, call: Call, credentials: Credentials) -> Caller:
    """The caller, after the MFA code in the call was used up."""
    serial = read.text(call.parameters, "SerialNumber")
    code = read.text(call.parameters, "TokenCode")
    caller = credentials.caller
    if serial is None and code is None:
        return caller
    if serial is None or code is None:
        raise RefusedRequest("SerialNumber and TokenCode must be passed together.")
    if caller.kind in (USER_SESSION, USER_SESSION_MFA):
        raise Undecided("what a code in the call means for a GetSessionToken session is not documented")
    user = user_by_id(caller.account or "", credentials.entity) if caller.kind == USER_KEY else None
    state.mfa.verify(user, serial, code)
    return caller._replace(kind=USER_KEY_MFA)


def _carry_tags(asked: RoleRequest, parameters: Any, credentials: Credentials) -> None:
    """
    The tags that are passed, and the transitive ones of the calling session, which cannot be passed anew.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    passed = read.tags(parameters)
    transitive = {str(key) for key in parameters.get("TransitiveTagKeys") or ()}
    known = {key.lower(): key for key in passed}
    missing = sorted(key for key in transitive if key.lower() not in known)
    if missing:
        raise RefusedRequest(f"The specified transitive tag key must be included in the requested tags: {missing[0]}")
    going_on = {key.lower() for key in credentials.transitive}
    inherited = {key: value for key, value in credentials.tags.items() if key.lower() in going_on}
    if {key.lower() for key in inherited} & set(known):
        raise RefusedRequest(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from"
            " the calling session.",
            "InvalidParameterValue",
        )
    asked.tags = {**inherited, **passed}
    asked.transitive = frozenset(transitive | inherited.keys())


def _carry_source_identity(asked: RoleRequest, parameters: Any, credentials: Credentials) -> None:
    """
    A source identity is set once, and goes on with every call.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    """
    passed, earlier = read.text(parameters, "SourceIdentity"), credentials.source_identity
    if passed is not None and earlier is not None and passed != earlier:
        raise AccessDenied("The source identity of the calling session cannot be changed.")
    asked.source_identity = passed if passed is not None else earlier
    asked.source_identity_is_carried = passed is None and earlier is not None
