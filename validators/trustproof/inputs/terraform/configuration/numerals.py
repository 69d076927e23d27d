"""
Numbers as they are written.
"""

from __future__ import annotations


def number(text: str) -> int | float | None:
    """A number as Terraform writes it; None for what is none, or is too large to be one."""
    try:
        if text.isdecimal() and len(text) < 400:
            return int(text)
        found = float(text)
    except ValueError:
        return None
    if found in (float("inf"), float("-inf")) or found != found:
        return None
    return int(found) if found.is_integer() and abs(found) < 1e15 else found
