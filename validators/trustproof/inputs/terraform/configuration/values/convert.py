"""
From one type of value to another, and texts of several values.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from trustproof.inputs.terraform.configuration.syntax.numerals import may_be_number, number, numeral
from trustproof.inputs.terraform.configuration.values import set_order, value_shapes
from trustproof.inputs.terraform.configuration.values.document_order import in_provider_order
from trustproof.inputs.terraform.configuration.values.refused_cases import leave_out
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget
from trustproof.inputs.terraform.values.conditions import Scalar
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.provider_documents import DocumentText
from trustproof.inputs.terraform.values.unset_variable import BOOL, NUMBER, STRING, Variable
from trustproof.inputs.terraform.values.untyped_scalar import without_type
from trustproof.inputs.terraform.values.values import (
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Text,
    Unknown,
    Value,
    is_sensitive,
    unknowns,
)
from trustproof.results.result import BUDGET

NULL = Known(None)
TRUE, FALSE = Known(True), Known(False)

# https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert: a text that is 1 or 0 is one too.
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def what(value: Value) -> str:
    """The type of a value, for a reason."""
    if isinstance(value, Known):
        names = {bool: "a truth value", int: "a number", float: "a number", str: "a text"}
        return names.get(type(value.value), "null")
    if isinstance(value, Items):
        return "a set" if value.is_set else "a list"
    if isinstance(value, (Text, JsonText)):
        return "a text"
    return "an object" if isinstance(value, Fields) else "not known"


# -- one scalar


def scalar_text(value: Scalar) -> str:
    """A scalar as a text; ``null`` has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return numeral(value)
    if value is None:
        raise Fault("null is no text")
    return value


def text(value: Value) -> Value:
    """
    A value as a text.

    Raises:
        Fault: it is null, or has parts.
    """
    value = without_type(value)
    if isinstance(value, Known):
        if isinstance(value.value, str):
            return value
        return Known(scalar_text(value.value), value.place, value.sensitive)
    if isinstance(value, (Items, Fields, Rest)):
        raise Fault(f"it is {what(value)}, expected a text")
    if isinstance(value, Choice):
        return choose(value, text)
    return value.converted(STRING) if isinstance(value, Variable) else value


def plain_text(value: Value) -> Value:
    """
    A value as a text that is compared or taken apart: JSON is text then.

    Raises:
        Fault: it is null, or has parts.
    """
    found = text(value)
    return _as_text(found) if isinstance(found, JsonText) else found


def _scalar(value: Value) -> Value:
    """A value whose type is to be changed: JSON is the text that it is, and ``jsonencode(true)`` is ``true``."""
    value = without_type(value)
    return _as_text(value) if isinstance(value, JsonText) else value


def truth(value: Value) -> Value:
    """
    A value as a truth value.

    Raises:
        Fault: it is none.
    """
    value = _scalar(value)
    if isinstance(value, Known):
        if isinstance(value.value, bool):
            return value
        if isinstance(value.value, str) and value.value in _TRUTH:
            return Known(_TRUTH[value.value], value.place, value.sensitive)
    elif isinstance(value, Choice):
        return choose(value, truth)
    elif isinstance(value, Variable):
        if value.kind == NUMBER:
            raise Fault("it is a number, expected true or false")
        return value.converted(BOOL)
    elif isinstance(value, Unknown):
        return value
    elif isinstance(value, Text):
        raise NotKnown("whether the text is true or false is not known")
    raise Fault(f"it is {what(value)}, expected true or false")


def numeric(value: Value) -> Value:
    """
    A value as a number.

    Raises:
        Fault: it is none.
    """
    value = _scalar(value)
    if isinstance(value, Known):
        if isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
            return value
        if isinstance(value.value, str):
            found = number(value.value)
            if found is not None:
                return Known(found, value.place, value.sensitive)
            if may_be_number(value.value):
                raise NotKnown("the number has more digits than are kept")
    elif isinstance(value, Choice):
        return choose(value, numeric)
    elif isinstance(value, Variable):
        if value.kind == BOOL:
            raise Fault("it is a truth value, expected a number")
        return value.converted(NUMBER)
    elif isinstance(value, (Unknown, Text)) and value_shapes.may_be_number(value):
        return value_shapes.as_number(value)
    raise Fault(f"it is {what(value)}, expected a number")


