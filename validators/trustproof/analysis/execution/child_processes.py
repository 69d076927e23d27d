"""
Whether this process has started others.
"""

from __future__ import annotations

_started = False


def has_started_processes() -> bool:
    """Whether this process has started others, which want to be waited for at its end."""
    return _started


def note_start() -> None:
    """Remember that others are started."""
    global _started
    _started = True
