"""
The shape of a condition operator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from trustproof.spec.matching import TokenPattern


class Comparison(NamedTuple):
    """
    One base operator: how one value of a request compares with the operands of a condition.
    """

    #: A key of `trustproof.model.operators.BASES`.
    name: str
    #: Whether one value matches one operand, by the positive reading of the operator.
    test: Callable[[str, TokenPattern], bool]
    #: A negated operator holds when the value matches *no* operand.
    negated: bool = False
    #: Whether ``${...}`` in an operand is a policy variable.
    variables: bool = False

    def matches(self, value: str, operands: Iterable[TokenPattern]) -> bool:
        """
        Whether the condition holds for one value that is present: the full reading, negation included.

        Operands are alternatives; under a negated operator the value must match none of them. An operand or a value
        that is not of the operator's type matches nothing (assumed), so a negated operator holds for it.
        """
        return any(self.test(value, operand) for operand in operands) is not self.negated
