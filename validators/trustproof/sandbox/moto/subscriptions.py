"""
The door to the subscriptions of topics: made, changed and deleted as a stack does.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TRUTH_VALUE = "RawMessageDelivery"


def _backend(topic: str) -> Any:
    from moto.sns.models import sns_backends

    _, _, _, region, account, _ = topic.split(":", 5)
    return sns_backends[account][region]


def subscribe(topic: str, protocol: str, endpoint: str) -> str:
    """
    Subscribe to a topic, or find the subscription that there is.

    Args:
        topic: its ARN.
        protocol: `sqs`.
        endpoint: what it is sent to.

    Returns:
        the ARN of the subscription.
    """
    return str(_backend(topic).subscribe(topic, endpoint, protocol).arn)


def exists(topic: str, subscription: str) -> bool:
    """Whether there is a subscription."""
    return subscription in _backend(topic).subscriptions


def set_attributes(topic: str, subscription: str, attributes: Mapping[str, str]) -> None:
    """Set attributes of a subscription, in their order."""
    for name, value in attributes.items():
        # moto would take the text "false" for true where it delivers.
        kept = value == "true" if name == _TRUTH_VALUE else value
        _backend(topic).set_subscription_attributes(subscription, name, kept)


def unsubscribe(topic: str, subscription: str) -> None:
    """Delete a subscription."""
    _backend(topic).unsubscribe(subscription)
