"""
The condition operators, a file per family.
"""

from __future__ import annotations

from trustproof.spec.operators import address, arn, binary, boolean, date, null, numeric, string
from trustproof.spec.operators.comparison import Comparison

_COMPARISONS: dict[str, Comparison] = {
    found.name: found
    for family in (string, numeric, date, boolean, binary, address, arn, null)
    for found in family.OPERATORS
}


def comparison_of(base: str) -> Comparison:
    """
    The operator with a base name.

    Args:
        base: a key of `trustproof.model.operators.BASES`.
    """
    return _COMPARISONS[base]
