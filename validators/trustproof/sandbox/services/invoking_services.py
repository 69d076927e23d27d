"""
Services that call a function, or write with a role, once somebody has told them to: what each asks before it takes
that. Functions are not run here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.model.request import SERVICE, Caller
from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.services.service_roles import check_role, session_of

_LOGS, _SECRETS = "logs.amazonaws.com", "secretsmanager.amazonaws.com"
_SOURCE = "aws:sourcearn"
#: What the role of a subscription needs, by the service of its stream.
_WRITES = {"firehose": "firehose:PutRecord", "kinesis": "kinesis:PutRecord"}


def check_call(state: State, call: Call) -> None:
    """See that logs may be sent where a call sends them."""
    if (call.service, call.operation) == ("logs", "PutSubscriptionFilter"):
        given = {name[:1].upper() + name[1:]: value for name, value in call.parameters.items()}
        check_subscription(state, call.account, call.region, given)


def check_subscription(state: State, account: str, region: str, given: Mapping[str, Any]) -> None:
    """
    See that logs may be sent where a subscription of a log group sends them.

    Args:
        state: of the sandbox.
        account: of the log group.
        region: likewise.
        given: the properties of a subscription filter.

    Raises:
        Refused: they may not, as the service says.
        Undecided: whether they may is not known.
    """
    target, role = str(given.get("DestinationArn") or ""), str(given.get("RoleArn") or "")
    service = target.split(":")[2] if target.count(":") >= 5 else ""
    group = f"arn:aws:logs:{region}:{account}:log-group:{given.get('LogGroupName')}:*"
    if account_in(target) != account:
        raise Undecided(f"whether logs of {account} may be sent to {target} is not asked here")
    if service == "lambda" and not role:
        kept = {_SOURCE: group, "aws:sourceaccount": account}
        if not _may_invoke(state, (_LOGS, f"logs.{region}.amazonaws.com"), target, region, kept):
            raise RefusedRequest(
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute "
                "your function.",
                "InvalidParameterException",
            )
    elif service in _WRITES and role:
        check_role(state, role, _LOGS, region)
        _check_writing(state, role, _WRITES[service], target, region)
    else:
        raise Undecided(f"whether logs may be sent to {target} is not asked here")


def check_rotation(state: State, account: str, region: str, function: str) -> None:
    """
    See that a function lets Secrets Manager call it.

    Args:
        state: of the sandbox.
        account: of the secret.
        region: likewise.
        function: its ARN.

    Raises:
        Refused: it does not, as Secrets Manager says.
        Undecided: whether it does is not known.
    """
    if not _may_invoke(state, (_SECRETS,), function, region, {"aws:sourceaccount": account}, unknown=(_SOURCE,)):
        raise RefusedRequest(
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access"
            f" to the principal {_SECRETS}.",
            "AccessDeniedException",
        )


def _may_invoke(
    state: State,
    names: tuple[str, ...],
    function: str,
    region: str,
    kept: dict[str, str],
    unknown: tuple[str, ...] = (),
) -> bool:
    """Whether a function lets a service in by one of its names, and forbids it by none."""
    policy = resource_policy("lambda", function)
    need = Need("lambda:InvokeFunction", function, account_in(function), policy, unknown=unknown)
    denials = []
    for name in names:
        caller = Caller(SERVICE, name)
        credentials = Credentials("", "", caller, kept=kept)
        denials.append(decide_need(state, caller, credentials, need, {}, region))
    return None in denials and not any(one is not None and one.explicit for one in denials)


def _check_writing(state: State, role: str, action: str, target: str, region: str) -> None:
    session = session_of(state, role, "logs")
    need = Need(action, target, account_in(target), unknown=FORWARDED)
    if session is None or decide_need(state, session.caller, session, need, {}, region) is not None:
        kind = "Firehose" if action.startswith("firehose") else "Kinesis"
        text = f"Could not deliver test message to specified {kind} stream. Check if the given {kind.lower()} stream is"
        raise RefusedRequest(f"{text} in ACTIVE state.", "InvalidParameterException")
