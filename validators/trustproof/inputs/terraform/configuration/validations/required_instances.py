"""
Instances that are there wherever another one is, since an argument of it refers to them by a key: Terraform refuses one
that no instance has.

https://developer.hashicorp.com/terraform/language/expressions/references#references-to-resource-attributes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.block_contents.resource_blocks import META_ARGUMENTS, META_BLOCKS
from trustproof.inputs.terraform.configuration.evaluation.expansion import Made, together
from trustproof.inputs.terraform.configuration.modules.modules import ResourceName
from trustproof.inputs.terraform.configuration.syntax.blocks import Body
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Conditional,
    Expression,
    For,
    ListOf,
    Literal,
    Name,
    Negation,
    ObjectOf,
    Operation,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
)
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Not
from trustproof.inputs.terraform.values.values import Known, Value

#: Functions that are content with what has no value.
_FORGIVING = frozenset(("can", "try"))
#: What makes blocks of its contents, any number of times; in JSON it may look like an argument.
_DYNAMIC = "dynamic"
#: What is no argument of a resource, but in how many instances it has.
_NO_ARGUMENTS = META_ARGUMENTS | META_BLOCKS | {_DYNAMIC}
#: Names that no resource type has.
_NO_TYPES = frozenset("count each ephemeral local module path self terraform var".split())


class _Reference(NamedTuple):
    """
    A reference to one instance of a resource, which is evaluated wherever the block is that it stands in.
    """

    to: ResourceName
    key: Expression


def _references(body: Body) -> Iterator[_Reference]:
    """The references in the arguments of a body, and in its nested blocks, to instances of resources by their keys."""
    for name, argument in body.arguments.items():
        if name not in _NO_ARGUMENTS:
            try:
                expression = argument.expression
            except InputError:
                # Whoever asks for its value says what is wrong with it.
                continue
            yield from _in_expression(expression)
    for block in body.blocks():
        if block.type not in _NO_ARGUMENTS:
            yield from _references(block.body)


def _in_expression(expression: Expression) -> Iterator[_Reference]:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Literal):
            # Most parts are one.
            continue
        if not isinstance(part, Traversal) or not isinstance(part.of, Name):
            waiting += reversed(_evaluated(part))
        elif (found := _reference(part.of.name, part)) is not None:
            yield found


def _reference(name: str, expression: Traversal) -> _Reference | None:
    steps, is_data = expression.steps, name == "data"
    if is_data:
        name, steps = steps[0].name, steps[1:]
    if len(steps) < 2 or not name or not steps[0].name or name in _NO_TYPES or steps[1].key is None:
        return None
    return _Reference(ResourceName(is_data, name, steps[0].name), steps[1].key)


def _evaluated(expression: Expression) -> tuple[Expression, ...]:
    """The parts of an expression that Terraform evaluates in any case, with no names of their own."""
    if isinstance(expression, Template):
        return expression.parts
    if isinstance(expression, (TemplateIf, Conditional)):
        return (expression.condition,)
    if isinstance(expression, (TemplateFor, For)):
        return (expression.over,)
    if isinstance(expression, Call):
        return () if expression.name in _FORGIVING else expression.arguments
    if isinstance(expression, Operation):
        return (expression.left,) if expression.operator in ("&&", "||") else (expression.left, expression.right)
    if isinstance(expression, (Negation, Traversal)):
        return (expression.of,)
    if isinstance(expression, ListOf):
        return expression.items
    if isinstance(expression, ObjectOf):
        return tuple(part for entry in expression.entries if not _is_dynamic(entry[0]) for part in entry)
    return ()


def _is_dynamic(key: Expression) -> bool:
    return isinstance(key, Literal) and key.value == _DYNAMIC


def never(
    body: Body,
    there: Condition | None,
    expand: Callable[[ResourceName], Sequence[Made]],
    evaluate: Callable[[Expression], Value],
) -> Iterator[Condition]:
    """
    What never holds, since an instance would be there without one that it refers to.

    Args:
        body: of its block.
        there: what must hold for it to be there; None where it is there in any case.
        expand: gives the instances of a resource of its module; none where there is no such resource.
        evaluate: gives the value of a key.
    """
    holding = {one.shown for one in _parts(there)}
    for to, key in _references(body):
        made = expand(to)
        if any(one.is_open or one.called is not None for one in made) or all(one.condition is None for one in made):
            continue
        try:
            at = evaluate(key)
        except Fault:
            continue
        if not isinstance(at, Known):
            continue
        wanted = (one for one in made if type(one.key) is type(at.value) and one.key == at.value)
        missing = [part for one in wanted for part in _parts(one.condition) if part.shown not in holding]
        if missing:
            refused = together(*_parts(there), Not(missing[0] if len(missing) == 1 else AllOf(tuple(missing))))
            assert refused is not None
            yield refused


def _parts(condition: Condition | None) -> Iterator[Condition]:
    """What must hold for a condition to."""
    if isinstance(condition, AllOf):
        for one in condition.of:
            yield from _parts(one)
    elif condition is not None:
        yield condition
