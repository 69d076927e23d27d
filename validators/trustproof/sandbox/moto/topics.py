"""
The door to the attributes of topics, and a repair: moto keeps what a topic says of its deliveries, and tells nobody.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.sns.responses import SNSResponse

#: How the attributes of deliveries begin, by the protocols of templates, and how they end.
DELIVERIES = {
    "application": "Application",
    "firehose": "Firehose",
    "http/s": "HTTP",
    "lambda": "Lambda",
    "sqs": "SQS",
}
FEEDBACK = ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
_MOTOS: Callable[..., ActionResult] = SNSResponse.get_topic_attributes


def repair() -> None:
    """Let a topic tell with which roles it says what became of its deliveries."""
    setattr(SNSResponse, "get_topic_attributes", _told)  # noqa: B010


def _told(response: Any) -> ActionResult:
    found: Any = _MOTOS(response).result
    topic = response.backend.get_topic(response._get_param("TopicArn"))
    for name in (f"{begin}{end}" for begin in DELIVERIES.values() for end in FEEDBACK):
        if value := getattr(topic, camelcase_to_underscores(name), None):
            found["Attributes"][name] = value
    return ActionResult(found)
