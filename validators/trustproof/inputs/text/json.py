"""
JSON texts as plain values, duplicate keys refused.

``json.loads`` does the work; places are computed for an error only.
"""

from __future__ import annotations

import json
import re
import sys
from math import isinf
from typing import NoReturn

from trustproof.errors import TemplateError
from trustproof.inputs.text.positions import OPEN, SourceMap, json_entries, json_root, mark_repeated_key

#: Python's own parser would follow the nesting to the end of its stack.
TOO_DEEP = "the nesting is too deep to be read"
#: Texts, for what stands in them to be none of the others; numbers, and what Python takes for some.
_TEXT = r'"(?:[^"\\]|\\.)*"'
_TOKEN = rf"{_TEXT}|-?(?:NaN|Infinity)|-?\d[\d.eE+-]*"
#: The same, and brackets.
_BRACKET = rf"{_TEXT}|[\[\]{{}}]"


class DuplicateKey(ValueError):
    """An object has the same key twice; `args` is the key."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKey(key)
            seen.add(key)
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _number(written: str) -> float | str:
    """A number; as it is written where it is too large to be one here."""
    found = float(written)
    return written if isinf(found) else found


#: One decoder for all texts: ``json.loads`` with options builds one per call.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_number)


def _marked(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    numbers: dict[str, int] = {}
    for key, value in pairs:
        numbers[key] = number = numbers.get(key, 0) + 1
        result[mark_repeated_key(key, number)] = value
    return result


_WITH_REPEATED = json.JSONDecoder(object_pairs_hook=_marked, parse_constant=_no_constant, parse_float=_number)
#: The same where a key may stand twice.
_LENIENT = json.JSONDecoder(parse_constant=_no_constant, parse_float=_number)


def decode(text: str) -> object:
    """
    The value of a JSON text.

    Raises:
        DuplicateKey: an object has the same key twice.
        json.JSONDecodeError: the text is not JSON, or has a number that is too long.
        RecursionError: the nesting is too deep.
    """
    try:
        return _decoded(text, _DECODER)
    except DuplicateKey:
        # A text that is no JSON further on is that first of all: nobody can look for keys in it.
        _decoded(text, _LENIENT)
        raise


def _decoded(text: str, decoder: json.JSONDecoder) -> object:
    try:
        return decoder.decode(text)
    except (json.JSONDecodeError, DuplicateKey):
        raise
    except ValueError:
        # What Python says of a number has no place, and ends with advice to programmers.
        raise json.JSONDecodeError(*_not_a_number(text)) from None


def _not_a_number(text: str) -> tuple[str, str, int]:
    """What is wrong with the first number that cannot be read in a text that is JSON up to there, and where it is."""
    most = sys.get_int_max_str_digits()
    for match in re.finditer(_TOKEN, text):
        written = match[0]
        if written.endswith(("NaN", "Infinity")):
            return f"there is no {written} in JSON", text, match.start()
        digits = written.removeprefix("-")
        if digits.isdecimal() and len(digits) > most:
            return f"a number of {len(digits)} digits is too long", text, match.start()
    raise AssertionError("there is one")


def load(text: str, file: str) -> object:
    """
    The value of a JSON file.

    Raises:
        TemplateError: with line and column: not JSON, nested too deeply, or an object has the same key twice.
    """
    try:
        return decode(text)
    except DuplicateKey as error:
        line, column = _duplicate(text)
        message = f"the key {json.dumps(error.args[0])} stands twice in one object"
        raise TemplateError(message, file, line, column) from None
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        raise TemplateError(f"not JSON: {message}", file, error.lineno, error.colno) from None
    except RecursionError:
        raise TemplateError(TOO_DEEP, file, *SourceMap(text).line_column(_deepest(text))) from None


def load_with_repeated_keys(text: str, file: str) -> tuple[object, bool]:
    """
    The value of a JSON file in which a key may stand twice in an object, and whether one does: behind the second is a
    mark, see `positions.repeated`.

    Raises:
        TemplateError: with line and column: not JSON.
    """
    try:
        return decode(text), False
    except DuplicateKey:
        return _decoded(text, _WITH_REPEATED), True
    except (json.JSONDecodeError, RecursionError):
        return load(text, file), False


def _deepest(text: str) -> int:
    """Where in a text the first of the brackets stands that most others are around."""
    depth = most = place = 0
    for match in re.finditer(_BRACKET, text):
        if match[0] in ("[", "{"):
            depth += 1
            if depth > most:
                most, place = depth, match.start()
        elif match[0] in ("]", "}"):
            depth -= 1
    return place


def _duplicate(text: str) -> tuple[int, int]:
    """Line and column of the first key that stands twice in its object."""
    found: list[int] = []
    spots = [json_root(text)]
    while spots:
        start, end, _ = spots.pop()
        seen: set[str | int] = set()
        for key, (key_start, _, spot) in json_entries(text, start) if end == OPEN else ():
            if key in seen:
                found.append(key_start)
            seen.add(key)
            spots.append(spot)
    return SourceMap(text).line_column(min(found))
