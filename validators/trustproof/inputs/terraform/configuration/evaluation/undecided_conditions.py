"""
What decides where a condition is not known that no variable of the root module makes: what a data source says, the
output of a module that is not at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from trustproof.inputs.terraform.configuration.evaluation.expansion import holds, together
from trustproof.inputs.terraform.configuration.evaluation.names import Names, Variables
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Operation
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import is_constant, is_shortened
from trustproof.inputs.terraform.values.conditions import Condition, Undecided
from trustproof.inputs.terraform.values.values import KEPT, Attribute, Choice, Known, Symbol, Unknown, Value


class TruthEvaluator(Protocol):
    """
    Who evaluates conditions.
    """

    #: Who answers for names.
    names: Names
    #: How many calls of `try` and `can` are under way.
    trying: int

    def evaluate(self, expression: Expression, variables: Variables) -> Value:
        """What an expression is worth."""
        ...

    def truth(self, value: Value) -> Value:
        """A value as a truth value."""
        ...


def as_choice(evaluator: TruthEvaluator, expression: Expression, value: Value, variables: Variables) -> Choice | None:
    """
    A truth value that is not known as true or false; None where it may be the same in every case.

    Args:
        expression: that it is the value of.
        value: what that is worth.
    """
    is_open = not evaluator.trying and _is_open(value)
    by = evaluator.names.decided_by(expression, variables) if is_open else None
    if by is None:
        return None
    condition = deciding(evaluator, expression, value, variables)
    if isinstance(condition, Undecided) and is_shortened(condition.written):
        # What decides it is cut off in what it is called.
        condition = Undecided(condition.written, decided_by=tuple(by))
    return Choice(condition, convert.TRUE, convert.FALSE, value.place)


def deciding(evaluator: TruthEvaluator, expression: Expression, value: Value, variables: Variables) -> Condition:
    """What must hold for a truth value that is not known to be true: see `as_choice`."""
    # Others may ask for a part of it only.
    parts = (evaluator.truth(evaluator.evaluate(part, variables)) for part in _conjuncts(expression))
    return together(*(holds(part) for part in parts if not isinstance(part, Known))) or holds(value)


def _is_open(value: Value) -> bool:
    is_one = isinstance(value, Unknown) and not is_constant(value) and not value.sensitive and not value.budget
    return is_one and (isinstance(value, Attribute) or (isinstance(value, Symbol) and value.kind != KEPT))


def _conjuncts(expression: Expression) -> Iterator[Expression]:
    """What has to be true for an expression to be."""
    if isinstance(expression, Operation) and expression.operator == "&&":
        yield from _conjuncts(expression.left)
        yield from _conjuncts(expression.right)
    else:
        yield expression
