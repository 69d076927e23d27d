"""
Which events an EventBridge rule sees, by the rules of its documentation, for the comparisons that the constructs use.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from __future__ import annotations

import re
from typing import Any


def matches(pattern: dict[str, Any], event: Any) -> bool:
    """Whether an event has every field that the pattern names, with one of its values; ``$or`` takes one of several."""
    if not isinstance(event, dict):
        return False
    for field, wanted in pattern.items():
        if field == "$or":
            if not any(matches(one, event) for one in wanted):
                return False
        elif isinstance(wanted, dict):
            if not matches(wanted, event.get(field)):
                return False
        elif field not in event or not any(_is(one, event[field]) for one in wanted):
            return False
    return True


def _is(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    ((comparison, operand),) = wanted.items()
    if not isinstance(value, str):
        return False
    if comparison == "prefix":
        return value.startswith(operand)
    if comparison == "suffix":
        return value.endswith(operand)
    assert comparison == "wildcard", f"{comparison} is not understood here"
    return re.fullmatch(re.escape(operand).replace(r"\*", ".*"), value, re.DOTALL) is not None
