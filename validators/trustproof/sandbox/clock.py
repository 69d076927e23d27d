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
    time, by which clients sign; what has passed since one was made is told by `age`.
    """

    def __init__(self) -> None:
        self._ahead = 0.0
        #: When it was advanced, by the machine's time, and by how much.
        self._advances: list[tuple[float, float]] = []

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
        self._advances.append((time.time(), seconds))
        self._ahead += seconds

    def age(self, made: int) -> tuple[float, float]:
        """
        How much time has passed since a second of the machine's time, at least and at most.

        It is not known to more than that second, in which the clock may have been advanced.

        Args:
            made: seconds since 1970, by the machine.
        """
        passed = time.time() - made
        surely = sum(ahead for moment, ahead in self._advances if moment >= made + 1)
        perhaps = sum(ahead for moment, ahead in self._advances if made <= moment < made + 1)
        return passed + surely, passed + surely + perhaps


def iso(seconds: float) -> str:
    """The second of a moment as AWS writes it: `2026-11-26T11:30:00Z`."""
    # The last half of a microsecond would be rounded up, to a second that has not begun.
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
