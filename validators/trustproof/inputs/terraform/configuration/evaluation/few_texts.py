"""
What an expression is worth where variables without a value may be one of a few texts: it is evaluated at each.

https://developer.hashicorp.com/terraform/language/values/variables#custom-validation-rules
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from trustproof.inputs.terraform.configuration.evaluation.access import Whole
from trustproof.inputs.terraform.configuration.evaluation.names import Names, Variables, may_vary
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression
from trustproof.inputs.terraform.configuration.values import convert, finite_keys, value_shapes
from trustproof.inputs.terraform.configuration.values.expression_names import (
    FUNCTION_NOT_READ,
    expression_name,
    free_names,
    names_in,
    unknown,
)
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget
from trustproof.inputs.terraform.snapshots.data_sources import WHERE
from trustproof.inputs.terraform.values.instances import steps as steps_of
from trustproof.inputs.terraform.values.unset_variable import STRING, Variable
from trustproof.inputs.terraform.values.values import Attribute, Choice, Known, Value, unknowns
from trustproof.results.result import BUDGET

#: An expression is evaluated so many times at most.
_MOST_TIMES = 16


def unknown_value(names: Names, expression: Expression, variables: Variables, reason: str, trying: int) -> Value:
    """
    What stands for an expression whose value nobody knows: a symbol, or a choice where variables may be a few texts.

    Args:
        reason: why nobody knows it, a clause; empty where the names in it say so.
        trying: how many calls of `try` and `can` are under way.
    """
    is_one_value = reason == FUNCTION_NOT_READ or BUDGET in reason
    found = None if is_one_value else _value_at_each(names, expression, variables, trying)
    if found is None and not is_one_value:
        found = known_where(names, expression, variables, trying)
    if found is not None:
        return found
    local = {name: variables[name] for name in sorted(free_names(expression, variables))}
    is_open = not is_one_value and may_vary(expression, variables, names)
    name = expression_name(expression, names.address, local)
    if is_open:
        names.remember(name, expression, local)
    return unknown(expression, name, reason, is_open)


def known_where(names: Names, expression: Expression, variables: Variables, trying: int = 0) -> Value | None:
    """What an expression is worth where a provider is known to deploy to; None where that decides not all of it."""
    local = {name: variables[name] for name in free_names(expression, variables)}
    try:
        if not any(_is_place(one) for one in _parts(names, expression, local)):
            return None
        found = names.evaluate_where(expression, local, trying)
    except OverBudget:
        raise
    except Fault:
        return None
    return found if found.is_known else None


def _is_place(value: Value) -> bool:
    """Whether a value is what a data source says of where its provider deploys to, or an ARN that says it."""
    if not isinstance(value, Attribute):
        return False
    *_, data, type_, _ = ("", "", *steps_of(value.address))
    if data != "data" and value.name == "arn":
        return type_ in value_shapes.KINDS
    return data == "data" and value.name in WHERE.get(type_, {})


def _parts(names: Names, expression: Expression, local: Variables) -> Iterator[Value]:
    """What an expression is made of that is not known."""
    for name, behind in names_in(expression):
        value = local.get(name)
        found, used = (value, 0) if value is not None else names.look_up(name, behind) or (None, 0)
        while isinstance(found, Whole) and behind[used:] and behind[used].name:
            found, used = found.attribute(behind[used].name), used + 1
        if found is not None:
            yield from unknowns(found)


def _value_at_each(names: Names, expression: Expression, variables: Variables, trying: int) -> Value | None:
    """
    What an expression is worth at each of the texts that the variables in it may be, as a choice between these. None
    where something else without a value decides, too, or there are too many texts.
    """
    if not names.has_few_texts:
        return None
    local = {name: variables[name] for name in free_names(expression, variables)}
    try:
        deciding = _deciding(names, expression, local)
    except Fault:
        return None
    few = {name: names.texts_of(one) for name, one in sorted(deciding.items())}
    if not few or not all(few.values()) or prod(map(len, few.values())) > _MOST_TIMES:
        return None
    try:
        return _at_each(names, expression, local, trying, tuple(deciding[name] for name in few), {})
    except OverBudget:
        raise
    except Fault:
        # Whoever evaluates it next to what is not known says why.
        return None


def _deciding(names: Names, expression: Expression, local: Variables) -> dict[str, Variable]:
    """
    The variables without a value that decide about an expression.

    Raises:
        Fault: something else does, too.
    """
    found: dict[str, Variable] = {}
    for one in _unknowns(names, expression, local):
        if not isinstance(one, Variable) or one.part_of or one.kind not in ("", STRING) or one.kind != one.declared:
            raise NotKnown("not only variables that are texts decide")
        found[one.name] = one
    return found


def _unknowns(names: Names, expression: Expression, local: Variables) -> Iterator[Value]:
    for name, steps in names_in(expression):
        value = local.get(name)
        if value is not None:
            if not value.is_known and not isinstance(value, Variable):
                raise NotKnown("a part of what a loop goes through is not known")
        else:
            answer = names.look_up(name, steps)
            value = answer[0] if answer is not None else None
        if value is not None:
            yield from unknowns(value)


def _at_each(
    names: Names,
    expression: Expression,
    local: Variables,
    trying: int,
    left: tuple[Variable, ...],
    texts: Mapping[str, str],
) -> Value:
    """
    Raises:
        Fault: it has no value at any, or one that is not known.
    """
    if left:
        variable, *others = left
        each = finite_keys.opened(variable, names.texts_of)

        def at(one: Value) -> Value:
            if isinstance(one, Choice):
                return convert.choose(one, at)
            assert isinstance(one, Known)
            decided = {**texts, variable.name: str(one.value)}
            return _at_each(names, expression, local, trying, tuple(others), decided)

        return at(each)
    bound = {
        name: Known(texts[value.name], value.place, value.sensitive) if isinstance(value, Variable) else value
        for name, value in local.items()
    }
    found = names.evaluate_at(texts, expression, bound, trying)
    if not found.is_known:
        raise NotKnown("something else decides, too")
    return found
