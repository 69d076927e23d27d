"""
Numbers as they are written.

Terraform reads and keeps 512 bits of a number: https://pkg.go.dev/github.com/zclconf/go-cty/cty#ParseNumberVal
What is no whole number, and has more digits than are kept here, is not known.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction

_FORM = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
#: What else the library of Terraform takes for a number, or may: powers of two, infinities, any exponent.
_OTHER_FORM = re.compile(r"[+-]?(?:[iI]nf(?:inity)?|(?:\d+\.?\d*|\.\d+)(?:[eEpP][+-]?\d+)?)", re.ASCII)
_BITS = 512
_LARGEST = 2**_BITS


def number(text: str) -> int | float | None:
    """A number as Terraform reads it; None for what is none, and what cannot be kept."""
    if not _FORM.fullmatch(text):
        return None
    exact = Decimal(text)
    if exact and abs(exact.adjusted()) > 160:
        return None
    if exact == exact.to_integral_value():
        whole = int(exact)
        # As a text it is "-0".
        return None if abs(whole) >= _LARGEST or (not whole and text.startswith("-")) else whole
    found = float(exact)
    return found if Decimal(repr(found)) == exact else None


def rounded_number(exact: Fraction) -> int | float | None:
    """
    A number that was computed of others, each with the bits that are kept; None where it has more digits than are kept.
    """
    if exact.denominator == 1 and abs(exact) < _LARGEST:
        return int(exact)
    found = float(exact)
    return found if binary(Decimal(repr(found))) == _rounded(exact) else None


def binary(value: Decimal) -> Fraction:
    """A number as it is kept: with 512 bits."""
    return _rounded(Fraction(value))


def _rounded(exact: Fraction) -> Fraction:
    if not exact:
        return exact
    unit = Fraction(2) ** (abs(exact.numerator).bit_length() - exact.denominator.bit_length() - _BITS)
    unit = unit if abs(exact) < unit * 2**_BITS else unit * 2
    # Half of a unit goes to the even neighbour.
    return round(exact / unit) * unit


def may_be_number(text: str) -> bool:
    """Whether a text that is not kept as a number may be one."""
    return _OTHER_FORM.fullmatch(text) is not None


def numeral(value: float) -> str:
    """A number as a text: with all its digits, and without an exponent."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def general_numeral(value: float) -> str:
    """A number as Go writes it in general: with an exponent where it is large or small. https://pkg.go.dev/strconv#FormatFloat"""
    sign, digits, exponent = Decimal(repr(value)).normalize(_CONTEXT).as_tuple()
    assert isinstance(exponent, int)
    power = len(digits) - 1 + exponent if any(digits) else 0
    if -5 < power < _LEAST_POWER:
        return numeral(value)
    fraction = "".join(map(str, digits[1:]))
    written = f"{digits[0]}{'.' if fraction else ''}{fraction}e{'-' if power < 0 else '+'}{abs(power):02}"
    return f"{'-' if sign else ''}{written}"


#: From this power of ten on, a number is written with an exponent.
_LEAST_POWER = 6
#: Has all digits of any number that is kept.
_CONTEXT = Context(prec=400)
