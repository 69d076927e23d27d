"""
JSON texts that are known in parts, as the structures that they are texts of.
"""

from __future__ import annotations

import re

from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, JsonText, Known, Symbol, Text, Value
from trustproof.inputs.text import json as json_reader

#: Stand around the number of a piece: inside a text, and where a value is expected. Private-use characters occur in no
#: policy.
_INSIDE, _BARE, _END = "\ue000", "\ue002", "\ue001"
_MARKS = re.compile(f"{_INSIDE}(\\d+){_END}")
_TAKEN = re.compile("[\ue000-\ue002]|\\\\u[eE]00", re.IGNORECASE)
#: What changes whether a character of JSON stands inside a text.
_QUOTES = re.compile(r'\\.|"', re.DOTALL)


def from_json_text(value: Value) -> Value:
    """
    A text that is JSON as the structure that it is the text of; any other value as it is.

    What is filled in where JSON has a value is one value that nobody knows, since its own text is a part of the JSON.
    """
    if not isinstance(value, Text):
        return value
    marked: list[str] = []
    inside = False
    for number, piece in enumerate(value.pieces):
        if isinstance(piece, Known):
            text = str(piece.value)
            if _TAKEN.search(text):
                return value
            for found in _QUOTES.finditer(text):
                inside = inside != (found[0] == '"')
            marked.append(text)
        else:
            marked.append(f"{_INSIDE}{number}{_END}" if inside else f'"{_BARE}{number}{_END}"')
    try:
        decoded = json_reader.decode("".join(marked))
    except (ValueError, RecursionError):
        return value
    return JsonText(_restored(decoded, value.pieces, value.place), value.place, value.sensitive)


def _restored(found: object, pieces: tuple[Value, ...], place: Place | None) -> Value:
    if isinstance(found, str):
        return _text(found, pieces, place)
    if isinstance(found, list):
        return Items(tuple(_restored(item, pieces, place) for item in found), False, place)
    if isinstance(found, dict):
        entries = (Entry(_text(key, pieces, place), _restored(inner, pieces, place)) for key, inner in found.items())
        return Fields(tuple(entries), place)
    return convert.value_of(found, place)


def _text(found: str, pieces: tuple[Value, ...], place: Place | None) -> Value:
    if found.startswith(_BARE):
        piece = pieces[int(found[1:-1])]
        if isinstance(piece, JsonText):
            return piece.of
        return Symbol(f"the JSON of {value_text(piece)}", place=place, sensitive=piece.sensitive)
    if _INSIDE not in found:
        return Known(found, place)
    parts = _MARKS.split(found)
    # Every second part is the number that the expression has captured.
    return convert.join_texts((pieces[int(part)] if at % 2 else Known(part) for at, part in enumerate(parts)), place)
