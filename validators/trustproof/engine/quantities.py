"""
Numbers and dates, read from text and compared.
"""

from __future__ import annotations

from trustproof._typing import TYPE_CHECKING
from trustproof.sets.numbers import NumberSet

if TYPE_CHECKING:
    from fractions import Fraction

#: Longer text is no number that AWS compares, and Python refuses to read one of more than 4,300 digits.
_MAX_DIGITS = 400

_TO_ZERO = str.maketrans("123456789", "0" * 9)
#: What a date may look like, every digit written as 0, without fraction of a second and zone.
_DAYS = ("0000", "0000-00", "0000-00-00")
_MOMENTS = ("0000-00-00T00:00", "0000-00-00T00:00:00")
_ZONES = ("Z", "+00:00", "-00:00")


def compare(comparison: str, number: Fraction | int) -> NumberSet:
    """
    The numbers that compare with a number.

    Args:
        comparison: ``LessThan``, ``LessThanEquals``, ``GreaterThan``, ``GreaterThanEquals``; equality for any other.
    """
    match comparison:
        case "LessThan":
            return NumberSet.below(number)
        case "LessThanEquals":
            return NumberSet.below(number, inclusive=True)
        case "GreaterThan":
            return NumberSet.above(number)
        case "GreaterThanEquals":
            return NumberSet.above(number, inclusive=True)
        case _:
            return NumberSet.only(number)


def compare_range(comparison: str, least: float | None, most: float | None) -> tuple[NumberSet, NumberSet]:
    """
    The numbers that compare with some number between two others, and those that compare with all of these numbers.

    Args:
        comparison: as for `compare`.
        least: the one; None where there is none.
        most: the other.
    """
    some, every = NumberSet.full(), NumberSet.empty()
    if comparison.startswith(("LessThan", "GreaterThan")):
        wide, narrow = (most, least) if comparison.startswith("LessThan") else (least, most)
        some = some if wide is None else compare(comparison, _exact(wide))
        every = every if narrow is None else compare(comparison, _exact(narrow))
        return some, every
    for end, inside in ((least, NumberSet.above), (most, NumberSet.below)):
        if end is not None:
            some = some & inside(_exact(end), inclusive=True)
    return some, some if least == most else every


def _exact(number: float) -> Fraction | int:
    if number == int(number):
        return int(number)
    from fractions import Fraction

    return Fraction(str(number))


def parse_number(text: str) -> Fraction | int | None:
    """The value of an integer or a decimal; None for other text."""
    whole, point, fraction = text.removeprefix("-").partition(".")
    if not text.isascii() or not whole.isdigit() or (point and not fraction.isdigit()) or len(text) > _MAX_DIGITS:
        return None
    if not point:
        return int(text)
    from fractions import Fraction

    return Fraction(text)


def parse_date(text: str) -> int | None:
    """Seconds since the epoch of a W3C date or of a number of seconds; None for other text."""
    if text.isascii() and text.isdigit() and len(text) != 4:
        return int(text) if len(text) <= _MAX_DIGITS else None
    zone = text[-1:] if text.endswith("Z") else text[-6:]
    moment, point, fraction = text.removesuffix(zone).partition(".")
    if text.translate(_TO_ZERO) in _DAYS:
        text += {4: "-01-01", 7: "-01"}.get(len(text), "") + "T00:00Z"
    elif moment.translate(_TO_ZERO) not in _MOMENTS or zone.translate(_TO_ZERO) not in _ZONES:
        return None
    elif point:
        # IAM's resolution is one second.
        if len(moment) != len(_MOMENTS[1]) or not (fraction.isascii() and fraction.isdigit()):
            return None
        text = moment + zone
    from datetime import UTC, datetime

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((found - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
