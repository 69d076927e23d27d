"""
The nested blocks of a type that a body has: written, or made by ``dynamic``.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.evaluation import loops
from trustproof.inputs.terraform.configuration.evaluation.access import Whole
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.expansion import any_item, cases, open_item, together
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal, Name
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import is_constant, names_in, value_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unordered_items import Unordered
from trustproof.inputs.terraform.values.values import (
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Unknown,
    Value,
    unknowns,
)

#: So many outcomes of conditions for the number of blocks are judged one by one.
_MOST_OUTCOMES = 32


class Content:
    """
    The content of one block that a type of nested blocks has.
    """

    __slots__ = ("body", "condition", "of", "place", "variables")

    def __init__(
        self,
        body: Body,
        variables: Variables,
        place: Place,
        of: Unknown | None = None,
        condition: Condition | None = None,
    ) -> None:
        self.body: Body = body
        #: The names that hold in it.
        self.variables: Variables = variables
        self.place: Place = place
        #: Where it stands for any number of blocks, or is there or not: what decides how many.
        self.of: Unknown | None = of
        #: What must hold for it to be there, or for any to be; None where that is in any case, or is not known.
        self.condition: Condition | None = condition


class AnyNumber(Content):
    """
    The content of any of the blocks that are made of a list that nobody knows.

    Args:
        is_alike: whether all of them say the same, whatever they are made of.
    """

    __slots__ = ("is_alike",)

    def __init__(self, content: Content, is_alike: bool) -> None:
        super().__init__(content.body, content.variables, content.place, content.of, content.condition)
        self.is_alike: bool = is_alike


class _Round(NamedTuple):
    """
    One block that a ``dynamic`` makes, or any of several.
    """

    key: Value
    value: Value
    condition: Condition | None = None
    #: What decides how many there are; None where there is this one in any case.
    of: Value | None = None
    is_one: bool = True


def contents(evaluator: Evaluator, body: Body, name: str, variables: Variables) -> Iterator[Content]:
    """The blocks of a type, in order; one that stands for any number of them has what decides."""
    for block in body.blocks(name, "dynamic"):
        if block.type == name:
            yield Content(block.body, variables, block.place)
        elif block.labels == (name,):
            yield from _dynamic(evaluator, block, name, variables)


def _dynamic(evaluator: Evaluator, block: Block, name: str, variables: Variables) -> Iterator[Content]:
    argument = block.body.argument("for_each")
    content = next(block.body.blocks("content"), None)
    if argument is None or content is None:
        return
    iterator = block.body.argument("iterator")
    called = _bare(iterator.expression) if iterator is not None else name
    whole = evaluator.value(argument.expression, variables)
    is_decided = isinstance(whole, Choice) and convert.outcomes(whole) <= _MOST_OUTCOMES
    of_choice = whole if isinstance(whole, Choice) else None
    for conditions, over in cases(whole) if is_decided else (((), whole),):
        budget = over.budget
        try:
            rounds = None if budget or isinstance(over, Choice) or _is_one(over) else list(_rounds(over))
        except Fault as fault:
            rounds = None
            over = evaluator.unknown(argument.expression, variables, fault.reason)
        if rounds is None:
            called_so = f"dynamic {name} for each of {value_text(over)}"
            several = over if isinstance(over, Unknown) else Symbol(called_so, reason=budget)
            each = _any_of_it(over)
            yield Content(content.body, {**variables, called: each}, block.place, of_choice or several)
            continue
        for made in rounds:
            element = Fields((Entry(Known("key"), made.key), Entry(Known("value"), made.value)))
            inner = {**variables, called: element}
            of = of_choice or (None if made.of is None else _unknown(made.of))
            found = Content(content.body, inner, block.place, of, together(*conditions, made.condition))
            yield found if made.is_one else AnyNumber(found, not _uses(content.body, called))


def _rounds(over: Value) -> Iterator[_Round]:
    """
    The blocks that are made of a value, or any of several.

    Raises:
        Fault: the value cannot be gone through.
    """
    if not isinstance(over, Items):
        for found in loops.rounds(over, "key", "value", {}):
            yield _any_round(over) if found is None else _Round(found["key"], found["value"])
        return
    is_set = over.is_set and not isinstance(over, Unordered)
    is_numbered = not isinstance(over, Unordered)
    for at, item in enumerate(over.items):
        if isinstance(item, Rest) and not isinstance(item, Maybe):
            is_numbered = False
            yield _any_round(item)
            continue
        one = item.value if isinstance(item, Maybe) else item
        key = one if is_set else Known(at) if is_numbered else Symbol(f"the index of {value_text(one)}")
        if isinstance(item, Maybe):
            is_numbered = False
            yield _Round(key, one, item.condition, item.of)
        else:
            yield _Round(key, one)


def _any_round(over: Value) -> _Round:
    """Any of the blocks that are made of a value that nobody knows."""
    each = _any_of_it(over.of if isinstance(over, Rest) else over)
    return _Round(each.attribute("key"), each.attribute("value"), any_item(over), over, False)


def _is_one(value: Value) -> bool:
    """Whether a value that nobody knows is the same one in every case."""
    return not value.is_known and all(map(is_constant, unknowns(value)))


def _any_of_it(over: Value) -> Whole:
    name = f"each of {value_text(over)}"
    return Whole(name, lambda attribute: open_item(f"{attribute} of {name}", over))


def _unknown(of: Value) -> Unknown:
    of = of.of if isinstance(of, Rest) else of
    return of if isinstance(of, Unknown) else Symbol(value_text(of))


def _uses(body: Body, name: str) -> bool:
    """Whether anything in a body goes by a name."""
    own = (argument.expression for argument in body.arguments.values())
    if any(found == name for expression in own for found, _ in names_in(expression)):
        return True
    return bool(body.either) or any(_uses(block.body, name) for block in body.blocks())


def _bare(expression: Expression) -> str:
    if isinstance(expression, Name):
        return expression.name
    return str(expression.value) if isinstance(expression, Literal) else ""
