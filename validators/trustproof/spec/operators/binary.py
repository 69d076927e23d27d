"""
The binary operator: base64 in the policy and in the request, compared byte for byte.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals
"""

from __future__ import annotations

import base64

from trustproof.spec.matching import TokenPattern, text_of
from trustproof.spec.operators.comparison import Comparison


def parse_binary(text: str) -> bytes | None:
    """Decode base64; None for anything else."""
    try:
        return base64.b64decode(text.encode(), validate=True)
    except ValueError:
        return None


def _same(value: str, operand: TokenPattern) -> bool:
    found = parse_binary(value)
    return found is not None and found == parse_binary(text_of(operand))


OPERATORS: tuple[Comparison, ...] = (Comparison("BinaryEquals", _same),)
