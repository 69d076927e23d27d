"""
The steps into a value, while they are collected.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.inputs.terraform.configuration.expressions import Step


class CollectedSteps:
    """
    Steps in the order in which they are written: behind ``[*]`` they are those of each item, another ``[*]`` too.

    Args:
        most: how many of these may stand inside each other.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        #: Those of each item of the ones before.
        self._open: list[list[Step]] = [[]]
        #: Whether there are more inside each other: then those are left out.
        self.is_too_deep = False

    def __bool__(self) -> bool:
        return len(self._open) > 1 or bool(self._open[0])

    def add(self, steps: Iterable[Step]) -> None:
        """Add what is written next."""
        for step in steps:
            if step.each is None or not step.has_all_behind:
                self._open[-1].append(step)
            elif len(self._open) > self._most:
                self.is_too_deep = True
            else:
                self._open.append([])
                self.add(step.each)

    def together(self) -> tuple[Step, ...]:
        """All of them."""
        found: tuple[Step, ...] = tuple(self._open[-1])
        for before in reversed(self._open[:-1]):
            found = (*before, Step(each=found, has_all_behind=True))
        return found
