"""
What of a template has services send something to what it names: rules, topics, alarms, buckets and APIs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.service_uses.arn_references import ArnReferences
from trustproof.inputs.cloudformation.resources.service_uses.notifications import NOTIFYING
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.text import Symbolic, Text

_BUCKET, _TOPIC = "AWS::S3::Bucket", "AWS::SNS::Topic"
#: Where the notifications of a bucket name what they are sent to, and how:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
_NOTIFIED = (("TopicConfigurations", "Topic"), ("QueueConfigurations", "Queue"), ("LambdaConfigurations", "Function"))
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
_ON_ALARM = ("AlarmActions", "OKActions", "InsufficientDataActions")
#: What the ARN of something of a service begins with that is in the account and Region of the template.
_HERE = "arn:${{AWS::Partition}}:{}:${{AWS::Region}}:${{AWS::AccountId}}"
#: What the ARN of calls of an API begins with.
_API = _HERE.format("execute-api")
#: The property by which a subscription refers to its topic, to which it sends nothing.
OWN_TOPIC = "TopicArn"

#: Something that is written in a template.
_Raw = Mapping[str, object]


class Sender(NamedTuple):
    """
    What of a template has a service send something.
    """

    service: str
    name: str
    #: The ARN of it, as it is written; None where that is not known.
    arn: object


def senders_to(resolver: Resolver, target: Text) -> Iterator[Sender]:
    """What has services come to a resource, which has some ARN."""
    return resolver.environment.indexes.of(resolver, _senders).naming(target)


def _senders(resolver: Resolver) -> ArnReferences[Sender]:
    environment = resolver.environment
    return ArnReferences(
        (_text(resolver, value), Sender(_KINDS[type_][0], name, arn))
        for name in environment.of_types(_KINDS)
        for type_ in (str(environment.resources[name].get("Type")),)
        for value, arn in _KINDS[type_][1](name, environment.properties(name))
    )


def values_sent_to(type_: str, name: str, properties: _Raw) -> list[object]:
    """What a resource of a type has a service send something to, as it is written."""
    return [value for value, _ in _KINDS[type_][1](name, properties)] if type_ in _KINDS else []


def _buckets(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    listed = properties.get("NotificationConfiguration")
    for several, one in _NOTIFIED:
        for entry in _entries(listed.get(several) if isinstance(listed, dict) else None):
            if one in entry:
                yield entry[one], {"Fn::GetAtt": [name, "Arn"]}


def _topics(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    for entry in _entries(properties.get("Subscription")):
        yield entry.get("Endpoint"), {"Fn::GetAtt": [name, "TopicArn"]}


def _subscriptions(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    What a subscription sends to, and where it leaves what it cannot deliver, which SNS sends in the name of the topic.

    https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    redrive = properties.get("RedrivePolicy")
    for value in (
        properties.get("Endpoint"),
        redrive.get("deadLetterTargetArn") if isinstance(redrive, dict) else None,
    ):
        yield value, properties.get(OWN_TOPIC)


def _rules(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    The targets of a rule, and where it leaves the events that it cannot deliver.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    for entry in _entries(properties.get("Targets")):
        dead_letters = entry.get("DeadLetterConfig")
        for value in (entry.get("Arn"), dead_letters.get("Arn") if isinstance(dead_letters, dict) else None):
            yield value, {"Fn::GetAtt": [name, "Arn"]}


def _alarms(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    for key in _ON_ALARM:
        listed = properties.get(key)
        for entry in listed if isinstance(listed, list) else ():
            yield entry, {"Fn::GetAtt": [name, "Arn"]}


def _trails(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    The topic of a trail, by its name or its ARN. The trail is not referred to, but named: it is only made where the
    policy of the topic lets it in already.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
    """
    topic, called = properties.get("SnsTopicName"), properties.get("TrailName")
    attribute = topic.get("Fn::GetAtt") if isinstance(topic, dict) else None
    if isinstance(attribute, list) and attribute[1:] == ["TopicName"]:
        topic = {"Ref": attribute[0]}
    elif isinstance(topic, str) and ":" not in topic:
        topic = {"Fn::Sub": f"{_HERE.format('sns')}:{topic}"}
    yield topic, {"Fn::Sub": f"{_HERE.format('cloudtrail')}:trail/{called}"} if isinstance(called, str) else None


def _routes(api: str, *uri: str) -> Callable[[str, _Raw], Iterator[tuple[object, object]]]:
    """Reads what of an API calls a function: the properties that name the API, and that lead to the URI of the call."""

    def read(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
        value: object = properties
        for step in uri:
            value = value.get(step) if isinstance(value, dict) else None
        named = properties.get(api)
        called = named.get("Ref") if isinstance(named, dict) else None
        if isinstance(called, str):
            # Whatever stage, method and path it is, or which authorizer.
            yield value, {"Fn::Sub": f"{_API}:${{{called}}}/*"}

    return read


def _quick(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    What an HTTP API calls that is made by "quick create".

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
    """
    if "Target" in properties:
        yield properties["Target"], {"Fn::Sub": f"{_API}:${{{name}}}/*"}


_APIS = "apigateway.amazonaws.com"


#: By its type, the service of a source, and how to read what it names and what it is called itself.
_KINDS: dict[str, tuple[str, Callable[[str, _Raw], Iterator[tuple[object, object]]]]] = {
    _BUCKET: ("s3.amazonaws.com", _buckets),
    _TOPIC: ("sns.amazonaws.com", _topics),
    "AWS::SNS::Subscription": ("sns.amazonaws.com", _subscriptions),
    "AWS::Events::Rule": ("events.amazonaws.com", _rules),
    "AWS::CloudTrail::Trail": ("cloudtrail.amazonaws.com", _trails),
    "AWS::CloudWatch::Alarm": ("cloudwatch.amazonaws.com", _alarms),
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch.amazonaws.com", _alarms),
    "AWS::ApiGateway::Method": (_APIS, _routes("RestApiId", "Integration", "Uri")),
    "AWS::ApiGateway::Authorizer": (_APIS, _routes("RestApiId", "AuthorizerUri")),
    "AWS::ApiGatewayV2::Api": (_APIS, _quick),
    "AWS::ApiGatewayV2::Integration": (_APIS, _routes("ApiId", "IntegrationUri")),
    "AWS::ApiGatewayV2::Authorizer": (_APIS, _routes("ApiId", "AuthorizerUri")),
    **NOTIFYING,
}


def _entries(listed: object) -> Iterator[_Raw]:
    return (entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, dict))


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None
