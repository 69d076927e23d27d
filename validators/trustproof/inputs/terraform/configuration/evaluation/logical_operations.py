"""
What ``&&`` and ``||`` are worth, null included: ``null && …`` is false, ``null || true`` is true, and ``null || false``
is refused. Older versions of Terraform refuse all of them.

https://developer.hashicorp.com/terraform/language/expressions/operators#logical-operators
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from trustproof.inputs.terraform.configuration.evaluation import null_operands
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Operation
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import expression_text
from trustproof.inputs.terraform.configuration.values.refused_cases import in_some_cases
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.values import Choice, Known, Value


class OperandEvaluator(Protocol):
    """
    Who evaluates the operands.
    """

    #: How many calls of `try` and `can` are under way.
    trying: int
    #: How many steps were taken of which nobody knows whether they can be.
    guesses: int

    def evaluate(self, expression: Expression, variables: Variables) -> Value:
        """What an expression is worth."""
        ...

    def unknown(self, expression: Expression, variables: Variables, reason: str = "") -> Value:
        """The symbol for an expression whose value nobody knows."""
        ...

    def opened(self, value: Value, *, nullable: bool = False) -> Value:
        """A variable that is true or false, or null too, as a choice."""
        ...

    def doubt(self, attempt: Callable[[], object]) -> None:
        """Say that Terraform may refuse an expression, where something beside it cannot be."""
        ...

    def where_decided(
        self, condition: Expression, variables: Variables, *, holds: bool
    ) -> AbstractContextManager[None]:
        """Where a condition has one outcome."""
        ...


def value(evaluator: OperandEvaluator, expression: Operation, left: Value, variables: Variables) -> Value:
    """
    What two operands give.

    Args:
        left: the value of the left one.

    Raises:
        Fault: Terraform refuses them.
    """
    # Of what is false next to null, null is one more case; what is next to it may ask for null itself.
    nullable = expression.operator == "||" and _NULL_MATTERS.search(expression_text(expression.right)) is not None
    return _decided(evaluator, expression, _truth_or_null(evaluator, left, nullable=nullable), variables)


#: What is no more than variables that are true or false may ask for null.
_NULL_MATTERS = re.compile(r"null|\blocal\.|\bmodule\.|==|!=|\(")


def _decided(evaluator: OperandEvaluator, expression: Operation, left: Value, variables: Variables) -> Value:
    is_or = expression.operator == "||"
    if isinstance(left, Choice):
        return convert.choose(left, lambda one: _decided(evaluator, expression, one, variables))

    def right() -> Value:
        with in_some_cases():
            return _truth_or_null(evaluator, evaluator.evaluate(expression.right, variables))

    if not isinstance(left, Known):
        found = _beside_truth(right(), is_or=is_or)
        is_decided = isinstance(found, Known) and found.value is is_or
        return (
            Known(is_or, expression.place, found.sensitive) if is_decided else evaluator.unknown(expression, variables)
        )
    if left.value is is_or:
        if evaluator.trying:
            evaluator.doubt(right)
        return Known(is_or, expression.place, left.sensitive)
    if left.value is None:
        return _beside_null(right()) if is_or else Known(False, expression.place)
    with evaluator.where_decided(expression.left, variables, holds=not is_or):
        found = right()
    return _beside_truth(found, is_or=is_or)


def _truth_or_null(evaluator: OperandEvaluator, value: Value, *, nullable: bool = False) -> Value:
    """An operand, which may be null."""
    is_null = isinstance(value, Known) and value.value is None
    if evaluator.trying and (is_null or null_operands.may_be_null(value)):
        evaluator.guesses += 1
    if isinstance(value, Choice):
        return convert.choose(value, lambda one: _truth_or_null(evaluator, one, nullable=nullable))
    return value if is_null else evaluator.opened(convert.truth(value), nullable=nullable)


def _beside_truth(right: Value, *, is_or: bool) -> Value:
    """What the right operand gives where the left one does not decide."""
    if isinstance(right, Choice):
        return convert.choose(right, lambda one: _beside_truth(one, is_or=is_or))
    if not isinstance(right, Known) or right.value is not None:
        return right
    if is_or:
        raise Fault("null is neither true nor false")
    return Known(False, right.place, right.sensitive)


def _beside_null(right: Value) -> Value:
    """What the right operand of ``||`` gives where the left one is null: true, or nothing."""
    if isinstance(right, Choice):
        return convert.choose(right, _beside_null)
    if isinstance(right, Known) and right.value is not True:
        raise Fault("null is neither true nor false")
    return right
