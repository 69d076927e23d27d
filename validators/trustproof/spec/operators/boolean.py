"""
The Boolean operator.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean
"""

from __future__ import annotations

from trustproof.spec.matching import TokenPattern, fold, text_of
from trustproof.spec.operators.comparison import Comparison


def parse_boolean(text: str) -> bool | None:
    """Read ``true`` or ``false`` in any letter case (assumed: the manual writes both ``true`` and ``True``)."""
    return {"true": True, "false": False}.get(fold(text))


def _same(value: str, operand: TokenPattern) -> bool:
    found = parse_boolean(value)
    return found is not None and found is parse_boolean(text_of(operand))


# The page of the operators says that policy variables are supported here, the page of the variables that they are not:
# assumed that they are not.
OPERATORS: tuple[Comparison, ...] = (Comparison("Bool", _same),)
