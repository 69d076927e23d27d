"""
What sensitive values are called, which must not tell what they are: by their place, and by a number where several stand
at one, as a loop makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: The values at each place, each with its number there. What is compared has one of these for both of its sides.
_NUMBERS: ContextVar[dict[str, dict[str, int]]] = ContextVar("_NUMBERS", default={})  # noqa: B039


@contextmanager
def numbered_alone() -> Iterator[None]:
    """
    Number sensitive values from 1, so that what they are called does not depend on what the process has read before.
    """
    token = _NUMBERS.set({})
    try:
        yield
    finally:
        _NUMBERS.reset(token)


def sensitive_name(place: str, content: str) -> str:
    """
    What a sensitive value is called: one name for one value.

    Args:
        place: where it stands; empty where it stands nowhere.
        content: the value, as it might be written.
    """
    numbers = _NUMBERS.get().setdefault(place, {})
    number = numbers.setdefault(content, len(numbers) + 1)
    words = ["sensitive", *filter(None, (place, f"value {number}" if number > 1 else ""))]
    return f"({', '.join(words)})"
