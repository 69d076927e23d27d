"""
One condition against one request: absent keys, ``...IfExists``, ``ForAllValues``, ``ForAnyValue``, ``Null``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.model.operators import FOR_ALL_VALUES, FOR_ANY_VALUE, Operator, parse_operator
from trustproof.model.policy import Condition
from trustproof.model.request import ContextValue
from trustproof.spec.matching import TokenPattern, pattern
from trustproof.spec.operators import comparison_of
from trustproof.spec.variables import substitute

# Why a condition holds or does not: `ConditionOutcome.because`.
#: The key is absent, and the operator needs a value.
ABSENT = "absent"
#: The key is absent, and ``...IfExists`` is satisfied by that.
ABSENT_IF_EXISTS = "absent-if-exists"
#: The key is absent, and a negated operator is satisfied by that.
NEGATED_ABSENT = "negated-absent"
#: ``ForAllValues`` over no value: true.
VACUOUS = "vacuous"
#: ``ForAnyValue`` over no value: false.
NO_VALUE = "no-value"
#: A value was compared with the operands.
VALUE = "value"
#: An operator without ``ForAllValues`` or ``ForAnyValue`` on several values.
SEVERAL_VALUES = "several-values"
#: ``Null`` looked whether the key is there.
PRESENCE = "presence"
#: The condition has an empty list of operands.
NO_OPERANDS = "no-operands"


class ConditionOutcome(NamedTuple):
    """
    Whether a condition holds, and why.
    """

    matched: bool
    #: `ABSENT`, `ABSENT_IF_EXISTS`, `NEGATED_ABSENT`, `VACUOUS`, `NO_VALUE`, `VALUE`, `SEVERAL_VALUES`, `PRESENCE` or
    #: `NO_OPERANDS`.
    because: str
    condition: Condition
    operator: Operator
    #: What the request carries under the key; None where it is absent.
    value: ContextValue | None


def evaluate(condition: Condition, context: Mapping[str, ContextValue], *, variables: bool) -> ConditionOutcome:
    """
    Decide one condition.

    Args:
        condition: concrete, that is without `Symbolic` operands.
        context: the request's, with lower-cased keys; what is not in it is absent.
        variables: whether ``${...}`` is a policy variable in this document.

    Raises:
        ValueError: when the operator is unknown or an operand is not known yet.
    """
    operator = parse_operator(condition.operator)
    if operator is None:
        raise ValueError(f"unknown condition operator {condition.operator!r}")
    value = context.get(condition.key.lower())
    # A key with no value at all is an absent key.
    if value == ():
        value = None
    matched, because = _holds(operator, condition, value, _operands(operator, condition, context, variables))
    return ConditionOutcome(matched, because, condition, operator, value)


def _holds(
    operator: Operator, condition: Condition, value: ContextValue | None, operands: list[TokenPattern]
) -> tuple[bool, str]:
    compared = comparison_of(operator.base)
    if not condition.operands:
        # From the policy checks of IAM Access Analyzer, whose words on the plain case contradict themselves (assumed
        # as here, for negated operators too). Only what is true of an absent key can be true.
        return (value is None and (operator.if_exists or operator.quantifier == FOR_ALL_VALUES)), NO_OPERANDS
    if operator.quantifier:
        return _quantified(operator, value, operands)
    if operator.base == "Null":
        # "False" means that the key exists *and* its value is not null; the empty string is a null value.
        return compared.matches("true" if value in (None, "") else "false", operands), PRESENCE
    if value is None:
        if operator.if_exists:
            return True, ABSENT_IF_EXISTS
        return (True, NEGATED_ABSENT) if operator.negated else (False, ABSENT)
    if isinstance(value, tuple):
        # The manual demands a set operator here, and does not say what happens without (assumed: no match, also for a
        # negated operator).
        return False, SEVERAL_VALUES
    return compared.matches(value, operands), VALUE


def _quantified(operator: Operator, value: ContextValue | None, operands: list[TokenPattern]) -> tuple[bool, str]:
    """
    ``ForAllValues`` and ``ForAnyValue``; a single value is a set of one.

    A null value is no value: "if the context key value resolves to a null dataset, such as an empty string".
    ``ForAnyValue`` over nothing is false, with a negated operator and with ``...IfExists`` too (the latter assumed).
    """
    every = operator.quantifier == FOR_ALL_VALUES
    if operator.base == "Null":
        # Always true and always false, say the policy checks of IAM Access Analyzer ("Null with qualifier").
        return every, PRESENCE
    values = [one for one in ((value,) if isinstance(value, str) else value or ()) if one != ""]
    if not values:
        return (True, VACUOUS) if every else (False, NO_VALUE)
    compared = comparison_of(operator.base)
    found = [compared.matches(one, operands) for one in values]
    assert every or operator.quantifier == FOR_ANY_VALUE
    return (all(found) if every else any(found)), VALUE


def _operands(
    operator: Operator, condition: Condition, context: Mapping[str, ContextValue], variables: bool
) -> list[TokenPattern]:
    """
    The operands with their policy variables replaced.

    An operand with a variable that has no value is equal to nothing and like nothing: it is left out, so that positive
    operators do not match it and negated operators do.
    """
    replace = variables and comparison_of(operator.base).variables
    wild = operator.family == "arn" or operator.base in ("StringLike", "StringNotLike")
    found: list[TokenPattern] = []
    for operand in condition.operands:
        if not isinstance(operand, str):
            raise ValueError(f"the operand {str(operand)!r} of {condition.key} is not known before deployment")
        tokens = substitute(operand, context, wild=wild) if replace else pattern(operand)
        if tokens is not None:
            found.append(tokens)
    return found
