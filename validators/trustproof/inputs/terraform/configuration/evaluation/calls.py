"""
Calls of functions: those that take values, those that take expressions, and those that read files.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.functions import catalogue
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import (
    TO_THE_END,
    Context,
    Function,
    fields,
    items,
)
from trustproof.inputs.terraform.configuration.evaluation.known_lengths import least_length
from trustproof.inputs.terraform.configuration.evaluation.names import NoNames, OnlyGiven, Variables
from trustproof.inputs.terraform.configuration.evaluation.null_operands import (
    is_always_evaluated,
    may_be_null,
    nullable_in,
)
from trustproof.inputs.terraform.configuration.evaluation.split_and_joined import as_replace
from trustproof.inputs.terraform.configuration.modules.files import Files, RefusedFile
from trustproof.inputs.terraform.configuration.syntax.expressions import Call, Expression, Literal, Name, Traversal
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.syntax.syntax import parse_template
from trustproof.inputs.terraform.configuration.values import convert, value_shapes
from trustproof.inputs.terraform.configuration.values.expression_names import FUNCTION_NOT_READ, expression_text
from trustproof.inputs.terraform.configuration.values.refused_cases import LEFT_OUT, in_some_cases
from trustproof.inputs.terraform.configuration.values.role_arns import made_of_roles
from trustproof.inputs.terraform.configuration.values.sensitivity import is_derived, with_sensitivity
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget, Work, of_constants
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.place import Extent, FixedPlace, Place
from trustproof.inputs.terraform.values.scalar_null import WrittenNull
from trustproof.inputs.terraform.values.values import (
    WITHOUT_SCHEME,
    Attribute,
    Choice,
    Count,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Unknown,
    Value,
    is_sensitive,
)
from trustproof.inputs.terraform.values.yaml_texts import YamlText
from trustproof.results.result import BUDGET

#: How many combinations of what conditions decide are tried in one call.
MAX_CHOICES = 16
#: What differs each time, or from run to run.
_IMPURE = frozenset("bcrypt plantimestamp timestamp uuid".split())
_CONVERTS = frozenset("tobool tonumber tostring".split())
#: What has a value whatever is null in its argument.
_ADMITS_NULL = frozenset(("jsonencode", "yamlencode"))
#: What depends on the machine as well: what a file holds that is not at hand, and where directories are.
_OF_THE_MACHINE = frozenset("abspath fileset pathexpand".split())
_READS_FILES = frozenset("file filebase64 fileexists filemd5 filesha1 filesha256 filesha512 templatefile".split())


class FunctionCaller:
    """
    Calls functions for all modules of one configuration.

    Args:
        files: that functions may read.
        root: the directory of the root module, which paths are relative to.
    """

    def __init__(self, files: Files, root: str) -> None:
        self._files = files
        self._root = root
        self._texts: dict[str, SourceText] = {}
        #: What has been made sensitive, wherever that is.
        self.sensitive: list[Value] = []
        self._templates: dict[str, Expression] = {}

    def call(self, evaluator: Evaluator, expression: Call, variables: Variables) -> Value:
        """
        The value of a call.

        Raises:
            Fault: it has none.
        """
        name = expression.name.removeprefix("core::")
        if name in ("try", "can"):
            return self._tried(evaluator, expression, variables, name)
        if name in _IMPURE:
            place = expression.place
            where = f" at {place.file}:{place.line}:{place.column}" if name in ("uuid", "bcrypt") else ""
            return Symbol(f"{evaluator.names.address if where else ''}{name}(){where}", place=place)
        made = self._function(evaluator, name)
        arguments: list[Value]
        if made is None:
            # What is made sensitive in it is never shown.
            arguments = [evaluator.value(argument, variables) for argument in expression.arguments]
            return evaluator.unknown(expression, variables, _why(FUNCTION_NOT_READ, name, arguments))

        def unknown() -> Value:
            # Of YAML it is known what it says.
            is_read = name == "yamlencode" and isinstance(arguments[0], (Fields, Items))
            return evaluator.unknown(expression, variables, "" if is_read else _why("", name, arguments))

        def doubt() -> None:
            evaluator.guesses += 1

        context = Context(expression.place, evaluator.work, unknown, doubt)
        arguments = []
        try:
            arguments = self._arguments(evaluator, expression, variables)
            least, most = catalogue.ARITIES.get(name, (1, 2))
            if len(arguments) < least or (most is not None and len(arguments) > most):
                raise Fault(f"{name} was given {len(arguments)} arguments")
            guesses = evaluator.guesses
            if name in ("coalesce", "contains"):
                arguments = [evaluator.opened(argument, nullable=True) for argument in arguments]
            found = made_of_roles(name, arguments) or _called(name, made, context, arguments)
        except OverBudget:
            raise
        except NotKnown as reason:
            if (same := as_replace(expression)) is not None:
                with contextlib.suppress(Fault):
                    if not isinstance(found := self.call(evaluator, same, variables), Unknown):
                        return found
            found = evaluator.unknown(expression, variables, _why(reason.reason, name, arguments))
            return _with_size(found, name, arguments)
        if isinstance(found, WrittenNull):
            # What comes out has one type, which is not known here.
            found = Known(None, found.place)
        # Whatever has a value can be written as YAML, though nobody knows how.
        evaluator.guesses = guesses if isinstance(found, YamlText) else evaluator.guesses + _may_fail(name, found)
        if evaluator.trying and name not in _ADMITS_NULL and any(map(nullable_in, arguments)):
            evaluator.guesses += 1
        found = _with_marks(found, arguments, name)
        self.sensitive += [found] if name == "sensitive" or is_derived(found) else []
        return found

    def _arguments(self, evaluator: Evaluator, expression: Call, variables: Variables) -> list[Value]:
        if expression.name == "templatestring" and not _has_name(expression.arguments):
            raise Fault("a template is what has a name")
        if expression.name == "slice" and _goes_to_its_end(expression):
            return [*(evaluator.evaluate(argument, variables) for argument in expression.arguments[:2]), TO_THE_END]
        found = [_argument(evaluator, argument, variables) for argument in expression.arguments]
        if expression.expands:
            last = items(found.pop())
            if any(isinstance(item, Rest) for item in last.items):
                raise NotKnown("how many arguments there are is not known")
            found += last.items
        return found

    def _tried(self, evaluator: Evaluator, expression: Call, variables: Variables, name: str) -> Value:
        for number, argument in enumerate(expression.arguments):
            guesses = evaluator.guesses
            evaluator.trying += 1
            left_out: list[tuple[Condition, bool]] = []
            token = LEFT_OUT.set(left_out)
            try:
                with in_some_cases():
                    found = evaluator.evaluate(argument, variables)
            except OverBudget:
                raise
            except NotKnown as reason:
                return evaluator.unknown(expression, variables, reason.reason)
            except Fault:
                if evaluator.guesses > guesses:
                    return evaluator.unknown(expression, variables)
                continue
            finally:
                LEFT_OUT.reset(token)
                evaluator.trying -= 1
            # The only one has the value, since Terraform refuses it otherwise.
            if evaluator.guesses > guesses and (name != "try" or len(expression.arguments) > 1):
                return evaluator.unknown(expression, variables)
            found = Known(True, expression.place) if name == "can" else found
            if not left_out:
                return found
            condition, holds = left_out[0]
            is_one = all(one.shown == condition.shown and side is holds for one, side in left_out)
            if not is_one or not is_always_evaluated(argument):
                return evaluator.unknown(expression, variables)
            # Where it has no value, the next one is tried.
            rest = Call(name, expression.arguments[number + 1 :], expression.expands, expression.place)
            case = Choice(condition, found, found, expression.place)
            return _otherwise(case, partial(self._tried, evaluator, rest, variables, name), holds=holds)
        if name == "can":
            return Known(False, expression.place)
        raise Fault("no argument of try has a value")

    def _function(self, evaluator: Evaluator, name: str) -> Function | None:
        if name in _READS_FILES:
            return lambda context, arguments: self._of_file(evaluator, name, context, arguments)
        if name == "fileset":
            return self._fileset
        if name == "templatestring":
            return lambda context, arguments: self._templatestring(evaluator, context, arguments)
        return catalogue.FUNCTIONS.get(name)

    # -- files

    def _path(self, value: Value) -> str:
        path = str(convert.plain(convert.text(value)))
        return path if os.path.isabs(path) else posixpath.normpath(posixpath.join(self._root, path))

    def _content(self, path: str) -> bytes:
        try:
            return self._files.read(path)
        except RefusedFile as error:
            raise NotKnown(f"the file {path} is not read: {error}") from None
        except ValueError:
            raise Fault("it is no path") from None

    def _fileset(self, context: Context, arguments: Sequence[Value]) -> Value:
        """https://developer.hashicorp.com/terraform/language/functions/fileset"""
        directory, pattern = self._path(arguments[0]), str(convert.plain(convert.text(arguments[1])))
        inside, _, last = pattern.rpartition("/")
        if "**" in last or {*last} & {*"[{\\"} or {*inside} & {*"*?[{\\."}:
            raise NotKnown(FUNCTION_NOT_READ)
        directory = posixpath.join(directory, inside)
        try:
            names = self._files.listed(directory)
        except RefusedFile:
            raise NotKnown(FUNCTION_NOT_READ) from None
        context.work.step(len(names))
        found = (posixpath.join(inside, name) for name in names if fnmatchcase(name, last))
        return Items(tuple(Known(one, context.place) for one in found), True, context.place)

    def _of_file(self, evaluator: Evaluator, name: str, context: Context, arguments: Sequence[Value]) -> Value:
        path = self._path(arguments[0])
        content = self._content(path)
        context.work.write(len(content))
        if name == "fileexists":
            return Known(True, context.place)
        if name == "filebase64":
            return catalogue.digest("base64", content, context.place)
        if name.startswith("file") and name != "file":
            return catalogue.digest(name.removeprefix("file"), content, context.place)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise Fault(f"the file {path} is not UTF-8") from None
        self._texts.setdefault(path, SourceText(path, content))
        place = FixedPlace(Extent(path, 1, 1, max(2, text.find("\n") + 1), 0, len(text)))
        if name == "file":
            return Known(text, place)
        if path not in self._templates:
            self._templates[path] = _parsed(text, place)
        return self._filled(evaluator, self._templates[path], arguments, context.work)

    @property
    def texts(self) -> dict[str, SourceText]:
        """The files that functions have read, by what they are called."""
        return self._texts

    # -- texts with parts to fill in

    def _templatestring(self, evaluator: Evaluator, context: Context, arguments: Sequence[Value]) -> Value:
        text = str(convert.plain(convert.text(arguments[0])))
        return self._filled(evaluator, _parsed(text, context.place), arguments, context.work)

    def filled(self, text: str, variables: Value, place: Place, work: Work) -> Value:
        """
        A text with its parts filled in.

        Raises:
            Fault: it cannot be.
        """
        expression = _parsed(text, place)
        return Evaluator(NoNames(), self, work).evaluate(expression, _variables(variables))

    def _filled(self, evaluator: Evaluator, expression: Expression, arguments: Sequence[Value], work: Work) -> Value:
        inner = Evaluator(OnlyGiven(evaluator.names), self, work)
        inner.trying = evaluator.trying
        variables = _variables(arguments[1]) if len(arguments) > 1 else {}
        # What is nothing but an interpolation has the type of what is filled in.
        return inner.evaluate(expression, variables)


