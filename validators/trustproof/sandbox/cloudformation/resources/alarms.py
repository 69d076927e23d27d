"""
Alarms: `AWS::CloudWatch::Alarm`, `AWS::CloudWatch::CompositeAlarm`. No metric is watched here, so none goes off.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-compositealarm.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, changed_tags
from trustproof.sandbox.cloudformation.resources.by_operations import TypeOfOperations
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto.alarms import has_alarm, put_composite
from trustproof.sandbox.services.alarm_actions import check_actions

_NAME = "AlarmName"


class Alarm(TypeOfOperations):
    """An alarm of a metric, or of an expression over some."""

    name = "AWS::CloudWatch::Alarm"
    name_property: str | None = _NAME
    service = "cloudwatch"
    creation = "PutMetricAlarm"
    required: ClassVar[frozenset[str]] = frozenset({"ComparisonOperator", "EvaluationPeriods"})
    create_only: ClassVar[frozenset[str]] = frozenset({_NAME})

    def check(self, properties: Properties) -> None:
        """Hold properties to the parameters of PutMetricAlarm."""
        super().check(properties)
        try:
            check_actions(properties)
        except Undecided as undecided:
            raise ResourceFailed(undecided.message) from None

    def create(self, place: Place, properties: Properties) -> Made:
        """Make the alarm."""
        name = str(properties.get(_NAME) or place.generated_name(255))
        if has_alarm(place.account, place.region, name):
            raise ResourceFailed(f"{name} already exists in stack or account")
        self._put(place, self._parameters(self.creation, {**properties, _NAME: name}))
        return Made(name, {"Arn": _arn(place, name)})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Put the alarm anew, and its tags."""
        given = {key: value for key, value in new.items() if key != "Tags"}
        self._put(place, self._parameters(self.creation, {**given, _NAME: made.physical_id}))
        removed, added = changed_tags(old, new)
        arn = _arn(place, made.physical_id)
        if removed:
            self._call(place, "UntagResource", {"ResourceARN": arn, "TagKeys": removed})
        if added:
            self._call(place, "TagResource", {"ResourceARN": arn, "Tags": added})
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Delete the alarm."""
        self._delete(place, "DeleteAlarms", {"AlarmNames": [made.physical_id]})

    def _put(self, place: Place, given: Mapping[str, Any]) -> None:
        self._call(place, self.creation, given)


class CompositeAlarm(Alarm):
    """An alarm of other alarms."""

    name = "AWS::CloudWatch::CompositeAlarm"
    creation = "PutCompositeAlarm"
    required: ClassVar[frozenset[str]] = frozenset({"AlarmRule"})

    def _put(self, place: Place, given: Mapping[str, Any]) -> None:
        put_composite(place.account, place.region, given)


TYPES = (Alarm, CompositeAlarm)


def _arn(place: Place, name: str) -> str:
    return f"arn:{place.partition}:cloudwatch:{place.region}:{place.account}:alarm:{name}"
