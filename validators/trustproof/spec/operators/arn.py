"""
The ARN operators: six fields, each matched on its own.

``ArnEquals`` and ``ArnLike`` behave identically, wildcards included.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
"""

from __future__ import annotations

from trustproof.spec.matching import TokenPattern, matches_wildcards
from trustproof.spec.operators.comparison import Comparison

_FIELDS = 6


def arn_like(value: str, operand: TokenPattern) -> bool:
    """Whether a value matches the pattern of an ARN."""
    fields = value.split(":", _FIELDS - 1)
    patterns = _fields_of(operand)
    # What has fewer than six fields is no ARN and no pattern for one, so it matches nothing (assumed).
    if len(fields) != _FIELDS or len(patterns) != _FIELDS:
        return False
    return all(matches_wildcards(field, tokens) for field, tokens in zip(fields, patterns, strict=True))


def _fields_of(operand: TokenPattern) -> list[TokenPattern]:
    """Split at the first five colons; the resource may contain more of them."""
    fields: list[TokenPattern] = []
    rest = operand
    while ":" in rest and len(fields) < _FIELDS - 1:
        colon = rest.index(":")
        fields.append(rest[:colon])
        rest = rest[colon + 1 :]
    return [*fields, rest]


OPERATORS: tuple[Comparison, ...] = (
    Comparison("ArnEquals", arn_like, variables=True),
    Comparison("ArnLike", arn_like, variables=True),
    Comparison("ArnNotEquals", arn_like, negated=True, variables=True),
    Comparison("ArnNotLike", arn_like, negated=True, variables=True),
)
