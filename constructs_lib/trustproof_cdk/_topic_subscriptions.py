"""
Subscriptions of topics that alarms are published to: one that gets nothing is made without a word.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IConstruct

from trustproof_cdk import _own_policies as own_policies
from trustproof_cdk import _references as references
from trustproof_cdk import _stacks as stacks

_BODY = "MessageBody"
#: What of a filter a message without attributes meets.
_ABSENT = {"exists": False}


def warn_of_deaf(alarm: Construct, topic: IConstruct | None, there: Iterable[IConstruct]) -> None:
    """
    Warn of subscriptions of the topic of an alarm that surely get nothing.

    Args:
        alarm: a construct with the rule.
        topic: of the app; of others nothing is known.
        there: all that is in the app or stage.
    """
    listed = list(there)
    for one in listed:
        if topic is None or not isinstance(one, sns.CfnSubscription):
            continue
        made = references.referred_to(one.topic_arn)
        if made is None or made.node.path != topic.node.path:
            continue
        for why in _why_deaf(one, listed):
            cdk.Annotations.of(alarm).add_warning_v2(
                f"trustproof:deaf-subscription-{one.node.path}",
                f"{one.node.path} never gets an alarm of {alarm.node.path}: {why}",
            )


def _why_deaf(subscription: sns.CfnSubscription, there: Iterable[IConstruct]) -> Iterator[str]:
    resolved = stacks.stack_of(subscription).resolve
    scope, filtered = resolved(subscription.filter_policy_scope), resolved(subscription.filter_policy)
    # What EventBridge publishes is a body without attributes.
    if scope is None and isinstance(filtered, Mapping) and (keys := [*_demanded(filtered)]):
        yield (
            f"its filter demands the message attribute {keys[0]!r}, and what EventBridge publishes has none; filter by "
            f"the body (filter_policy_scope={_BODY!r}), or leave the filter out"
        )
    queue = None if subscription.endpoint is None else references.referred_to(subscription.endpoint)
    if subscription.protocol == "sqs" and isinstance(queue, sqs.CfnQueue) and not _may_have_policy(queue, there):
        yield (
            f"{queue.node.path} has no policy that allows sns.amazonaws.com sqs:SendMessage; subscribe it with "
            "aws_sns_subscriptions.SqsSubscription, which adds one"
        )


def _demanded(filtered: Mapping[str, Any]) -> Iterator[str]:
    for key, patterns in filtered.items():
        if not key.startswith(("$", "Fn::")) and isinstance(patterns, list) and _ABSENT not in patterns:
            yield key


def _may_have_policy(queue: sqs.CfnQueue, there: Iterable[IConstruct]) -> bool:
    for one in there:
        if isinstance(one, (sqs.CfnQueuePolicy, sqs.CfnQueueInlinePolicy)):
            given = one.queues if isinstance(one, sqs.CfnQueuePolicy) else [one.queue]
            found = own_policies.references(given, one)
            # A queue that is named otherwise may be this one.
            if len(found) < len(given) or any(made.node.path == queue.node.path for made in found):
                return True
    return False
