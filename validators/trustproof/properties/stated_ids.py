"""
The ids of accounts and organizations that somebody has written down, wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from trustproof.results.edit import WrittenValue

#: What nobody copies, since it says itself that something is to be put in its place, is none of them.
ID = re.compile(r"(?<![\w-])(?:o-[a-z0-9]{10,32}|[0-9]{12})(?![\w-])")


def stated_ids(value: object) -> frozenset[str]:
    """The ids in every text of a value, whatever holds it."""
    return frozenset(found for text in _texts(value) for found in ID.findall(text))


def _texts(value: object) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, WrittenValue):
        yield value.json
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, (Sequence, frozenset)):
        for one in value:
            yield from _texts(one)
