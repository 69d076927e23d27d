"""
Functions that take away what a text begins or ends with, and leave a policy what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function
from trustproof.inputs.terraform.configuration.values import convert, value_shapes
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.values.values import Fields, Items, JsonText, Known, Text, Value

#: https://pkg.go.dev/unicode#IsSpace
_WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


@function(1)
def chomp(_: Context, arguments: Sequence[Value]) -> Value:
    """A text without the ends of lines at its end."""
    return _stripped(arguments[0], "", "\r\n")


@function(1)
def trimspace(_: Context, arguments: Sequence[Value]) -> Value:
    """A text without white space around it."""
    # What Python takes for white space has separators of files and records, too.
    return _stripped(arguments[0], _WHITE_SPACE, _WHITE_SPACE)


@function(2)
def trim(_: Context, arguments: Sequence[Value]) -> Value:
    """A text without some characters around it."""
    characters = str(convert.plain(convert.text(arguments[1])))
    return _stripped(arguments[0], characters, characters)


@function(2)
def trimsuffix(_: Context, arguments: Sequence[Value]) -> Value:
    """A text without what it ends with, if it ends so."""
    found, suffix = convert.text(arguments[0]), str(convert.plain(convert.text(arguments[1])))
    if _is_bracketed(found) and suffix[-1:] not in ("}", "]"):
        return found
    if not isinstance(found, Text):
        return Known(str(convert.plain(found)).removesuffix(suffix), found.place, found.sensitive)
    *before, last = found.pieces
    known = str(last.value) if isinstance(last, Known) else ""
    if len(known) < len(suffix) and suffix.endswith(known):
        raise NotKnown("what a text ends with is not known")
    return _without_end(found, before, last, known.removesuffix(suffix))


def without_prefix(value: Value, prefix: str) -> Value:
    """
    A text without what it begins with, if it begins so.

    Raises:
        Fault: whether it does is not known, or it is no text.
    """
    found = convert.text(value)
    if _is_bracketed(found) and prefix[:1] not in ("{", "["):
        return found
    if not isinstance(found, Text):
        return Known(str(convert.plain(found)).removeprefix(prefix), found.place, found.sensitive)
    first, *after = found.pieces
    known = str(first.value) if isinstance(first, Known) else ""
    if len(known) < len(prefix) and prefix.startswith(known):
        raise NotKnown("what a text begins with is not known")
    return _without_end(found, after, first, known.removeprefix(prefix), is_start=True)


def _without_end(text: Text, others: Sequence[Value], end: Value, left: str, *, is_start: bool = False) -> Value:
    """A text of which so much is left of the first or the last piece."""
    kept = Known(left, end.place, end.sensitive) if isinstance(end, Known) else end
    return convert.join_texts((kept, *others) if is_start else (*others, kept), text.place)


def _is_bracketed(value: Value) -> bool:
    """Whether a value is the JSON of an object or a list, which begins and ends with a bracket."""
    return isinstance(value, JsonText) and isinstance(value.of, (Fields, Items))


def _stripped(value: Value, at_start: str, at_end: str) -> Value:
    """
    A text without some characters at its ends: it stands where it stood, as a policy in a heredoc does. Of one with
    something unknown at an end, nobody knows it.
    """
    found = convert.text(value)
    away = {*at_start, *at_end}
    is_kept = away <= {*_WHITE_SPACE} or (_is_bracketed(found) and not away & {*"{}[]"})
    if isinstance(found, JsonText) and is_kept:
        # Nothing stands around JSON.
        return found
    taken = "".join(map(re.escape, sorted(away)))
    if taken and not found.is_known and value_shapes.matches(found, rf"^[{taken}]|[{taken}]\Z") is False:
        return found
    if not isinstance(found, Text):
        return Known(str(convert.plain(found)).lstrip(at_start).rstrip(at_end), found.place, found.sensitive)
    pieces = [*found.pieces]
    if at_start:
        pieces[0] = _without(pieces[0], str(getattr(pieces[0], "value", "")).lstrip(at_start))
    pieces[-1] = _without(pieces[-1], str(getattr(pieces[-1], "value", "")).rstrip(at_end))
    return Text(tuple(pieces), found.place, found.sensitive)


def _without(piece: Value, left: str) -> Known:
    if not isinstance(piece, Known) or not left:
        raise NotKnown("what a text begins or ends with is not known")
    return Known(left, piece.place, piece.sensitive)
