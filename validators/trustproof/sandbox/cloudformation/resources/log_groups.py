"""
What belongs to log groups: `AWS::Logs::LogStream`, `AWS::Logs::MetricFilter`, `AWS::Logs::SubscriptionFilter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from trustproof.sandbox.cloudformation.resource_type import Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType


class LogStream(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-logstream.html"""

    name = "AWS::Logs::LogStream"
    service = "logs"
    has_tags = False
    creation = "CreateLogStream"
    named = "LogStreamName"
    longest = 512
    required: ClassVar[frozenset[str]] = frozenset({"LogGroupName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"LogGroupName", "LogStreamName"})
    about: ClassVar[Mapping[str, str]] = {"logStreamName": REF, "logGroupName": "LogGroupName"}
    deletion = "DeleteLogStream"


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


class SubscriptionFilter(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-subscriptionfilter.html"""

    name = "AWS::Logs::SubscriptionFilter"
    service = "logs"
    has_tags = False
    creation = "PutSubscriptionFilter"
    named = "FilterName"
    longest = 255
    required: ClassVar[frozenset[str]] = frozenset({"DestinationArn", "FilterPattern", "LogGroupName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"FilterName", "LogGroupName"})
    about: ClassVar[Mapping[str, str]] = {"filterName": REF, "logGroupName": "LogGroupName"}
    change = creation
    deletion = "DeleteSubscriptionFilter"

    def check_update(self, old: Properties, new: Properties) -> None:
        """All of it is put anew."""


TYPES = (LogStream, MetricFilter, SubscriptionFilter)
