"""
Variables without a value where Terraform refuses null: there they are something else, or nothing is applied.

https://developer.hashicorp.com/terraform/language/expressions/types#null
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.configuration import variable_equality
from trustproof.inputs.terraform.configuration.expressions import (
    Conditional,
    Expression,
    ListOf,
    Literal,
    Name,
    Negation,
    ObjectOf,
    Operation,
    Template,
    Traversal,
)
from trustproof.inputs.terraform.configuration.refused_cases import leave_out
from trustproof.inputs.terraform.unset_variable import Variable
from trustproof.inputs.terraform.values import Attribute, Choice, Unknown, Value, unknowns

#: Attributes that are there as soon as what has them is.
_NEVER_NULL = frozenset(
    "account_id arn bucket function_name id issuer key_id name partition region unique_id url user_id".split()
)


def nullable_in(value: Value) -> list[Variable]:
    """The variables without a value that a value is, or is made of, and that may be null."""
    return [one for one in unknowns(value) if isinstance(one, Variable) and one.is_nullable]


def leave_out_null(value: Value) -> bool:
    """
    Say that there is nothing where a value is null, which is a variable.

    Returns:
        whether there may be nothing in another case too, which is not known.
    """
    if not isinstance(value, Variable):
        return _may_be_null(value)
    null = variable_equality.is_null(value)
    if null:
        leave_out(null, holds=True)
    return False


def _may_be_null(value: Value) -> bool:
    if isinstance(value, Variable):
        return value.is_nullable
    if isinstance(value, Attribute):
        return value.name.rpartition(".")[2] not in _NEVER_NULL
    return any(map(_may_be_null, value.parts())) if isinstance(value, Choice) else isinstance(value, Unknown)


def truths(condition: Expression) -> Iterator[Traversal]:
    """
    What a condition takes for a truth value in any case, as far as it has a name: it is not null where the condition
    decides something. The right operand of ``||`` need not be asked for.
    """
    if isinstance(condition, Traversal):
        yield condition
    elif isinstance(condition, Negation):
        yield from truths(condition.of)
    elif isinstance(condition, Operation) and condition.operator in ("&&", "||"):
        yield from truths(condition.left)
    elif isinstance(condition, Conditional):
        yield from truths(condition.condition)


def is_always_evaluated(expression: Expression) -> bool:
    """
    Whether all of an expression that may have no value is evaluated in every case: attributes and items of what has a
    name, objects, texts, and conditions between what always has a value.
    """
    if isinstance(expression, (Literal, Name)):
        return True
    if isinstance(expression, ObjectOf):
        return all(is_always_evaluated(part) for entry in expression.entries for part in entry)
    if isinstance(expression, Template):
        return all(map(is_always_evaluated, expression.parts))
    if isinstance(expression, Negation):
        return is_always_evaluated(expression.of)
    if isinstance(expression, Conditional):
        sides = expression.then, expression.otherwise
        return is_always_evaluated(expression.condition) and all(map(_has_a_value, sides))
    if not isinstance(expression, Traversal) or not is_always_evaluated(expression.of):
        return False
    return all(step.key is None or is_always_evaluated(step.key) for step in expression.steps)


def _has_a_value(expression: Expression) -> bool:
    """Whether an expression has a value in any case: it is written there."""
    if isinstance(expression, ListOf):
        return all(map(_has_a_value, expression.items))
    return isinstance(expression, Literal)