def _why(reason: str, name: str, arguments: Sequence[Value]) -> str:
    """Why a call has no value that is known."""
    if not arguments or name in _READS_FILES or name in _OF_THE_MACHINE or not all(one.is_known for one in arguments):
        return reason
    return of_constants(reason or f"what {name} makes of them")


def _may_fail(name: str, found: Value) -> bool:
    """Whether a function may have no value, as what becomes a number or a list."""
    is_host = isinstance(found, Attribute) and found.name.endswith(WITHOUT_SCHEME)
    # An ARN or an id is neither null nor empty.
    is_there = name == "coalesce" and isinstance(found, Attribute) and not may_be_null(found)
    is_open = (isinstance(found, Unknown) and not is_host) or (name in _CONVERTS and not found.is_known)
    return is_open and not is_there and not value_shapes.has_value(name, found)


def _argument(evaluator: Evaluator, expression: Expression, variables: Variables) -> Value:
    if isinstance(expression, Literal) and expression.value is None:
        return WrittenNull(expression.place)
    return evaluator.evaluate(expression, variables)


def _parsed(text: str, place: Place) -> Expression:
    try:
        return parse_template(text, place)
    except InputError as error:
        raise Fault(f"the text to fill in is malformed: {error.message}") from None


def _variables(value: Value) -> Variables:
    found: Fields = fields(value)
    return found.by_key


