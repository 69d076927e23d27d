"""
The string operators: exact, ignoring case, and with wildcards.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
"""

from __future__ import annotations

from trustproof.spec.matching import TokenPattern, fold, matches_wildcards, text_of
from trustproof.spec.operators.comparison import Comparison


def _equals(value: str, operand: TokenPattern) -> bool:
    return value == text_of(operand)


def _equals_ignoring_case(value: str, operand: TokenPattern) -> bool:
    return fold(value) == fold(text_of(operand))


OPERATORS: tuple[Comparison, ...] = (
    Comparison("StringEquals", _equals, variables=True),
    Comparison("StringNotEquals", _equals, negated=True, variables=True),
    Comparison("StringEqualsIgnoreCase", _equals_ignoring_case, variables=True),
    Comparison("StringNotEqualsIgnoreCase", _equals_ignoring_case, negated=True, variables=True),
    Comparison("StringLike", matches_wildcards, variables=True),
    Comparison("StringNotLike", matches_wildcards, negated=True, variables=True),
)
