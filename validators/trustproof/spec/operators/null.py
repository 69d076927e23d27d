"""
The existence check: is the key null?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
"""

from __future__ import annotations

from trustproof.spec.matching import TokenPattern, text_of
from trustproof.spec.operators.boolean import parse_boolean
from trustproof.spec.operators.comparison import Comparison


def _same(value: str, operand: TokenPattern) -> bool:
    found = parse_boolean(text_of(operand))
    return found is not None and found is parse_boolean(value)


#: The one operator that compares no value of the request: its "value" is ``true`` where the key is null,
#: else ``false``.
OPERATORS: tuple[Comparison, ...] = (Comparison("Null", _same),)
