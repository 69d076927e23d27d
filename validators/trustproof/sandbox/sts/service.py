"""
Every operation of STS: who may call it with which credentials, and who answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trustproof.model.request import FEDERATED_USER, ROOT, SERVICE, USER_SESSION, USER_SESSION_MFA
from trustproof.sandbox.authorization.authorize import authorize
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import AccessDenied, RefusedRequest, Undecided
from trustproof.sandbox.moto.cloudformation import answer_xml
from trustproof.sandbox.requests.wire import Answer, Call
from trustproof.sandbox.sts.assume_role import assume_role
from trustproof.sandbox.sts.saml import assume_role_with_saml
from trustproof.sandbox.sts.user_sessions import get_federation_token, get_session_token
from trustproof.sandbox.sts.web_identity import assume_role_with_web_identity

#: The operations that need no signature: what they carry is signed by somebody else.
UNSIGNED: dict[str, Callable[[State, Call], dict[str, Any]]] = {
    "AssumeRoleWithSAML": assume_role_with_saml,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
}
#: What temporary credentials of users may call of STS.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
_OF_USER_SESSIONS = ("AssumeRole", "GetCallerIdentity")
_OF_FEDERATED_USERS = ("GetCallerIdentity",)


class Sts:
    """
    STS of every account.

    Args:
        state: of the sandbox.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, call: Call) -> Answer:
        """
        Answer a call.

        Raises:
            Refused: with the reason.
        """
        result = self._result(call)
        body = answer_xml("sts", call.operation, result, call.http.id)
        return Answer(200, body, "text/xml", (("x-amzn-requestid", call.http.id),))

    def _result(self, call: Call) -> dict[str, Any]:
        unsigned = UNSIGNED.get(call.operation)
        if unsigned is not None:
            return unsigned(self._state, call)
        credentials = call.credentials
        if credentials is None:
            raise RefusedRequest("Request is missing Authentication Token", "MissingAuthenticationToken", 403)
        _check_kind(credentials, call.operation)
        signed = _SIGNED.get(call.operation)
        if signed is None:
            raise Undecided(f"sts:{call.operation} is not answered here")
        return signed(self._state, call, credentials)


def _check_kind(credentials: Credentials, operation: str) -> None:
    kind = credentials.caller.kind
    of_user = kind in (USER_SESSION, USER_SESSION_MFA) or (kind == ROOT and credentials.temporary)
    if (of_user and operation not in _OF_USER_SESSIONS) or (
        kind == FEDERATED_USER and operation not in _OF_FEDERATED_USERS
    ):
        raise AccessDenied(f"Cannot call {operation} with session credentials")


def get_caller_identity(_state: State, _call: Call, credentials: Credentials) -> dict[str, Any]:
    """Answer GetCallerIdentity: to anybody with valid credentials, whatever policies say."""
    caller = credentials.caller
    if caller.kind == SERVICE:
        raise Undecided("who a service is told that it is, is not documented")
    return {"UserId": caller.userid, "Account": caller.account, "Arn": caller.display_arn}


def decode_authorization_message(state: State, call: Call, credentials: Credentials) -> dict[str, Any]:
    """Answer DecodeAuthorizationMessage."""
    _authorize(state, call, credentials, "sts:DecodeAuthorizationMessage")
    found = state.messages.decode(str(call.parameters.get("EncodedMessage") or ""), credentials.account or "")
    if found is None:
        raise RefusedRequest("Message is not valid", "InvalidAuthorizationMessageException")
    return {"DecodedMessage": found}


def get_access_key_info(state: State, call: Call, credentials: Credentials) -> dict[str, Any]:
    """Answer GetAccessKeyInfo."""
    _authorize(state, call, credentials, "sts:GetAccessKeyInfo")
    account = state.credentials.owner(str(call.parameters.get("AccessKeyId") or ""))
    if account is None:
        raise RefusedRequest("The access key id is not known.", "ValidationError")
    return {"Account": account}


def _authorize(state: State, call: Call, credentials: Credentials, action: str) -> None:
    need = Need(
        action, "*", credentials.account, computed=("sts:", "aws:requesttag/", "aws:tagkeys", "aws:resourcetag/")
    )
    authorize(state, credentials.caller, credentials, [need], dict(call.http.headers), call.region)


_SIGNED: dict[str, Callable[[State, Call, Credentials], dict[str, Any]]] = {
    "AssumeRole": assume_role,
    "DecodeAuthorizationMessage": decode_authorization_message,
    "GetAccessKeyInfo": get_access_key_info,
    "GetCallerIdentity": get_caller_identity,
    "GetFederationToken": get_federation_token,
    "GetSessionToken": get_session_token,
}
