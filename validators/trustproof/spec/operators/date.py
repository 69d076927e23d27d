"""
The date operators: ISO 8601 as the W3C profiles it, or seconds since 1970.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
https://www.w3.org/TR/NOTE-datetime
"""

from __future__ import annotations

from trustproof.spec.operators.ordering import comparisons

_W3C = (
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?)?)?"
)

#: Of seconds since 1970, or milliseconds written by mistake; Python refuses to read more than 4,300.
_MAX_DIGITS = 400


def parse_date(text: str) -> int | None:
    """
    Read a date as seconds since 1970-01-01T00:00:00Z; None for anything else.

    ``2024``, ``2024-05``, ``2024-05-01``, ``2024-05-01T10:30Z``, ``2024-05-01T10:30:00+02:00`` and ``1714559400`` are
    dates. Four digits are a year, any other number of digits are seconds; what is left out is the earliest moment;
    fractions of a second are cut off, as IAM's resolution is one second; a time of day needs a zone (all assumed).
    """
    import re
    from datetime import UTC, datetime, timedelta, timezone

    if text.isascii() and text.isdigit() and len(text) != len("2024"):
        return int(text) if len(text) <= _MAX_DIGITS else None
    found = re.fullmatch(_W3C, text, re.ASCII)
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
        )
    except ValueError:
        # The calendar has no such day, the day no such hour, or the world no such zone.
        return None
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


OPERATORS = comparisons("Date", parse_date)
