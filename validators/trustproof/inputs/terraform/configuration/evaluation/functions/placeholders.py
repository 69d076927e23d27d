"""
One text in the place of another in a text of which parts are not known: placeholders of policies.

https://developer.hashicorp.com/terraform/language/functions/replace
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from trustproof.inputs.terraform.configuration.evaluation.null_operands import may_be_null
from trustproof.inputs.terraform.configuration.values import convert, json_values
from trustproof.inputs.terraform.configuration.values.document_order import in_provider_order
from trustproof.inputs.terraform.configuration.values.expression_names import short_name, value_text
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.provider_documents import DocumentText
from trustproof.inputs.terraform.values.unset_variable import BOOL, NUMBER, Variable
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
    is_sensitive,
)

#: What stands in JSON nowhere but inside of a text, and as it is: it has a sign that neither a number nor a word has,
#: and none that is escaped.
_INSIDE_TEXTS = re.compile(r"(?=.*[^-+.\deEa-z])[^\"\\<>&{}\[\]:,\s\x00-\x1f\x7f\u2028\u2029]+")
#: What people write for something to be filled in, and no ARN, id or name of a resource has
#: (assumed, docs/terraform.md).
_PLACEHOLDER = re.compile(r".*[<>{}$%#|\s].*|[^a-z]*[A-Z][A-Z0-9_-]{4,}[^a-z]*", re.DOTALL)


def replaced(value: Value, old: str, new: Value) -> Value:
    """
    A text with a text in it replaced; what is unknown of it stays as it is, or is another unknown value.

    Args:
        value: a text, some of which is known.
        old: what is looked for, not empty.
        new: a text.

    Raises:
        NotKnown: what comes out is not known in any part.
    """
    replacement = _Replacement(old, new)
    if isinstance(value, JsonText) and replacement.is_inside_texts:
        of = in_provider_order(value.of) if isinstance(value, DocumentText) else value.of
        try:
            found = replacement.in_structure(of)
        except _OutOfText:
            pass
        else:
            if isinstance(value, DocumentText):
                return DocumentText(found, value.place, value.sensitive, is_minified=value.is_minified)
            return JsonText(found, value.place, value.sensitive)
    found = convert.plain_text(value)
    if not isinstance(found, (Known, Text)):
        raise NotKnown("the text is not known")
    is_json = isinstance(json_values.from_json_text(found), JsonText)
    return replacement.in_text(found, may_change=is_json)


class _OutOfText(Exception):
    """Only the text of a structure says what comes out."""


class _Replacement:
    def __init__(self, old: str, new: Value) -> None:
        self._old = old
        self._new = new
        self._is_plain = not isinstance(new, Known) or convert.to_json(new.value)[1:-1] == new.value
        self.is_inside_texts = _INSIDE_TEXTS.fullmatch(old) is not None and not isinstance(new, JsonText)
        self._keeps_attributes = _PLACEHOLDER.fullmatch(old) is not None

    # -- texts

    def in_text(self, value: Known | Text, *, may_change: bool) -> Value:
        """
        A text, piece by piece.

        Args:
            may_change: whether what is unknown may become something else that is unknown.
        """
        pieces = value.pieces if isinstance(value, Text) else (value,)
        if any(map(self._may_begin, pieces, pieces[1:])):
            raise NotKnown(f"whether {self._old} is in the text is not known")
        if not may_change and any(not isinstance(one, Known) and self._unknown(one) is not one for one in pieces):
            raise NotKnown("a part of the text is not known")
        found: list[Value] = []
        for piece in pieces:
            found += self._known(str(piece.value), piece) if isinstance(piece, Known) else (self._unknown(piece),)
        return _joined(found, value)

    def _may_begin(self, one: Value, other: Value) -> bool:
        """Whether what is looked for may begin in one of two pieces in a row and end in the other or behind it."""
        if all(self._keeps(piece) for piece in (one, other) if not isinstance(piece, Known)):
            return False
        if isinstance(one, Known):
            text = str(one.value)
            return any(text.endswith(self._old[:size]) for size in range(1, len(self._old)))
        if isinstance(other, Known):
            text = str(other.value)
            return any(text.startswith(self._old[-size:]) for size in range(1, len(self._old)))
        return True

    def _known(self, text: str, of: Value) -> Iterator[Value]:
        """A known text, in pieces."""
        for number, part in enumerate(text.split(self._old)):
            if number:
                yield self._new
            yield Known(part, of.place, of.sensitive)

    def _keeps(self, piece: Value) -> bool:
        """Whether what is looked for has nothing in common with what a value is that nobody knows."""
        if isinstance(piece, JsonText):
            return self.is_inside_texts and self._keeps(piece.of)
        return self._keeps_attributes and isinstance(piece, Attribute) and not may_be_null(piece)

    def _unknown(self, piece: Value) -> Value:
        if self._keeps(piece):
            return piece
        if isinstance(piece, JsonText):
            if not self.is_inside_texts:
                raise NotKnown("a part of the text is not known")
            try:
                return JsonText(self.in_structure(piece.of), piece.place, piece.sensitive)
            except _OutOfText:
                raise NotKnown("a part of the text is not known") from None
        return self._other(piece)

    def _other(self, of: Value) -> Symbol:
        """What a value becomes of which nobody knows what is replaced."""
        if not self._is_plain:
            # The quotation mark of it would end the text that it stands in.
            raise NotKnown("a part of the text is not known")
        name = short_name(f"replace({', '.join(map(value_text, (of, Known(self._old), self._new)))})")
        return Symbol(name, place=of.place, sensitive=is_sensitive(of) or self._new.sensitive)

    # -- structures

    def in_structure(self, value: Value) -> Value:
        """
        A structure in the texts of which a text is replaced.

        Raises:
            _OutOfText: what comes out is no such structure.
        """
        if isinstance(value, Known):
            return self._in_string(value, (value,)) if isinstance(value.value, str) else value
        if isinstance(value, Text):
            return self._in_string(value, value.pieces)
        if isinstance(value, Items):
            items = tuple(map(self.in_structure, value.items))
            return type(value)(items, value.is_set, value.place, value.sensitive)
        if isinstance(value, Fields):
            return self._in_object(value)
        if isinstance(value, Choice):
            return convert.both(
                value, partial(self.in_structure, value.then), partial(self.in_structure, value.otherwise)
            )
        if isinstance(value, Maybe):
            of, there = self.in_structure(value.of), self.in_structure(value.value)
            return Maybe(value.condition, there, of, value.place, value.sensitive)
        if isinstance(value, Rest):
            among = tuple(map(self.in_structure, value.among))
            return Rest(self.in_structure(value.of), value.place, value.sensitive, among)
        if isinstance(value, UntypedScalar):
            return UntypedScalar(self.in_structure(value.of))
        if isinstance(value, Variable) and value.kind in (NUMBER, BOOL):
            return value
        if isinstance(value, Unknown):
            return self._unknown(value)
        raise _OutOfText

    def _in_string(self, value: Value, pieces: Iterable[Value]) -> Value:
        known = [str(piece.value) for piece in pieces if isinstance(piece, Known)]
        if any("\\" in convert.to_json(text) for text in known):
            # What is escaped is other characters in the text that is gone through.
            raise _OutOfText
        if not self._is_plain and any(self._old in text for text in known):
            raise _OutOfText
        if isinstance(value, Known):
            return _joined(list(self._known(str(value.value), value)), value) if self._old in known[0] else value
        assert isinstance(value, Text)
        try:
            return self.in_text(value, may_change=True)
        except NotKnown:
            return self._other(value)

    def _in_object(self, value: Fields) -> Value:
        keys = [self.in_structure(entry.key) for entry in value.entries]
        known = [
            (str(entry.key.value), str(key.value))
            for entry, key in zip(value.entries, keys, strict=True)
            if isinstance(entry.key, Known) and isinstance(key, Known)
        ]
        ordered = [new for _, new in sorted(known)]
        if len(set(ordered)) < len(ordered) or ordered != sorted(ordered):
            # The text has the keys in the order that they had, and may have one of them twice.
            raise _OutOfText
        entries = (Entry(key, self.in_structure(entry.value)) for key, entry in zip(keys, value.entries, strict=True))
        return Fields(tuple(entries), value.place, value.sensitive, value.of)


def _joined(pieces: list[Value], value: Value) -> Value:
    """The text of pieces; one that has nothing beside it is what it is."""
    filled = [piece for piece in pieces if not (isinstance(piece, Known) and piece.value == "")]
    if len(filled) == 1 and isinstance(filled[0], Unknown):
        return filled[0]
    try:
        return convert.join_texts(pieces, value.place)
    except Fault:
        raise NotKnown("a part of the text is not known") from None
