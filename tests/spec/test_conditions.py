"""
Absent keys, ``...IfExists``, the set operators and ``Null``: the two pages of the manual as one matrix.
"""

from __future__ import annotations

import pytest

from trustproof.model.policy import Condition
from trustproof.model.request import ContextValue
from trustproof.model.text import Symbol, Symbolic
from trustproof.spec.conditions import evaluate

A = None
MATRIX: list[tuple[str, tuple[str, ...], ContextValue | None, bool, str]] = [
    # operator, operands, value (None: absent), matched, because
    ("StringEquals", ("x",), A, False, "absent"),
    ("StringEquals", ("x",), "x", True, "value"),
    ("StringEquals", ("x",), "y", False, "value"),
    ("StringNotEquals", ("x",), A, True, "negated-absent"),
    ("StringNotEquals", ("x",), "x", False, "value"),
    ("StringNotEquals", ("x", "y"), "y", False, "value"),
    ("StringNotEquals", ("x", "y"), "z", True, "value"),
    ("StringEqualsIfExists", ("x",), A, True, "absent-if-exists"),
    ("StringEqualsIfExists", ("x",), "x", True, "value"),
    ("StringEqualsIfExists", ("x",), "y", False, "value"),
    ("StringNotEqualsIfExists", ("x",), A, True, "absent-if-exists"),
    ("StringNotEqualsIfExists", ("x",), "x", False, "value"),
    ("StringNotEqualsIfExists", ("x",), "y", True, "value"),
    ("NumericNotEquals", ("1",), A, True, "negated-absent"),
    ("NumericLessThan", ("1",), A, False, "absent"),
    ("DateNotEquals", ("2024",), A, True, "negated-absent"),
    ("NotIpAddress", ("10.0.0.0/8",), A, True, "negated-absent"),
    ("IpAddress", ("10.0.0.0/8",), A, False, "absent"),
    ("ArnNotLike", ("*",), A, True, "negated-absent"),
    ("ArnLike", ("*",), A, False, "absent"),
    ("BinaryEquals", ("",), A, False, "absent"),
    ("Bool", ("true",), A, False, "absent"),
    # ForAllValues: every value; no value is fine.
    ("ForAllValues:StringEquals", ("x", "y"), A, True, "vacuous"),
    ("ForAllValues:StringEquals", ("x", "y"), (), True, "vacuous"),
    ("ForAllValues:StringEquals", ("x", "y"), ("x",), True, "value"),
    ("ForAllValues:StringEquals", ("x", "y"), ("y", "x"), True, "value"),
    ("ForAllValues:StringEquals", ("x", "y"), ("x", "z"), False, "value"),
    ("ForAllValues:StringNotEquals", ("x", "y"), A, True, "vacuous"),
    ("ForAllValues:StringNotEquals", ("x", "y"), ("z",), True, "value"),
    ("ForAllValues:StringNotEquals", ("x", "y"), ("z", "x"), False, "value"),
    ("ForAllValues:StringEqualsIfExists", ("x",), A, True, "vacuous"),
    ("ForAllValues:StringEqualsIfExists", ("x",), ("z",), False, "value"),
    # ForAnyValue: some value; no value is not enough, negated or IfExists.
    ("ForAnyValue:StringEquals", ("x", "y"), A, False, "no-value"),
    ("ForAnyValue:StringEquals", ("x", "y"), (), False, "no-value"),
    ("ForAnyValue:StringEquals", ("x", "y"), ("x", "z"), True, "value"),
    ("ForAnyValue:StringEquals", ("x", "y"), ("z",), False, "value"),
    ("ForAnyValue:StringNotEquals", ("x", "y"), A, False, "no-value"),
    ("ForAnyValue:StringNotEquals", ("x", "y"), ("x", "z"), True, "value"),
    ("ForAnyValue:StringNotEquals", ("x", "y"), ("x", "y"), False, "value"),
    ("ForAnyValue:StringEqualsIfExists", ("x",), A, False, "no-value"),
    ("ForAnyValue:StringNotEqualsIfExists", ("x",), A, False, "no-value"),
    # A single-valued key is a set of one; the empty string is no value to a set operator, and a value to others.
    ("ForAllValues:StringEquals", ("x",), "x", True, "value"),
    ("ForAnyValue:StringEquals", ("x",), "y", False, "value"),
    ("ForAllValues:StringEquals", ("x",), "", True, "vacuous"),
    ("ForAnyValue:StringNotEquals", ("x",), "", False, "no-value"),
    ("ForAllValues:StringEquals", ("x",), ("", "x"), True, "value"),
    ("StringEquals", ("",), "", True, "value"),
    ("StringNotEquals", ("x",), "", True, "value"),
    # Several values without a set operator.
    ("StringEquals", ("x",), ("x",), False, "several-values"),
    ("StringNotEquals", ("x",), ("y",), False, "several-values"),
    ("StringEqualsIfExists", ("x",), ("x",), False, "several-values"),
    # Presence.
    ("Null", ("true",), A, True, "presence"),
    ("Null", ("true",), "x", False, "presence"),
    ("Null", ("true",), "", True, "presence"),
    ("Null", ("true",), ("x",), False, "presence"),
    ("Null", ("true",), (), True, "presence"),
    ("Null", ("false",), A, False, "presence"),
    ("Null", ("false",), "x", True, "presence"),
    ("Null", ("false",), "", False, "presence"),
    ("Null", ("true", "false"), A, True, "presence"),
    ("ForAllValues:Null", ("true",), "x", True, "presence"),
    ("ForAllValues:Null", ("false",), A, True, "presence"),
    ("ForAnyValue:Null", ("true",), A, False, "presence"),
    ("ForAnyValue:Null", ("false",), "x", False, "presence"),
    # No operands at all.
    ("StringEquals", (), "x", False, "no-operands"),
    ("StringEquals", (), A, False, "no-operands"),
    ("StringNotEquals", (), "x", False, "no-operands"),
    ("StringNotEquals", (), A, False, "no-operands"),
    ("StringEqualsIfExists", (), A, True, "no-operands"),
    ("StringEqualsIfExists", (), "x", False, "no-operands"),
    ("ForAllValues:StringEquals", (), A, True, "no-operands"),
    ("ForAllValues:StringEquals", (), ("x",), False, "no-operands"),
    ("ForAnyValue:StringEquals", (), A, False, "no-operands"),
    ("ForAnyValue:StringEquals", (), ("x",), False, "no-operands"),
    ("Null", (), A, False, "no-operands"),
]


