"""
Values of the variables of a root module: given by name, in files, and by default.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from copy import copy

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.evaluation import types
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.names import NoNames
from trustproof.inputs.terraform.configuration.modules.files import Files, RefusedFile
from trustproof.inputs.terraform.configuration.modules.modules import source_text
from trustproof.inputs.terraform.configuration.syntax import json_syntax, syntax
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Block
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Expression,
    ListOf,
    Literal,
    Operation,
)
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.validated_lengths import is_variable, least_of
from trustproof.inputs.terraform.configuration.values.validated_patterns import pattern_of
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, Work
from trustproof.inputs.terraform.values.instances import RootVariable
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import UNSAID, Entry, Fields, Known, Symbol, Value

#: Read without being named, in this order.
_ALWAYS = ("terraform.tfvars", "terraform.tfvars.json")
_AUTO = (".auto.tfvars", ".auto.tfvars.json")


class GivenVariables:
    """
    What is given to the variables of a root module.

    Args:
        files: of the configuration.
        directory: of the root module.
        texts: values by name, as they are given on a command line.
        var_files: paths of more files with values; a later one wins.
        unset: those whose defaults are not read.
        goes_on: whether what is wrong with a file that is read without being named is kept: then nothing is known of
            what it may give a value.

    Raises:
        InputError: a file cannot be read, or is not what it claims to be.
    """

    def __init__(
        self,
        files: Files,
        directory: str,
        texts: Mapping[str, str],
        var_files: Sequence[str] = (),
        unset: frozenset[str] = frozenset(),
        *,
        goes_on: bool = False,
    ) -> None:
        self._texts = texts
        self._unset = unset
        #: What is wrong with files.
        self.errors: list[InputError] = []
        self._arguments: dict[str, Argument] = {}
        self.sources: dict[str, SourceText] = {}
        names = files.names(directory) or ()
        for name in _named(names):
            path = os.path.join(directory, name) if directory != "." else name
            try:
                self._read(source_text(files, path))
            except RefusedFile as error:
                self._keep(InputError(f"cannot be read: {error}", path), goes_on=goes_on)
            except InputError as error:
                self._keep(error, goes_on=goes_on)
        for path in var_files:
            try:
                with open(path, "rb") as file:
                    content = file.read()
                content.decode()
            except OSError as error:
                raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", path) from None
            except UnicodeDecodeError:
                raise InputError("not UTF-8", path) from None
            self._read(SourceText(path, content))

    def _keep(self, error: InputError, *, goes_on: bool) -> None:
        if not goes_on or not error.file:
            raise error
        self.errors.append(error)
        # It wins over those before it.
        self._arguments.clear()

    def _read(self, source: SourceText) -> None:
        self.sources[source.file] = source
        if source.file.endswith(".json"):
            self._arguments.update(json_syntax.arguments(source))
        else:
            body = syntax.parse(source)
            for block in body.blocks():
                place = block.place
                message = f"a file of values has no blocks: write {block.type} = {{ … }}"
                raise InputError(message, source.file, place.line, place.column)
            self._arguments.update(body.arguments)

    def is_given(self, name: str) -> bool:
        """Whether somebody has given a variable a value."""
        return name in self._texts or name in self._arguments

    def is_unset(self, name: str) -> bool:
        """Whether the default of a variable is not read."""
        return name in self._unset or bool(self.errors)

    def is_at_default(self, name: str, block: Block) -> bool:
        """Whether one of them has the value of its default."""
        return not self.is_given(name) and not self.is_unset(name) and block.body.argument("default") is not None

    def with_text(self, name: str, text: str) -> GivenVariables:
        """The same where one of them has another value, as it is given on a command line."""
        found = copy(self)
        found._texts = {**self._texts, name: text}
        return found

    def without_defaults(self, names: frozenset[str]) -> GivenVariables:
        """The same where the defaults of some variables are not read."""
        found = copy(self)
        found._unset = self._unset | names
        return found

    def value(self, name: str, block: Block | None, evaluator: Evaluator) -> Value:
        """
        The value of a variable; unknown where nobody has given one.

        Raises:
            InputError: the value that was given is not one that the variable admits.
        """
        argument = self._arguments.get(name)
        kind = _kind(block)
        if name in self._texts:
            is_any = block is not None and block.body.argument("type") is not None and kind.name == types.ANY
            found = _from_text(self._texts[name], name, kind, is_any=is_any)
        elif argument is not None:
            found = Evaluator(NoNames(), _NoCalls(), evaluator.work).value(argument.expression, {})
        else:
            default = block.body.argument("default") if block is not None else None
            if self.errors:
                where = block.place if block is not None else None
                file = self.errors[0].file
                said = f"{file} may give var.{name} a value, and cannot be read"
                return Symbol(f"var.{name}", UNSAID, said, where, _is(block, "sensitive"))
            if default is None or name in self._unset:
                return _unset(name, block, kind)
            found = evaluator.value(default.expression, {})
        return self.as_declared(name, block, found, evaluator)

    def as_declared(self, name: str, block: Block | None, given: Value, evaluator: Evaluator) -> Value:
        """
        What a variable is where it is given a value: one of its type.

        Raises:
            InputError: the value that was given is not one that the variable admits.
        """
        if isinstance(given, Known) and given.value is None and _is(block, "nullable", False):
            given = self._not_null(name, block, given, evaluator)
        try:
            found = types.convert_to_type(given, _kind(block), lambda default: evaluator.value(default, {}))
        except Fault as fault:
            raise _refusal(name, block, given, fault.reason) from None
        return with_sensitivity(found) if _is(block, "sensitive") else found

    def _not_null(self, name: str, block: Block | None, found: Value, evaluator: Evaluator) -> Value:
        """What a variable that is never null is where it is given null."""
        default = block.body.argument("default") if block is not None else None
        value = evaluator.value(default.expression, {}) if default is not None else found
        if isinstance(value, Known) and value.value is None:
            raise _refusal(name, block, found, "it is null")
        return value


def _unset(name: str, block: Block | None, kind: types.Type) -> Variable:
    """A variable without a value."""
    found = Variable(
        f"var.{name}",
        block.place if block is not None else None,
        _is(block, "sensitive"),
        kind=kind.name if kind.name in types.SCALARS else "",
        is_nullable=not _is(block, "nullable", False),
        shape=types.shape_of(kind),
    )
    is_validated = block is not None and any(block.body.blocks("validation"))
    return found.validated(least_of(name, block)) if block is not None and is_validated else found


def _refusal(name: str, block: Block | None, value: Value, reason: str) -> InputError:
    place = value.place or (block.place if block is not None else None)
    where = (place.file, place.line, place.column) if place is not None else ()
    return InputError(f"the value of the variable {name} is not one that it admits: {reason}", *where)


def _named(names: Sequence[str]) -> Iterator[str]:
    yield from (name for name in _ALWAYS if name in names)
    yield from (name for name in names if name.endswith(_AUTO))


def _kind(block: Block | None) -> types.Type:
    argument = block.body.argument("type") if block is not None else None
    return types.type_of(argument.expression) if argument is not None else types.Type(types.ANY)


def _is(block: Block | None, name: str, wanted: bool = True) -> bool:
    argument = block.body.argument(name) if block is not None else None
    return argument is not None and getattr(argument.expression, "value", None) is wanted


def _from_text(text: str, name: str, kind: types.Type, *, is_any: bool) -> Value:
    """
    A value as it is given on a command line: of a text the text itself, of anything else an expression.

    Args:
        is_any: whether the variable says that it may be of any type: then it is one if it can be read as one.

    Raises:
        InputError: it is no expression.
    """
    if kind.name in ("string", "number", "bool") or (kind.name == types.ANY and not is_any):
        return Known(text)
    try:
        expression = syntax.parse_expression(SourceText("", text.encode("utf-8", "replace")))
    except InputError:
        if is_any:
            return Known(text)
        raise InputError(f"the value of the variable {name} is not an expression: {text}") from None
    found = Evaluator(NoNames(), _NoCalls(), Work()).value(expression, {})
    return found if found.is_known or not is_any else Known(text)


class _NoCalls:
    """In files with values no functions are called."""

    def call(self, evaluator: Evaluator, expression: Call, variables: Mapping[str, Value]) -> Value:
        """Nothing is."""
        raise NotKnown("functions are not called in files with values of variables")


# -- what is declared


def read_variable(name: str, block: Block, evaluator: Evaluator) -> RootVariable:
    """A variable of the root module as it is declared."""
    kind = block.body.argument("type")
    default = block.body.argument("default")
    allowed: tuple[str, ...] | None = None
    for validation in block.body.blocks("validation"):
        condition = validation.body.argument("condition")
        if condition is not None:
            allowed = allowed or _allowed(condition.expression, name, evaluator)
    if allowed:
        # Others of its validations may refuse some of them, whatever they are written like.
        kept = tuple(text for text in allowed if not _is_refused(block, name, text, evaluator))
        allowed = kept or allowed
    return RootVariable(
        name,
        types.type_text(kind.expression) if kind is not None else "",
        evaluator.value(default.expression, {}) if default is not None else None,
        _is(block, "sensitive"),
        allowed,
        pattern_of(name, block),
        block.place,
    )


def _is_refused(block: Block, name: str, text: str, evaluator: Evaluator) -> bool:
    """Whether a validation of a variable is known not to admit a value of it, whatever the others are."""
    kind = _kind(block).name
    with contextlib.suppress(Fault):
        value = types.SCALARS[kind](Known(text)) if kind in types.SCALARS else Known(text)
        variables = {"var": Fields((Entry(Known(name), value),))}
        for validation in block.body.blocks("validation"):
            condition = validation.body.argument("condition")
            with contextlib.suppress(Fault):
                found = evaluator.value(condition.expression, variables) if condition is not None else None
                if isinstance(found, Known) and found.value is False:
                    return True
    return False


def _allowed(expression: Expression, name: str, evaluator: Evaluator) -> tuple[str, ...] | None:
    """The values that a condition admits: ``contains(["a", "b"], var.x)``, or ``var.x == "a" || var.x == "b"``."""
    if isinstance(expression, Operation) and expression.operator == "&&":
        return _allowed(expression.left, name, evaluator) or _allowed(expression.right, name, evaluator)
    if isinstance(expression, Call) and expression.name == "contains" and len(expression.arguments) == 2:
        if not is_variable(expression.arguments[1], name) or not isinstance(expression.arguments[0], ListOf):
            return None
        found = evaluator.value(expression.arguments[0], {})
        values = convert.plain(found) if found.is_known else []
        if not values or not (_are(values, str) or _are(values, int)):
            return None
        return tuple(map(str, values))
    if isinstance(expression, Operation) and expression.operator == "||":
        left, right = (_allowed(side, name, evaluator) for side in (expression.left, expression.right))
        return (*left, *right) if left and right else None
    if isinstance(expression, Operation) and expression.operator == "==":
        for one, other in ((expression.left, expression.right), (expression.right, expression.left)):
            if is_variable(one, name) and isinstance(other, Literal) and isinstance(other.value, str):
                return (other.value,)
    return None


def _are(values: Sequence[object], kind: type) -> bool:
    return all(type(value) is kind for value in values)
