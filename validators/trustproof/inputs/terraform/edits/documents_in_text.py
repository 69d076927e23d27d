"""
Policy documents of a lowered template that are JSON text with parts which are not known, as the structures that they
are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

from trustproof.inputs.text import json as json_reader
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic
from trustproof.results.edit import Edit, Value, WrittenValue

#: Around what stands for a function; private-use characters occur in no policy.
_OPEN, _CLOSE = "\ue000", "\ue001"
#: Stands for a text that a reference gives.
_BLANK = "\ue002"
_MARK = re.compile(f"{_OPEN}([0-9a-f]*){_CLOSE}")


def with_structures(data: object, edits: Sequence[Edit]) -> object:
    """
    A template in which each text that edits lead into is the structure that it is.

    Args:
        data: of the whole template, which stays as it is.
        edits: their paths begin at its top.

    Raises:
        ValueError: a text that an edit leads into is no JSON before all of it is known.
    """
    if not any(_text_at(data, edit.path)[1] for edit in edits):
        return data
    out: Any = deepcopy(data)
    for edit in edits:
        way, text = _text_at(out, edit.path)
        while text:
            holder = out
            for step in way[:-1]:
                holder = holder[step]
            holder[way[-1]] = _structure(text)
            way, text = _text_at(out, edit.path)
    return out


def _text_at(data: object, path: Path) -> tuple[Path, Sequence[object]]:
    """The first text with unknown parts that a path leads into, with the path to it; empty where there is none."""
    here: Any = data
    for depth, step in enumerate(path):
        if isinstance(here, dict) and len(here) == 1 and "Fn::Join" in here and step != "Fn::Join":
            return path[:depth], here["Fn::Join"]
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            break
    return (), ()


def _structure(join: Sequence[object]) -> object:
    separator, parts = join
    if separator != "" or not isinstance(parts, list):
        raise ValueError(join)
    return _restored(json_reader.decode("".join(one if isinstance(one, str) else _marked(one) for one in parts)))


def _marked(function: object) -> str:
    return f"{_OPEN}{json.dumps(function).encode().hex()}{_CLOSE}"


def _restored(value: object) -> object:
    """A decoded value with its marks turned back into functions."""
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, dict):
        return {key: _restored(item) for key, item in value.items()}
    if not isinstance(value, str) or _OPEN not in value:
        return value
    found = [json.loads(bytes.fromhex(part)) if number % 2 else part for number, part in enumerate(_MARK.split(value))]
    parts = [one for one in found if one != ""]
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


def without_references(edit: Edit, data: object) -> Edit:
    """
    An edit in which something stands for each text with references to other parts of a configuration; what it replaces
    by its own words is as the template has it.
    """
    if edit.before is None or with_blanks(edit.before) == edit.before:
        return edit._replace(value=with_blanks(edit.value))
    said: Any = data
    for step in edit.path:
        said = said[step]
    return edit._replace(value=with_blanks(edit.value), before=WrittenValue(json.dumps(said)))


def with_blanks(value: Value | None) -> Value | None:
    """A value of an edit in which something stands for each text with references to other parts of a configuration."""
    if isinstance(value, Symbolic):
        return _BLANK
    if isinstance(value, Mapping):
        return {key: found for key, inner in value.items() if (found := with_blanks(inner)) is not None}
    if isinstance(value, tuple):
        return tuple(found for inner in cast("tuple[Value, ...]", value) if (found := with_blanks(inner)) is not None)
    return value


def is_filled_in(value: object, expected: object) -> bool:
    """Whether a value is what is expected, with a text that is known or made by a function for each reference."""
    if isinstance(value, list) and len(value) == 1 and not isinstance(expected, list):
        # A policy says the same by a list of one.
        return is_filled_in(value[0], expected)
    if expected == _BLANK:
        return bool(value) and isinstance(value, (str, dict))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(is_filled_in(value[key], expected[key]) for key in value)
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(is_filled_in, value, expected))
    return value == expected
