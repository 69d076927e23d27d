"""
Operands that are no text: numbers, dates, addresses and Booleans, read and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

from trustproof.engine.domains import Present
from trustproof.model.text import Symbolic, Text
from trustproof.sets.addresses import AddressSet, as_ipv4
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import Pattern, exact, ignoring_case
from trustproof.sets.strings import StringSet

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
    return _decimal(str(number))


def parse_number(text: str) -> Fraction | int | None:
    """The value of an integer or a decimal; None for other text."""
    whole, point, fraction = text.removeprefix("-").partition(".")
    if not text.isascii() or not whole.isdigit() or (point and not fraction.isdigit()) or len(text) > _MAX_DIGITS:
        return None
    if not point:
        return int(text)
    return _decimal(text)


def _decimal(text: str) -> Fraction:
    # Decimals are rare, and a start should cost nothing for them.
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

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((found - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


class Base(NamedTuple):
    """What the base operator matches on a present value: at most `larger`, at least `smaller`, with complements."""

    larger: Present
    not_larger: Present
    smaller: Present
    not_smaller: Present
    note: str = ""
    #: Whether the two differ only because an operand is of another type than its operator.
    mistyped: bool = False

    @property
    def settled(self) -> Base:
        """The same where an operand of the wrong type matches nothing."""
        return Base(self.smaller, self.not_smaller, self.smaller, self.not_smaller)

    def turned(self, negated: bool) -> tuple[Present, Present, Present, Present]:
        """What the operator matches at most, with complement, and at least, with complement."""
        if negated:
            return self.not_smaller, self.smaller, self.not_larger, self.larger
        return self.larger, self.not_larger, self.smaller, self.not_smaller


def booleans(operands: Iterable[Text]) -> Base:
    """The texts that operands of ``Bool`` or ``Null`` match."""
    known: list[Pattern] = []
    bad: list[Text] = []
    for operand in operands:
        if isinstance(operand, str) and operand.lower() in ("true", "false"):
            # On a tag the value may be written in any case; a key of type Bool only has the lower case.
            known.append(ignoring_case(exact(operand.lower())))
        else:
            bad.append(operand)
    found, others = StringSet.of(known), StringSet.outside(known)
    if not bad:
        return Base(found, others, found, others)
    return Base(StringSet.full(), StringSet.empty(), found, others, *_unread(bad, "true or false"))


def numbers(
    comparison: str,
    operands: Iterable[Text],
    parse: Callable[[str], Fraction | int | None],
    named: str,
    *,
    is_whole: bool = True,
) -> Base:
    """
    The numbers that compare with one of some operands.

    Args:
        comparison: as for `compare`.
        parse: reads an operand.
        named: what it reads: ``a number`` or ``a date``.
        is_whole: whether the key has integers only.
    """
    certain: list[NumberSet] = []
    possible: list[NumberSet] = []
    bad: list[Text] = []
    given = ""
    for operand in operands:
        number = parse(operand) if isinstance(operand, str) else None
        if number is not None:
            some = every = compare(comparison, number)
        elif isinstance(operand, Symbolic) and (bounds := operand.range) is not None and parse is parse_number:
            some, every = compare_range(comparison, *bounds)
            given = f"{operand} is given at deployment"
        else:
            some, every = NumberSet.full(), NumberSet.empty()
            bad.append(operand)
        certain.append(every)
        possible.append(some)
    found, larger = NumberSet.union(certain), NumberSet.union(possible)
    if is_whole:
        found, larger = found.integers(), larger.integers()
    note, mistyped = _unread(bad, named) if bad else (given, False)
    # What is given at deployment may match as well.
    return Base(larger, ~larger, found, ~found, note, mistyped and not given)


def _ipv4_in(operand: Text) -> str | None:
    """The range of IPv4 that one of IPv6 stands for; None for any other range."""
    found = as_ipv4(ip_network(str(operand), strict=False))
    return None if found is None else str(found)


def addresses(operands: Sequence[Text]) -> Base:
    """The addresses in one of some blocks."""
    blocks: list[AddressSet] = []
    bad: list[Text] = []
    for operand in operands:
        try:
            blocks.append(AddressSet.prefix(operand if isinstance(operand, str) else ""))
        except ValueError:
            bad.append(operand)
    found = AddressSet.union(blocks)
    if not bad:
        mapped = [(operand, block) for operand in operands if (block := _ipv4_in(operand)) is not None]
        if not mapped:
            return Base(found, ~found, found, ~found)
        larger = AddressSet.union((found, *(AddressSet.prefix(block) for _, block in mapped)))
        note = f"whether {mapped[0][0]} covers the IPv4 addresses that it stands for is not documented"
        return Base(larger, ~larger, found, ~found, note)
    full = AddressSet.full()
    return Base(full, ~full, found, ~found, *_unread(bad, "an address or a CIDR block"))


def _unread(operands: Sequence[Text], named: str) -> tuple[str, bool]:
    """Why operands cannot be compared, and whether that is because they are of another type than their operator."""
    for operand in operands:
        if isinstance(operand, Symbolic):
            return f"the value of {operand.symbols[0].name} is not known before deployment", False
    return f"{operands[0]} is not {named}, and what IAM makes of it is not documented", True
