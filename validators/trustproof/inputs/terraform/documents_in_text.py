"""
Policy documents of a lowered template that are JSON text with parts which are not known, as the structures that they
are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from trustproof.inputs.text import json as json_reader
from trustproof.model.policy import Path
from trustproof.results.edit import Edit

#: Around what stands for a function; private-use characters occur in no policy.
_OPEN, _CLOSE = "\ue000", "\ue001"
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
