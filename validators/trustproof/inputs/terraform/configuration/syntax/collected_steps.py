"""
The steps into a value, while they are collected.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.inputs.terraform.configuration.syntax.expressions import Step


class CollectedSteps:
    """
    Steps in the order in which they are written: behind ``[*]`` they are those of each item, another ``[*]`` too.

    Args:
        most: how many of these may stand inside each other, and how many may follow each other in one of them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        #: Those of each item of the ones before.
        self._open: list[list[Step]] = [[]]
        #: Whether there are more: then what is here is not all.
        self.is_too_deep = False

    def __bool__(self) -> bool:
        return self.is_too_deep or len(self._open) > 1 or bool(self._open[0])

    def add(self, steps: Iterable[Step]) -> None:
        """Add what is written next."""
        for step in steps:
            is_open = step.each is not None and step.has_all_behind
            if len(self._open if is_open else self._open[-1]) > self._most:
                self.is_too_deep = True
            elif step.each is None or not is_open:
                self._open[-1].append(step)
            else:
                self._open.append([])
                self.add(step.each)

    def together(self) -> tuple[Step, ...]:
        """All of them."""
        found: tuple[Step, ...] = tuple(self._open[-1])
        for before in reversed(self._open[:-1]):
            found = (*before, Step(each=found, has_all_behind=True))
        return found
