"""
The door to the attributes of queues, and a repair: moto drops the policy of a queue whenever another attribute is set.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.sqs.models import Queue

_POLICY = "Policy"
_MOTOS: Callable[..., None] = Queue._set_attributes


def repair() -> None:
    """Let a queue keep its policy while others of its attributes change."""
    setattr(Queue, "_set_attributes", _set)  # noqa: B010


def _set(queue: Queue, attributes: Mapping[str, Any], now: float | None = None) -> None:
    # The first call is from within the making of the queue, which has none yet.
    kept = getattr(queue, "_policy_json", None)
    _MOTOS(queue, attributes, now)
    if kept is not None and _POLICY not in attributes:
        queue._policy_json = kept
