"""
Check durations where they are given, like other arguments, and say them as IAM's documentation does.
"""

from __future__ import annotations

from functools import lru_cache

import aws_cdk as cdk

#: Of a role's MaxSessionDuration.
_SHORTEST_SESSION = cdk.Duration.hours(1)
_LONGEST_SESSION = cdk.Duration.hours(12)


def seconds(value: cdk.Duration, argument: str, minimum: cdk.Duration, maximum: cdk.Duration) -> int:
    """
    A duration in seconds, within bounds that are part of it.

    Raises:
        ValueError: out of bounds, not a whole number of seconds, or a token (a policy needs the number now).
    """
    if not isinstance(value, cdk.Duration):
        raise TypeError(f"{argument} must be a Duration, got {value!r}")
    milliseconds = _milliseconds(value)
    if milliseconds is None:
        raise ValueError(f"{argument} must be a Duration that is known at synthesis, got a token")
    if not _bound(minimum) <= milliseconds <= _bound(maximum) or milliseconds % 1000:
        bounds = f"{human(minimum)} to {human(maximum)}"
        raise ValueError(f"{argument} must be {bounds} in whole seconds, got {human(value)}")
    return int(milliseconds // 1000)


def _bound(value: cdk.Duration) -> float:
    found = _milliseconds(value)
    assert found is not None
    return found


@lru_cache(maxsize=32)
def _milliseconds(value: cdk.Duration) -> float | None:
    """
    None for a token. Bounds, and the ages of many roles, are the same few objects, and asking the CDK takes time.
    """
    return None if value.is_unresolved() else value.to_milliseconds()


def human(value: cdk.Duration) -> str:
    """36 hours, as IAM's documentation says it, and not the CDK's "1 day 12 hours"."""
    milliseconds = value.to_milliseconds()
    for unit, size in (("hour", 3_600_000), ("minute", 60_000), ("second", 1000)):
        if milliseconds and milliseconds % size == 0:
            count = milliseconds // size
            return f"{count:g} {unit}{'' if count == 1 else 's'}"
    return value.to_human_string()


def session_seconds(value: cdk.Duration, argument: str = "max_session_duration") -> int:
    """The MaxSessionDuration of a role."""
    return seconds(value, argument, _SHORTEST_SESSION, _LONGEST_SESSION)
