"""
What a condition of a template says, with everything that it speaks of: two templates that agree on it decide it alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

_SECTIONS = ("Conditions", "Parameters", "Mappings")
#: Where these are, they may decide about any parameter.
_RULES = "Rules"
_NAME = re.compile(r"[A-Za-z0-9]+")


def definition(data: Mapping[str, object], name: str) -> tuple[tuple[str, str], ...]:
    """
    What decides about a name, as it is written: each condition, parameter and mapping that is spoken of, sorted.

    Args:
        data: the template.
        name: of a condition or a parameter.
    """
    sections = {section: found for section in _SECTIONS if isinstance(found := data.get(section), Mapping)}
    written: dict[str, str] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        for section, entries in sections.items():
            key = f"{section}/{one}"
            if one in entries and key not in written:
                written[key] = json.dumps(entries[one], sort_keys=True, default=str)
                # A text may hold several names, and a name that is none of ours is found in no section.
                waiting += _names(entries[one])
    if _RULES in data:
        written[_RULES] = json.dumps(data[_RULES], sort_keys=True, default=str)
    return tuple(sorted(written.items()))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _NAME.findall(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _names(key)
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
