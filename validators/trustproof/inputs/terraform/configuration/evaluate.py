"""
What expressions are worth.

The evaluator is the same for all inputs; what differs is who answers for names: `Names`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from trustproof.inputs.terraform.configuration import access, convert, open_keys, operations
from trustproof.inputs.terraform.configuration.expansion import MAX_OUTCOMES, holds
from trustproof.inputs.terraform.configuration.expressions import (
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
from trustproof.inputs.terraform.configuration.names import Names, Variables
from trustproof.inputs.terraform.configuration.one_type import may_change, unified
from trustproof.inputs.terraform.configuration.shown import called, free_names, shortened, shown, unknown, written
from trustproof.inputs.terraform.configuration.work import Fault, NotKnown, Work
from trustproof.inputs.terraform.values import (
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Maybe,
    Place,
    Rest,
    Symbol,
    Unknown,
    Value,
    Variable,
)


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

    def value(self, expression: Expression, variables: Variables) -> Value:
        """What an expression is worth; a symbol where it has no value."""
        try:
            return self.evaluate(expression, variables)
        except Fault as fault:
            return self.unknown(expression, variables, fault.reason)

    def unknown(self, expression: Expression, variables: Variables, reason: str = "") -> Value:
        """The symbol for an expression whose value nobody knows; whether it has one, nobody knows either."""
        self.guesses += 1
        local = {name: variables[name] for name in sorted(free_names(expression, variables))}
        return unknown(expression, called(expression, self.names.address, local), reason)

    def evaluate(self, expression: Expression, variables: Variables) -> Value:
        """
        What an expression is worth.

        Raises:
            Fault: it has no value.
        """
        self.work.enter()
        try:
            return _METHODS[type(expression)](self, expression, variables)
        finally:
            self.work.leave()

    def _part(self, expression: Expression, variables: Variables) -> Value:
        """An item or entry: a fault in one leaves the others as they are, unless somebody waits for it."""
        return self.evaluate(expression, variables) if self.trying else self.value(expression, variables)

    # -- one method for each kind of expression

    def _literal(self, expression: Literal, variables: Variables) -> Value:
        return Known(expression.value, expression.place)

    def _not_read(self, expression: NotRead, variables: Variables) -> Value:
        raise NotKnown(expression.reason)

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
                answer = self.names.look_up(of.name, steps)
                if answer is None:
                    raise NotKnown(f"nothing here is called {of.name}")
                found, used = answer
        else:
            found = self.evaluate(of, variables)
        return self._follow(found, steps[used:], place, variables)

    def _follow(self, value: Value, steps: Sequence[Step], place: Place, variables: Variables) -> Value:
        for number, step in enumerate(steps):
            if self.trying and isinstance(value, (Symbol, Variable, access.Absent)):
                self.guesses += 1
            if step.each is not None:
                value = self._splat(value, step.each, place, variables)
            elif step.key is not None:
                value = access.index(value, self.evaluate(step.key, variables), place)
            else:
                value = access.attribute(value, step.name, place)
            if isinstance(value, Rest):
                return self._follow(Symbol(shortened(shown(value)), place=place), steps[number + 1 :], place, variables)
        return value

    def _splat(self, value: Value, each: tuple[Step, ...], place: Place, variables: Variables) -> Value:
        shown = written(Traversal(Name("", place), each, place))
        return access.splat(value, lambda item: self._follow(item, each, place, variables), shown, place)

    def _template(self, expression: Template, variables: Variables) -> Value:
        if len(expression.parts) == 1 and not isinstance(expression.parts[0], (TemplateIf, TemplateFor)):
            return self.evaluate(expression.parts[0], variables)
        return self._text(expression, variables)

    def _text(self, expression: Template, variables: Variables) -> Value:
        pieces = [self.evaluate(part, variables) for part in expression.parts]
        found = convert.joined(pieces, expression.place)
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
        rounds = list(self.rounds(over, expression.key, expression.value, variables))
        if None in rounds:
            raise NotKnown("it is not known what is gone through")
        pieces = [self._text(expression.body, inner) for inner in rounds if inner is not None]
        return convert.joined(pieces, expression.place)

    def _list(self, expression: ListOf, variables: Variables) -> Value:
        return Items(tuple(self._part(item, variables) for item in expression.items), False, expression.place)

    def _object(self, expression: ObjectOf, variables: Variables) -> Value:
        entries: dict[object, Entry] = {}
        for written_key, written_value in expression.entries:
            key = convert.plain_text(self.evaluate(written_key, variables))
            open_keys.put(entries, Entry(key, self._part(written_value, variables)))
        return Fields(tuple(entries.values()), expression.place)

    def _call(self, expression: Call, variables: Variables) -> Value:
        return self._caller.call(self, expression, variables)

    def _operation(self, expression: Operation, variables: Variables) -> Value:
        left = self.evaluate(expression.left, variables)
        if expression.operator in ("&&", "||"):
            return self._logical(expression, self.truth(left), variables)
        right = self.evaluate(expression.right, variables)
        try:
            sides = self._opened(left, right), self._opened(right, left)
            found = operations.operate(expression.operator, *sides, expression.place)
        except NotKnown:
            found = None
        if found is None:
            return self.unknown(expression, variables)
        return convert.marked(found) if left.sensitive or right.sensitive else found

    def _opened(self, value: Value, other: Value | None = None) -> Value:
        """A variable that is true or false as a choice; whether it is null is another question."""
        is_null = isinstance(other, Known) and other.value is None
        if isinstance(value, Variable) and not is_null and self.names.is_truth_value(value):
            return operations.of_variable(value)
        return value

    def _logical(self, expression: Operation, left: Value, variables: Variables) -> Value:
        deciding = expression.operator == "||"
        if isinstance(left, Known):
            if left.value is deciding:
                return Known(deciding, expression.place, left.sensitive)
            return self.truth(self.evaluate(expression.right, variables))
        if isinstance(left, Choice):
            return convert.choose(left, lambda one: self._logical(expression, one, variables))
        right = self.truth(self.evaluate(expression.right, variables))
        if isinstance(right, Known) and right.value is deciding:
            return Known(deciding, expression.place, right.sensitive)
        return self.unknown(expression, variables)

    def _negation(self, expression: Negation, variables: Variables) -> Value:
        of = self.evaluate(expression.of, variables)
        found = operations.negate(expression.operator, self.truth(of) if expression.operator == "!" else of)
        return self.unknown(expression, variables) if found is None else found

    def _conditional(self, expression: Conditional, variables: Variables) -> Value:
        condition = self.truth(self.evaluate(expression.condition, variables))
        # Where a condition has several outcomes, both are asked for more than once.
        then = lru_cache(maxsize=1)(lambda: self._side(expression.then, expression.otherwise, variables))
        otherwise = lru_cache(maxsize=1)(lambda: self._side(expression.otherwise, expression.then, variables))
        return self._decided(expression, condition, then, otherwise, variables)

    def _side(self, expression: Expression, other: Expression, variables: Variables) -> Value:
        """One side of a conditional, as the type that both have."""
        found = self.evaluate(expression, variables)
        if not may_change(found):
            return found
        try:
            beside = self.evaluate(other, variables)
        except Fault:
            return found
        try:
            return unified((found, beside))[0]
        except NotKnown:
            raise
        except Fault:
            # Terraform refuses it, unless the other side is not what it seems.
            return found

    def _decided(
        self,
        expression: Expression,
        condition: Value,
        then: Callable[[], Value],
        otherwise: Callable[[], Value],
        variables: Variables,
    ) -> Value:
        """One of two values, or both."""
        if isinstance(condition, Known):
            found = then() if condition.value else otherwise()
            return convert.marked(found) if condition.sensitive else found
        if isinstance(condition, Choice):
            return convert.choose(condition, lambda one: self._decided(expression, one, then, otherwise, variables))
        return self.unknown(expression, variables)

    def truth(self, value: Value) -> Value:
        """
        A value as a truth value; a variable that is one becomes a choice between true and false.

        Raises:
            Fault: it is none.
        """
        return convert.truth(self._opened(value))

    def _for(self, expression: For, variables: Variables) -> Value:
        over = self.evaluate(expression.over, variables)
        if isinstance(over, Choice):
            return convert.choose(over, lambda one: self._loop(expression, one, variables))
        return self._loop(expression, over, variables)

    def _loop(self, expression: For, over: Value, variables: Variables) -> Value:
        if isinstance(over, Choice):
            return convert.choose(over, lambda one: self._loop(expression, one, variables))
        rounds = self.rounds(over, expression.key, expression.value, variables)
        if expression.result_key is None:
            items = tuple(self._item(expression, inner, variables) for inner in rounds)
            found: Value = Items(tuple(item for item in items if item is not None), False, expression.place)
        else:
            found = self._object_of(expression, expression.result_key, rounds, variables)
        return convert.marked(found) if over.sensitive else found

    def _item(self, expression: For, inner: Variables | None, variables: Variables) -> Value | None:
        if inner is None:
            return Rest(self.unknown(expression, variables))
        if expression.condition is not None:
            condition = self.truth(self.evaluate(expression.condition, inner))
            if not isinstance(condition, Known):
                of = self.unknown(expression.result, inner)
                if convert.outcomes(condition) > MAX_OUTCOMES:
                    return Rest(of)
                return Maybe(holds(condition), self.value(expression.result, inner), of)
            if not condition.value:
                return None
        return self._part(expression.result, inner)

    def _object_of(
        self, expression: For, result_key: Expression, rounds: Iterator[Variables | None], variables: Variables
    ) -> Value:
        found: dict[object, list[Value]] = {}
        names: dict[object, Value] = {}
        for inner in rounds:
            if inner is None:
                raise NotKnown("it is not known what is gone through")
            if expression.condition is not None:
                condition = self.truth(self.evaluate(expression.condition, inner))
                if not isinstance(condition, Known):
                    raise NotKnown("whether an entry is there is not known")
                if not condition.value:
                    continue
            key = convert.plain_text(self.evaluate(result_key, inner))
            name = open_keys.name_of(key)
            if name in found and not expression.groups:
                raise Fault(f"two entries have the key {key.value if isinstance(key, Known) else shown(key)}")
            names[name] = key
            found.setdefault(name, []).append(self._part(expression.result, inner))
        if expression.groups:
            return Fields(open_keys.grouped(names, found, expression.place), expression.place)
        return Fields(tuple(Entry(names[name], values[0]) for name, values in found.items()), expression.place)

    def rounds(self, over: Value, key: str | None, value: str, variables: Variables) -> Iterator[Variables | None]:
        """
        The variables of each round of a loop; None for any number of rounds of which nothing is known.

        Raises:
            Fault: the value cannot be gone through.
        """
        if isinstance(over, Items):
            known = True
            for at, item in enumerate(over.items):
                if isinstance(item, Rest):
                    known = False
                    yield None
                    continue
                number: Value = item if over.is_set else Known(at)
                if key is not None and not known and not over.is_set:
                    yield None
                    continue
                yield {**variables, value: item, **({key: number} if key is not None else {})}
        elif isinstance(over, Fields):
            for entry in sorted(over.entries, key=_key_order):
                yield {**variables, value: entry.value, **({key: entry.key} if key is not None else {})}
        elif isinstance(over, Unknown):
            yield None
        else:
            raise Fault(f"it is {convert.what(over)}, and cannot be gone through")


def _key_order(entry: Entry) -> tuple[bool, str]:
    key = entry.key
    return (False, str(key.value)) if isinstance(key, Known) else (True, "")


_METHODS: dict[type[Expression], Callable[..., Value]] = {
    Literal: Evaluator._literal,
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
    For: Evaluator._for,
}
