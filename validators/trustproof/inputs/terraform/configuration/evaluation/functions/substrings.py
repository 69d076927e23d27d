"""
What a text begins with, ends with or holds, parts of it and its case: known, too, where that holds of whatever a text
becomes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from trustproof.inputs.terraform.configuration.evaluation.equality import known_start
from trustproof.inputs.terraform.configuration.evaluation.functions import registry
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function
from trustproof.inputs.terraform.configuration.evaluation.functions.texts import by_characters
from trustproof.inputs.terraform.configuration.values import convert, value_shapes
from trustproof.inputs.terraform.configuration.values.expression_names import short_name, value_text
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import UNSAID, Known, Symbol, Text, Value


@function(1)
def lower(context: Context, arguments: Sequence[Value]) -> Value:
    return _in_case(context, arguments[0], str.lower, "[A-Z]")


@function(1)
def upper(context: Context, arguments: Sequence[Value]) -> Value:
    return _in_case(context, arguments[0], str.upper, "[a-z]")


def _in_case(context: Context, value: Value, change: Callable[[str], str], changed: str) -> Value:
    """
    A text in another case.

    Args:
        changed: a regular expression for the letters of ASCII that become others.
    """
    text = convert.text(value)
    if not text.is_known and value_shapes.matches(text, rf"{changed}|[^\x00-\x7f]") is False:
        return text
    if isinstance(text, Text):
        return Text(tuple(_piece_in_case(context, one, change) for one in text.pieces), text.place, text.sensitive)
    plain = str(convert.plain(text))
    context.work.write(len(plain))
    return Known(_cased(plain, change(plain)), context.place)


def _piece_in_case(context: Context, piece: Value, change: Callable[[str], str]) -> Value:
    """
    A part of a text in another case; what is not known of it is another unknown value.

    Raises:
        NotKnown: it is one of several values, or may be a structure.
    """
    if isinstance(piece, Known):
        plain = str(convert.plain(convert.text(piece)))
        context.work.write(len(plain))
        return Known(_cased(plain, change(plain)), piece.place, piece.sensitive)
    is_one_of_several = type(piece) is Symbol and (bool(piece.among) or piece.kind == UNSAID)
    if type(piece) not in (Symbol, Variable) or is_one_of_several:
        raise NotKnown("a part of the text is not known")
    return Symbol(short_name(f"{change.__name__}({value_text(piece)})"), place=piece.place, sensitive=piece.sensitive)


def _cased(text: str, changed: str) -> str:
    """A text of which case was changed: what languages disagree about, libraries do too."""
    if not text.isascii() and (max(text) > "\u017f" or len(changed) != len(text) or "\u0130" in text):
        raise NotKnown("what another case of a letter is, is not known")
    return changed


@function(2)
def startswith(context: Context, arguments: Sequence[Value]) -> Value:
    text, prefix = (convert.text(argument) for argument in arguments)
    if not text.is_known and isinstance(prefix, Known):
        start, expected = known_start(text), str(prefix.value)
        if start.startswith(expected) or not expected.startswith(start):
            return Known(start.startswith(expected), context.place)
    return _is_found(context, (text, prefix), r"^{}", str.startswith)


@function(2)
def endswith(context: Context, arguments: Sequence[Value]) -> Value:
    return _is_found(context, arguments, r"{}\Z", str.endswith)


@function(2)
def strcontains(context: Context, arguments: Sequence[Value]) -> Value:
    return _is_found(context, arguments, "{}", str.__contains__)


def _is_found(context: Context, arguments: Sequence[Value], pattern: str, test: Callable[..., bool]) -> Value:
    """
    Whether a part is found in a text.

    Args:
        pattern: the regular expression that says the same of a text, with braces for the part.
        test: says it of a text that is known.
    """
    text, part = map(convert.text, arguments)
    expected = str(convert.plain(part))
    context.work.step(0 if text.is_known else value_shapes.STEPS)
    found = None if text.is_known else value_shapes.matches(text, pattern.format(re.escape(expected)))
    return Known(test(str(convert.plain(text)), expected) if found is None else found, context.place)


@function(3)
def substr(context: Context, arguments: Sequence[Value]) -> Value:
    """A part of a text by where it begins and how long it is; what a text surely begins with is known."""
    text, start, length = convert.text(arguments[0]), *map(registry.whole, arguments[1:])
    if not text.is_known and start >= 0 and length >= 0:
        known = "" if not length else known_start(text)
        # What follows may be a mark on the last of them.
        if start + length < len(by_characters(known)) or not length:
            return Known(known[start : start + length], context.place)
    return Known(_part(str(convert.plain(text)), start, length), context.place)


def _part(text: str, start: int, length: int) -> str:
    text = by_characters(text)
    first = start if start >= 0 else max(len(text) + start, 0)
    # From the end on, no length is all that is left.
    return text[first:] if length < 0 or (length == 0 and start < 0) else text[first : first + length]
