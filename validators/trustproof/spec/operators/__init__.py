"""
The condition operators, a file per family.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from trustproof.model.operators import BASES

if TYPE_CHECKING:
    from trustproof.spec.operators.comparison import Comparison


@cache
def comparison_of(base: str) -> Comparison:
    """
    The operator with a base name.

    Args:
        base: a key of `trustproof.model.operators.BASES`.
    """
    return {found.name: found for found in _family(BASES[base][0])}[base]


def _family(name: str) -> tuple[Comparison, ...]:
    """The operators of a family; a policy uses one or two, so the others are not imported."""
    if name == "string":
        from trustproof.spec.operators.string import OPERATORS
    elif name == "numeric":
        from trustproof.spec.operators.numeric import OPERATORS
    elif name == "date":
        from trustproof.spec.operators.date import OPERATORS
    elif name == "bool":
        from trustproof.spec.operators.boolean import OPERATORS
    elif name == "binary":
        from trustproof.spec.operators.binary import OPERATORS
    elif name == "ip":
        from trustproof.spec.operators.address import OPERATORS
    elif name == "arn":
        from trustproof.spec.operators.arn import OPERATORS
    else:
        from trustproof.spec.operators.null import OPERATORS
    return OPERATORS
