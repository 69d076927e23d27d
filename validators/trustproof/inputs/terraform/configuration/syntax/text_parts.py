"""
The pieces of texts with parts to fill in, from how they are written to what is meant: escapes, indentation, blanks that
markers take away, and directives.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Expression,
    Literal,
    NotRead,
    Template,
    TemplateFor,
    TemplateIf,
)
from trustproof.inputs.terraform.values.place import Place
from trustproof.results.result import BUDGET

#: How many directives may stand inside each other.
MAX_NESTING = 50

TEXT, FILL, IF, ELSE, END_IF, FOR, END_FOR = "text", "fill", "if", "else", "endif", "for", "endfor"
#: Which of them say what is filled in, asked or gone through.
WITH_EXPRESSIONS = (FILL, IF, FOR)
#: What some nodes of the parser are.
KINDS = {
    "template_interpolation": FILL,
    "template_if_intro": IF,
    "template_else_intro": ELSE,
    "template_if_end": END_IF,
    "template_for_start": FOR,
    "template_for_end": END_FOR,
}

_QUOTED = re.compile(r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{')
_UNQUOTED = re.compile(r"\$\$\{|%%\{")
_SIMPLE = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\"}


@dataclass
class Piece:
    """
    A run of characters, something to fill in, or a directive.
    """

    kind: str
    place: Place
    text: str = ""
    #: Of what is filled in, a condition, or what a loop goes through.
    expression: Expression | None = None
    #: The names of a loop.
    key: str | None = None
    value: str = ""
    #: Whether blanks before and behind are taken away.
    strips_left: bool = False
    strips_right: bool = False


def template(pieces: list[Piece], place: Place, *, quoted: bool, flush: bool = False) -> Expression:
    """
    The text that pieces are.

    Args:
        quoted: whether backslashes escape.
        flush: whether the indentation that all lines have is taken away (``<<-``).
    """
    if not quoted:
        pieces = list(_by_line(pieces))
    # Blanks that are written as escapes are blanks: a marker takes them away, too.
    for piece in pieces:
        if piece.kind == TEXT:
            piece.text = unescape(piece.text, quoted=quoted)
    _strip(pieces)
    if flush:
        _flush(pieces)
    nesting = _Nesting(pieces, place)
    found = nesting.all()
    if nesting.too_deep is not None:
        # What ends those that are not entered seems to end nothing.
        return nesting.too_deep
    if not nesting.is_balanced:
        return NotRead("a directive in it ends what did not begin", place)
    if not found.parts:
        return Literal("", place)
    if len(found.parts) == 1 and isinstance(found.parts[0], Literal) and isinstance(found.parts[0].value, str):
        return Literal(found.parts[0].value, place)
    return found


def _by_line(pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if piece.kind != TEXT:
            yield piece
            continue
        yield from (Piece(TEXT, piece.place, line) for line in piece.text.splitlines(keepends=True))


def _strip(pieces: list[Piece]) -> None:
    for index, piece in enumerate(pieces):
        if piece.strips_left and index and pieces[index - 1].kind == TEXT:
            pieces[index - 1].text = pieces[index - 1].text.rstrip()
        if piece.strips_right and index + 1 < len(pieces) and pieces[index + 1].kind == TEXT:
            pieces[index + 1].text = pieces[index + 1].text.lstrip()


def _flush(pieces: list[Piece]) -> None:
    """Take away the indentation that all lines have; of a line of blanks nobody knows how deep it is."""
    least: int | None = None
    starts: list[Piece] = []
    at_start = True
    for piece in pieces:
        if at_start:
            bare = piece.text.lstrip() if piece.kind == TEXT else ""
            if piece.kind != TEXT:
                least = 0
            elif bare or not piece.text.endswith("\n"):
                depth = len(piece.text) - len(bare)
                least = depth if least is None else min(least, depth)
                starts.append(piece)
        at_start = piece.kind == TEXT and piece.text.endswith("\n")
    for piece in starts:
        piece.text = piece.text[least or 0 :]


def unescape(text: str, *, quoted: bool) -> str:
    """A text without its escapes."""
    if quoted:
        return _QUOTED.sub(_meant, text) if "\\" in text or "{" in text else text
    return _UNQUOTED.sub(_meant, text) if "{" in text else text


def _meant(found: re.Match[str]) -> str:
    written = found[0]
    if written[0] in "$%":
        return written[1:]
    if written[1] in "uU":
        number = int(written[2:], 16)
        # Half of a pair, or more than there are, is no character.
        return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
    return _SIMPLE[written]


class _Nesting:
    """Puts what stands between directives into them."""

    def __init__(self, pieces: list[Piece], place: Place) -> None:
        self._pieces = pieces
        self._place = place
        self._at = self._depth = 0
        #: Whether each end has its beginning: of ``%%%{ if c }`` only the end is a directive.
        self.is_balanced = True
        #: The first directive that stands inside too many others.
        self.too_deep: NotRead | None = None

    def all(self) -> Template:
        """Everything there is."""
        parts: list[Expression] = []
        while self._at < len(self._pieces):
            parts += self._until().parts
            self._ends("")
        return Template(_joined(parts), self._place)

    def _ends(self, kind: str) -> None:
        """Go on behind the directive that ends something, which has to be of a kind; empty where there is none."""
        found = self._pieces[self._at].kind if self._at < len(self._pieces) else ""
        self.is_balanced = self.is_balanced and found == kind
        self._at += 1

    def _until(self) -> Template:
        """What stands before the next directive that ends something."""
        parts: list[Expression] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            if piece.kind in (ELSE, END_IF, END_FOR):
                break
            self._at += 1
            if piece.kind == TEXT:
                parts.append(Literal(piece.text, piece.place))
            else:
                assert piece.expression is not None
                parts.append(self._directive(piece, piece.expression))
        return Template(_joined(parts), self._place)

    def _directive(self, piece: Piece, expression: Expression) -> Expression:
        if piece.kind == FILL:
            return expression
        if self._depth >= MAX_NESTING:
            found = NotRead(f"{BUDGET}: directives inside each other ({MAX_NESTING})", piece.place)
            self.too_deep = self.too_deep or found
            return found
        self._depth += 1
        block = self._block(piece, expression)
        self._depth -= 1
        return block

    def _block(self, piece: Piece, expression: Expression) -> Expression:
        body = self._until()
        if piece.kind == FOR:
            self._ends(END_FOR)
            return TemplateFor(piece.key, piece.value, expression, body, piece.place)
        otherwise = Template((), piece.place)
        if self._at < len(self._pieces) and self._pieces[self._at].kind == ELSE:
            self._at += 1
            otherwise = self._until()
        self._ends(END_IF)
        return TemplateIf(expression, body, otherwise, piece.place)


def _joined(parts: list[Expression]) -> tuple[Expression, ...]:
    """Neighbouring texts as one; the empty ones are left out."""
    found: list[Expression] = []
    waiting: list[str] = []
    place: Place | None = None
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.value, str):
            place = place or part.place
            waiting.append(part.value)
            continue
        _put(found, waiting, place)
        waiting, place = [], None
        found.append(part)
    _put(found, waiting, place)
    return tuple(found)


def _put(found: list[Expression], waiting: list[str], place: Place | None) -> None:
    text = "".join(waiting)
    if text and place is not None:
        found.append(Literal(text, place))
