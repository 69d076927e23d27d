"""
Subscriptions to topics: `AWS::SNS::Subscription`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-subscription.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    BOOLEAN,
    DOCUMENT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
)
from trustproof.sandbox.moto import subscriptions

#: What SNS keeps of a subscription besides, in the order in which one may set it: a filter is checked by its scope. The
#: values are those of a subscription that has none.
_ATTRIBUTES = {
    "RawMessageDelivery": "false",
    "FilterPolicyScope": "MessageAttributes",
    "FilterPolicy": "",
    "DeliveryPolicy": "",
    "RedrivePolicy": "",
}
_FILTER = ("FilterPolicyScope", "FilterPolicy")
#: What SNS would hand a role over for, or send again, and moto does not.
_NOT_HERE = ("ReplayPolicy", "SubscriptionRoleArn")


class Subscription(DeclaredType):
    """A subscription to a topic of the same account."""

    name = "AWS::SNS::Subscription"
    properties: ClassVar[Mapping[str, str]] = {
        "DeliveryPolicy": DOCUMENT,
        "Endpoint": STRING,
        "FilterPolicy": DOCUMENT,
        "FilterPolicyScope": STRING,
        "Protocol": STRING,
        "RawMessageDelivery": BOOLEAN,
        "RedrivePolicy": DOCUMENT,
        "Region": STRING,
        "ReplayPolicy": DOCUMENT,
        "SubscriptionRoleArn": STRING,
        "TopicArn": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"Protocol", "TopicArn"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Endpoint", "Protocol", "TopicArn"})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        if found := [name for name in _NOT_HERE if name in properties]:
            raise ResourceFailed(f"the sandbox has no {found[0]} of a subscription")

    def create(self, place: Place, properties: Properties) -> Made:
        topic = str(properties["TopicArn"])
        fields = topic.split(":")
        region = str(properties.get("Region") or place.region)
        if len(fields) != 6 or fields[2] != "sns" or fields[3] != region:
            raise ResourceFailed("Invalid parameter: TopicArn")
        if fields[4] != place.account:
            raise ResourceFailed(f"whether {topic} lets this account subscribe is not asked in a template here")
        arn = subscriptions.subscribe(topic, str(properties["Protocol"]), str(properties.get("Endpoint") or ""))
        subscriptions.set_attributes(topic, arn, _given(properties))
        return Made(arn, {"Arn": arn})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        # What a template leaves out is as in a new one.
        before, after = ({**_ATTRIBUTES, **_given(one)} for one in (old, new))
        changed = {name: value for name, value in after.items() if before[name] != value}
        if any(name in changed for name in _FILTER):
            changed |= {name: after[name] for name in _FILTER}
        ordered = {name: changed[name] for name in _ATTRIBUTES if name in changed}
        subscriptions.set_attributes(str(new["TopicArn"]), made.physical_id, ordered)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        topic = str(properties["TopicArn"])
        if subscriptions.exists(topic, made.physical_id):
            subscriptions.unsubscribe(topic, made.physical_id)


def _given(properties: Properties) -> dict[str, str]:
    found = {}
    for name in _ATTRIBUTES:
        value = properties.get(name)
        if isinstance(value, bool):
            value = str(value).lower()
        if value is not None:
            found[name] = value if isinstance(value, str) else json.dumps(value)
    return found
