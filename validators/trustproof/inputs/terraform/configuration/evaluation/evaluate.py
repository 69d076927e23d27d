"""
What expressions are worth.

The evaluator is the same for all inputs; what differs is who answers for names: `Names`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol

from trustproof.inputs.terraform.configuration.evaluation import (
    access,
    few_texts,
    for_expressions,
    logical_operations,
    loops,
    null_operands,
    operations,
    undecided_conditions,
)
from trustproof.inputs.terraform.configuration.evaluation.expansion import cases
from trustproof.inputs.terraform.configuration.evaluation.names import Names, Variables
from trustproof.inputs.terraform.configuration.evaluation.open_instances import AbsentInstances, leave_out_none
from trustproof.inputs.terraform.configuration.evaluation.possible_values import in_either_case
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Conditional,
    Expression,
    For,
    ListOf,
    Literal,
    Name,
    Negation,
    NotRead,
    ObjectOf,
    Operation,
    Step,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
)
from trustproof.inputs.terraform.configuration.values import (
    convert,
    finite_keys,
    one_type,
    open_keys,
    variable_equality,
)
from trustproof.inputs.terraform.configuration.values.expression_names import (
    cut,
    expression_text,
    mentions,
    short_name,
    value_text,
)
from trustproof.inputs.terraform.configuration.values.refused_cases import in_some_cases, leave_out
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget, Work
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Choice, Fields, Items, Known, Rest, Symbol, Value
from trustproof.results.result import BUDGET


class Caller(Protocol):
    """
    Who calls functions.
    """

    def call(self, evaluator: Evaluator, expression: Call, variables: Variables) -> Value:
        """
        The value of a call.

        Raises:
            Fault: it has none.
        """
        ...


class Evaluator:
    """
    Evaluates the expressions of one module.

    Args:
        names: who answers for names there.
        caller: who calls functions.
        work: counts what is done.
    """

    def __init__(self, names: Names, caller: Caller, work: Work) -> None:
        self.names = names
        self.work = work
        self._caller = caller
        #: How many calls of `try` and `can` are under way: there a fault is an answer.
        self.trying = 0
        #: How many steps were taken of which nobody knows whether they can be.
        self.guesses: int = 0
        #: A budget that was reached for a part of the expression that is under way; empty where none was.
        self._reached = ""
        #: Variables that are not null where the expression that is under way is evaluated.
        self._not_null: frozenset[str] = frozenset()

    def value(self, expression: Expression, variables: Variables) -> Value:
        """What an expression is worth; a symbol where it has no value."""
        try:
            return self.evaluate(expression, variables)
        except Fault as fault:
            # What was reached next to it is another one's.
            outer, self._reached = self._reached, ""
            found = self.unknown(expression, variables, fault.reason)
            self._reached = outer or found.budget
            return found

    def unknown(self, expression: Expression, variables: Variables, reason: str = "") -> Value:
        """
        An expression whose value nobody knows: a symbol for it, and whether it has one, nobody knows either; or what it
        is at each of the few texts that variables in it may be.
        """
        reason = reason if BUDGET in reason else self._reached or reason
        reason = self.work.look_through(mentions(expression)) or reason
        found = few_texts.unknown_value(self.names, expression, variables, reason, self.trying)
        self.guesses += isinstance(found, Symbol)
        return found

    def evaluate(self, expression: Expression, variables: Variables) -> Value:
        """
        What an expression is worth.

        Raises:
            Fault: it has no value.
        """
        if isinstance(expression, Literal):
            self.work.leaf()
            return Known(expression.value, expression.place)
        self.work.enter()
        outer, self._reached = self._reached, ""
        try:
            found: Value = _METHODS[type(expression)](self, expression, variables)
        except OverBudget:
            raise
        except NotKnown:
            if self._reached:
                raise OverBudget(self._reached) from None
            raise
        finally:
            self._reached = outer
            self.work.leave()
        self._reached = outer or found.budget
        return found

    def part(self, expression: Expression, variables: Variables) -> Value:
        """An item or entry: a fault in one leaves the others as they are, unless somebody waits for it."""
        return self.evaluate(expression, variables) if self.trying else self.value(expression, variables)

    # -- one method for each kind of expression

    def _not_read(self, expression: NotRead, variables: Variables) -> Value:
        raise OverBudget(expression.reason) if expression.reason.startswith(BUDGET) else NotKnown(expression.reason)

    def _name(self, expression: Name, variables: Variables) -> Value:
        return self._traversed(expression, (), expression.place, variables)

    def _traversal(self, expression: Traversal, variables: Variables) -> Value:
        return self._traversed(expression.of, expression.steps, expression.place, variables)

    def _traversed(self, of: Expression, steps: Sequence[Step], place: Place, variables: Variables) -> Value:
        used = 0
        if isinstance(of, Name):
            if of.name in variables:
                found = variables[of.name]
            else:
                with self._where(frozenset()):
                    answer = self.names.look_up(of.name, steps)
                if answer is None:
                    raise NotKnown(f"nothing here is called {of.name}")
                found, used = access.only_instance(*answer, of.name, steps)
        else:
            found = self.evaluate(of, variables)
        found = self._follow(found, steps[used:], place, variables)
        found = found.not_null() if isinstance(found, Variable) and found.name in self._not_null else found
        return access.at_reference(found, of, place)

    @contextmanager
    def _where(self, not_null: frozenset[str]) -> Iterator[None]:
        """Where some variables, and no others, are known not to be null."""
        outer, self._not_null = self._not_null, not_null
        try:
            yield
        finally:
            self._not_null = outer

    @contextmanager
    def where_decided(self, condition: Expression, variables: Variables, *, holds: bool) -> Iterator[None]:
        """Where a condition has one outcome, in which some variables are not null."""
        found = (self.evaluate(one, variables) for one in null_operands.truths(condition, holds=holds))
        with self._where(self._not_null.union(one.name for one in found if isinstance(one, Variable))):
            yield

    def _follow(self, value: Value, steps: Sequence[Step], place: Place, variables: Variables) -> Value:
        part = ""
        for number, step in enumerate(steps):
            before = value
            if self.trying and isinstance(before, (Symbol, AbsentInstances)):
                self.guesses += not leave_out_none(before, step.key)
            if step.each is not None:
                value = self._splat(value, step.each, place, variables)
            elif step.key is not None:
                key = few_texts.known_where(self.names, step.key, variables) or self.evaluate(step.key, variables)
                value = self._item_of(value, key, place)
            else:
                value = access.attribute(value, step.name, place)
            if self.trying:
                found = access.part_in_doubt(before, value, is_of_key=step.key is not None)
                self.guesses += found is None
                part = found or part
            if isinstance(value, Rest):
                rest = Symbol(short_name(value_text(value)), place=place)
                return self._follow(rest, steps[number + 1 :], place, variables)
        if part:
            # What it is a part of may be null, or have no such item.
            leave_out(Undecided(f"can({part})", part_of=f"whether there is {part}"), holds=False)
        return value

    def _item_of(self, value: Value, key: Value, place: Place) -> Value:
        if not self.trying:
            null_operands.leave_out_null(key)
        key = self.opened(key)
        if isinstance(key, Variable) and isinstance(value, Fields):
            if not self.trying:
                return access.value_at_unknown_key(value, key, access.no_key(value, key, place), place)
            if (found := access.value_at_one_of_keys(value, key, place)) is not None:
                return found
        is_set = isinstance(value, Items) and value.is_set
        if self.trying and (is_set or not all(isinstance(one, Known) for _, one in cases(key))):
            # A set has no items by number; and whether there is such a key, nobody knows.
            self.guesses += 1
        return access.index(value, key, place)

    def _splat(self, value: Value, each: tuple[Step, ...], place: Place, variables: Variables) -> Value:
        shown = expression_text(Traversal(Name("", place), each, place))
        return access.splat(value, lambda item: self._follow(item, each, place, variables), shown, place)

    def _template(self, expression: Template, variables: Variables) -> Value:
        if len(expression.parts) == 1 and not isinstance(expression.parts[0], (TemplateIf, TemplateFor)):
            return self.evaluate(expression.parts[0], variables)
        return self._text(expression, variables)

    def _text(self, expression: Template, variables: Variables) -> Value:
        pieces = [self.evaluate(part, variables) for part in expression.parts]
        for part, piece in zip(expression.parts, pieces, strict=True):
            if isinstance(piece, Known) and piece.value is None:
                raise Fault(null_operands.in_text(cut(expression_text(part))))
        self.guesses += sum(map(null_operands.leave_out_null, pieces))
        found = convert.join_texts(pieces, expression.place)
        if isinstance(found, Known):
            self.work.write(len(str(found.value)))
        return found

    def _template_if(self, expression: TemplateIf, variables: Variables) -> Value:
        condition = self.truth(self.evaluate(expression.condition, variables))
        return self._decided(
            expression,
            condition,
            lambda: self._text(expression.then, variables),
            lambda: self._text(expression.otherwise, variables),
            variables,
        )

    def _template_for(self, expression: TemplateFor, variables: Variables) -> Value:
        over = self.evaluate(expression.over, variables)
        found = loops.known_rounds(over, expression.key, expression.value, variables, expression_text(expression.over))
        with in_some_cases():
            pieces = [self._text(expression.body, inner) for inner in found]
        return convert.join_texts(pieces, expression.place)

    def _list(self, expression: ListOf, variables: Variables) -> Value:
        return Items(tuple([self.part(item, variables) for item in expression.items]), False, expression.place)

    def _object(self, expression: ObjectOf, variables: Variables) -> Value:
        keys = [self.key(self.evaluate(key, variables)) for key, _ in expression.entries]
        values = [self.part(value, variables) for _, value in expression.entries]

        def made(found: Sequence[Value]) -> Value:
            return open_keys.written_object(zip(found, values, strict=True), expression.place, self.work.step)

        return finite_keys.at_each(keys, made)

    def _call(self, expression: Call, variables: Variables) -> Value:
        return self._caller.call(self, expression, variables)

    def _operation(self, expression: Operation, variables: Variables) -> Value:
        left = self.evaluate(expression.left, variables)
        if expression.operator in ("&&", "||"):
            return logical_operations.value(self, expression, left, variables)
        right = self.evaluate(expression.right, variables)
        try:
            one = left if isinstance(right, Known) else self.opened(left, nullable=True)
            other = right if isinstance(left, Known) else self.opened(right, nullable=True)
            found = operations.operate(expression.operator, one, other, expression.place)
            if found is None and isinstance(expression.left, Call) and expression.left.name == "length":
                found = operations.any_there(expression.operator, left, right, value_text(left))
        except OverBudget:
            raise
        except NotKnown:
            found = None
        if found is None:
            return self.unknown(expression, variables)
        return with_sensitivity(found) if left.sensitive or right.sensitive else found

    def opened(self, value: Value, *, nullable: bool = False) -> Value:
        """A variable that is true or false, or null too, as a choice."""
        return variable_equality.opened(value, nullable=nullable) if isinstance(value, Variable) else value

    def key(self, value: Value) -> Value:
        """
        A value as a key: a variable that may be one of a few texts as a choice.

        Raises:
            Fault: it is no text.
        """
        if isinstance(value, Known) and isinstance(value.value, str):
            return value
        self.guesses += null_operands.leave_out_null(value)
        return finite_keys.opened(self.opened(convert.plain_text(value)), self.names.texts_of)

    def _negation(self, expression: Negation, variables: Variables) -> Value:
        of = self.evaluate(expression.of, variables)
        found = operations.negate(expression.operator, self.truth(of) if expression.operator == "!" else of)
        return self.unknown(expression, variables) if found is None else found

    def _conditional(self, expression: Conditional, variables: Variables) -> Value:
        condition = self.truth(self.evaluate(expression.condition, variables))
        # Where a condition has several outcomes, both are asked for more than once.
        then = lru_cache(maxsize=1)(lambda: self._side(expression, variables, holds=True))
        otherwise = lru_cache(maxsize=1)(lambda: self._side(expression, variables, holds=False))
        return self._decided(expression, condition, then, otherwise, variables)

    def _side(self, whole: Conditional, variables: Variables, *, holds: bool) -> Value:
        expression, other = (whole.then, whole.otherwise) if holds else (whole.otherwise, whole.then)
        with self.where_decided(whole.condition, variables, holds=holds):
            found = self.evaluate(expression, variables)
            if self.trying:
                self.doubt(lambda: one_type.see_common(found, lambda: self.evaluate(other, variables)))
            return one_type.as_beside(found, lambda: self.evaluate(other, variables))

    def doubt(self, attempt: Callable[[], object]) -> None:
        """Say that Terraform may refuse an expression, where something beside it cannot be."""
        try:
            attempt()
        except OverBudget:
            raise
        except Fault:
            self.guesses += 1

    def _decided(
        self,
        expression: Conditional | TemplateIf,
        condition: Value,
        then: Callable[[], Value],
        otherwise: Callable[[], Value],
        variables: Variables,
    ) -> Value:
        """One of two values, or both."""
        if isinstance(condition, Known):
            with in_some_cases():
                found = then() if condition.value else otherwise()
            return with_sensitivity(found) if condition.sensitive else found
        if isinstance(condition, Choice):
            return convert.choose(condition, lambda one: self._decided(expression, one, then, otherwise, variables))
        if isinstance(condition, access.NoKey):
            return condition
        either = None if self.trying or condition.sensitive else in_either_case(then, otherwise)
        if either is None and (one := undecided_conditions.as_choice(self, expression.condition, condition, variables)):
            return self._decided(expression, one, then, otherwise, variables)
        return self.unknown(expression, variables) if either is None else either

    def truth(self, value: Value) -> Value:
        """
        A value as a truth value; a variable that is one becomes a choice between true and false.

        Raises:
            Fault: it is none.
        """
        self.guesses += null_operands.leave_out_null(value)
        return self._as_truth(value)

    def _as_truth(self, value: Value) -> Value:
        return convert.choose(value, self._as_truth) if isinstance(value, Choice) else self.opened(convert.truth(value))


_METHODS: dict[type[Expression], Callable[..., Value]] = {
    NotRead: Evaluator._not_read,
    Name: Evaluator._name,
    Traversal: Evaluator._traversal,
    Template: Evaluator._template,
    TemplateIf: Evaluator._template_if,
    TemplateFor: Evaluator._template_for,
    ListOf: Evaluator._list,
    ObjectOf: Evaluator._object,
    Call: Evaluator._call,
    Operation: Evaluator._operation,
    Negation: Evaluator._negation,
    Conditional: Evaluator._conditional,
    For: for_expressions.value,
}