# -- values that a condition decides


#: How many outcomes of conditions one value may have.
MAX_OUTCOMES = 64


def outcomes(value: Value) -> int:
    """How many values a value may be, as conditions decide; at most one more than there may be."""
    waiting = [value]
    count = 0
    while waiting and count <= MAX_OUTCOMES:
        found = waiting.pop()
        if isinstance(found, Choice):
            waiting += (found.then, found.otherwise)
        else:
            count += 1
    return count


def choose(choice: Choice, change: Callable[[Value], Value]) -> Value:
    """
    Both values of a choice, changed; one that cannot be leaves the other, since nothing is applied with it.

    Raises:
        Fault: neither can be changed, or there are too many.
    """
    if outcomes(choice) > MAX_OUTCOMES:
        raise OverBudget(f"{BUDGET}: outcomes of conditions for one value ({MAX_OUTCOMES})")
    return both(choice, lambda: change(choice.then), lambda: change(choice.otherwise))


def both(choice: Choice, then: Callable[[], Value], otherwise: Callable[[], Value]) -> Value:
    """
    A choice between two values that are made of those of another one.

    Raises:
        Fault: neither can be made.
    """
    try:
        first = then()
    except NotKnown:
        raise
    except Fault:
        leave_out(choice.condition, holds=True)
        return otherwise()
    try:
        second = otherwise()
    except NotKnown:
        raise
    except Fault:
        leave_out(choice.condition, holds=False)
        return first
    if is_same(first, second):
        return first
    return Choice(choice.condition, first, second, choice.place, choice.sensitive)


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are one known scalar, or the same object."""
    if one is other:
        return True
    if not isinstance(one, Known) or not isinstance(other, Known):
        return False
    return type(one.value) is type(other.value) and one.value == other.value


# -- texts of several values


def join_texts(pieces: Iterable[Value], place: Place | None) -> Value:
    """
    The text of texts in a row. One that has nothing beside it is what it is, where its author wrote it.

    Raises:
        Fault: one of them is no text.
    """
    pieces = [text(piece) for piece in pieces]
    filled = [piece for piece in pieces if not (isinstance(piece, Known) and piece.value == "" and not piece.sensitive)]
    if len(filled) == 1 and isinstance(filled[0], JsonText):
        return filled[0]
    if len(filled) == 1 and isinstance(filled[0], Known):
        return Known(scalar_text(filled[0].value), filled[0].place or place, filled[0].sensitive)
    found: list[Value] = []
    waiting: list[str] = []
    sensitive = False

    def flush() -> None:
        if waiting:
            found.append(Known("".join(waiting), place))
            waiting.clear()

    for piece in _flat(pieces):
        sensitive = sensitive or piece.sensitive
        if isinstance(piece, Known):
            waiting.append(scalar_text(piece.value))
        else:
            flush()
            found.append(piece)
    flush()
    if not found:
        return Known("", place, sensitive)
    if len(found) == 1 and isinstance(found[0], Known):
        return Known(found[0].value, place, sensitive)
    return Text(tuple(found), place, sensitive)


def _flat(pieces: Iterable[Value]) -> Iterator[Value]:
    for piece in pieces:
        made = _as_text(piece) if isinstance(piece, JsonText) else piece
        if isinstance(made, Text):
            yield from made.pieces
        else:
            yield made


def _as_text(value: JsonText) -> Value:
    """JSON as the text that it is; what is unknown and may be any value stays a `JsonText` in it."""
    if isinstance(value, DocumentText):
        indent = None if value.is_minified else "\n"
        pieces = tuple(_merged(_json_pieces(in_provider_order(value.of), indent, is_sorted=False), value.place))
        if len(pieces) == 1 and isinstance(pieces[0], Known):
            return Known(pieces[0].value, value.place, is_sensitive(value))
        return Text(pieces, value.place, is_sensitive(value))
    if value.of.is_known:
        return Known(to_json(plain(value.of)), value.place, is_sensitive(value.of))
    return Text(tuple(_merged(_json_pieces(value.of), value.place)), value.place, is_sensitive(value.of))


def _merged(pieces: Iterable[Value], place: Place | None) -> Iterator[Value]:
    waiting: list[str] = []
    for piece in pieces:
        if isinstance(piece, Known):
            waiting.append(str(piece.value))
            continue
        if waiting:
            yield Known("".join(waiting), place)
            waiting.clear()
        yield piece
    if waiting:
        yield Known("".join(waiting), place)


def _json_pieces(value: Value, line: str | None = None, *, is_sorted: bool = True) -> Iterator[Value]:
    """
    JSON in pieces.

    Args:
        line: what a line of it begins with, the end of the one before included; None for one line.
        is_sorted: whether the keys of objects are sorted, and not as they come.
    """
    inner = None if line is None else f"{line}  "
    if isinstance(value, Fields):
        entries = sorted(value.entries, key=entry_order) if is_sorted else value.entries
        for index, (key, of) in enumerate(entries):
            yield Known(("," if index else "{") + (inner or ""))
            yield from _json_pieces(key)
            yield Known(":" if line is None else ": ")
            yield from _json_pieces(of, inner, is_sorted=is_sorted)
        yield Known(f"{line or ''}}}" if value.entries else "{}")
    elif isinstance(value, Items) and is_ordered(value):
        for index, item in enumerate(value.items):
            yield Known(("," if index else "[") + (inner or ""))
            yield from _json_pieces(item, inner, is_sorted=is_sorted)
        yield Known(f"{line or ''}]" if value.items else "[]")
    elif isinstance(value, Text):
        yield Known('"')
        for piece in value.pieces:
            yield Known(to_json(piece.value)[1:-1]) if isinstance(piece, Known) else piece
        yield Known('"')
    elif value.is_known:
        yield Known(to_json(plain(value)))
    else:
        yield JsonText(value)


def entry_order(entry: Entry) -> tuple[bool, str]:
    key = entry.key
    return (False, str(key.value)) if isinstance(key, Known) else (True, "")


def to_json(value: object) -> str:
    """A plain value as Terraform writes it in JSON: keys sorted, and what HTML might trip over escaped."""
    found = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        if char in found:
            found = found.replace(char, f"\\u{ord(char):04x}")
    return found


# -- plain values


def plain(value: Value) -> Any:
    """
    A value as Python has it: a text, number, truth value, None, list or dict.

    Raises:
        NotKnown: something in it is unknown.
    """
    if isinstance(value, Known):
        found = value.value
        if isinstance(found, float) and "e" in repr(found):
            raise NotKnown("the number has more digits than are kept")
        return int(found) if isinstance(found, float) and found.is_integer() else found
    if isinstance(value, Items):
        if value.is_set and not is_ordered(value):
            raise NotKnown("the order of the set is not known")
        return [plain(item) for item in value.items]
    if isinstance(value, Fields):
        return {plain(key): plain(inner) for key, inner in value.entries}
    if isinstance(value, DocumentText):
        return plain(_as_text(value))
    if isinstance(value, JsonText):
        return to_json(plain(value.of))
    first = next(unknowns(value), None)
    raise not_known(first) if first is not None else NotKnown("it is not known")


def not_known(value: Unknown) -> NotKnown:
    """What to raise where a value has to be known: a budget that was reached for it is named, wherever that was."""
    return OverBudget(value.budget) if value.budget else NotKnown(f"{value.shown} is not known")


def is_ordered(value: Items) -> bool:
    """Whether it is known in which order Terraform goes through it."""
    return set_order.has_order(value)


def value_of(found: object, place: Place | None, sensitive: bool = False) -> Value:
    """A plain value as a value of Terraform."""
    if isinstance(found, dict):
        entries = (Entry(Known(str(key), place), value_of(inner, place, sensitive)) for key, inner in found.items())
        return Fields(tuple(entries), place, sensitive)
    if isinstance(found, (list, tuple)):
        return Items(tuple(value_of(item, place, sensitive) for item in found), False, place, sensitive)
    assert found is None or isinstance(found, (str, bool, int, float))
    return Known(found, place, sensitive)
