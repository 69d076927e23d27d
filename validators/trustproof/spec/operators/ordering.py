"""
The six ways to compare two ordered values, shared by numbers and dates.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from trustproof.spec.matching import TokenPattern, text_of
from trustproof.spec.operators.comparison import Comparison

if TYPE_CHECKING:
    from fractions import Fraction

#: Reads text; None when it is not a value of the type.
Reader = Callable[[str], "Fraction | int | None"]
Relation = Callable[["Fraction | int", "Fraction | int"], bool]


def comparisons(family: str, read: Reader) -> tuple[Comparison, ...]:
    """The operators ``<family>Equals``, ``<family>NotEquals``, ``<family>LessThan`` …"""

    def test(relation: Relation) -> Callable[[str, TokenPattern], bool]:
        def compare(value: str, operand: TokenPattern) -> bool:
            left, right = read(value), read(text_of(operand))
            return left is not None and right is not None and relation(left, right)

        return compare

    return (
        Comparison(f"{family}Equals", test(operator.eq)),
        Comparison(f"{family}NotEquals", test(operator.eq), negated=True),
        Comparison(f"{family}LessThan", test(operator.lt)),
        Comparison(f"{family}LessThanEquals", test(operator.le)),
        Comparison(f"{family}GreaterThan", test(operator.gt)),
        Comparison(f"{family}GreaterThanEquals", test(operator.ge)),
    )
