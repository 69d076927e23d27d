"""
`BreakGlassRole`: for named people, with fresh MFA, and not in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns

from trustproof_cdk import BreakGlassRole

ALICE = "arn:aws:iam::111122223333:user/alice"
BOB = "arn:aws:iam::111122223333:user/bob"

Resources = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def topic(stack: cdk.Stack) -> sns.Topic:
    """Where alarms go."""
    return sns.Topic(stack, "Alarms")


def test_trust_policy_names_the_users(stack: cdk.Stack, topic: sns.Topic, resources: Resources) -> None:
    """Only the named users, a quarter of an hour after MFA at most, for an hour."""
    BreakGlassRole(stack, "Role", users=[ALICE, BOB], alarm_topic=topic)
    (properties,) = resources("AWS::IAM::Role")
    assert properties["MaxSessionDuration"] == 3600
    assert properties["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": [ALICE, BOB]},
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"},
            },
        }
    ]


def test_uses_are_reported(stack: cdk.Stack, topic: sns.Topic, resources: Resources) -> None:
    """A rule sees calls of AssumeRole for this role and switches to it in the console, and may publish to the topic."""
    role = BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=topic)
    (rule,) = resources("AWS::Events::Rule")
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert rule["Targets"] == [{"Id": "Target0", "Arn": stack.resolve(topic.topic_arn)}]
    call, switch = rule["EventPattern"]["detail"]["$or"]
    assert call == {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": [stack.resolve(role.role_arn)]}}
    assert switch["eventName"] == ["SwitchRole"]
    (policy,) = resources("AWS::SNS::TopicPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"users": []}, "users must have at least one entry, got none"),
        ({"users": ["arn:aws:iam::111122223333:root"]}, "users must be the ARN of an IAM user like"),
        (
            {"users": [ALICE], "max_session_duration": cdk.Duration.hours(2)},
            "max_session_duration must be 1 hour in an emergency role, got 2 hours",
        ),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, topic: sns.Topic, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        BreakGlassRole(stack, "Role", alarm_topic=topic, **arguments)


def test_one_user_must_be_in_a_list(stack: cdk.Stack, topic: sns.Topic) -> None:
    """A string is not a list of its characters."""
    with pytest.raises(TypeError, match="users must be a list of ARNs or users"):
        BreakGlassRole(stack, "Role", users=ALICE, alarm_topic=topic)
