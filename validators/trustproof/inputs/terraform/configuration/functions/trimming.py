"""
Functions that take away what a text begins or ends with, and leave a policy what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.configuration import convert
from trustproof.inputs.terraform.configuration.functions.registry import Context, function
from trustproof.inputs.terraform.configuration.work import NotKnown
from trustproof.inputs.terraform.values import JsonText, Known, Text, Value

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


def _stripped(value: Value, at_start: str, at_end: str) -> Value:
    """
    A text without some characters at its ends: it stands where it stood, as a policy in a heredoc does. Of one with
    something unknown at an end, nobody knows it.
    """
    found = convert.text(value)
    if isinstance(found, JsonText):
        # Nothing stands around JSON.
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
