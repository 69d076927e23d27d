"""
Condition keys that are not known before deployment: how reasons name them, and what is known of them all the same.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re

from trustproof.model.operators import FOR_ALL_VALUES, FOR_ANY_VALUE, parse_operator

_UNKNOWN = "is not known before deployment"
_LEFT_OVER = (
    "has something left over in it: CloudFormation puts nothing in its place; where another tool does, check what it "
    "makes"
)
#: A key is whatever somebody writes, on several lines if he wants.
_REASON = re.compile(
    f"Condition: (?P<operator>[A-Za-z:]+): the key (?P<key>.+) (?:{re.escape(_UNKNOWN)}|{re.escape(_LEFT_OVER)})",
    re.DOTALL,
)
#: Tags that a caller gives himself, by any name.
_OF_CALLERS = ("aws:principaltag/", "aws:requesttag/")


def open_key(operator: str, key: str, *, left_over: bool) -> str:
    """
    The reason why a condition is not read.

    Args:
        left_over: whether what is not known is a placeholder of another tool.
    """
    return f"Condition: {operator}: the key {key} {_LEFT_OVER if left_over else _UNKNOWN}"


def is_left_over_key(reason: str) -> bool:
    """Whether a reason is about a key with a placeholder of another tool."""
    return reason.startswith("Condition: ") and reason.endswith(_LEFT_OVER)


def fails_for_somebody(reason: str) -> bool:
    """
    Whether the condition that a reason is about does not hold of somebody, whichever the key is: of whoever sends none
    of its name, or, of a tag, the value that it takes.
    """
    found = _REASON.fullmatch(reason)
    operator = None if found is None else parse_operator(found["operator"])
    if found is None or operator is None:
        return False
    if found["key"].lower().startswith(_OF_CALLERS):
        return True
    needs_key = operator.quantifier == FOR_ANY_VALUE or not (operator.negated or operator.base == "Null")
    return needs_key and not operator.if_exists and operator.quantifier != FOR_ALL_VALUES
