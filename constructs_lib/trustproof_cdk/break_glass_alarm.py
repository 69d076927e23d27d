"""
An alarm for emergency roles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _objects as objects
from trustproof_cdk import _order as order
from trustproof_cdk._constructor import construct
from trustproof_cdk._role import TrustingRole

#: The warning of a role whose refused attempts nobody sees; an alarm where its users are answers it.
UNSEEN_REFUSALS = "trustproof:refused-attempts"


class AlarmedRole(TrustingRole):
    """
    A role that knows which alarms watch it.
    """

    #: Account and Region of each alarm; set before the first is made.
    alarms: set[tuple[str, str]]
    #: The accounts that its users are in, as far as they are known.
    user_accounts: frozenset[str]


@construct
class BreakGlassAlarm(events.Rule):
    """
    An EventBridge rule that reports each attempt to assume emergency roles to a topic, refused attempts too.

    `BreakGlassRole` has one of its own, in its stack. CloudTrail does not log everything there:

    - What is refused to a caller of another account is logged in the caller's account only. So an alarm belongs into
      the account of the users too.
    - A call is logged in the Region whose STS was called. So an alarm belongs into each Region that the role allows
      (``regions`` of `BreakGlassRole`), in both accounts. Calls of the global endpoint are logged in us-east-1.

    A trail must log management events.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        roles: the emergency roles: roles of this app, or ARNs.
        alarm_topic: where attempts are reported to; in the Region of the stack.

    Raises:
        ValueError: no role, an ARN with a wildcard, or a topic that EventBridge cannot publish to.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, roles: Iterable[str | iam.IRole], alarm_topic: sns.ITopic
    ) -> None:
        listed = arguments.once(roles)
        arns = arguments.each(arguments.arns(listed, "roles", "role_arn"), "roles", arguments.role_arn)
        _refuse_unreachable(cdk.Stack.of(scope), alarm_topic)
        sessions = [_session(role) for role in listed]
        super().__init__(
            scope,
            construct_id,
            description="Somebody assumes an emergency role, or tries to",
            event_pattern=events.EventPattern(
                source=["aws.sts", "aws.signin"],
                detail_type=["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"],
                detail={
                    "$or": [
                        {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": arns}},
                        # A refused call has no parameters in the log, only a message, which may end with a reason.
                        {
                            "eventName": ["AssumeRole"],
                            "errorMessage": [
                                one for arn in arns for one in ({"suffix": f" {arn}"}, {"wildcard": f"* {arn} *"})
                            ],
                        },
                        {"eventName": ["SwitchRole"], "userIdentity": {"arn": [{"prefix": one} for one in sessions]}},
                    ]
                },
            ),
            targets=[targets.SnsTopic(alarm_topic)],
        )
        # AssumeRole changes nothing, so CloudTrail may log it as a read; a rule sees reads only if it says so.
        resource = self.node.default_child
        assert isinstance(resource, events.CfnRule)
        resource.state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        self._warn_of_policy(alarm_topic)
        for role in listed:
            if isinstance(role, AlarmedRole):
                _tell(role, cdk.Stack.of(self))

    def _warn_of_policy(self, topic: sns.ITopic) -> None:
        """The policy of an imported topic is not ours to write, and without it the alarm is silent."""
        if order.created(topic) is not None:
            return
        stack = cdk.Stack.of(self)
        rules = f"arn:{cdk.Aws.PARTITION}:events:{stack.region}:{stack.account}:rule/*"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic.topic_arn,
            "Condition": {"ArnLike": {"aws:SourceArn": rules}},
        }
        cdk.Annotations.of(self).add_warning_v2(
            "trustproof:alarm-topic-policy",
            f"the topic of {self.node.path} is imported: nobody hears the alarm unless the policy of the topic has "
            f"this statement: {json.dumps(stack.resolve(statement))}",
        )


def _tell(role: AlarmedRole, stack: cdk.Stack) -> None:
    role.alarms.add((stack.account, stack.region))
    if role.user_accounts and role.user_accounts <= {account for account, _ in role.alarms}:
        cdk.Annotations.of(role).acknowledge_warning(UNSEEN_REFUSALS, "its users' account has an alarm")


def _session(role: str | iam.IRole) -> str:
    """How the ARN of every session of the role begins."""
    if not isinstance(role, str):
        return f"arn:{cdk.Aws.PARTITION}:sts::{role.env.account}:assumed-role/{role.role_name}/"
    parts = role.split(":")
    if len(parts) != 6:
        raise ValueError(f"roles must be roles, or ARNs whose account and name are known at synthesis, got {role!r}")
    return f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{parts[5].rpartition('/')[2]}/"


def _refuse_unreachable(stack: cdk.Stack, topic: sns.ITopic) -> None:
    objects.one(topic, "alarm_topic", "topic_arn")
    account, region = topic.env.account, topic.env.region
    if not arguments.is_token(account) and not arguments.is_token(stack.account) and account != stack.account:
        raise ValueError(
            f"alarm_topic must be of account {stack.account}, that of the rule, got one of {account}: make a topic in "
            "this account, and subscribe there whoever hears the other one"
        )
    if not arguments.is_token(region) and not arguments.is_token(stack.region) and region != stack.region:
        raise ValueError(
            f"alarm_topic must be in {stack.region}, the Region of the rule, since EventBridge publishes to no topic "
            f"of another one, got one in {region}"
        )
    resource: Any = order.created(topic)
    key = None if resource is None else stack.resolve(resource.kms_master_key_id)
    if "alias/aws/sns" in json.dumps(key):
        raise ValueError(
            "alarm_topic cannot be encrypted with 'alias/aws/sns', a key that EventBridge may not use: give it a key "
            "of yours, whose policy lets events.amazonaws.com use it"
        )
