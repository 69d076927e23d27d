"""
What decides whether variables without a value are equal to something, by their types.

https://developer.hashicorp.com/terraform/language/expressions/operators#equality-operators
"""

from __future__ import annotations

from typing import Literal

from trustproof.inputs.terraform.configuration.syntax.numerals import may_be_number, number, numeral
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Equal, Not, Scalar, Undecided
from trustproof.inputs.terraform.values.unset_variable import BOOL, NUMBER, STRING, WORKSPACE, Variable
from trustproof.inputs.terraform.values.values import Choice, Known, Value


def opened(variable: Variable, *, nullable: bool = False) -> Value:
    """
    A variable that is a truth value, or has been one, as a choice between two values; any other as it is.

    Args:
        nullable: whether it may be null where it is used.
    """
    if variable.kind == BOOL and (variable.declared == BOOL or _is_text(variable)):
        sides = convert.TRUE, convert.FALSE
    elif variable.kind == STRING and variable.declared == BOOL:
        sides = Known("true"), Known("false")
    else:
        return variable
    found = Choice(_is_true(variable), *sides, variable.place, variable.sensitive)
    null = is_null(variable) if nullable else False
    return Choice(null, convert.NULL, found, variable.place, variable.sensitive) if null else found


def _is_text(variable: Variable) -> bool:
    """Whether a variable that is used as a truth value is one that is given as a text: it may be true or false."""
    return variable.declared == STRING and not variable.is_validated


def _is_true(variable: Variable) -> Condition:
    if variable.declared == STRING:
        # Several texts are true, and what it is as a text is another question.
        return Undecided(f"tobool({variable.name})", part_of=variable.part_of or variable.name)
    return _has_value(variable, True)


def _is_false(variable: Variable) -> Condition:
    """What must hold for a truth value to be false, which null is not."""
    null = is_null(variable)
    is_not = Not(_is_true(variable))
    return AllOf((is_not, Not(null))) if null else is_not


def _has_value(variable: Variable, value: Scalar) -> Condition:
    is_truth = variable.declared == BOOL
    return Equal(variable.name, value, variable.part_of, is_truth=is_truth)


def is_null(variable: Variable) -> Condition | Literal[False]:
    """What must hold for a variable to be null; False where it never is."""
    if not variable.is_nullable:
        return False
    return _has_value(variable, None)


def is_equal(variable: Variable, value: Scalar) -> Condition | Literal[False] | None:
    """Whether a variable has a value, or what must hold for that; None where it is not known."""
    if value is None:
        return is_null(variable)
    kind = BOOL if isinstance(value, bool) else STRING if isinstance(value, str) else NUMBER
    if not variable.kind:
        # Of what it may be as a truth value, nothing is known.
        return None if kind == BOOL else _has_value(variable, value)
    if variable.kind != kind or (variable.name == WORKSPACE and value == ""):
        # A number is never equal to a text, whatever is in it.
        return False
    if isinstance(value, bool):
        if variable.declared != BOOL and not _is_text(variable):
            return None
        return _is_true(variable) if value else _is_false(variable)
    if variable.kind == variable.declared:
        return _has_value(variable, value)
    return _is_equal_text(variable, value) if isinstance(value, str) else None


def _is_equal_text(variable: Variable, text: str) -> Condition | Literal[False] | None:
    """Whether a variable that has been made text is one, or what must hold for that; None where it is not known."""
    if variable.declared == BOOL:
        return {"true": _is_true(variable), "false": _is_false(variable)}.get(text, False)
    if variable.declared != NUMBER:
        return None
    found = number(text)
    if found is None:
        return None if may_be_number(text) else False
    return _has_value(variable, found) if numeral(found) == text else False


def are_equal(one: Variable, other: Variable) -> bool | None:
    """Whether two variables are equal; None where it is not known."""
    if one.name == other.name and (one.kind, one.declared) == (other.kind, other.declared):
        return True
    is_null = one.is_nullable and other.is_nullable
    return False if one.kind and other.kind and one.kind != other.kind and not is_null else None
