"""
What scales: `AWS::ApplicationAutoScaling::ScalableTarget` and `ScalingPolicy`, `AWS::AutoScaling::ScalingPolicy`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApplicationAutoScaling.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-scalingpolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import PlainType

_OF_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_ROLE, _LINKED = "RoleARN", ":role/aws-service-role/"
_TARGET = "ScalingTargetId"
_GROUP = "AutoScalingGroupName"


class ScalableTarget(PlainType):
    """What may be scaled, and how far."""

    name = "AWS::ApplicationAutoScaling::ScalableTarget"
    service = "application-autoscaling"
    has_tags = False
    creation = "RegisterScalableTarget"
    required: ClassVar[frozenset[str]] = frozenset({"MaxCapacity", "MinCapacity", *_OF_TARGET})
    create_only: ClassVar[frozenset[str]] = frozenset(_OF_TARGET)
    beside: ClassVar[frozenset[str]] = frozenset({"ScheduledActions"})
    about: ClassVar[Mapping[str, str]] = {name: name for name in _OF_TARGET}
    change = creation
    deletion = "DeregisterScalableTarget"

    def _ask(self, place: Place, properties: Properties, name: str) -> None:
        # The role that is linked to the service is its own, and is made by it.
        linked = _LINKED in str(properties.get(_ROLE))
        super()._ask(place, {key: one for key, one in properties.items() if not (linked and key == _ROLE)}, name)

    def create(self, place: Place, properties: Properties) -> Made:
        self._ask(place, properties, "")
        self._call(place, self.creation, self._parameters(self.creation, properties))
        return Made("|".join(str(properties[name]) for name in _OF_TARGET))


class TargetPolicy(PlainType):
    """How a target is scaled."""

    name = "AWS::ApplicationAutoScaling::ScalingPolicy"
    service = "application-autoscaling"
    has_tags = False
    creation = "PutScalingPolicy"
    ref = "PolicyARN"
    told: ClassVar[Mapping[str, str]] = {"Arn": ref}
    named = "PolicyName"
    required: ClassVar[frozenset[str]] = frozenset({named, "PolicyType"})
    create_only: ClassVar[frozenset[str]] = frozenset({named, _TARGET, *_OF_TARGET})
    beside: ClassVar[frozenset[str]] = frozenset({_TARGET})
    change = creation
    deletion = "DeleteScalingPolicy"

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        return {**properties, **_of_target(properties)}

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        return {self.named: properties[self.named], **_of_target(properties)}


def _of_target(properties: Properties) -> dict[str, str]:
    """The target that a policy is for, which it names by three properties, or by what `Ref` of it is."""
    named = dict(zip(_OF_TARGET, str(properties.get(_TARGET) or "").split("|"), strict=False))
    return {name: str(properties[name] if name in properties else named.get(name, "")) for name in _OF_TARGET}


class GroupPolicy(PlainType):
    """How a group of instances is scaled."""

    name = "AWS::AutoScaling::ScalingPolicy"
    service = "autoscaling"
    has_tags = False
    creation = "PutScalingPolicy"
    named = "PolicyName"
    longest = 255
    required: ClassVar[frozenset[str]] = frozenset({_GROUP})
    create_only: ClassVar[frozenset[str]] = frozenset({_GROUP})
    change = creation
    deletion = "DeletePolicy"

    def create(self, place: Place, properties: Properties) -> Made:
        made = super().create(place, properties)
        # The answer of moto has no ARN.
        told = {_GROUP: properties[_GROUP], "PolicyNames": [made.handle]}
        arn = str(self._call(place, "DescribePolicies", told)["ScalingPolicies"][0]["PolicyARN"])
        return Made(arn, {"Arn": arn, self.named: made.handle}, made.handle)

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        return {self.named: made.handle, _GROUP: properties[_GROUP]}


TYPES = (GroupPolicy, ScalableTarget, TargetPolicy)
