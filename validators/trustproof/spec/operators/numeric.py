"""
The numeric operators: integers and decimals.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustproof.spec.operators.ordering import comparisons

if TYPE_CHECKING:
    from fractions import Fraction

#: No number that AWS compares is longer, and Python refuses to read one of more than 4,300 digits.
_MAX_LENGTH = 400


def parse_number(text: str) -> Fraction | int | None:
    """
    Read ``3600``, ``-1`` or ``2.50`` exactly; None for anything else.

    Exponents, a leading plus, blanks, and a point without digits on both sides are not numbers (assumed; the manual
    says "integer or decimal value" and no more).
    """
    digits = text.removeprefix("-")
    whole, point, decimals = digits.partition(".")
    parts = (whole, decimals) if point else (whole,)
    if len(text) > _MAX_LENGTH or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if not point:
        return int(text)
    # Decimals are rare, and a start should cost nothing for them.
    from fractions import Fraction

    return Fraction(text)


OPERATORS = comparisons("Numeric", parse_number)
