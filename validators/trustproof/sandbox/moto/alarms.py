"""
The door to composite alarms, which moto keeps and has no operation to make.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OF_METRICS = """
    namespace metric_name metric_data_queries comparison_operator evaluation_periods datapoints_to_alarm period
    threshold statistic extended_statistic unit treat_missing_data evaluate_low_sample_count_percentile
    threshold_metric_id
""".split()


def put_composite(account: str, region: str, given: Mapping[str, Any]) -> None:
    """
    Make a composite alarm, or put another one in its place.

    Args:
        account: of the alarm.
        region: likewise.
        given: the parameters of PutCompositeAlarm.
    """
    _backend(account, region).put_metric_alarm(
        **dict.fromkeys(_OF_METRICS),
        name=given["AlarmName"],
        rule=given["AlarmRule"],
        dimensions=[],
        description=given.get("AlarmDescription"),
        actions_enabled=given.get("ActionsEnabled", True),
        alarm_actions=given.get("AlarmActions", []),
        ok_actions=given.get("OKActions", []),
        insufficient_data_actions=given.get("InsufficientDataActions", []),
        tags=given.get("Tags", []),
    )


def has_alarm(account: str, region: str, name: str) -> bool:
    """Whether there is an alarm of a name, of either kind."""
    return name in _backend(account, region).alarms


def _backend(account: str, region: str) -> Any:
    from moto.cloudwatch.models import cloudwatch_backends

    return cloudwatch_backends[account][region]
