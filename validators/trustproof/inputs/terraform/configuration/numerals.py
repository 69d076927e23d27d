"""
Numbers as they are written.
"""

from __future__ import annotations

import math


def number(text: str) -> int | float | None:
    """A number as Terraform writes it; None for what is none, or is too large to be one."""
    try:
        if text.isdecimal() and len(text) < 400:
            return int(text)
        found = float(text)
    except ValueError:
        return None
    if not math.isfinite(found) or (found == 0 and any(digit in text for digit in "123456789")):
        return None
    return int(found) if found.is_integer() and abs(found) < 1e15 else found
