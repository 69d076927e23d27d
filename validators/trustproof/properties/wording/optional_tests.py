"""
Tests that hold for whoever lacks what they test: an operator with ``IfExists``, in an Allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
"""

from __future__ import annotations

from collections.abc import Collection

from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Statement
from trustproof.model.request import Request
from trustproof.properties.question import Subject
from trustproof.properties.remedies.edits import as_written, demand
from trustproof.results.edit import Edit

LABEL = "true when the key is absent"
_SUFFIX = "ifexists"


def optional_tests(
    subject: Subject, statement: Statement, request: Request, keys: Collection[str]
) -> tuple[Condition, ...]:
    """
    The conditions of a statement, as they are written, that a request meets only since it lacks their key.

    Args:
        keys: those that are looked at, lower-cased.
    """
    sent = {key.lower() for key, value in request.context.items() if value}
    asked = [one for one in as_written(subject, statement).conditions if one.key.lower() in keys]
    return tuple(one for one in asked if _is_optional(one) and one.key.lower() not in sent)


def _is_optional(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    return operator is not None and operator.if_exists and not operator.negated


def asking_for_them(
    subject: Subject, statement: Statement, found: Collection[Condition]
) -> tuple[str, tuple[Edit, ...]]:
    """What asks for the keys of such conditions, in words and as edits."""
    names = " and ".join(dict.fromkeys(condition.key for condition in found))
    operators = " and ".join(dict.fromkeys(condition.operator for condition in found))
    text = f"ask for {names}: {operators} lets in whoever has none, and only a Deny needs it"
    demands = [(one.operator[: -len(_SUFFIX)], one.key, one.operands) for one in found]
    return text, demand(subject, statement, *demands)
