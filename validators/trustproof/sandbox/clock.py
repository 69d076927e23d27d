"""
The time of the sandbox: one clock, which tests move.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """
    The time by which credentials, codes, tokens and assertions expire.

    It runs with the machine's, ahead of it by what `advance` was told. Signatures are compared with the machine's own
    time, by which clients sign.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def moment(self) -> datetime:
        """Now, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        """
        Let time pass.

        Raises:
            ValueError: time does not go back.
        """
        if seconds < 0:
            raise ValueError("time does not go back")
        self._ahead += seconds


def iso(seconds: float) -> str:
    """A moment as AWS writes it: `2026-11-26T11:30:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