def _otherwise(case: Choice, other: Callable[[], Value], *, holds: bool) -> Value:
    """What has been found, and something else in the case that its condition holds, or does not."""

    def found() -> Value:
        return case.then

    return convert.both(case, other, found) if holds else convert.both(case, found, other)


#: What has all items of its arguments, and what has one of them at least.
_OF_ALL, _OF_ONE = (
    frozenset("keys merge reverse sort tolist values".split()),
    frozenset("distinct setunion toset".split()),
)


def _with_size(found: Value, name: str, arguments: Sequence[Value]) -> Value:
    """The value of a function that is not known, with what is known of how large it is."""
    if not isinstance(found, Symbol) or not arguments:
        return found
    least = max(map(least_length, arguments))
    if name == "length":
        return Count(found, least)
    if name == "split":
        # Of a text that is empty it gives one that is empty.
        is_filled = isinstance(arguments[0], Known) and arguments[0].value != ""
        found.least = int(is_filled)
    elif name in _OF_ALL or name == "coalescelist":
        found.least = max(least, int(name == "coalescelist"))
    elif name in _OF_ONE:
        found.least = min(least, 1)
    return found


def _has_name(arguments: Sequence[Expression]) -> bool:
    """Whether the first of some arguments refers to something, and is not written there."""
    return bool(arguments) and isinstance(arguments[0], (Name, Traversal))


