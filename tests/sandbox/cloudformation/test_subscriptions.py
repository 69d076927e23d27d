"""
Subscriptions of stacks to topics: made, changed, replaced and deleted as the template says.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from moto.sns.models import sns_backends

from tests.sandbox.cloudformation.conftest import ACCOUNT, REGION, Stacks

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"


@pytest.fixture(autouse=True)
def _with_one_topic() -> None:
    sns_backends.reset()
    sns_backends[ACCOUNT][REGION].create_topic("t")


def template(**properties: Any) -> dict[str, Any]:
    given = {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE, **properties}
    return {
        "Resources": {"S": {"Type": "AWS::SNS::Subscription", "Properties": given}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["S", "Arn"]}}},
    }


def held() -> list[Any]:
    return list(sns_backends[ACCOUNT][REGION].subscriptions.values())


def only() -> Any:
    (found,) = held()
    return found


def test_from_its_making_to_its_end(stacks: Stacks) -> None:
    """A subscription has what its template says, and what this says no more is as in a new one."""
    policy = {"kind": ["a"]}
    assert stacks.deploy(template(RawMessageDelivery=True, FilterPolicy=policy)) == "CREATE_COMPLETE", stacks.reasons()
    made = only()
    assert made.arn == stacks.resources()["S"] == stacks.outputs()["Arn"]
    assert (made.protocol, made.endpoint, made.topic.arn) == ("sqs", QUEUE, TOPIC)
    assert (made.attributes["RawMessageDelivery"], json.loads(made.attributes["FilterPolicy"])) == (True, policy)
    assert stacks.deploy(template(FilterPolicy=policy, FilterPolicyScope="MessageBody")) == "UPDATE_COMPLETE"
    assert (only().arn, only().attributes["RawMessageDelivery"]) == (made.arn, False)
    assert only()._filter_policy_matcher.filter_policy_scope == "MessageBody"
    assert stacks.deploy(template()) == "UPDATE_COMPLETE"
    assert only()._filter_policy_matcher is None
    assert stacks.deploy(template(Endpoint=f"{QUEUE}2")) == "UPDATE_COMPLETE"
    assert (only().endpoint, only().arn == made.arn) == (f"{QUEUE}2", False)
    stacks.delete()
    assert held() == []


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"TopicArn": "t"}, "Invalid parameter: TopicArn"),
        ({"TopicArn": TOPIC.replace(REGION, "us-east-1")}, "Invalid parameter: TopicArn"),
        ({"Region": "us-east-1"}, "Invalid parameter: TopicArn"),
        ({"TopicArn": TOPIC.replace(ACCOUNT, "222233334444")}, "whether .* lets this account subscribe is not asked"),
        ({"TopicArn": f"{TOPIC}2"}, "Topic does not exist"),
        ({"SubscriptionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}, "the sandbox has no SubscriptionRoleArn"),
        ({"Subject": "s"}, r"extraneous key \[Subject\]"),
    ],
)
def test_what_is_not_made(stacks: Stacks, properties: dict[str, Any], reason: str) -> None:
    """A stack fails loudly, and no subscription is left."""
    assert stacks.deploy(template(**properties)) == "ROLLBACK_COMPLETE"
    assert any(re.search(reason, one) for one in stacks.reasons()), stacks.reasons()
    assert held() == []
