"""
Variables without a value where Terraform refuses null: there they are something else, or nothing is applied.

https://developer.hashicorp.com/terraform/language/expressions/types#null
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from trustproof.inputs.terraform.configuration.evaluation.expansion import cases, together
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import (
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
from trustproof.inputs.terraform.configuration.values import convert, variable_equality
from trustproof.inputs.terraform.configuration.values.refused_cases import refuse
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Attribute, Choice, Known, Unknown, Value, unknowns
from trustproof.inputs.terraform.values.yaml_texts import YamlText

#: A variable, as an expression names it.
_VARIABLE = re.compile(r"var\.[A-Za-z_][\w-]*")
#: Attributes that are there as soon as what has them is.
_NEVER_NULL = frozenset(
    "account_id arn bucket function_name id issuer key_id name partition region unique_id url user_id".split()
)


def is_never_null(block: Block | None) -> bool:
    """Whether a variable says of itself that it is not ``nullable``."""
    argument = block.body.argument("nullable") if block is not None else None
    return argument is not None and getattr(argument.expression, "value", None) is False


def nullable_in(value: Value) -> list[Variable]:
    """The variables without a value that a value is, or is made of, and that may be null."""
    # A text of YAML is one whatever stands in it.
    parts = () if isinstance(value, YamlText) else unknowns(value)
    return [one for one in parts if isinstance(one, Variable) and one.is_nullable]


def leave_out_null(value: Value) -> bool:
    """
    Say that there is nothing where a value is null, which is a variable.

    Returns:
        whether there may be nothing in another case too, which is not known.
    """
    for conditions, one in cases(value):
        null = variable_equality.is_null(one) if isinstance(one, Variable) else False
        never = together(*conditions, null) if null else None
        if never is not None:
            refuse(never)
    return not isinstance(value, Variable) and may_be_null(value)


def may_be_null(value: Value) -> bool:
    """Whether a value may be null, as far as that is known."""
    if isinstance(value, Variable):
        return value.is_nullable
    if isinstance(value, Attribute):
        return value.name.rpartition(".")[2] not in _NEVER_NULL
    return any(map(may_be_null, value.parts())) if isinstance(value, Choice) else isinstance(value, Unknown)


def or_else(value: Value, default: Callable[[], Value]) -> Value:
    """A value, and another one where it is null."""
    if isinstance(value, Choice):
        return convert.choose(value, lambda one: or_else(one, default))
    if isinstance(value, Known) and value.value is None:
        return default()
    null = variable_equality.is_null(value) if isinstance(value, Variable) else False
    if not isinstance(value, Variable) or not null:
        return value
    there, otherwise = value.not_null(), default()
    # Of what is no scalar nothing is known but that it is not null.
    return Choice(null, otherwise, there, value.place, value.sensitive) if value.kind else there


def truths(condition: Expression, *, holds: bool | None) -> Iterator[Traversal]:
    """
    What a condition takes for a truth value, as far as it has a name, and is not null where the condition has one
    outcome: next to null, ``&&`` is false and ``||`` is true, or there is none.

    Args:
        holds: the outcome; None where it may be either.
    """
    if isinstance(condition, Traversal):
        yield condition
    elif isinstance(condition, Negation):
        yield from truths(condition.of, holds=None if holds is None else not holds)
    elif isinstance(condition, Operation) and (condition.operator, holds) in (("&&", True), ("||", False)):
        yield from truths(condition.left, holds=holds)
        yield from truths(condition.right, holds=holds)
    else:
        yield from _truths_inside(condition)


def _truths_inside(expression: Expression) -> Iterator[Traversal]:
    """What is taken for a truth value wherever an expression has a value."""
    if isinstance(expression, Conditional):
        yield from truths(expression.condition, holds=None)
    elif isinstance(expression, Operation) and expression.operator not in ("&&", "||"):
        yield from _truths_inside(expression.left)
        yield from _truths_inside(expression.right)


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


def in_text(name: str) -> str:
    """Why a text has no value that something is put into which is null, and what to do about that."""
    given = f": give it a value, of the root module by --parameter '{name}=VALUE' or --var-file FILE"
    return f"{name} is null, which is no text{given if _VARIABLE.fullmatch(name) else ''}"