@pytest.mark.parametrize(("operator", "operands", "value", "matched", "because"), MATRIX)
def test_condition(
    operator: str, operands: tuple[str, ...], value: ContextValue | None, matched: bool, because: str
) -> None:
    """A condition holds or not, and says why."""
    context = {} if value is None else {"aws:tagkeys": value}
    found = evaluate(Condition(operator, "aws:TagKeys", operands), context, variables=True)
    assert (found.matched, found.because) == (matched, because)


def test_key_names_have_no_case() -> None:
    """Keys are compared without regard to case, the part behind the slash included."""
    condition = Condition("StringEquals", "AWS:principaltag/TEAM", ("x",))
    assert evaluate(condition, {"aws:principaltag/team": "x"}, variables=True).matched


def test_operator_names_have_no_case() -> None:
    """Operators are recognised in any letter case."""
    condition = Condition("foranyvalue:STRINGLIKE", "aws:TagKeys", ("*",))
    assert evaluate(condition, {"aws:tagkeys": ("x",)}, variables=True).matched


def test_finding_carries_what_it_saw() -> None:
    """An explanation names the condition, its operator in parts, and the value."""
    condition = Condition("ForAllValues:StringLikeIfExists", "aws:TagKeys", ("x*",))
    found = evaluate(condition, {"aws:tagkeys": ("x1",)}, variables=True)
    assert found.condition is condition
    assert found.value == ("x1",)
    assert found.operator == ("ForAllValues", "StringLike", True)


@pytest.mark.parametrize("operator", ["StringEqual", "NullIfExists", "ForSomeValues:StringEquals", ""])
def test_unknown_operator_is_refused(operator: str) -> None:
    """An unknown operator has no meaning here."""
    with pytest.raises(ValueError, match="unknown condition operator"):
        evaluate(Condition(operator, "aws:username", ("x",)), {}, variables=True)


def test_unknown_operand_is_refused() -> None:
    """Text that is not known before deployment has no meaning here."""
    unknown = Symbolic((Symbol("Account", "parameter"),))
    with pytest.raises(ValueError, match=r"<Account>.*not known before deployment"):
        evaluate(Condition("StringEquals", "aws:PrincipalAccount", (unknown,)), {}, variables=True)
