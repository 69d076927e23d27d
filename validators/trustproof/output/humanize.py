"""
Counts and lists, as people write them.
"""

from __future__ import annotations

from collections.abc import Sequence


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 policy``, ``2 policies``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def names(found: Sequence[str], most: int = 3) -> str:
    """``a``, ``a and b``, ``a, b, c and 4 more``."""
    shown, rest = list(found[:most]), len(found) - most
    if rest > 0:
        shown.append(f"{rest} more")
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
