"""
What of a template notifies topics, and calls functions, in the name of a service, besides rules, alarms, buckets and
topics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

#: Something that is written in a template.
_Raw: TypeAlias = "Mapping[str, object]"
#: Gives what a resource comes to, each with the ARN that the service says it calls for, as it is written; None where
#: that is not known.
_Reader: TypeAlias = "Callable[[str, _Raw], Iterator[tuple[object, object]]]"


def _at(*steps: str) -> _Reader:
    """Reads what stands in a property, at some steps, through whatever lists are on the way."""

    def read(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
        found: list[object] = [properties]
        for step in steps:
            found = [inner[step] for one in found for inner in _entries(one) if step in inner]
        yield from ((value, None) for value in found)

    return read


def _triggers(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    The functions that a user pool calls.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-lambdaconfig.html
    """
    config = properties.get("LambdaConfig")
    for value in config.values() if isinstance(config, dict) else ():
        inner = value.get("LambdaArn") if isinstance(value, dict) and "LambdaArn" in value else value
        yield inner, {"Fn::GetAtt": [name, "Arn"]}


def _entries(value: object) -> Iterator[_Raw]:
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


#: By its type, the service of a source, and how to read what it comes to:
#: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
#: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
#: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-add-event-destination-sns.html
#: https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html
#: https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
NOTIFYING: Mapping[str, tuple[str, _Reader]] = {
    "AWS::RDS::EventSubscription": ("events.rds.amazonaws.com", _at("SnsTopicArn")),
    "AWS::Budgets::Budget": ("budgets.amazonaws.com", _at("NotificationsWithSubscribers", "Subscribers", "Address")),
    "AWS::SES::ConfigurationSetEventDestination": (
        "ses.amazonaws.com",
        _at("EventDestination", "SnsDestination", "TopicARN"),
    ),
    "AWS::CodeStarNotifications::NotificationRule": (
        "codestar-notifications.amazonaws.com",
        _at("Targets", "TargetAddress"),
    ),
    "AWS::Config::ConfigRule": ("config.amazonaws.com", _at("Source", "SourceIdentifier")),
    "AWS::Cognito::UserPool": ("cognito-idp.amazonaws.com", _triggers),
    "AWS::SecretsManager::RotationSchedule": ("secretsmanager.amazonaws.com", _at("RotationLambdaARN")),
    "AWS::Logs::SubscriptionFilter": ("logs.amazonaws.com", _at("DestinationArn")),
}
