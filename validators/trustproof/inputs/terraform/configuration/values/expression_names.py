"""
Expressions and values as text: what an unknown value is called. What is called the same is the same value, so nothing
that tells two of them apart is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Conditional,
    Expression,
    For,
    ListOf,
    Literal,
    Mentions,
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
from trustproof.inputs.terraform.values.conditions import Scalar
from trustproof.inputs.terraform.values.values import (
    UNSAID,
    Choice,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)
from trustproof.model.sensitive_names import sensitive_name

#: Names that are longer are cut, and end in a digest of what is cut off.
_MAX = 100
#: An address is shown whole, up to a length: its end says what it is (``…_role_arn``), and it can be looked up.
_ADDRESS = re.compile(r'(?:[\w.-]|\["?[\w.-]*"?\]){1,300}')
#: Why the value of a call is not known whose function is not read.
FUNCTION_NOT_READ = "its function is not read"
#: The key in an address that is written as a text.
_KEYS = re.compile(r"\[[^\]]*\]")
#: Of texts, numbers and truth values, which there are thousands of.
_JSON = json.JSONEncoder(ensure_ascii=False)
_CUT = re.compile("… #[0-9a-f]{8}")


def short_name(name: str) -> str:
    """A name of a length that can be shown, as unique as it was."""
    if len(name) <= _MAX or _ADDRESS.fullmatch(name):
        return name
    return f"{name[: _MAX - 12]}… #{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def is_shortened(name: str) -> bool:
    """Whether a name is one of which a part was cut off."""
    return _CUT.search(name) is not None


def expression_name(expression: Expression, module: str, variables: Mapping[str, Value]) -> str:
    """
    What the value of an expression is called.

    Args:
        module: the address of the module instance that it stands in, with a dot behind it; empty for the root.
        variables: what the names that hold only there stand for.
    """
    where = "".join(f"; {name} = {value_text(value)}" for name, value in sorted(variables.items()))
    try:
        text = expression_text(expression)
    except RecursionError:
        text = _placed(expression)
    return short_name(f"{module}{text}{where}")


def _placed(expression: Expression) -> str:
    return f"what is at {expression.place.file}:{expression.place.line}:{expression.place.column}"


def _scalar(value: Scalar) -> str:
    return _JSON.encode(value)


def value_text(value: Value) -> str:
    """A value as it might be written; what is sensitive by its place, and where several stand there by its number."""
    if value.sensitive and not isinstance(value, Unknown):
        where = value.place
        place = "" if where is None else f"{where.file}:{where.line}:{where.column}"
        return sensitive_name(place, _as_written(value))
    return _as_written(value)


def _as_written(value: Value) -> str:
    if isinstance(value, Known):
        return _scalar(value.value)
    if isinstance(value, Choice):
        return f"{value.condition.shown} ? {value_text(value.then)} : {value_text(value.otherwise)}"
    if isinstance(value, Unknown):
        return value.shown
    if isinstance(value, Items):
        return f"[{', '.join(map(value_text, value.items))}]"
    if isinstance(value, Fields):
        return f"{{{', '.join(f'{value_text(key)} = {value_text(inner)}' for key, inner in value.entries)}}}"
    if isinstance(value, Text):
        pieces = (str(p.value) if isinstance(p, Known) else f"${{{value_text(p)}}}" for p in value.pieces)
        return f'"{"".join(pieces)}"'
    if isinstance(value, Rest):
        return f"{value_text(value.of)}..."
    assert isinstance(value, JsonText), value
    return f"jsonencode({value_text(value.of)})"


def cut(written: str) -> str:
    """What is written, as far as a sentence has room for it."""
    return written if len(written) <= 60 else f"{written[:59].rstrip()}…"


def expression_text(expression: Expression) -> str:
    """An expression as it might be written."""
    if isinstance(expression, Literal):
        return _scalar(expression.value)
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Traversal):
        return expression_text(expression.of) + "".join(map(_step, expression.steps))
    if isinstance(expression, Call):
        arguments = ", ".join(map(expression_text, expression.arguments))
        if expression.name == "sensitive":
            place = expression.place
            return sensitive_name(f"{place.file}:{place.line}:{place.column}", arguments)
        return f"{expression.name}({arguments}{'...' if expression.expands else ''})"
    if isinstance(expression, (Operation, Negation, Conditional)):
        return _operation(expression)
    if isinstance(expression, (Template, TemplateIf, TemplateFor)):
        return f'"{_text(expression)}"'
    if isinstance(expression, NotRead):
        return _placed(expression)
    return _collection(expression)


def _operation(expression: Operation | Negation | Conditional) -> str:
    if isinstance(expression, Operation):
        return f"({expression_text(expression.left)} {expression.operator} {expression_text(expression.right)})"
    if isinstance(expression, Negation):
        return f"{expression.operator}{expression_text(expression.of)}"
    parts = (
        expression_text(expression.condition),
        expression_text(expression.then),
        expression_text(expression.otherwise),
    )
    return "({} ? {} : {})".format(*parts)


def _collection(expression: Expression) -> str:
    if isinstance(expression, ListOf):
        return f"[{', '.join(map(expression_text, expression.items))}]"
    if isinstance(expression, ObjectOf):
        entries = (f"{expression_text(key)} = {expression_text(value)}" for key, value in expression.entries)
        return f"{{{', '.join(entries)}}}"
    assert isinstance(expression, For), expression
    names = expression.value if expression.key is None else f"{expression.key}, {expression.value}"
    key = f"{expression_text(expression.result_key)} => " if expression.result_key is not None else ""
    condition = f" if {expression_text(expression.condition)}" if expression.condition is not None else ""
    body = f"for {names} in {expression_text(expression.over)} : {key}{expression_text(expression.result)}"
    groups = "..." if expression.groups else ""
    return f"{'{' if key else '['}{body}{groups}{condition}{'}' if key else ']'}"


def _step(step: Step) -> str:
    if step.each is not None:
        return "[*]" + "".join(map(_step, step.each))
    return f".{step.name}" if step.key is None else f"[{expression_text(step.key)}]"


def _text(expression: Expression) -> str:
    if isinstance(expression, Template):
        return "".join(map(_text, expression.parts))
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, TemplateIf):
        otherwise = _text(expression.otherwise)
        return f"%{{if {expression_text(expression.condition)}}}{_text(expression.then)}%{{else}}{otherwise}%{{endif}}"
    if isinstance(expression, TemplateFor):
        names = expression.value if expression.key is None else f"{expression.key}, {expression.value}"
        return f"%{{for {names} in {expression_text(expression.over)}}}{_text(expression.body)}%{{endfor}}"
    return f"${{{expression_text(expression)}}}"


def unknown(expression: Expression, name: str, reason: str, may_vary: bool) -> Symbol:
    """
    The symbol for an expression whose value nobody knows.

    One that nothing without a value has a part in, and one that a function makes which is not read, has one value: no
    other is made up for it.
    """
    if may_vary:
        return Symbol(name, reason=reason, place=expression.place)
    clause = f"the value of {name} is not known" + (f": {reason}" if reason else "")
    return Symbol(name, UNSAID, clause, expression.place)


def within(expression: Expression) -> Iterator[Expression]:
    """An expression and all in it."""
    waiting: list[object] = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting += part
        elif isinstance(part, Expression):
            yield part
            waiting += _parts(part)


def _parts(expression: Expression) -> list[object]:
    return [getattr(expression, name) for name in type(expression).__slots__]


def mentions(expression: Expression) -> Mentions:
    """
    What stands in an expression. Where it has no value, whatever it stands in may have none either, and asks the same:
    what is known of a part of it is not looked for again.
    """
    if expression.mentions is not None:
        return expression.mentions
    size, has_not_read = 0, False
    names: list[tuple[str, tuple[Step, ...]]] = []
    own: set[str] = set()
    waiting: list[object] = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting += part
        elif not isinstance(part, Expression):
            continue
        elif (known := part.mentions) is not None:
            size += known.size
            names += known.names
            own |= known.own
            has_not_read = has_not_read or known.has_not_read
        else:
            size += 1
            has_not_read = has_not_read or isinstance(part, NotRead)
            if isinstance(part, Name):
                names.append((part.name, ()))
            elif isinstance(part, Traversal) and isinstance(part.of, Name):
                names.append((part.of.name, part.steps))
                waiting.append(part.steps)
                continue
            elif isinstance(part, (For, TemplateFor)):
                own.update(name for name in (part.key, part.value) if name is not None)
            waiting += _parts(part)
    expression.mentions = found = Mentions(size, tuple(names), frozenset(own), has_not_read)
    return found


def names_in(expression: Expression) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The names in an expression, each with the steps behind it; those of its own loops are not among them."""
    found = mentions(expression)
    return ((name, steps) for name, steps in found.names if name not in found.own)


def is_constant(value: Unknown) -> bool:
    """Whether what is not known has one value all the same, since nothing without a value has a part in it."""
    return isinstance(value, Symbol) and value.kind == UNSAID


def free_names(expression: Expression, variables: Mapping[str, Value]) -> set[str]:
    """The names among some that an expression uses; those of its own loops may be among them."""
    return {name for name, _ in mentions(expression).names} & variables.keys() if variables else set()


def block_address(expression: Expression) -> str:
    """
    The address without keys that an argument like ``to`` of an ``import`` block names, whatever its keys are; empty
    for what is none. In JSON it is a text.
    """
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return _KEYS.sub("", expression.value)
    if isinstance(expression, Traversal) and isinstance(expression.of, Name):
        return ".".join((expression.of.name, *(step.name for step in expression.steps if step.name)))
    return ""
