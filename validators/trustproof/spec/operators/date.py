"""
The date operators: ISO 8601 as the W3C profiles it, or seconds since 1970.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
https://www.w3.org/TR/NOTE-datetime
"""

from __future__ import annotations

import re

from trustproof.spec.operators.ordering import comparisons

_W3C = (
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?)?)?"
)

#: What is left out of a date, by the group of `_W3C`: the first month, the first day, midnight.
_EARLIEST = (0, 0, 1, 1, 0, 0, 0)
#: Days from the first day of the year 1 to 1970-01-01.
_EPOCH = 719_162
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
    days = _days(year, month, day)
    if days is None or hour > 23 or minute > 59 or second > 59 or offset >= 24 * 60:
        # The calendar has no such day, the day no such hour, or the world no such zone.
        return None
    zone = -offset if found[7] == "-" else offset
    return ((days * 24 + hour) * 60 + minute - zone) * 60 + second


def _days(year: int, month: int, day: int) -> int | None:
    """
    Days from 1970-01-01 to a day of the Gregorian calendar; None where it has no such day.

    Every start needs this once or twice, and importing `datetime` for it takes longer.
    """
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]):
        return None
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + sum(lengths[: month - 1]) + day - 1 - _EPOCH


OPERATORS = comparisons("Date", parse_date)
