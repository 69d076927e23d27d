"""
Constraints of versions, as Terraform writes them.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_CONSTRAINT = re.compile(r"\s*(?P<operator>=|!=|<=?|>=?|~>)?\s*v?(?P<version>[0-9]+(?:\.[0-9]+)*)[^,]*")


def is_before(version: tuple[int, ...], constraint: str) -> bool | None:
    """
    Whether all versions that a constraint admits are before one (True), or none is (False); None where both are.

    Args:
        version: ``(3, 0)``.
        constraint: ``>= 2.7, < 4``; a part that is no constraint counts for nothing.
    """
    is_from = False
    for part in constraint.split(","):
        found = _CONSTRAINT.fullmatch(part)
        if found is None:
            continue
        said = tuple(map(int, found["version"].split(".")))
        operator = found["operator"] or "="
        # The first version that is not admitted any more, of those that end somewhere.
        if operator == "~>":
            kept = said[: max(1, len(said) - 1)]
            if _padded((*kept[:-1], kept[-1] + 1)) <= _padded(version):
                return True
        elif (operator in ("=", "<=") and _padded(said) < _padded(version)) or (
            operator == "<" and _padded(said) <= _padded(version)
        ):
            return True
        is_from = is_from or (operator in ("=", ">=", ">", "~>") and _padded(said) >= _padded(version))
    return False if is_from else None


def _padded(version: Sequence[int]) -> tuple[int, ...]:
    return (*version, 0, 0, 0)[:3]
