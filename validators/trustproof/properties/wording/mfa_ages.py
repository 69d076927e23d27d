"""
How old an MFA may be, as conditions say it.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition

#: How old an MFA may be, where nobody has said.
SECONDS = 3600
#: More digits are no number of seconds that anybody means.
_MAX_DIGITS = 12


def upper_bound(ages: Sequence[Condition]) -> tuple[str, int] | None:
    """The operator and the seconds with which conditions bound the age of an MFA from above."""
    for condition in ages:
        operator = parse_operator(condition.operator)
        seconds = [int(str(o)) for o in condition.operands if is_seconds(str(o))]
        if operator is not None and "Less" in operator.base and any(seconds):
            return operator.base, max(seconds)
    return None


def is_seconds(text: str) -> bool:
    """Whether a text is a number of seconds that somebody may have meant."""
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
