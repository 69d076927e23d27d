"""
TOML files: read them, and say where in the text a key stands.

The standard library's parser keeps no positions, and a position is only needed once there is an error to show.
So it is found by a small search of the text, which gives up (None) on spellings it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from trustproof.errors import ConfigError
from trustproof.results.result import BUDGET

#: How the parser's messages begin that are about what never ends.
_UNCLOSED = ("invalid value", "unclosed", "unterminated", "expected \"'''\"", 'expected \'"""\'')
#: How many parts a dotted key may have: what the parser remembers of one grows with their square.
MAX_PARTS = 64
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"""(?<![\w.'"-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_PARTS}}}""")
#: Keys and indices from the root of the document; the index of an array of tables counts its ``[[headers]]``.
KeyPath = tuple[str | int, ...]
#: The first number that does not fit into 64 bits with a sign.
_TOO_LARGE = 1 << 63
_TOO_LONG = "not valid TOML: a whole number has more than 64 bits"


def parse_toml(text: str, file: str = "") -> dict[str, Any]:
    """
    The tables of a TOML document, with errors as those about ``trustproof.toml``.

    Args:
        text: the document.
        file: where it stands, for the message.

    Raises:
        ConfigError: the text is not TOML; line and column are those of the parser, and for what never ends the line is
            where it begins.
    """
    # Most runs have no configuration.
    import tomllib

    if long := _LONG_KEY.search(text):
        raise ConfigError(f"{BUDGET}: parts of a key ({MAX_PARTS})", file, text.count("\n", 0, long.start()) + 1)
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ConfigError("not valid TOML: nested too deeply", file) from None
    except ValueError as error:
        if not isinstance(error, tomllib.TOMLDecodeError):
            raise ConfigError(_TOO_LONG, file, _long_number(text)) from None
        message, line, column = _split_position(str(error), text)
        if column is None and message.startswith(_UNCLOSED):
            # The parser has gone on to the end; whoever is to close it looks for where it begins.
            line = max(_written(text).defined.values(), default=line)
            message += ": what begins here does not end"
        raise ConfigError(f"not valid TOML: {message}{_hint(text, line)}", file, line, column) from None
    _check_numbers(found, text, file)
    return found


def _long_number(text: str) -> int | None:
    """The line of the first number that has more digits than Python reads."""
    import tomllib

    for match in re.finditer(r"\d[\d_]{4000,}", text):
        try:
            tomllib.loads(text[: match.end()])
        except tomllib.TOMLDecodeError:
            # It is a part of a text, or of what goes on behind it.
            continue
        except ValueError:
            return text.count("\n", 0, match.start()) + 1
    return None


def _check_numbers(found: dict[str, Any], text: str, file: str) -> None:
    """
    Refuse numbers that are longer than TOML promises to take, whatever this parser takes: 64 bits.

    https://toml.io/en/v1.0.0#integer
    """
    waiting: list[tuple[KeyPath, Any]] = [((), found)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*keys, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend(((*keys, number), inner) for number, inner in enumerate(value))
        elif isinstance(value, int) and not -_TOO_LARGE <= value < _TOO_LARGE:
            raise ConfigError(_TOO_LONG, file, line_of(text, keys))


def _split_position(message: str, text: str) -> tuple[str, int | None, int | None]:
    """Split ``Invalid value (at line 3, column 7)`` into its three parts."""
    words, _, place = message.removesuffix(")").rpartition(" (at ")
    if not words:
        return _lowered(message), None, None
    if place == "end of document":
        return _lowered(words), max(1, len(text.splitlines())), None
    line, _, column = place.removeprefix("line ").partition(", column ")
    return _lowered(words), int(line), int(column)


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]


def _hint(text: str, line: int | None) -> str:
    """
    Advice where the syntax error is an account id without quotes.

    A number may not begin with a zero in TOML, and the parser's words about that help nobody.
    """
    lines = text.splitlines()
    if line is None or line > len(lines) or not re.search(r"""(?<![\w"'])0\d{11}(?![\w"'])""", lines[line - 1]):
        return ""
    return '; an account id is a string: write it in quotes, "012345678901"'


def line_of(text: str, keys: KeyPath, value: object = None) -> int | None:
    """
    The 1-based line where a key of a TOML document stands; of the first that it is a part of where it has none of its
    own (``accounts`` of ``[accounts.dev]``), and of its nearest table where it is not found.

    Args:
        text: the document.
        keys: from the root. A last index stands for an element of an array.
        value: what such an element is; it is found by what it looks like.
    """
    written = _written(text)
    if keys not in written.defined:
        below = [line for known, line in written.defined.items() if known[: len(keys)] == keys]
        if keys and below:
            return min(below)
    for length in range(len(keys), 0, -1):
        found = written.defined.get(keys[:length])
        if found is not None:
            is_element = length == len(keys) - 1 and isinstance(keys[-1], int)
            return _element(written.lines, found, value) if is_element else found
    return None


def line_at(text: str, number: int) -> str:
    """One line of a document, from 1."""
    return _written(text).lines[number - 1]


class _Written(NamedTuple):
    """
    A document as it stands in its file.
    """

    lines: tuple[str, ...]
    #: Every header and ``key =`` by its full key: the first line of it.
    defined: Mapping[KeyPath, int]


# A line is asked for of each waiver, and a file may have thousands; it may extend a few others.
@lru_cache(maxsize=4)
def _written(text: str) -> _Written:
    name = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
    header = re.compile(rf"\s*(\[\[?)\s*({name}(?:\s*\.\s*{name})*)\s*\]")
    setting = re.compile(rf"\s*({name}(?:\s*\.\s*{name})*)\s*=")
    part = re.compile(name)
    found: dict[KeyPath, int] = {}
    seen: dict[KeyPath, int] = {}
    table: KeyPath = ()
    lines = tuple(text.splitlines())
    for number, line in enumerate(lines, 1):
        if match := header.match(line):
            table = tuple(piece.strip("\"'") for piece in part.findall(match[2]))
            table = _inside(table, seen)
            if match[1] == "[[":
                index = seen.get(table, 0)
                seen[table] = index + 1
                table = (*table, index)
            found.setdefault(table, number)
        elif match := setting.match(line):
            found.setdefault((*table, *(piece.strip("\"'") for piece in part.findall(match[1]))), number)
    return _Written(lines, found)


def _inside(table: KeyPath, seen: Mapping[KeyPath, int]) -> KeyPath:
    """The key of a table: below an array of tables, it belongs to the last one there."""
    for length in range(1, len(table)):
        if table[:length] in seen:
            return (*table[:length], seen[table[:length]] - 1, *table[length:])
    return table


def _element(lines: Sequence[str], start: int, value: object) -> int:
    """The first line from `start` on that holds the value as an element of an array; else `start`."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    for number in range(start, len(lines) + 1):
        if written in lines[number - 1]:
            return number
    return start
