"""
What ``for`` makes in expressions: lists and objects.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any, Protocol

from trustproof.inputs.terraform.configuration.evaluation import loops
from trustproof.inputs.terraform.configuration.evaluation.expansion import (
    MAX_OUTCOMES,
    any_item,
    cases,
    holds,
    open_item,
)
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import least_length
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.evaluation.open_instances import AbsentInstances, OfInstances
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, For, Name, Operation
from trustproof.inputs.terraform.configuration.values import convert, finite_keys, open_keys
from trustproof.inputs.terraform.configuration.values.expression_names import (
    cut,
    expression_text,
    free_names,
    is_constant,
    short_name,
    value_text,
)
from trustproof.inputs.terraform.configuration.values.refused_cases import in_some_cases
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget, Work
from trustproof.inputs.terraform.snapshots.data_sources import is_of_roles
from trustproof.inputs.terraform.values.conditions import NULL, Outcome
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.unordered_items import listed
from trustproof.inputs.terraform.values.values import (
    KEPT,
    UNSAID,
    Attribute,
    Choice,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Value,
)

#: Of so many entries of an object a condition may decide whether they are there.
_MOST_UNDECIDED = 4
_ALWAYS = Known(True)


class Evaluator(Protocol):
    """
    Who evaluates the expressions in it.

    Attributes:
        work: counts what is done.
    """

    work: Work

    def evaluate(self, expression: Expression, variables: Variables) -> Value:
        """What an expression is worth."""
        ...

    def value(self, expression: Expression, variables: Variables) -> Value:
        """The same; a symbol where it has no value."""
        ...

    def part(self, expression: Expression, variables: Variables) -> Value:
        """What an item or an entry is worth."""
        ...

    def unknown(self, expression: Expression, variables: Variables, reason: str = "") -> Value:
        """The symbol for an expression whose value nobody knows."""
        ...

    def truth(self, value: Value) -> Value:
        """A value as a truth value."""
        ...

    def key(self, value: Value) -> Value:
        """A value as a key."""
        ...


def value(evaluator: Evaluator, expression: For, variables: Variables) -> Value:
    """
    What a ``for`` is worth.

    Raises:
        Fault: it has no value.
    """
    over = evaluator.evaluate(expression.over, variables)
    if isinstance(over, Choice):
        return convert.choose(over, lambda one: _loop(evaluator, expression, one, variables))
    return _loop(evaluator, expression, over, variables)


def _loop(evaluator: Evaluator, expression: For, over: Value, variables: Variables) -> Value:
    if isinstance(over, Choice):
        return convert.choose(over, lambda one: _loop(evaluator, expression, one, variables))
    with in_some_cases():
        found = _made(evaluator, expression, over, variables)
    return with_sensitivity(found) if over.sensitive else found


def _made(evaluator: Evaluator, expression: For, over: Value, variables: Variables) -> Value:
    if isinstance(over, AbsentInstances) and (of_all := _of_instances(evaluator, expression, over, variables)):
        return of_all
    if is_of_roles(over) and _is_each_itself(evaluator, expression, over, variables):
        return over
    rounds = loops.rounds(over, expression.key, expression.value, variables)
    if expression.result_key is None:
        items = [*_each_item(evaluator, expression, rounds, variables, over)]
        in_order = not isinstance(over, Items) or convert.is_ordered(over)
        found: Value = listed((item for item in items if item is not None), in_order, expression.place)
    else:
        try:
            all_rounds = [*rounds]
            found = _entry_of_one_key(evaluator, expression, all_rounds, variables) or _object_of(
                evaluator, expression, all_rounds, ()
            )
        except OverBudget:
            raise
        except NotKnown as reason:
            found = evaluator.unknown(expression, variables, reason.reason)
            if isinstance(found, Symbol) and expression.condition is None:
                # Several keys may be one.
                found.least = min(least_length(over), 1)
            if isinstance(found, Symbol) and not expression.groups:
                found.each = _any_result(evaluator, expression, found, variables, over)
    return found


def _is_each_itself(evaluator: Evaluator, expression: For, over: Value, variables: Variables) -> bool:
    """Whether a loop gives each item as it is, and leaves out none."""
    if expression.key or expression.result_key is not None or expression.condition is not None:
        return False
    return evaluator.part(expression.result, {**variables, expression.value: over}) is over


def _of_instances(evaluator: Evaluator, expression: For, over: AbsentInstances, variables: Variables) -> Items | None:
    """What each instance of a block gives, of which nobody knows how many there are; None where some may give none."""
    if over.one is None or expression.key or expression.result_key is not None or expression.condition is not None:
        return None
    found = evaluator.part(expression.result, {**variables, expression.value: over.one})
    return Items((OfInstances(found, over, evaluator.unknown(expression, variables)),), False, expression.place)


def _any_result(evaluator: Evaluator, expression: For, made: Symbol, variables: Variables, over: Value) -> Value:
    """What each item or entry is, where nobody knows what is gone through."""
    own = {name: open_item(f"{name} of {made.name}", over) for name in (expression.key, expression.value) if name}
    return evaluator.value(expression.result, {**variables, **own})


def _possible_results(any_result: Value | None) -> tuple[Value, ...]:
    """The texts that each item is one of, whatever is gone through; none where it may be others."""
    if any_result is None:
        return ()
    found = [one for _, one in cases(any_result)]
    are_texts = all(isinstance(one, Known) and isinstance(one.value, str) for one in found)
    return tuple(found) if are_texts else ()


def _each_item(
    evaluator: Evaluator, expression: For, rounds: Iterable[Variables | None], variables: Variables, over: Value
) -> Iterator[Value | None]:
    """What each round gives, those alike of which nothing is known: all that is gone through is looked at for one."""
    of_unknown: list[Value | None] = []
    for inner in rounds:
        if inner is not None:
            yield _item(evaluator, expression, inner, variables, over)
            continue
        if of_unknown:
            # It has as many parts as if it had been made again.
            evaluator.work.step()
        else:
            of_unknown.append(_item(evaluator, expression, None, variables, over))
        yield of_unknown[0]


def _item(
    evaluator: Evaluator, expression: For, inner: Variables | None, variables: Variables, over: Value
) -> Value | None:
    if inner is None:
        found = evaluator.unknown(expression, variables)
        one = _any_result(evaluator, expression, found, variables, over) if isinstance(found, Symbol) else None
        if isinstance(one, Fields) and isinstance(found, Symbol) and not is_constant(found):
            return Several(one, any_item(Rest(found)), found)
        return Rest(found, among=_possible_results(one))
    if expression.condition is not None:
        condition = evaluator.truth(evaluator.evaluate(expression.condition, inner))
        if not isinstance(condition, Known):
            of = evaluator.unknown(expression.result, inner)
            if condition.budget or convert.outcomes(condition) > MAX_OUTCOMES:
                return Rest(of)
            return Maybe(holds(condition), evaluator.value(expression.result, inner), of)
        if not condition.value:
            return None
    return evaluator.part(expression.result, inner)


def _object_of(
    evaluator: Evaluator,
    expression: For,
    rounds: Sequence[Variables | None],
    kept: tuple[Variables, ...],
    undecided: int = 0,
) -> Value:
    """
    An object of some rounds.

    Args:
        kept: the rounds before them that give an entry.
        undecided: of how many of those a condition decides that.
    """
    for at, inner in enumerate(rounds):
        if inner is None:
            raise NotKnown(f"{cut(expression_text(expression.over))}, which is gone through, is not known")
        condition = _ALWAYS if expression.condition is None else evaluator.evaluate(expression.condition, inner)
        condition = evaluator.truth(condition)
        if isinstance(condition, Choice) and undecided < _MOST_UNDECIDED:
            outcomes = {True: (*kept, inner), False: kept}
            left, number = rounds[at + 1 :], undecided + 1

            def others(one: Value, outcomes: Any = outcomes, left: Any = left, number: int = number) -> Value:
                return _object_of(evaluator, expression, left, outcomes[_is_there(one)], number)

            return convert.choose(condition, others)
        kept = (*kept, inner) if _is_there(condition) else kept
    assert expression.result_key is not None
    keys: list[Value] = []
    values: list[Value] = []
    for inner in kept:
        keys.append(evaluator.key(evaluator.evaluate(expression.result_key, inner)))
        values.append(evaluator.part(expression.result, inner))

    def made(found: Sequence[Value]) -> Value:
        pairs = zip(found, values, strict=True)
        return open_keys.object_of(pairs, expression.groups, expression.place, evaluator.work.step)

    return finite_keys.at_each(keys, made)


def _entry_of_one_key(
    evaluator: Evaluator, expression: For, rounds: Sequence[Variables | None], variables: Variables
) -> Value | None:
    """
    The object that has the entry of the key, or value, which is equal to what nobody knows, or is empty: one in each
    case. None for another condition.
    """
    compared = _compared(expression)
    wanted = evaluator.evaluate(compared[1], variables) if compared is not None else None
    if compared is None or not isinstance(wanted, (Attribute, Symbol)) or wanted.sensitive or wanted.budget:
        return None
    if isinstance(wanted, Symbol) and wanted.kind in (UNSAID, KEPT):
        return None
    found: Value = Fields((), expression.place)
    texts = [inner[compared[0]] if inner is not None else None for inner in rounds]
    known = tuple(one.value for one in texts if isinstance(one, Known) and isinstance(one.value, str))
    if not len(set(known)) == len(rounds) < MAX_OUTCOMES:
        return None
    name = short_name(f"which of {', '.join(map(convert.to_json, known))} is {value_text(wanted)}")
    whatever = copy(expression)
    whatever.condition = None
    for text, inner in zip(reversed(known), reversed(rounds), strict=True):
        try:
            made = _object_of(evaluator, whatever, [inner], ())
        except OverBudget:
            raise
        except Fault:
            return None
        found = Choice(Outcome(name, text, (*known, NULL)), made, found, expression.place)
    return found


def _compared(expression: For) -> tuple[str, Expression] | None:
    """The name of a loop that its condition compares, and what with, where that is the same in each round."""
    condition = expression.condition
    if not isinstance(condition, Operation) or condition.operator != "==" or expression.groups:
        return None
    own = {name: _ALWAYS for name in (expression.key, expression.value) if name}
    for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
        if isinstance(one, Name) and one.name in own and not free_names(other, own):
            return one.name, other
    return None


def _is_there(condition: Value) -> bool:
    if not isinstance(condition, Known):
        raise NotKnown("whether an entry is there is not known")
    return condition.value is True
