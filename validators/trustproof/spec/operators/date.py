"""
The date operators: ISO 8601 as the W3C profiles it, or seconds since 1970.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
https://www.w3.org/TR/NOTE-datetime
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from trustproof.spec.operators.ordering import comparisons

_W3C = (
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?)?)?"
)

#: What is left out of a date, by the group of `_W3C`: the first month, the first day, midnight.
_EARLIEST = (0, 0, 1, 1, 0, 0, 0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Of seconds since 1970, or milliseconds written by mistake; Python refuses to read more than 4,300.
_MAX_DIGITS = 400


def parse_date(text: str) -> int | None:
    """
    Read a date as seconds since 1970-01-01T00:00:00Z; None for anything else.

    ``2024``, ``2024-05``, ``2024-05-01``, ``2024-05-01T10:30Z``, ``2024-05-01T10:30:00+02:00`` and ``1714559400`` are
    dates. Four digits are a year, any other number of digits are seconds; what is left out is the earliest moment;
    fractions of a second are cut off, as IAM's resolution is one second; a time of day needs a zone (all assumed).
    """
    if text.isascii() and text.isdigit() and len(text) != len("2024"):
        return int(text) if len(text) <= _MAX_DIGITS else None
    found = re.fullmatch(_W3C, text, re.ASCII)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[group] or _EARLIEST[group]) for group in range(1, 7))
    offset = int(found[8] or 0) * 60 + int(found[9] or 0)
    if offset >= 24 * 60:
        # The world has no such zone.
        return None
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        # The calendar has no such day, or the day no such hour.
        return None
    zone = -offset if found[7] == "-" else offset
    return (moment - _EPOCH) // timedelta(seconds=1) - zone * 60


OPERATORS = comparisons("Date", parse_date)
