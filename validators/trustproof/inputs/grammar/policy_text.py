"""
Policy documents that a template holds as JSON text, parts of which may be unknown.
"""

from __future__ import annotations

import json
import re

from trustproof.inputs.grammar.left_over import is_left_over_text
from trustproof.inputs.grammar.values import LeftOverKey, OpenKey, Unreadable
from trustproof.inputs.text import json as json_reader
from trustproof.model.text import Symbol, Text, concat

#: Stands for the symbol with the number between these two; private-use characters occur in no policy.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = f"{_OPEN}(\\d+){_CLOSE}"


class NotJson(ValueError):
    """A text that is known completely is not a JSON object; `args` is why."""


def parse(text: Text) -> object:
    """
    The value of a JSON text; strings in it that hold a symbol become `Symbolic`.

    Raises:
        NotJson: the text is known, and is not JSON or has a key twice.
        Unreadable: a symbol stands where the structure is decided.
    """
    if isinstance(text, str):
        return _decoded(text)
    symbols = text.symbols
    numbers = iter(range(len(symbols)))
    marked = "".join(f"{_OPEN}{next(numbers)}{_CLOSE}" if isinstance(part, Symbol) else part for part in text.parts)
    try:
        return _restored(_decoded(marked), symbols)
    except NotJson:
        names = ", ".join(dict.fromkeys(symbol.name for symbol in symbols))
        raise Unreadable(f"the policy is text that is not JSON before {names} is known") from None


def _decoded(text: str) -> object:
    try:
        return json_reader.decode(text)
    except json_reader.DuplicateKey as error:
        raise NotJson(f"the key {json.dumps(error.args[0])} stands twice in one object") from None
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        raise NotJson(f"not JSON: {message} at line {error.lineno}, column {error.colno} of the text") from None
    except RecursionError:
        raise NotJson(json_reader.TOO_DEEP) from None


def _restored(value: object, symbols: tuple[Symbol, ...]) -> object:
    """A decoded value with its marks turned back into symbols."""
    if isinstance(value, str):
        return _text(value, symbols)
    if isinstance(value, list):
        return [_restored(item, symbols) for item in value]
    if isinstance(value, dict):
        return {_key(key, symbols): _restored(item, symbols) for key, item in value.items()}
    return value


def _key(value: str, symbols: tuple[Symbol, ...]) -> str:
    text = _text(value, symbols)
    if isinstance(text, str):
        return text
    return LeftOverKey(text) if is_left_over_text(text) else OpenKey(text)


def _text(value: str, symbols: tuple[Symbol, ...]) -> Text:
    if _OPEN not in value:
        return value
    parts = re.split(_MARK, value)
    # Every second part is the number that the expression has captured.
    return concat(symbols[int(part)] if index % 2 else part for index, part in enumerate(parts))
