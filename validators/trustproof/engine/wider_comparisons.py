"""
Comparisons with policy variables of which one holds wherever another does: ``StringLike k ${aws:username}*`` where
``StringEquals k ${aws:username}`` does.

Whatever the value of a variable is, it is the same in both, so it is read here as a character of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.engine.operands import SPECIAL, Variable, split_variables
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, covers, join

#: The first of the characters that stand for variables: Unicode gives them no meaning.
_FIRST = 0xF0000
#: More variables are not told apart.
_MOST = 64
_PRIVATE = "".join(chr(_FIRST + number) for number in range(_MOST))
#: A question mark is one character, and the value of a variable may be none, or several.
_ONE = Wildcard(_PRIVATE, True, False)
#: Operators to those that match no more with the same operands, each in its own way of reading them.
_NARROWER = {
    "StringEquals": ("StringEquals", "StringLike"),
    "StringLike": ("StringLike", "StringEquals"),
    "StringEqualsIgnoreCase": ("StringEqualsIgnoreCase", "StringEquals"),
    "ArnLike": ("ArnLike",),
}


def is_wider(wide_operator: str, wide_operands: Iterable[str], operator: str, operands: Iterable[str]) -> bool:
    """
    Whether one operator with its operands matches each value that another one with its operands matches.

    Args:
        wide_operator: ``StringEquals``, ``StringLike``, ``StringEqualsIgnoreCase`` or ``ArnLike``, without a set
            operator.
        wide_operands: the names of the keys in its variables are lower-cased.
    """
    if operator not in _NARROWER[wide_operator]:
        return False
    wide = [*wide_operands]
    return all(any(_is_within(one, operator, other, wide_operator) for other in wide) for one in operands)


def _is_within(text: str, operator: str, wide_text: str, wide_operator: str) -> bool:
    if text == wide_text and operator == wide_operator:
        return True
    if any(char >= _PRIVATE[0] for char in text + wide_text):
        return False
    pieces, wide_pieces = split_variables(text), split_variables(wide_text)
    variables = dict.fromkeys(one for one in (*pieces, *wide_pieces) if isinstance(one, Variable))
    if len(variables) > _MOST:
        return False
    characters = {one: chr(_FIRST + number) for number, one in enumerate(variables)}
    own = {one for one in pieces if isinstance(one, Variable)}
    # A variable without a default that is not there matches nothing; where it is there, a default is not used.
    meant = {
        one: characters[one if one in own or (bare := one._replace(default=None)) not in own else bare]
        for one in wide_pieces
        if isinstance(one, Variable)
    }
    return covers(_pattern(wide_pieces, meant, wide_operator), _pattern(pieces, characters, operator))


def _pattern(pieces: Iterable[str | Variable], characters: Mapping[Variable, str], operator: str) -> Pattern:
    out: list[str | Wildcard] = []
    for piece in pieces:
        if isinstance(piece, Variable):
            out.append(piece.key if piece.key in SPECIAL else characters[piece])
        elif operator == "StringLike":
            out += ({"*": ANY_RUN, "?": _ONE}.get(char, char) for char in piece)
        else:
            out.append(piece)
    return join(*out)
