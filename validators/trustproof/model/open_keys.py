"""
Condition keys and other words of a statement that are not known before deployment: how reasons name them, and what is
known of them all the same.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re

from trustproof.model.operators import FOR_ALL_VALUES, FOR_ANY_VALUE, parse_operator

_UNKNOWN = "is not known before deployment"
_LEFT_OVER = (
    "has something left over in it: nothing is put in its place here; where another tool does so, check what it makes"
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


def left_over(what: str) -> str:
    """The reason why a word of a statement is not read in which a placeholder of another tool stands."""
    return f"{what} {_LEFT_OVER}"


#: The reason why the effect of a statement is not read where a placeholder of another tool stands for it.
LEFT_OVER_EFFECT = left_over("Effect: it")


def is_left_over(reason: str) -> bool:
    """Whether a reason is about a word of a statement with a placeholder of another tool in it."""
    return reason.endswith(_LEFT_OVER)


def without_left_over(reason: str) -> str:
    """What such a reason is about, or the reason itself where it is none."""
    return reason.removesuffix(_LEFT_OVER).rstrip().removesuffix(", which")


def is_unreliable(reason: str) -> bool:
    """
    Whether nobody can rely on a Deny that is not read for a reason.

    IAM takes no policy with a placeholder for its effect, an operator or an element, and what another tool puts there
    is the meaning itself, or its opposite. Of a key, somebody has to be there who does not meet the condition whichever
    it is.
    """
    return fails_for_somebody(reason) if _REASON.fullmatch(reason) else is_left_over(reason)


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
