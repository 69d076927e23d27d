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

from trustproof_cdk._arguments import arguments, references
from trustproof_cdk._names import own_policies
from trustproof_cdk._policies.calls import Call, denies, is_about_service, may_allow, statements_of
from trustproof_cdk._policies.known_keys import of_service
from trustproof_cdk._synthesis import stacks

#: Of the events that alarms are about.
SOURCES = ["aws.sts", "aws.signin"]
DETAIL_TYPES = ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"]
_BODY = "MessageBody"
#: What an event has, and the values that those of alarms have there.
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/aws-events.html
_EVENT = {"source": SOURCES, "detail-type": DETAIL_TYPES}
_FIELDS = {*_EVENT, "version", "id", "account", "time", "region", "resources", "detail"}
_SNS, _SEND = "sns.amazonaws.com", "sqs:SendMessage"
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
        if made is None or stacks.path_of(made) != stacks.path_of(topic):
            continue
        for why in _why_deaf(one, listed):
            cdk.Annotations.of(alarm).add_warning_v2(
                f"trustproof:deaf-subscription-{stacks.path_of(one)}",
                f"{stacks.path_of(one)} never gets an alarm of {stacks.path_of(alarm)}: {why}",
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
    if scope == _BODY and isinstance(filtered, Mapping) and (keys := [*_unmet(filtered)]):
        yield (
            f"its filter demands of {keys[0]!r} in the body what no event of an alarm has there, whose source is "
            f"{' or '.join(SOURCES)}; let it through, or leave the filter out"
        )
    receiver = None if subscription.endpoint is None else references.referred_to(subscription.endpoint)
    if subscription.protocol == "sqs" and isinstance(receiver, sqs.CfnQueue):
        yield from _why_no_message(receiver, there)
    if subscription.protocol == "lambda" and receiver is not None:
        yield from _why_no_call(receiver, there)


def _demanded(filtered: Mapping[str, Any]) -> Iterator[str]:
    for key, patterns in filtered.items():
        if not key.startswith(("$", "Fn::")) and isinstance(patterns, list) and _ABSENT not in patterns:
            yield key


def _unmet(filtered: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a filter of bodies that surely let no event of an alarm through."""
    for key, patterns in filtered.items():
        if key.startswith(("$", "Fn::")) or not isinstance(patterns, list):
            continue
        if key not in _FIELDS:
            if _ABSENT not in patterns:
                yield key
        elif key in _EVENT and not any(_may_match(one, value) for one in patterns for value in _EVENT[key]):
            yield key


def _may_match(pattern: Any, value: str) -> bool:
    if isinstance(pattern, Mapping) and pattern.keys() == {"prefix"}:
        return value.startswith(str(pattern["prefix"]))
    return pattern == value or not isinstance(pattern, str)


def _why_no_message(queue: sqs.CfnQueue, there: Iterable[IConstruct]) -> Iterator[str]:
    """Why Amazon SNS may not send to a queue, in words; nothing where it may."""
    refusing = []
    for one in there:
        if isinstance(one, (sqs.CfnQueuePolicy, sqs.CfnQueueInlinePolicy)):
            given = one.queues if isinstance(one, sqs.CfnQueuePolicy) else [one.queue]
            found = own_policies.references(given, one)
            is_its = any(stacks.path_of(made) == stacks.path_of(queue) for made in found)
            # A queue that is named otherwise may be this one.
            resolve = stacks.stack_of(one).resolve
            # One by one: the CDK takes a policy without statements out of a list, which is nothing to it.
            if (is_its or len(found) < len(given)) and _lets_in(resolve(one.policy_document), resolve(queue.attr_arn)):
                return
            refusing += [one.node.path] if is_its else []
    has = f"a policy ({', '.join(refusing)}) that does not allow, or denies," if refusing else "no policy that allows"
    spared = ", and spare AWS services in what the policy denies" if refusing else ""
    yield (
        f"{queue.node.path} has {has} {_SNS} {_SEND}; subscribe it with aws_sns_subscriptions.SqsSubscription, which "
        f"adds what it needs{spared}"
    )


def _lets_in(document: Any, arn: Any) -> bool:
    """Whether the policy of a queue, of which the ARN is given, may let Amazon SNS send to it."""
    statements, call = statements_of(document), Call(_SEND, known=of_service(_SNS))
    if statements is None:
        return True
    against = [
        {**one, "Resource": "*"} if one.get("Resource") == arn else one
        for one in statements
        if is_about_service(one, _SNS, unknown=False)
    ]
    for_it = [one for one in statements if is_about_service(one, _SNS, unknown=True)]
    return may_allow({"Statement": for_it}, call) and not denies({"Statement": against}, call)


def _why_no_call(function: IConstruct, there: Iterable[IConstruct]) -> Iterator[str]:
    """Why Amazon SNS may not call a function, in words; nothing where it may."""
    # One of the largest modules of the CDK; who subscribes a function has it already.
    from aws_cdk import aws_lambda as functions

    if not isinstance(function, functions.CfnFunction):
        return
    for one in there:
        if isinstance(one, functions.CfnPermission):
            principal, found = one.principal, own_policies.references([one.function_name], one)
            # A function that is named otherwise may be this one.
            is_its = not found or any(stacks.path_of(made) == stacks.path_of(function) for made in found)
            if is_its and (arguments.is_token(principal) or principal in (_SNS, "*")):
                return
    yield (
        f"{function.node.path} has no permission that lets {_SNS} call it; subscribe it with "
        "aws_sns_subscriptions.LambdaSubscription, which adds one"
    )
