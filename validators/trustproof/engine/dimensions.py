"""
The dimensions of a request: what the sets of a search are about.

A dimension is a text, so that boxes and certificates can be read: ``caller``, ``action``, ``resource``, a condition key
behind ``key:``, and what else the engine tells apart. A key that the catalogue does not know may be compared as one
text and as several; each use is a dimension of its own, ``key:example:color#string``. A number sign in a key is
doubled, since tags may be called anything.
"""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = "key:"
_USE: Final = "#"
_USE_AT_THE_END: Final = re.compile(r"(?<!#)((?:##)*)#([a-z]+)\Z")


def key_dimension(name: str, use: str = "") -> str:
    """
    The dimension of a condition key.

    Args:
        name: lower-cased.
        use: ``string`` or ``multi`` of a key that the catalogue does not know.
    """
    written = f"{_KEY}{name.replace(_USE, 2 * _USE)}"
    return f"{written}{_USE}{use}" if use else written


def is_key(dimension: str) -> bool:
    """Whether a dimension is that of a condition key."""
    return dimension.startswith(_KEY)


def condition_key(dimension: str) -> str:
    """The condition key of a dimension, lower-cased; another dimension as it is."""
    if not is_key(dimension):
        return dimension
    return _USE_AT_THE_END.sub(r"\1", dimension.removeprefix(_KEY)).replace(2 * _USE, _USE)


def use_of(dimension: str) -> str:
    """How a key that the catalogue does not know is compared; empty for every other dimension."""
    found = _USE_AT_THE_END.search(dimension) if is_key(dimension) else None
    return "" if found is None else found[2]
