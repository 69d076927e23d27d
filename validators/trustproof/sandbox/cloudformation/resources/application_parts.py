"""
Types that ordinary applications have, of several services: schedules, projects that build, domains and groups of user
pools, filters of metrics. Nothing of it is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.resources.base import Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType

_POOL = "UserPoolId"


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


class Project(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html"""

    name = "AWS::CodeBuild::Project"
    name_property: str | None = "Name"
    service = "codebuild"
    creation = "CreateProject"
    refused: ClassVar[Mapping[str, str]] = {
        "ResourceAccessRole": "what of its builds others may see is not looked at",
        "Triggers": "nobody calls it",
        "Visibility": "what of its builds others may see is not looked at",
    }
    answer = "project"
    told: ClassVar[Mapping[str, str]] = {"Arn": "arn"}
    longest = 150
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})
    about: ClassVar[Mapping[str, str]] = {"name": REF}
    deletion = "DeleteProject"

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        # moto wants a place also of a source that has none.
        return {**properties, "Source": {"Location": "none", **(properties.get("Source") or {})}}


class UserPoolDomain(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpooldomain.html"""

    name = "AWS::Cognito::UserPoolDomain"
    service = "cognito-idp"
    has_tags = False
    creation = "CreateUserPoolDomain"
    named = "Domain"
    required: ClassVar[frozenset[str]] = frozenset({"Domain", _POOL})
    create_only: ClassVar[frozenset[str]] = frozenset({"Domain", _POOL})
    about: ClassVar[Mapping[str, str]] = {"Domain": REF, _POOL: _POOL}
    deletion = "DeleteUserPoolDomain"


class UserPoolGroup(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolgroup.html"""

    name = "AWS::Cognito::UserPoolGroup"
    service = "cognito-idp"
    has_tags = False
    creation = "CreateGroup"
    named = "GroupName"
    longest = 128
    required: ClassVar[frozenset[str]] = frozenset({_POOL})
    create_only: ClassVar[frozenset[str]] = frozenset({"GroupName", _POOL})
    about: ClassVar[Mapping[str, str]] = {"GroupName": REF, _POOL: _POOL}
    change = "UpdateGroup"
    deletion = "DeleteGroup"


class MetricFilter(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html"""

    name = "AWS::Logs::MetricFilter"
    service = "logs"
    has_tags = False
    creation = "PutMetricFilter"
    named = "FilterName"
    longest = 255
    required: ClassVar[frozenset[str]] = frozenset({"FilterPattern", "LogGroupName", "MetricTransformations"})
    create_only: ClassVar[frozenset[str]] = frozenset({"FilterName", "LogGroupName"})
    about: ClassVar[Mapping[str, str]] = {"filterName": REF, "logGroupName": "LogGroupName"}
    change = creation
    deletion = "DeleteMetricFilter"


TYPES = (MetricFilter, Project, Schedule, ScheduleGroup, UserPoolDomain, UserPoolGroup)
