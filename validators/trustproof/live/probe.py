"""
`trustproof verify --probe`: somebody's own credentials at every role of the app, with MFA and without.

What is expected follows from the trust policy of the template and the evaluator. Whom a trust policy keeps out must be
kept out. Whom it lets in may still be kept out by policies of the own, which the template of the role does not know:
that is told, and no difference. Nothing is created; the credentials of a role are thrown away.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.policy_json import parse_policy
from trustproof.live.account import LiveAccount, cannot
from trustproof.live.check import Finding
from trustproof.live.errors import CannotCheck
from trustproof.live.profiles import roles_of
from trustproof.live.same import DIFFERS, SAME, UNKNOWN, Comparison
from trustproof.live.verify import StackOfApp
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA, Caller, ContextValue, Request
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import may_get_credentials

#: Seconds: the shortest that AWS gives.
_SHORTEST = 900
#: An external id that no role asks for.
_WRONG_EXTERNAL_ID = "trustproof-probe"

_WORDS = {
    USER_KEY: "the access key",
    USER_SESSION: "a session without MFA",
    USER_SESSION_MFA: "a session with MFA",
}


@dataclass(frozen=True)
class _Way:
    """One kind of credentials of the person."""

    kind: str
    sts: Any


def probe(
    profile: str, stacks: Sequence[StackOfApp], *, serial: str | None = None, ask_code: Callable[[], str] | None = None
) -> list[Finding]:
    """
    Try every role of an app with the credentials of one person.

    Args:
        profile: with the access key of an IAM user.
        stacks: of the app.
        serial: of the user's MFA device; None to try without MFA only.
        ask_code: asks for a code of the device; a code is spent on one session.

    Returns:
        a finding for each role and way: expected and observed, with the denial where there is one.

    Raises:
        CannotCheck: when the credentials are not those of a user, or no session can be had.
    """
    account = LiveAccount(profile)
    identity = account.caller
    if ":user/" not in str(identity["Arn"]):
        raise CannotCheck(f"profile {profile} is not that of an IAM user, whose access key is tried")
    ways = list(_ways(account, serial, ask_code))
    findings = []
    for stack in stacks:
        for name, properties in roles_of(stack, str(identity["Arn"]).split(":")[1]):
            try:
                trust = parse_policy(properties["AssumeRolePolicyDocument"], kind=TRUST)
            except PolicySyntaxError:
                continue
            arn = f"arn:{identity['Arn'].split(':')[1]}:iam::{stack.account}:role{properties.get('Path') or '/'}{name}"
            external_ids = (None, _WRONG_EXTERNAL_ID, *_external_ids(trust))
            findings += [_tried(way, identity, arn, trust, one) for way in ways for one in external_ids]
    return findings


def _ways(account: LiveAccount, serial: str | None, ask_code: Callable[[], str] | None) -> Iterator[_Way]:
    sts = account.client("sts")
    yield _Way(USER_KEY, sts)
    yield _Way(USER_SESSION, _session(sts))
    if serial is not None and ask_code is not None:
        yield _Way(USER_SESSION_MFA, _session(sts, SerialNumber=serial, TokenCode=ask_code()))


def _session(sts: Any, **device: str) -> Any:
    try:
        found = sts.get_session_token(DurationSeconds=_SHORTEST, **device)["Credentials"]
    except (ClientError, BotoCoreError) as error:
        raise cannot(error, "get a session") from None
    session = boto3.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    return session.client("sts", region_name=sts.meta.region_name)


def _external_ids(trust: Policy) -> list[str]:
    """The external ids that a trust policy asks for by their text."""
    asked = [
        str(operand)
        for statement in trust.statements
        for condition in statement.conditions
        if condition.key.lower() == "sts:externalid" and condition.operator.lower() == "stringequals"
        for operand in condition.operands
    ]
    return list(dict.fromkeys(asked))


def _tried(way: _Way, identity: Any, arn: str, trust: Policy, external_id: str | None) -> Finding:
    session_name = f"trustproof-probe-{secrets.token_hex(4)}"
    with_id = {None: "", _WRONG_EXTERNAL_ID: ", with a wrong external id"}.get(external_id, ", with the external id")
    subject = f"probe {arn}: {_WORDS[way.kind]}{with_id}"
    expected = may_get_credentials(trust, _request(way.kind, identity, arn, session_name, external_id))
    asked = {"RoleArn": arn, "RoleSessionName": session_name, "DurationSeconds": _SHORTEST}
    if external_id is not None:
        asked["ExternalId"] = external_id
    try:
        way.sts.assume_role(**asked)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "AccessDenied":
            return Finding(arn.split(":")[4], subject, Comparison(UNKNOWN, (f"AWS answered {code}",)))
        if expected:
            said = "expected: the trust policy lets in; observed: kept out, by the caller's own or by control policies"
            return Finding(arn.split(":")[4], subject, Comparison("denied", (said,)))
        return Finding(arn.split(":")[4], subject, Comparison(SAME, ("expected: kept out; observed: kept out",)))
    except BotoCoreError as error:
        raise cannot(error, f"try {arn}") from None
    if expected:
        return Finding(arn.split(":")[4], subject, Comparison(SAME, ("expected: gets in; observed: gets in",)))
    return Finding(arn.split(":")[4], subject, Comparison(DIFFERS, ("expected: kept out; observed: gets in",)))


def _request(kind: str, identity: Any, arn: str, session_name: str, external_id: str | None) -> Request:
    caller = Caller(kind, str(identity["Arn"]), "", str(identity["UserId"]))
    now = int(time.time())
    context: dict[str, ContextValue] = {
        **principal_keys(caller),
        "aws:currenttime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "aws:epochtime": str(now),
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "sts:rolesessionname": session_name,
    }
    if kind != USER_KEY:
        context["aws:tokenissuetime"] = context["aws:currenttime"]
    if kind == USER_SESSION_MFA:
        context["aws:multifactorauthage"] = "1"
    if external_id is not None:
        context["sts:externalid"] = external_id
    return Request(caller, "sts:AssumeRole", arn, context)
