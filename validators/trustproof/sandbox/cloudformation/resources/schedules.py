"""
Schedules of EventBridge Scheduler and their groups: `AWS::Scheduler::Schedule`, `ScheduleGroup`. Nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType


class Schedule(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html"""

    name = "AWS::Scheduler::Schedule"
    name_property: str | None = "Name"
    service = "scheduler"
    has_tags = False
    creation = "CreateSchedule"
    told: ClassVar[Mapping[str, str]] = {"Arn": "ScheduleArn"}
    longest = 64
    create_only: ClassVar[frozenset[str]] = frozenset({"GroupName", "Name"})
    about: ClassVar[Mapping[str, str]] = {"GroupName": "GroupName", "Name": REF}
    change = "UpdateSchedule"
    deletion = "DeleteSchedule"


class ScheduleGroup(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedulegroup.html"""

    name = "AWS::Scheduler::ScheduleGroup"
    name_property: str | None = "Name"
    service = "scheduler"
    creation = "CreateScheduleGroup"
    told: ClassVar[Mapping[str, str]] = {"Arn": "ScheduleGroupArn"}
    longest = 64
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})
    about: ClassVar[Mapping[str, str]] = {"Name": REF}
    deletion = "DeleteScheduleGroup"


TYPES = (Schedule, ScheduleGroup)
