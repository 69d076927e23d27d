"""
A role for emergencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _demands as demands
from trustproof_cdk._constructor import construct
from trustproof_cdk._role import RoleOptions, TrustingRole
from trustproof_cdk._trust import ASSUME_ROLE, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.trusted import Trusted

_FRESH = cdk.Duration.minutes(15)
_SHORT = cdk.Duration.hours(1)


@construct
class BreakGlassRole(TrustingRole):
    """
    A role that named users may assume in an emergency, right after they have used MFA; every use raises an alarm.

    An EventBridge rule reports each attempt to assume the role to a topic, refused attempts too. It sees what
    CloudTrail logs in the Region of its stack: calls of the STS endpoint of that Region. Calls of the global endpoint
    and the console are logged in us-east-1, so deploy the role in a stack there, or one more rule.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        users: ARNs of IAM users, or users of this app.
        alarm_topic: where uses are reported to.
        max_mfa_age: how long ago the MFA code may have been entered at most. Default: 15 minutes.
        source_ips: public addresses or prefixes that requests must come from.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`; ``max_session_duration`` cannot be more than 1 hour.

    Raises:
        ValueError: a longer session, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        users: Iterable[str | iam.IUser],
        alarm_topic: sns.ITopic,
        max_mfa_age: cdk.Duration = _FRESH,
        source_ips: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        duration = options.get("max_session_duration")
        if duration is not None and arguments.session_seconds(duration) > _SHORT.to_seconds():
            raise ValueError(
                f"max_session_duration must be 1 hour in an emergency role, got {duration.to_human_string()}"
            )
        caller = Trusted.users(*arguments.arns(users, "users", "user_arn"))
        demanded = conjoin(mfa_conditions(max_mfa_age), demands.network(source_ips, None), conditions)
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"AWS": caller.principals}, [ASSUME_ROLE], demanded)],
            **options,
        )
        self._report_uses(alarm_topic)

    def _report_uses(self, topic: sns.ITopic) -> None:
        session = f"arn:{cdk.Aws.PARTITION}:sts::{cdk.Stack.of(self).account}:assumed-role/{self.role_name}/"
        rule = events.Rule(
            self,
            "OnUse",
            description="Somebody assumes the emergency role, or tries to",
            event_pattern=events.EventPattern(
                source=["aws.sts", "aws.signin"],
                detail_type=["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"],
                detail={
                    "$or": [
                        {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": [self.role_arn]}},
                        {"eventName": ["SwitchRole"], "userIdentity": {"arn": [{"prefix": session}]}},
                    ]
                },
            ),
            targets=[targets.SnsTopic(topic)],
        )
        # AssumeRole changes nothing, so CloudTrail may log it as a read; a rule sees reads only if it says so.
        resource = rule.node.default_child
        assert isinstance(resource, events.CfnRule)
        resource.state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
