"""
Operators of known values, and of variables that nobody has given a value.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from operator import add, mul, sub, truediv

from trustproof.inputs.terraform.configuration.evaluation import equality
from trustproof.inputs.terraform.configuration.syntax import numerals
from trustproof.inputs.terraform.configuration.values import convert, variable_equality
from trustproof.inputs.terraform.configuration.values.expression_names import is_constant
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Choice, Count, Known, Unknown, Value


def operate(operator: str, left: Value, right: Value, place: Place) -> Value | None:
    """
    The value of an operator and two operands; None where it is not known.

    Raises:
        Fault: there is none.
    """
    if convert.outcomes(left) * convert.outcomes(right) > convert.MAX_OUTCOMES:
        return None
    if isinstance(left, Choice):
        return _chosen(left, lambda one: operate(operator, one, right, place))
    if isinstance(right, Choice):
        return _chosen(right, lambda one: operate(operator, left, one, place))
    if operator in ("==", "!="):
        return _equality(left, right, place, negated=operator == "!=")
    numbers = [convert.numeric(side) for side in (left, right)]
    if not all(isinstance(found, Known) for found in numbers):
        return None
    first, second = map(convert.plain, numbers)
    return _arithmetic(operator, first, second, place)


def _chosen(choice: Choice, change: object) -> Value | None:
    assert callable(change)
    try:
        return convert.choose(choice, lambda one: _or_not_known(change(one)))
    except NotKnown:
        return None


def _or_not_known(found: Value | None) -> Value:
    if found is None:
        raise NotKnown("an operand is not known")
    return found


def _equality(left: Value, right: Value, place: Place, *, negated: bool) -> Value | None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Variable) and isinstance(other, Known):
            return _of_value(one, other, place, negated=negated)
    if isinstance(left, Variable) and isinstance(right, Variable):
        found = variable_equality.are_equal(left, right)
    else:
        found = equality.equal(left, right)
    return None if found is None else Known(found is not negated, place)


def _of_value(variable: Variable, value: Known, place: Place, *, negated: bool) -> Value | None:
    found = variable_equality.is_equal(variable, value.value)
    if found is None or isinstance(found, bool):
        return None if found is None else Known(found is not negated, place)
    yes, no = (convert.FALSE, convert.TRUE) if negated else (convert.TRUE, convert.FALSE)
    return Choice(found, yes, no, place)


def is_among(value: Value, items: Sequence[Value], place: Place) -> Value | None:
    """Whether a value is one of some others; None where it is not known."""
    if not items:
        return Known(False, place)
    if len(items) > convert.MAX_OUTCOMES:
        return None
    first = operate("==", items[0], value, place)
    if first is None:
        return None
    rest = is_among(value, items[1:], place)
    if rest is None or convert.outcomes(first) * convert.outcomes(rest) > convert.MAX_OUTCOMES:
        return None
    if isinstance(first, Choice):
        return convert.choose(first, partial(_either, rest))
    return _either(rest, first)


def _either(rest: Value, one: Value) -> Value:
    """True, or what is left to say."""
    return one if _is_true(one) else rest


def _is_true(value: Value) -> bool:
    return isinstance(value, Known) and value.value is True


def any_there(operator: str, number: Value, limit: Value, name: str) -> Value | None:
    """
    Whether there are any, where a length that is not known is compared; None for another comparison. All of one meaning
    are one condition, whatever they are written like.

    Args:
        name: of the length.
    """
    if not isinstance(number, Unknown) or not isinstance(limit, Known) or isinstance(limit.value, bool):
        return None
    if number.budget:
        # Whoever has more of it knows.
        return None
    if (
        isinstance(number, Count)
        and isinstance(limit.value, int)
        and (found := _at_least(operator, number.at_least, limit.value))
    ):
        return found
    said = {(">", 0): True, (">=", 1): True, ("!=", 0): True, ("==", 0): False, ("<", 1): False, ("<=", 0): False}
    there = said.get((operator, limit.value)) if isinstance(limit.value, int) else None
    if there is None or is_constant(number):
        return None
    sides = (convert.TRUE, convert.FALSE) if there else (convert.FALSE, convert.TRUE)
    return Choice(Undecided(f"{name} > 0"), *sides, number.place, number.sensitive)


def _at_least(operator: str, least: int, limit: int) -> Value | None:
    """Whether a number holds against a limit, where that is known by what it is at least."""
    if (operator == ">=" and least >= limit) or (operator in (">", "!=") and least > limit):
        return convert.TRUE
    if (operator == "<" and least >= limit) or (operator in ("<=", "==") and least > limit):
        return convert.FALSE
    return None


def _arithmetic(operator: str, left: float, right: float, place: Place) -> Value | None:
    if operator in ("<", "<=", ">", ">="):
        found = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
        return Known(found, place)
    if operator in ("/", "%") and right == 0:
        raise Fault("a division by zero")
    if operator == "%":
        if not isinstance(left, int) or not isinstance(right, int):
            return None
        rest = abs(left) % abs(right)
        return Known(-rest if left < 0 else rest, place)
    operate = {"+": add, "-": sub, "*": mul, "/": truediv}[operator]
    result = numerals.rounded_number(operate(*(numerals.binary(Decimal(repr(side))) for side in (left, right))))
    # The digits of a fraction that has no end, or more of them, are those of another library.
    return None if result is None else Known(result, place)


def negate(operator: str, value: Value) -> Value | None:
    """
    The value of ``!`` or ``-`` before an operand; None where it is not known.

    Raises:
        Fault: there is none.
    """
    if isinstance(value, Choice):
        return _chosen(value, lambda one: negate(operator, one))
    value = value if operator == "!" else convert.numeric(value)
    if not isinstance(value, Known):
        return None
    found = value.value
    if operator == "!":
        return Known(not found, value.place, value.sensitive)
    assert isinstance(found, (int, float))
    if found == 0:
        # As a text it is "-0".
        return None
    return Known(-found, value.place, value.sensitive)
