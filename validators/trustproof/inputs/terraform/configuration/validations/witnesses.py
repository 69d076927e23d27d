"""
Whether expressions can come to what a counterexample takes for granted: at values of the variables that validations
admit.

https://developer.hashicorp.com/terraform/language/values/variables#custom-validation-rules
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.evaluation import types
from trustproof.inputs.terraform.configuration.module_values.module_context import (
    ModuleContext,
    ModuleWithNames,
    Remembered,
)
from trustproof.inputs.terraform.configuration.module_values.module_values import ModuleValues
from trustproof.inputs.terraform.configuration.module_values.truth_tables import NotDecided, TruthTable
from trustproof.inputs.terraform.configuration.module_values.variables import GivenVariables
from trustproof.inputs.terraform.configuration.syntax import syntax
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal, Name, Traversal
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.validations.example_values import (
    example_objects,
    example_values,
    literals,
)
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import names_in
from trustproof.inputs.terraform.configuration.values.work import Fault, Work
from trustproof.inputs.terraform.values.conditions import NULL, AllOf, AnyOf, Condition, Equal, Not, Outcome, Undecided
from trustproof.inputs.terraform.values.instances import RootVariable
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Choice, Fields, Items, Known, Symbol, Value, unknowns

#: So many combinations of values are tried for one counterexample, and so many counterexamples of a configuration.
MOST_COMBINATIONS, _MOST_ASKED = 600, 200
#: So many expressions may be made of each other.
_MOST_EXPRESSIONS = 20
#: The variable in a reference to it, or to a part of it.
_VARIABLE = re.compile(r"var\.[\w-]+")


#: What a name has that may be an expression over variables of the root module.
_NAMED = re.compile(r"\b(?:var|local)\.")
#: How the names of what an instance of any number has begin, where it is a text: it is tried out like a variable.
_OF_INSTANCE = re.compile(r"each\.(?:key|value) of ")


#: Types of variables, as they are written; a template without one takes a text.
_SCALARS, _LISTS = ("", "any", "string", "number", "bool"), ("list(string)", "set(string)")


class Wanted(NamedTuple):
    """An expression, and the text that it has to come to."""

    remembered: Remembered
    text: str


class Demanded(NamedTuple):
    """A validation, and the variables of the root module that it is about."""

    module: ModuleValues
    condition: Expression
    names: tuple[str, ...]


class Witnesses:
    """
    Looks for values of variables of a root module.

    Args:
        root: the root module.
        given: what is given to its variables.
        variables: as they are declared, by name.
        validating: the modules whose validations a variable decides about, by its name with ``var.``.
    """

    def __init__(
        self,
        root: ModuleValues,
        given: GivenVariables,
        variables: Mapping[str, RootVariable],
        validating: Mapping[str, Sequence[ModuleValues]],
    ) -> None:
        self._root = root
        self._given = given
        self._variables = variables
        self._validating = validating
        self._found: dict[tuple[tuple[str, str], ...], str | None] = {}
        self._admitted_values: dict[str, Sequence[str]] = {}
        #: All that is tried is counted together.
        self._work: Work = Work()

    def doubt(self, values: Mapping[str, str], conditions: Mapping[str, Sequence[str]]) -> str | None:
        """
        Why it is not known whether there is a deployment in which variables and expressions have some values; empty
        where there is one. None where nobody can tell: something else decides, too.

        Args:
            values: by the names of the variables and expressions.
            conditions: the names that are expressions, whatever they are called, with the references that decide them.
        """
        key = tuple(sorted(values.items()))
        if key not in self._found:
            if len(self._found) >= _MOST_ASKED:
                return None
            named = frozenset(conditions)
            try:
                found = self._doubt(dict(key), named)
            except (NotDecided, Fault, InputError):
                found = None
            self._found[key] = self._by_what_they_are_made_of(dict(key), conditions) if found is None else found
        return self._found[key]

    def decided_by(self, name: str) -> Sequence[str]:
        """The variables of the root module that decide an expression, by its name; empty where they are not known."""
        try:
            found = self._remembered(name, False)
            return () if found is None else [*dict.fromkeys(self._deciding(found, []))]
        except (NotDecided, Fault, InputError):
            return ()

    def admitted_values(self, name: str) -> Sequence[str]:
        """
        Texts that validations are known to admit as the value of a variable, with ``var.`` before its name; empty
        where they depend on another one, too.
        """
        if name not in self._admitted_values:
            try:
                self._admitted_values[name] = [*self._admitted_texts(name)]
            except (NotDecided, Fault, InputError):
                self._admitted_values[name] = ()
        return self._admitted_values[name]

    def _admitted_texts(self, name: str) -> Iterator[str]:
        declared = self._variables.get(name.removeprefix("var."))
        said: list[Expression] = []
        demanded = self._demanded((name,), said)
        is_text = declared is not None and declared.type in _SCALARS
        if is_text and all(one.names == (name,) for one in demanded):
            for text in self._examples(name, said, ()):
                with contextlib.suppress(Fault, InputError):
                    if all(self._admitted({name: text}, demanded)):
                        yield text

    def _by_what_they_are_made_of(
        self, values: Mapping[str, str], conditions: Mapping[str, Sequence[str]]
    ) -> str | None:
        known = self._root.shared.remembered

        def remembered(name: str) -> Remembered | None:
            # What is called by its module is called otherwise in there.
            found = known.get(name.replace("${", "{"))
            of_root = found is None and not name.startswith("module.") and "{" not in name
            return self._remembered(name, name in conditions) if of_root else found

        try:
            return TruthTable(remembered, conditions).doubt(values) if values.keys() & conditions.keys() else None
        except (NotDecided, Fault, InputError):
            return None

    def _doubt(self, values: Mapping[str, str], conditions: frozenset[str]) -> str | None:
        fixed: dict[str, str] = {}
        wanted: list[Wanted] = []
        deciding: dict[str, None] = {}
        said: list[Expression] = []
        for name, text in values.items():
            if (declared := self._variables.get(name.removeprefix("var."))) is not None and name.startswith("var."):
                fixed[name] = _as_given(text, declared.type)
            elif (found := self._remembered(name, name in conditions)) is not None:
                wanted.append(Wanted(found, text))
                said += _literals_in(found)
                deciding.update(dict.fromkeys(self._deciding(found, said)))
        demanded = self._demanded((*fixed, *deciding), said)
        if all(_is_part(one.remembered.expression) for one in wanted) and not demanded:
            # Of a part, its type says what it may be.
            return None
        if wanted and not deciding:
            return None
        about = (name for one in demanded for name in one.names)
        free = [name for name in dict.fromkeys((*deciding, *about)) if name not in fixed]
        tried = [self._examples(name, said, [one.text for one in wanted]) for name in free]
        # Of several variables fewer values are tried of each.
        most = int(MOST_COMBINATIONS ** (1 / max(len(free), 1)))
        for found_texts in product(*(one[:most] for one in tried)):
            texts = {**fixed, **dict(zip(free, found_texts, strict=True))}
            if self._is_met(texts, wanted, demanded):
                return ""
        if not wanted:
            return f"whether a validation admits the value of {', '.join(fixed)} is not known"
        named = [*fixed, *(one.remembered.name for one in wanted)]
        vain = f"no value of {', '.join(free or fixed)} that was tried makes"
        if len(named) > 1:
            return f"{', '.join(named)}: it is not known whether they can be so together: {vain} them"
        return f"whether {named[0]} can be so is not known: {vain} it"

    # -- what decides

    def _remembered(self, name: str, is_condition: bool) -> Remembered | None:
        found = self._root.shared.remembered.get(name)
        if found is None and (is_condition or (_NAMED.search(name) and not name.startswith("module."))):
            try:
                expression = syntax.parse_expression(SourceText("", name.encode("utf-8", "replace")))
            except InputError:
                raise NotDecided from None
            return Remembered(name, self._root, expression, {})
        return found

    def _deciding(self, wanted: Remembered, said: list[Expression]) -> Iterator[str]:
        """The variables of the root module that decide about an expression; what is evaluated for it is added."""
        waiting, seen = [wanted], {wanted.name}
        while waiting:
            if len(seen) > _MOST_EXPRESSIONS:
                raise NotDecided
            one = waiting.pop()
            said.append(one.expression)
            for value in _values(one):
                said += _scalars_in(value, one.expression)
                for unknown in unknowns(value):
                    if isinstance(unknown, Choice):
                        yield from _in_condition(unknown.condition)
                    elif isinstance(unknown, Symbol) and _OF_INSTANCE.match(unknown.name):
                        yield unknown.name
                    elif isinstance(unknown, Variable):
                        yield _of_root(unknown.name)
                    elif isinstance(unknown, Symbol) and unknown.name not in seen:
                        # By the name that a template has for it.
                        inner = self._root.shared.remembered.get(unknown.name.replace("${", "{"))
                        if inner is None:
                            raise NotDecided
                        seen.add(unknown.name)
                        waiting.append(inner)
                    elif not isinstance(unknown, Symbol):
                        raise NotDecided

    def _demanded(self, names: Sequence[str], said: list[Expression]) -> list[Demanded]:
        """The validations that are about some variables, of modules that are there in any case."""
        found: list[Demanded] = []
        for module in dict.fromkeys(module for name in names for module in self._validating.get(name, ())):
            blocks = module.module.variables.values() if module.condition is None else ()
            for validation in (one for block in blocks for one in block.body.blocks("validation")):
                condition = validation.body.argument("condition")
                if condition is None:
                    continue
                about = self._about(Remembered("", module, condition.expression, {}))
                if about.keys() & set(names):
                    said.append(condition.expression)
                    found.append(Demanded(module, condition.expression, tuple(about)))
        return found

    def _about(self, condition: Remembered) -> dict[str, None]:
        """The variables of the root module that a validation is about, as far as that is known."""
        found: dict[str, None] = {}
        with contextlib.suppress(NotDecided, Fault):
            for name in self._deciding(condition, []):
                found[name] = None
        return found

    # -- what is tried

    def _examples(self, name: str, said: Sequence[Expression], texts: Sequence[str]) -> list[str]:
        if _OF_INSTANCE.match(name):
            written, numbers = literals(said)
            return list(example_values(types.Type("string"), [*dict.fromkeys((*texts, *written))], numbers))
        declared = self._variables.get(name.removeprefix("var."))
        if declared is None:
            raise NotDecided
        if declared.allowed:
            return list(declared.allowed)
        block = self._root.module.variables[declared.name]
        argument = block.body.argument("type")
        kind = types.type_of(argument.expression) if argument is not None else types.Type(types.ANY)
        written, numbers = literals(said)
        # What is wanted of an expression may be the value itself, and is no key of one.
        found = (*texts, *written) if kind.name not in ("map", "object") else (*written, *texts)
        # Without a type, a text is given.
        objects = example_objects(written) if argument is not None and kind.name == types.ANY else ()
        return [*objects, *example_values(kind, [*dict.fromkeys(found)], numbers)]

    def _at_texts(self, texts: Mapping[str, str]) -> ModuleContext:
        given = self._given
        for name, text in texts.items():
            if not _OF_INSTANCE.match(name):
                given = given.with_text(name.removeprefix("var."), text)
        shared = self._root.shared.with_variables(given)
        shared.work = self._work
        return shared

    def _admitted(self, texts: Mapping[str, str], demanded: Sequence[Demanded]) -> Iterator[bool | None]:
        """Whether each validation admits some values; None where nobody knows."""
        shared = self._at_texts(texts)
        for one in demanded:
            evaluator = one.module.with_shared(shared).evaluator
            found = evaluator.truth(evaluator.value(one.condition, {}))
            yield found.value is True if isinstance(found, Known) else None

    def _is_met(self, texts: Mapping[str, str], wanted: Sequence[Wanted], demanded: Sequence[Demanded]) -> bool:
        try:
            if not all(self._admitted(texts, demanded)):
                return False
            shared = self._at_texts(texts)
            there = self._root.with_shared(shared)
            return all(self._comes_to(one, one.remembered.module.with_shared(shared), there, texts) for one in wanted)
        except (Fault, InputError):
            return False

    def _comes_to(self, wanted: Wanted, module: ModuleWithNames, root: ModuleValues, texts: Mapping[str, str]) -> bool:
        local = {name: _where(value, root, texts) for name, value in wanted.remembered.variables.items()}
        found = module.evaluator.value(wanted.remembered.expression, local)
        if not isinstance(found, Known):
            return False
        return (NULL if found.value is None else convert.scalar_text(found.value)) == wanted.text


def _as_given(text: str, type_: str) -> str:
    """A value as it is given on a command line; where a list stands, a policy has the text for one of it alone."""
    if type_ in _LISTS and text != NULL and "{" not in text:
        return json.dumps([text])
    if text == NULL or type_ not in _SCALARS:
        raise NotDecided
    return text


def _literals_in(remembered: Remembered) -> Iterator[Expression]:
    """What the names of loops around an expression stand for, which it may be compared with."""
    for value in remembered.variables.values():
        if isinstance(value, Known):
            yield Literal(value.value, remembered.expression.place)


def _scalars_in(value: Value, expression: Expression) -> Iterator[Expression]:
    """The keys of an object that is known, and the items of a list, which a variable may be one of."""
    found: Iterable[Value] = ()
    if isinstance(value, Fields):
        found = (entry.key for entry in value.entries)
    elif isinstance(value, Items):
        found = value.items
    yield from (Literal(one.value, expression.place) for one in found if isinstance(one, Known))


def _where(value: Value, root: ModuleValues, texts: Mapping[str, str]) -> Value:
    """What a name that holds only at a place stands for, where all that decides is certain texts."""
    if isinstance(value, Symbol) and value.name in texts:
        return Known(texts[value.name])
    if isinstance(value, Fields):
        entries = tuple(entry._replace(value=_where(entry.value, root, texts)) for entry in value.entries)
        return Fields(entries, value.place, value.sensitive, value.of)
    return _at(value, root) if isinstance(value, Variable) and not _OF_INSTANCE.match(value.name) else value


def _at(variable: Variable, root: ModuleValues) -> Value:
    """What a variable, or a part of one, is where the root module has values for all that decide."""
    expression = syntax.parse_expression(SourceText("", variable.name.encode("utf-8", "replace")))
    found = root.evaluator.value(expression, {})
    return types.SCALARS[variable.kind](found) if variable.kind else found


def _values(remembered: Remembered) -> Iterator[Value]:
    """What the names in an expression stand for."""
    for name, steps in names_in(remembered.expression):
        value = remembered.variables.get(name)
        if value is not None:
            for step in steps:
                # Of an object only what is asked for decides.
                if not isinstance(value, Fields) or step.name not in value.by_key:
                    break
                value = value.by_key[step.name]
            is_text = isinstance(value, Symbol) and len(steps) == 1 and _OF_INSTANCE.match(value.name)
            if not value.is_known and not isinstance(value, Variable) and not is_text:
                raise NotDecided
        else:
            answer = remembered.module.look_up(name, steps)
            value = answer[0] if answer is not None else None
        if value is not None:
            yield value


def _of_root(name: str) -> str:
    found = _VARIABLE.match(name)
    if found is None:
        raise NotDecided
    return found[0]


def _in_condition(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Equal):
        yield _of_root(condition.part_of or condition.name)
    elif isinstance(condition, (Undecided, Outcome)):
        if not condition.depends_on:
            raise NotDecided
        yield from map(_of_root, condition.depends_on)
    elif isinstance(condition, Not):
        yield from _in_condition(condition.of)
    elif isinstance(condition, (AllOf, AnyOf)):
        for one in condition.of:
            yield from _in_condition(one)
    else:
        raise NotDecided


def _is_part(expression: Expression) -> bool:
    """Whether an expression is a variable or a part of one."""
    return isinstance(expression, Traversal) and isinstance(expression.of, Name) and expression.of.name == "var"
