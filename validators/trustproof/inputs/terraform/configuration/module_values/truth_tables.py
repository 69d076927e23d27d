"""
Whether truth values that nobody knows can come out in a certain way together, by what they are made of: ``a && b`` and
``a`` can both be true, whatever ``a`` and ``b`` are, if one of these says nothing of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product, takewhile
from typing import Protocol

from trustproof.inputs.cloudformation.values.parameter import ANYTHING, is_one, undecided
from trustproof.inputs.terraform.configuration.evaluation.access import Whole
from trustproof.inputs.terraform.configuration.module_values.module_context import Remembered
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Expression,
    Literal,
    Negation,
    Operation,
    Traversal,
)
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import expression_name, expression_text, names_in
from trustproof.inputs.terraform.values.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Equal,
    Not,
    Outcome,
    Undecided,
)
from trustproof.inputs.terraform.values.references_in_text import references
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Attribute, Choice, Fields, Known, Symbol, Unknown, Value, unknowns

#: Tables of so many columns are written, and so many expressions looked at for one.
_MOST_COLUMNS, _MOST_EXPRESSIONS = 10, 100
_TRUTH = {"true": True, "false": False}
_NEVER = AnyOf(())


class NotDecided(Exception):
    """Nobody can tell."""


class Lookup(Protocol):
    """
    What is known of expressions whose values nobody knows.
    """

    def __call__(self, name: str) -> Remembered | None:
        """One by its name; None where there is none."""
        ...


class TruthTable:
    """
    Truth values, by what they are made of.

    Args:
        remembered: finds expressions.
        decided_by: the references that decide expressions, by their names, of which a part may be cut off.
    """

    def __init__(self, remembered: Lookup, decided_by: Mapping[str, Sequence[str]]) -> None:
        self._remembered = remembered
        self._decided_by = decided_by
        #: What they are made of in the end, each with what it refers to; and of those that compare something with a
        #: constant, what they compare.
        self._columns: dict[str, frozenset[str]] = {}
        self._compared: dict[str, str] = {}
        #: Of those that stand for a value that is tried, which nobody has written, what has it.
        self._tried: dict[str, str] = {}
        self._looked_at: int = 0

    def doubt(self, values: Mapping[str, str]) -> str:
        """
        Why it is not known whether there are such values; empty where there are.

        Args:
            values: by the names of expressions.

        Raises:
            NotDecided: nobody can tell.
        """
        wanted = [self._wanted(name, text) for name, text in values.items()]
        if len(self._columns) > _MOST_COLUMNS:
            raise NotDecided
        never: list[tuple[str, str]] = []
        for (name, one), (other, their) in combinations(self._columns.items(), 2):
            shared = next((a for a in sorted(one) if any(is_one(a, b) for b in their)), None)
            if shared is not None and self._compared.get(name, name) == self._compared.get(other):
                # Nothing is two constants.
                never.append((name, other))
            elif shared is not None:
                return undecided(self._tried.get(name, name), self._tried.get(other, other), shared)
        names = [*self._columns]
        rows = (dict(zip(names, row, strict=True)) for row in product((True, False), repeat=len(names)))
        for row in rows:
            is_possible = not any(row[one] and row[other] for one, other in never)
            if is_possible and all(_holds(one, row) for one in wanted):
                return ""
        return f"it is not known whether {', '.join(f'`{name}`' for name in values)} can be so together"

    def _wanted(self, name: str, text: str) -> Condition:
        found = self._remembered(name)
        if text not in _TRUTH:
            self._tried[f"{name} == {text}"] = name
            return self._column(f"{name} == {text}", name)
        if found is None:
            formula = self._column(name, name)
        else:
            formula = self._made_of(found.module.evaluator.value(found.expression, found.variables))
        return formula if _TRUTH[text] else Not(formula)

    def _column(self, called: str, name: str) -> Condition:
        self._columns.setdefault(called, frozenset(self._references(name, {name})))
        return Undecided(called, is_expression=False)

    # -- what a truth value is made of

    def _made_of(self, value: Value) -> Condition:
        self._looked_at += 1
        if self._looked_at > _MOST_EXPRESSIONS:
            raise NotDecided
        if isinstance(value, Known):
            known = convert.truth(value)
            return AllOf(()) if isinstance(known, Known) and known.value is True else _NEVER
        if isinstance(value, Choice):
            condition = self._condition(value.condition)
            then, otherwise = self._made_of(value.then), self._made_of(value.otherwise)
            return AnyOf((AllOf((condition, then)), AllOf((Not(condition), otherwise))))
        if isinstance(value, Symbol):
            return self._named(value.name)
        if isinstance(value, Attribute):
            return self._named(value.shown)
        if isinstance(value, Variable) and not value.part_of:
            return self._column(value.name, value.name)
        raise NotDecided

    def _named(self, name: str) -> Condition:
        found = self._remembered(name)
        if found is None:
            return self._column(name, name)
        expression = found.expression
        if isinstance(expression, Negation) and expression.operator == "!":
            return Not(self._operand(found, expression.of))
        if isinstance(expression, Operation) and expression.operator in ("&&", "||"):
            sides = self._operand(found, expression.left), self._operand(found, expression.right)
            return AllOf(sides) if expression.operator == "&&" else AnyOf(sides)
        if isinstance(expression, Operation) and expression.operator in ("==", "!=") and not found.variables:
            sides_ = (expression.left, expression.right), (expression.right, expression.left)
            for one, other in sides_:
                if isinstance(one, Traversal) and isinstance(other, Literal):
                    equal = self._equality(found, name, one, other)
                    return equal if expression.operator == "==" else Not(equal)
        return self._column(name, name)

    def _equality(self, within: Remembered, name: str, one: Traversal, constant: Literal) -> Condition:
        value = within.module.evaluator.value(one, {})
        subject = (
            value.shown if isinstance(value, (Attribute, Symbol)) else expression_name(one, within.module.address, {})
        )
        column = f"{subject} == {expression_text(constant)}"
        self._compared[column] = subject
        return self._column(column, name)

    def _operand(self, within: Remembered, expression: Expression) -> Condition:
        return self._made_of(within.module.evaluator.value(expression, within.variables))

    def _condition(self, condition: Condition) -> Condition:
        if isinstance(condition, Undecided):
            return self._named(condition.written)
        if isinstance(condition, (Equal, Outcome)):
            return self._column(condition.shown, condition.name)
        if isinstance(condition, Not):
            return Not(self._condition(condition.of))
        if isinstance(condition, (AllOf, AnyOf)):
            return type(condition)(tuple(map(self._condition, condition.of)))
        raise NotDecided

    # -- what it refers to

    def _references(self, name: str, seen: set[str]) -> Iterator[str]:
        found = self._remembered(name)
        if found is None:
            named = references(name)
            # What is cut off of a name is whatever it may be, unless it was asked for before.
            yield from (self._decided_by.get(name) if ANYTHING in named else None) or named or (name,)
            return
        for value, behind in _values(found):
            for unknown in unknowns(value):
                yield from self._references_of(unknown, behind if unknown is value else "", seen)

    def _references_of(self, unknown: Unknown, behind: str, seen: set[str]) -> Iterator[str]:
        if isinstance(unknown, Choice):
            yield from self._references_in(unknown.condition, seen)
        elif isinstance(unknown, Variable):
            yield unknown.part_of or f"{unknown.name}{behind}"
        elif isinstance(unknown, Attribute):
            yield f"{unknown.shown}{behind}"
        elif not isinstance(unknown, Symbol):
            raise NotDecided
        elif self._remembered(unknown.name) is None:
            # Of an instance, a key and a value are one where it is of a set.
            named = references(unknown.name) if " of " in unknown.name else ()
            yield from named or (f"{unknown.name}{behind}",)
        elif unknown.name not in seen:
            seen.add(unknown.name)
            yield from self._references(unknown.name, seen)

    def _references_in(self, condition: Condition, seen: set[str]) -> Iterator[str]:
        if isinstance(condition, Undecided):
            if condition.written not in seen:
                seen.add(condition.written)
                yield from self._references(condition.written, seen)
        elif isinstance(condition, (Equal, Outcome)):
            yield from references(condition.name) or (condition.name,)
        elif isinstance(condition, Not):
            yield from self._references_in(condition.of, seen)
        elif isinstance(condition, (AllOf, AnyOf)):
            for one in condition.of:
                yield from self._references_in(one, seen)
        else:
            raise NotDecided


def _values(remembered: Remembered) -> Iterator[tuple[Value, str]]:
    """What the names in an expression stand for, each with the attributes behind it that are not looked at."""
    for name, steps in names_in(remembered.expression):
        value = remembered.variables.get(name)
        if isinstance(value, Fields) and steps and steps[0].name in value.by_key:
            # Of `each`, the key and the value.
            answer: tuple[Value, int] | None = (value.by_key[steps[0].name], 1)
        else:
            answer = (value, 0) if value is not None else remembered.module.look_up(name, steps)
        if answer is None:
            continue
        found, looked_at = answer
        if isinstance(found, Whole) and steps[looked_at:] and steps[looked_at].name:
            found, looked_at = found.attribute(steps[looked_at].name), looked_at + 1
        behind = takewhile(bool, (step.name for step in steps[looked_at:]))
        yield found, "".join(f".{one}" for one in behind)


def _holds(condition: Condition, row: Mapping[str, bool]) -> bool:
    if isinstance(condition, Undecided):
        return row[condition.written]
    if isinstance(condition, Not):
        return not _holds(condition.of, row)
    assert isinstance(condition, (AllOf, AnyOf))
    return (all if isinstance(condition, AllOf) else any)(_holds(one, row) for one in condition.of)
