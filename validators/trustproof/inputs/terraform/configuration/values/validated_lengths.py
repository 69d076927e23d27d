"""
How long validations of variables demand that their values are.

https://developer.hashicorp.com/terraform/language/expressions/custom-conditions#input-variable-validation
"""

from __future__ import annotations

from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Expression,
    Literal,
    Name,
    Negation,
    Operation,
    Traversal,
)

#: Comparisons of a length to the least limit by which they demand that there is something; what each denies, and how
#: it reads backwards.
_LEAST = {">": 0, ">=": 1, "!=": 0, "==": 1}
_OPPOSITE = {"==": "!=", "<": ">=", "<=": ">"}
_TURNED = {"<": ">", "<=": ">=", "!=": "!=", "==": "=="}


def least_of(name: str, block: Block) -> int:
    """How many items or characters the validations of a variable demand: one, or none."""
    conditions = (validation.body.argument("condition") for validation in block.body.blocks("validation"))
    return int(any(one is not None and _is_not_empty(one.expression, name) for one in conditions))


def _is_not_empty(expression: Expression, name: str) -> bool:
    """Whether a condition demands that there is something: ``length(var.x) > 0``, or more, beside other demands too."""
    if isinstance(expression, Negation) and isinstance(of := expression.of, Operation):
        expression = Operation(_OPPOSITE.get(of.operator, ""), of.left, of.right, of.place)
    if not isinstance(expression, Operation):
        return False
    if expression.operator == "&&":
        return _is_not_empty(expression.left, name) or _is_not_empty(expression.right, name)
    number, limit, least = expression.left, expression.right, _LEAST.get(expression.operator)
    if isinstance(number, Literal):
        number, limit, least = limit, number, _LEAST.get(_TURNED.get(expression.operator, ""))
    is_length = isinstance(number, Call) and number.name == "length" and len(number.arguments) == 1
    if least is None or not is_length or not isinstance(limit, Literal) or not isinstance(number, Call):
        return False
    is_more = type(limit.value) is int and (limit.value >= least if expression.operator != "!=" else limit.value == 0)
    return is_more and not number.expands and is_variable(number.arguments[0], name)


def is_variable(expression: Expression, name: str) -> bool:
    """Whether an expression is a variable as it is."""
    return (
        isinstance(expression, Traversal)
        and isinstance(expression.of, Name)
        and expression.of.name == "var"
        and [(step.name, step.key, step.each) for step in expression.steps] == [(name, None, None)]
    )
