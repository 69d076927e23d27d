"""
The door to the attributes of queues, and a repair: moto drops the policy of a queue whenever another attribute is set,
and does not tell whose dead letters a queue takes.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.sqs.models import Queue, sqs_backends

_POLICY, _REDRIVE_ALLOW = "Policy", "redrive_allow_policy"
_MOTOS: Callable[..., None] = Queue._set_attributes


def repair() -> None:
    """Let a queue keep its policy while others of its attributes change, and tell all that it has."""
    setattr(Queue, _REDRIVE_ALLOW, None)
    Queue.BASE_ATTRIBUTES = list(dict.fromkeys((*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy")))
    setattr(Queue, "_set_attributes", _set)  # noqa: B010


def _set(queue: Queue, attributes: Mapping[str, Any], now: float | None = None) -> None:
    # The first call is from within the making of the queue, which has none yet.
    kept = getattr(queue, "_policy_json", None)
    _MOTOS(queue, attributes, now)
    if kept is not None and _POLICY not in attributes:
        queue._policy_json = kept
    if getattr(queue, _REDRIVE_ALLOW) == "":
        setattr(queue, _REDRIVE_ALLOW, None)


def arn_of(account: str, region: str, name: str) -> str:
    """The ARN of a queue, which need not be there."""
    return f"arn:aws:sqs:{region}:{account}:{name}"


def allowed_by(arn: str) -> Any:
    """What a queue says of those whose dead letters it takes; None where it says nothing, or is not there."""
    fields = arn.split(":", 5)
    found = sqs_backends[fields[4]][fields[3]].queues.get(fields[5]) if len(fields) == 6 else None
    return getattr(found, _REDRIVE_ALLOW, None)


def sources_of(account: str, region: str, name: str) -> list[str]:
    """The ARNs of the queues whose dead letters a queue takes."""
    arn = arn_of(account, region, name)
    held = list(sqs_backends[account][region].queues.values())
    return [str(one.queue_arn) for one in held if (one.redrive_policy or {}).get("deadLetterTargetArn") == arn]
