"""
Values that a program gives in place of a text.

A part may stand in many places of one, as the aliases of a YAML document do: a few hundred bytes that double and double
again. What it would be written as is counted before it is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from trustproof.errors import InputError
from trustproof.escaping.text import shown
from trustproof.inputs.text.json import TOO_DEEP
from trustproof.inputs.text.source import Source
from trustproof.inputs.text.yaml import MAX_ALIASED
from trustproof.results.result import BUDGET

#: Of a whole number: Python writes none of more than 4,300 digits.
_MOST_BITS = 14_000


def given_source(name: str, value: Mapping[str, object]) -> Source:
    """
    The value as the JSON that it would be written as.

    Args:
        name: what it is called.

    Raises:
        InputError: it holds what JSON cannot, contains itself, is nested too deeply, or has parts in so many places
            that it is too much to be written out.
    """
    try:
        check_shared_parts(value)
        return Source(name, json.dumps(value, indent=2, ensure_ascii=False, default=_as_json))
    except (TypeError, ValueError) as error:
        said = str(error)
        raise InputError(said if said.startswith(BUDGET) else f"is not JSON: {said}", name) from None
    except RecursionError:
        raise InputError(f"{BUDGET}: {TOO_DEEP}", name) from None


def _as_json(part: object) -> object:
    """What is no value of JSON's own types: any other mapping, such as one that nobody may change, is an object."""
    if isinstance(part, Mapping):
        return dict(part)
    raise TypeError(f"{shown(part)} is no value of JSON")


def check_shared_parts(value: object) -> None:
    """
    See that a value can be walked through: every part as often as it stands somewhere.

    Raises:
        ValueError: it contains itself, or the parts that stand in several places hold more values than
            `MAX_ALIASED`, those inside each other counted as often as they occur.
    """
    #: By identity, how many values a part is; None for one that is being counted.
    sizes: dict[int, int | None] = {}
    #: What a mapping of a program's own makes anew stays there, so that no other part gets its identity.
    kept: list[object] = []
    shared = 0
    waiting: list[tuple[object, bool]] = [(value, False)]
    while waiting:
        part, is_counted = waiting.pop()
        if is_counted:
            sizes[id(part)] = 1 + sum(sizes.get(id(inner)) or 1 for inner in _inside(part))
            continue
        if id(part) in sizes:
            size = sizes[id(part)]
            if size is None:
                raise ValueError("it contains itself")
            shared += size
            if shared > MAX_ALIASED:
                raise ValueError(f"{BUDGET}: values of parts that stand in several places ({MAX_ALIASED})")
            continue
        sizes[id(part)] = None
        kept.append(part)
        waiting.append((part, True))
        waiting += ((inner, False) for inner in _inside(part) if isinstance(inner, (Mapping, list, tuple)))


def check_policy_values(value: object) -> None:
    """
    See that a value can be read as a policy: what `check_shared_parts` asks, texts for keys, and numbers that a text
    may have.

    Raises:
        ValueError: it cannot.
    """
    check_shared_parts(value)
    waiting, seen = [value], set[int]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            for key in part:
                if not isinstance(key, str):
                    raise ValueError(f"a key must be a text, got {shown(key)}")
        elif isinstance(part, int) and part.bit_length() > _MOST_BITS:
            raise ValueError("a number is too long")
        if id(part) not in seen:
            seen.add(id(part))
            waiting += _inside(part)


def _inside(part: object) -> Sequence[object]:
    if isinstance(part, Mapping):
        return tuple(part.values())
    return part if isinstance(part, (list, tuple)) else ()
