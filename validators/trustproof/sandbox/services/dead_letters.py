"""
The dead-letter queue of a queue: SQS takes one of the same account and Region that lets that queue use it.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.authorization.actions.resource_accounts import queue_name
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto import queues
from trustproof.sandbox.requests.wire import Call

_POLICY, _ALLOWED = "RedrivePolicy", "RedriveAllowPolicy"
_PERMISSION, _SOURCES = "redrivePermission", "sourceQueueArns"
_ALL, _NONE, _LISTED = "allowAll", "denyAll", "byQueue"
_MOST_SOURCES = 10


def check_call(call: Call, account: str) -> None:
    """See that SQS takes what a call says of dead letters."""
    if call.service == "sqs" and call.operation in ("CreateQueue", "SetQueueAttributes"):
        name = str(call.parameters.get("QueueName") or queue_name(call))
        check(account, call.region, name, call.parameters.get("Attributes") or {})


def check(account: str, region: str, name: str, attributes: Mapping[str, Any]) -> None:
    """
    See that SQS takes what is said of the dead letters of a queue.

    Args:
        account: of the queue.
        region: likewise.
        name: of the queue, which need not be there yet.
        attributes: of the queue; each policy as a text or an object.

    Raises:
        Refused: it does not.
        Undecided: whether it does is not known.
    """
    if attributes.get(_ALLOWED):
        permission, sources = _permission(attributes[_ALLOWED])
        for arn in queues.sources_of(account, region, name):
            if permission == _NONE or (permission == _LISTED and arn not in sources):
                raise Undecided(f"what becomes of {arn}, whose dead letters {name} has already, is not known here")
    target = str(_read(_POLICY, attributes.get(_POLICY) or {}).get("deadLetterTargetArn") or "")
    arn = queues.arn_of(account, region, name)
    permission, sources = _permission(queues.allowed_by(target) or {})
    if target and (permission == _NONE or (permission == _LISTED and arn not in sources)):
        given = json.dumps(_read(_POLICY, attributes[_POLICY]))
        raise _invalid(_POLICY, given, f"the {_ALLOWED} of {target} does not allow {arn} to use it")


def _permission(given: Any) -> tuple[str, list[str]]:
    found = _read(_ALLOWED, given)
    permission, sources = str(found.get(_PERMISSION) or _ALL), found.get(_SOURCES) or []
    text = json.dumps(found)
    if permission not in (_ALL, _NONE, _LISTED):
        raise _invalid(_ALLOWED, text, f"{_PERMISSION} is none of {_ALL}, {_NONE} and {_LISTED}")
    if not isinstance(sources, list) or bool(sources) is not (permission == _LISTED) or len(sources) > _MOST_SOURCES:
        raise _invalid(_ALLOWED, text, f"{_SOURCES} are up to {_MOST_SOURCES}, and given with {_LISTED} only")
    return permission, [str(one) for one in sources]


def _read(name: str, given: Any) -> dict[str, Any]:
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _invalid(name, str(given), "it is no JSON object")
    return found


def _invalid(name: str, given: str, reason: str) -> RefusedRequest:
    return RefusedRequest(f"Value {given} for parameter {name} is invalid. Reason: {reason}.", "InvalidParameterValue")
