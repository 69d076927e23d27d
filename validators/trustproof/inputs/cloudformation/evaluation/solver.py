"""
For which parameter values several conditions hold together.
"""

from __future__ import annotations

from collections.abc import Collection

from trustproof.aws.partitions import may_be_together
from trustproof.inputs.cloudformation.evaluation.comparison_sides import (
    choosing_comparisons,
    keys_in,
    put_deciding_names,
    single_symbol,
    solved_values,
    symbols_compared,
)
from trustproof.inputs.cloudformation.evaluation.conditions import (
    ConditionReader,
    Equality,
    is_admission,
    is_free,
    is_never,
)
from trustproof.inputs.cloudformation.evaluation.distinct_values import fresh_values, pseudo_values, values_of_symbol
from trustproof.inputs.cloudformation.evaluation.list_values import suggest_items, texts_of_list
from trustproof.inputs.cloudformation.evaluation.missing_entries import without_missing
from trustproof.inputs.cloudformation.evaluation.other_stacks import follow_expressions
from trustproof.inputs.cloudformation.evaluation.scope import Scope
from trustproof.inputs.cloudformation.evaluation.wanted_conditions import Decisions, WantedConditions
from trustproof.inputs.cloudformation.evaluation.work import OverBudget
from trustproof.inputs.cloudformation.parameters.rules import rules_about
from trustproof.inputs.cloudformation.parameters.samples import candidates
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.intrinsics import variables_of
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.policy import Guard
from trustproof.model.text import Symbol, Symbolic, Text

#: Partial assignments that `satisfy` tries before it gives up.
MAX_STEPS = 4000
#: What it costs to prepare a search: steps for each of its conditions, and one for so many rules.
_PREPARED, _LOOKED_AT = 4, 4
#: Names, each with a value that it has.
Pairs = Collection[tuple[str, str]]


def satisfy(scope: Scope, guards: tuple[Guard, ...], *, other_than: Pairs = ()) -> dict[str, str] | None:
    """
    Parameter values under which all guards hold; None where no deployment has them.

    A parameter that may stay at its default is not listed. A comparison whose outcome parameters do not tell may go
    either way: then the result has what it takes, by the name of a symbol or the `key` of an `Equality`.

    Args:
        scope: one that knows what is pinned, and no defaults.
        guards: names of conditions with a bool, names of parameters with text.
        other_than: names, each with a value that it shall not have.

    Raises:
        Undetermined: neither an assignment nor a proof that there is none was found.
    """
    try:
        with scope.environment.work.told():
            return _satisfy(scope, guards, other_than)
    except OverBudget as error:
        raise UndeterminedGuards(str(error)) from None


