"""
What an alarm does when it goes off, as far as it takes more than the alarm: actions on instances and items of Systems
Manager make roles that are linked to services, or act for whoever makes the alarm.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.errors import Undecided

_LISTS = ("AlarmActions", "InsufficientDataActions", "OKActions")
#: Services whose ARNs alarms take and need nothing else for.
_NOTHING_ELSE = ("autoscaling", "lambda", "sns")


def check_actions(given: Mapping[str, Any]) -> None:
    """
    See that an alarm needs nothing else than to be made.

    Args:
        given: the parameters of PutMetricAlarm, or the properties of an alarm.

    Raises:
        Undecided: one of its actions may.
    """
    for name in _LISTS:
        for action in given.get(name) or ():
            if str(action).split(":")[2:3] not in [[one] for one in _NOTHING_ELSE]:
                raise Undecided(f"what whoever makes an alarm with the action {action} needs besides is not asked here")
