"""
Texts in quotation marks without anything in them that means something else: most expressions are one, and the nodes
inside of them are not asked for.
"""

from __future__ import annotations

import re

from trustproof.inputs.terraform.configuration.syntax.expressions import Literal
from trustproof.inputs.terraform.configuration.syntax.source_text import PlaceInText, SourceText
from trustproof.inputs.terraform.values.place import Place

_TEXT = rb'"[^"\\$%\r\n]*"'
_ONE = re.compile(_TEXT)
_ENTRY = re.compile(rb"(%b) *[=:] *(%b)" % (_TEXT, _TEXT))


def literal(source: SourceText, start: int, end: int, fixed: Place | None) -> Literal | None:
    """
    The literal that stands between two offsets in bytes, if that is such a text.

    Args:
        fixed: its place, where that is not the one between the offsets.
    """
    return None if _ONE.fullmatch(source.content, start, end) is None else _literal(source, start, end, fixed)


def entry(source: SourceText, start: int, end: int, fixed: Place | None) -> tuple[Literal, Literal] | None:
    """Key and value of an entry of an object, if both are such texts; the arguments are those of `literal`."""
    found = _ENTRY.fullmatch(source.content, start, end)
    return None if found is None else (_literal(source, *found.span(1), fixed), _literal(source, *found.span(2), fixed))


def _literal(source: SourceText, start: int, end: int, fixed: Place | None) -> Literal:
    return Literal(source.content[start + 1 : end - 1].decode(), fixed or PlaceInText(source, start, end))
