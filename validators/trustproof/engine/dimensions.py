"""
The dimensions of a request: what the sets of a search are about.

A dimension is a text, so that boxes and certificates can be read: ``caller``, ``action``, ``resource``, a condition key
behind ``key:``, and what else the engine tells apart. A key that the catalogue does not know may be compared as one
text and as several; each use is a dimension of its own, ``key:example:color#string``. A number sign in a key is
doubled, since tags may be called anything.

Questions and conditions name a dimension by the same function: else what a question asks of a key and what a policy
asks of it would be about two things, and a request has but one of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from trustproof.aws.condition_keys import lookup

_KEY: Final = "key:"
_USE: Final = "#"
_USE_AT_THE_END: Final = re.compile(r"(?<!#)((?:##)*)#([a-z]+)\Z")


@lru_cache(maxsize=4096)
def key_dimension(name: str, use: str = "string") -> str:
    """
    The dimension of a condition key.

    Args:
        name: lower-cased.
        use: how a key that the catalogue does not know is compared: ``string`` or ``multi``; of any other key the
            catalogue says it.
    """
    # aws:EpochTime is the same moment as aws:CurrentTime, written in another way.
    name = "aws:currenttime" if name == "aws:epochtime" else name
    written = f"{_KEY}{name.replace(_USE, 2 * _USE)}"
    return written if lookup(name).known else f"{written}{_USE}{use}"


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