def _goes_to_its_end(expression: Call) -> bool:
    """Whether a call of ``slice`` has the length of its list for the end."""
    if len(expression.arguments) != 3 or expression.expands:
        return False
    sliced, _, end = expression.arguments
    if not isinstance(end, Call) or end.name != "length" or len(end.arguments) != 1 or end.expands:
        return False
    return expression_text(end.arguments[0]) == expression_text(sliced)


class _TooManyChoices(OverBudget):
    """Conditions decide between too many combinations of arguments."""


def _called(name: str, made: Function, context: Context, arguments: Sequence[Value]) -> Value:
    """The value of a function, whatever conditions decide about its arguments."""
    try:
        return _distributed(made, context, arguments, [MAX_CHOICES])
    except _TooManyChoices:
        if (by_parts := catalogue.OF_CHOICES.get(name)) is None:
            raise
        return by_parts(context, arguments)


def _distributed(made: Function, context: Context, arguments: Sequence[Value], left: list[int]) -> Value:
    """The value of a function for each of the values that a condition decides between."""
    at = next((index for index, argument in enumerate(arguments) if isinstance(argument, Choice)), None)
    if at is None:
        return made(context, arguments)
    left[0] -= 1
    if left[0] < 0:
        raise _TooManyChoices(f"{BUDGET}: combinations of arguments that conditions decide about ({MAX_CHOICES})")
    choice = arguments[at]
    assert isinstance(choice, Choice)
    then, otherwise = (_settled(arguments, choice, holds=holds) for holds in (True, False))

    def value(settled: Sequence[Value]) -> Callable[[], Value]:
        return lambda: _distributed(made, context, settled, left)

    return convert.both(choice, value(then), value(otherwise))


def _settled(arguments: Sequence[Value], choice: Choice, *, holds: bool) -> list[Value]:
    """Arguments where a condition is decided."""
    return [
        (argument.then if holds else argument.otherwise)
        if isinstance(argument, Choice) and argument.condition.shown == choice.condition.shown
        else argument
        for argument in arguments
    ]


def _with_marks(found: Value, arguments: Sequence[Value], name: str) -> Value:
    if name in ("nonsensitive", "issensitive"):
        return found
    if any(argument.sensitive for argument in arguments):
        return with_sensitivity(found)
    # What is made JSON keeps its parts, of which each has its own mark.
    if not isinstance(found, (Items, Fields, JsonText)) and any(map(is_sensitive, arguments)):
        return with_sensitivity(found)
    return found