def _satisfy(scope: Scope, guards: tuple[Guard, ...], other_than: Pairs) -> dict[str, str] | None:
    here, linked_values = scope.environment, scope.environment.deployment.linked_values
    here.work.step(1 + (len(here.rules) + len(guards)) // _LOOKED_AT)
    fixed: dict[str, str] = {}
    wanted: dict[tuple[str, bool], None] = {}
    #: Conditions that depend on nothing, and on which nothing depends but who names them: each is as it is wanted.
    free: dict[str, str] = {}
    for guard in guards:
        if isinstance(guard.value, bool):
            if not is_free(scope, guard.name):
                wanted[guard.name, guard.value] = None
            elif free.setdefault(guard.name, str(guard.value).lower()) != str(guard.value).lower():
                return None
        elif fixed.setdefault(guard.name, guard.value) != guard.value or is_never(scope, guard.name, guard.value):
            return None
    required = [(name, True) for name in (linked_values.requirements if linked_values is not None else ())]
    wanted.update(dict.fromkeys(required))
    if any(fixed.get(name) == value for name, value in other_than):
        return None
    if here.rules:
        given = linked_values.values if linked_values is not None else {}
        about = (*guards, *(Guard(*one) for one in required), *(Guard(*one) for one in other_than))
        rules = rules_about(here.rules, here.conditions, about, here.bindings, given)
        wanted.update(dict.fromkeys((rule, True) for rule in rules))
    here.work.step(_PREPARED * len(wanted))
    return _Search(scope, fixed, [*wanted], other_than).run(free)


class _Search:
    """Assigns one parameter after the other until every wanted condition is decided the wanted way."""

    def __init__(self, scope: Scope, fixed: dict[str, str], wanted: list[tuple[str, bool]], other_than: Pairs) -> None:
        self.scope = scope
        self.fixed = fixed
        self.wanted = wanted
        self.other_than = other_than
        self.steps = 0
        #: Every text that something is compared with, in the order of the template.
        self.literals: dict[str, None] = dict.fromkeys(fixed.values())
        #: For each name, values that nothing is compared with.
        self.fresh: dict[str, list[str]] = {}
        #: What is demanded of parameters that are compared with something that is no literal.
        self.shapes: dict[object, list[str]] = {}
        #: The declarations that are to admit a name as it is.
        self.admitting: dict[str, list[Parameter]] = {}
        #: The texts that one name is compared with.
        self.own: dict[str, dict[str, None]] = {}
        self.names: dict[str, None] = {}
        #: The names of which not all cases are tried: of one that is compared as a whole, literals and a few fresh
        #: values are all.
        self.partial: set[str] = set()
        #: The names that are compared with one another.
        self.compared: list[tuple[str, str]] = []
        #: The names that are left open.
        self.open: set[str] = set()
        #: The conditions that have been looked into.
        self.seen: set[str] = set()
        self.conditions = WantedConditions(scope, wanted)
        for name, _ in wanted:
            self._collect_named(name)

    def run(self, given: dict[str, str]) -> dict[str, str] | None:
        """
        The assignment, or None where there is none.

        Args:
            given: how some conditions come out.
        """
        declared = self.scope.environment.parameters
        for name in self.names:
            if name in declared and not declared[name].listed:
                # One for each name that may have to differ.
                count, asked = len(self.names) + len(self.other_than), self.admitting.get(name, ())
                self.fresh[name], are_enough = fresh_values(declared[name], asked, self.literals, count)
                self.partial.update(() if are_enough else (name,))
        if len(self.shapes) > 1:
            # Whether two parameters have a value in common is only tried for values that suit both.
            for name in [name for names in self.shapes.values() for name in names]:
                self._in_part(name)
        self._spread()
        found = self._assign({**self.fixed, **given})
        if found is None and self.partial:
            # No value that was tried will do. Left open, their comparisons may go either way.
            self.open, self.steps = self.partial, 0
            found = self._assign({**self.fixed, **given})
        return found

    def _spread(self) -> None:
        """Let what must be equal to a name of which not all cases are tried be tried in part as well."""
        reached, equals = [*self.partial], dict[str, list[str]]()
        for one, other in self.compared:
            equals.setdefault(one, []).append(other)
        while reached:
            for other in equals.pop(reached.pop(), ()):
                if other in self.names and other not in self.partial:
                    self._in_part(other)
                    reached.append(other)

    def _assign(self, values: dict[str, str], known: tuple[Decisions, str] | None = None) -> dict[str, str] | None:
        # What is known is how the conditions come out without the last of the values, and what that is the value of.
        place = {**self.scope.values, **values}
        if not may_be_together(place.get("AWS::Region"), place.get("AWS::Partition")):
            return None
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise UndeterminedGuards(f"the conditions need more than {MAX_STEPS} combinations of parameters")
        found = self.conditions.decide(values, known)
        if any(state not in (None, holds) for state, (_, holds) in zip(found.states, self.wanted, strict=True)):
            return None
        if None not in found.states:
            kept = ((name, value) for name, value in values.items() if not name.startswith(ADMITS))
            return {name: value for name, value in kept if value != self._default(name)}
        opened = self.scope.opened(values)
        reading = ConditionReader(opened)
        reading.open.update(found.together())
        # Where nothing is left, nothing decides what a lookup of what is not there leaves undecided.
        left = without_missing(reading.open, opened, self.scope.opened({})) if values else reading.open
        for name, value in self._branch(reading, left, values) if left else ():
            one = {**values, name: value}
            if (name, value) not in self.other_than and (solved := self._assign(one, (found, name))) is not None:
                return solved
        return None

    def _default(self, name: str) -> str | None:
        parameter = self.scope.environment.parameters.get(name)
        return parameter.judged_default if parameter is not None else None

    # -- what to decide next

    def _branch(
        self, reading: ConditionReader, equalities: dict[str, Equality], values: dict[str, str]
    ) -> list[tuple[str, str]]:
        """What is to be decided next, and how it may be: a parameter, else a symbol, else a comparison as a whole."""
        for equality in equalities.values():
            for name in self._referred(equality):
                if name not in values and name not in self.open and (options := self._domain(name, equality)):
                    return [(name, option) for option in options if not is_never(self.scope, name, option)]
        followed = [follow_expressions(self.scope, side) for one in equalities.values() for side in one.sides]
        if inner := choosing_comparisons(reading, followed):
            # What an ``Fn::If`` gives is no value of its own: its condition decides it.
            return self._branch(reading, inner, values)
        pairs = symbols_compared(equalities, values)
        for _, symbol, _ in pairs:
            others = [other for inner, s, other in pairs if s == symbol and equalities[inner].admitting is None]
            # What a pattern admits is certain of texts alone.
            plain = symbol._replace(pattern=None) if all(isinstance(other, str) for other in others) else symbol
            simple = all(map(self._is_simple, (Symbolic((plain,)), *others)))
            if simple and (found := self._values_of(symbol, pairs, equalities)):
                return [(symbol.name, option) for option in found]
        for key, symbol, other in pairs:
            if isinstance(other, str):
                # One value for all its comparisons, so that it is not two things at once.
                parameter = self.scope.environment.parameters.get(symbol.name)
                may_be = parameter is None or parameter.refusal(other) is None
                return [(key, "false"), *([(symbol.name, other)] if may_be else [])]
        key = next(iter(equalities))
        return [(key, "false"), (key, "true")]

    def _referred(self, equality: Equality) -> list[str]:
        """The parameters in a comparison; last those that are a side by themselves, which can be what the other is."""
        there: dict[str, None] = {}
        put_deciding_names(self.scope, [*equality.sides], there, set())
        sides = {symbol.name for side in (equality.left, equality.right) if (symbol := single_symbol(side)) is not None}
        return sorted((name for name in there if name in self.names), key=lambda name: name in sides)

    def _is_simple(self, text: Text | None) -> bool:
        """Whether a text is known, or a symbol that can still be what another one is."""
        symbol = single_symbol(text)
        return isinstance(text, str) or (
            symbol is not None and symbol.pattern is None and symbol.name not in self.names
        )

    def _values_of(
        self, symbol: Symbol, pairs: list[tuple[str, Symbol, Text | None]], equalities: dict[str, Equality]
    ) -> list[str] | None:
        """The values of a symbol that is no parameter: what it is compared with, and one that nothing is."""
        own: dict[str, None] = {}
        for _, compared, other in pairs:
            if compared == symbol and other is not None:
                own.update(dict.fromkeys((other,) if isinstance(other, str) else other.choices))
        asked = [one.admitting for one in equalities.values() if one.admitting and single_symbol(one.left) == symbol]
        return values_of_symbol(symbol, asked, own)

    def _domain(self, name: str, equality: Equality) -> list[str]:
        """The values of a parameter that make a difference: its default first."""
        parameter = self.scope.environment.parameters.get(name)
        solved = solved_values(name, equality)
        if parameter is None:
            fresh = pseudo_values(self.scope, name) or tuple(candidates(Symbol(name, "pseudo-parameter"), ""))
            return [*dict.fromkeys((*fresh[:1], *solved, *self.own.get(name, ()), *fresh[1:], *self.literals))]
        default = self.scope.environment.declared.get(name, parameter).judged_default
        is_first = default is not None and (default == parameter.judged_default or not parameter.refusal(default))
        values = dict.fromkeys([default] if default is not None and is_first else [])
        if parameter.listed and not parameter.is_ssm:
            if parameter.is_list:
                # A list is any number of them.
                values.update((value, None) for value in self.own.get(name, ()) if parameter.refusal(value) is None)
            values.update(dict.fromkeys(parameter.listed))
            if parameter.is_list:
                values.update(dict.fromkeys((",".join(parameter.listed), ",".join(parameter.listed[:2]))))
            return [*values]
        values.update(dict.fromkeys(solved))
        values.update(self.own.get(name, {}))
        values.update(dict.fromkeys(self.fresh.get(name, ())))
        values.update(self.literals)
        # Two parameters that must be equal need a fresh value in common.
        values.update((value, None) for fresh_values in self.fresh.values() for value in fresh_values)
        return [value for value in values if value == parameter.judged_default or parameter.refusal(value) is None]

    # -- which names and literals occur

    def _collect_named(self, name: str) -> None:
        if name not in self.seen:
            self.seen.add(name)
            self._collect(self.scope.environment.conditions.get(name))

    def _collect(self, expression: object) -> None:
        if not isinstance(expression, dict):
            return
        for function, argument in expression.items():
            if function == "Condition" and isinstance(argument, str):
                self._collect_named(argument)
            elif function == "Fn::Equals" and isinstance(argument, list):
                self._equality(argument)
            elif function == ADMITS and is_admission(argument):
                self._admission(*argument)
            elif isinstance(argument, list):
                for part in argument:
                    self._collect(part)

    def _equality(self, written: list[object]) -> None:
        sides = [follow_expressions(self.scope, side) for side in written]
        for side, other in zip(sides, reversed(sides), strict=True):
            # What is one of several values is compared as a whole with a text alone.
            self._operand(side, whole=scalar_text(other) is not None or "Fn::If" not in str(side))
            name = side.get("Ref") if isinstance(side, dict) else None
            if isinstance(name, str) and isinstance(other, dict):
                self._shape(name)
                if isinstance(compared := other.get("Ref"), str):
                    self.compared.append((name, compared))
                if "Ref" not in other and name in self.names:
                    # It may have to be equal to what no literal is.
                    self._in_part(name)
            literal = scalar_text(other)
            if isinstance(name, str) and literal is not None:
                self.own.setdefault(name, {})[literal] = None
            self._items(side, other)

    def _admission(self, written: object, parameter: Parameter) -> None:
        """Note what a declaration is to admit."""
        value = follow_expressions(self.scope, written)
        name = value.get("Ref") if isinstance(value, dict) else None
        self._operand(value, whole="Fn::If" not in str(value))
        if isinstance(name, str) and parameter not in (asked := self.admitting.setdefault(name, [])):
            asked.append(parameter)
        self.literals.update(dict.fromkeys(parameter.allowed or ()))

    def _items(self, side: object, other: object) -> None:
        """Note the values of a parameter with items that one side of a comparison looks at."""
        found = suggest_items(side, other)
        parameter = None if found is None else self.scope.environment.parameters.get(found[0])
        if found is not None and parameter is not None and parameter.is_list <= (found[1] == ","):
            for items in found[2]:
                self.own.setdefault(found[0], {}).update(dict.fromkeys(texts_of_list(items, found[1], parameter)))

    def _shape(self, name: str) -> None:
        parameter = self.scope.environment.parameters.get(name)
        open_ = parameter is not None and not parameter.listed and name not in self.scope.values
        self.shapes.setdefault(parameter._replace(name="", default=None) if parameter and open_ else None, []).append(
            name
        )

    def _operand(self, side: object, *, whole: bool) -> None:
        """Note the parameters and literals in one side of a comparison."""
        if isinstance(side, (str, bool, int, float)):
            text = self.scope.text(side)
            assert isinstance(text, (str, Symbolic))
            self.literals.update({text: None} if isinstance(text, str) else {})
        elif isinstance(side, list):
            for item in side:
                self._operand(item, whole=False)
        elif isinstance(side, dict):
            for function, argument in side.items():
                self._function(function, argument, whole=whole)

    def _function(self, function: str, argument: object, *, whole: bool) -> None:
        if function == "Ref" and isinstance(argument, str):
            self._name(argument, whole=whole)
        elif function == "Fn::FindInMap" and isinstance(argument, list) and argument:
            table = self.scope.environment.mappings.get(argument[0]) if isinstance(argument[0], str) else None
            self.literals.update(dict.fromkeys(keys_in(table)))
            for key in argument[1:]:
                self._operand(key, whole=whole)
        elif function == "Fn::Sub":
            for name in variables_of(argument):
                self._name(name, whole=False)
            given = argument[1] if isinstance(argument, list) and len(argument) == 2 else None
            for value in given.values() if isinstance(given, dict) else ():
                self._operand(value, whole=False)
        elif function == "Fn::If" and isinstance(argument, list) and argument and isinstance(argument[0], str):
            # An expression of another stack is the one or the other.
            self._collect_named(argument[0])
            for branch in argument[1:]:
                self._operand(branch, whole=whole)
        else:
            self._operand(argument, whole=False)

    def _in_part(self, name: str) -> None:
        if name == "AWS::Region" and "AWS::Partition" in self.scope.values:
            # All Regions of a partition are tried.
            return
        parameter = self.scope.environment.parameters.get(name)
        if parameter is None or not parameter.listed or parameter.is_ssm or parameter.is_list:
            self.partial.add(name)

    def _name(self, name: str, *, whole: bool) -> None:
        parameter = self.scope.environment.parameters.get(name)
        if parameter is None and not name.startswith("AWS::"):
            return
        known = self.scope.values.get(name, self.scope.environment.bindings.get(name))
        if known is not None:
            self.literals.update({known: None} if isinstance(known, str) else {})
            return
        self.names[name] = None
        if not whole or (parameter is not None and parameter.is_list):
            self._in_part(name)
        if parameter is not None and not parameter.is_ssm:
            # Another parameter may be compared with this one.
            self.literals.update(dict.fromkeys((*parameter.listed, parameter.default or "")))
