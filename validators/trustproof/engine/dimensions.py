"""
The dimensions of a request: what the sets of a search are about.

A dimension is a text, so that boxes and certificates can be read: ``caller``, ``action``, ``resource``, a condition key
behind ``key:``, and what else the engine tells apart. A key that the catalogue does not know may be compared as one
text and as several; each use is a dimension of its own, ``key:example:color#string``.
"""

from __future__ import annotations

from typing import Final

_KEY: Final = "key:"
_USE: Final = "#"


def key_dimension(name: str, use: str = "") -> str:
    """
    The dimension of a condition key.

    Args:
        name: lower-cased.
        use: ``string`` or ``multi`` of a key that the catalogue does not know.
    """
    return f"{_KEY}{name}{_USE}{use}" if use else f"{_KEY}{name}"


def is_key(dimension: str) -> bool:
    """Whether a dimension is that of a condition key."""
    return dimension.startswith(_KEY)


def condition_key(dimension: str) -> str:
    """The condition key of a dimension, lower-cased; another dimension as it is."""
    return dimension.removeprefix(_KEY).partition(_USE)[0]


def use_of(dimension: str) -> str:
    """How a key that the catalogue does not know is compared; empty for every other dimension."""
    return dimension.partition(_USE)[2] if is_key(dimension) else ""
