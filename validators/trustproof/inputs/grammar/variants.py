"""
Walk the branches that a value depends on, one deployment at a time.

A value is read again and again; each reading meets ``Fn::If`` and parameters without default as *choices*, takes the
next combination of them, and is remembered with the guards under which it holds. Only choices that a reading really
meets are multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from trustproof.model.policy import Guard

if TYPE_CHECKING:
    from trustproof.inputs.cloudformation.evaluation.resolver import Resolver

_T = TypeVar("_T")

#: Combinations of conditions and parameter values that one statement may have: six conditions.
MAX_VARIANTS = 64


class TooManyVariants(Exception):
    """A value depends on more combinations of conditions than `MAX_VARIANTS`."""


class Choices:
    """
    The choices of one reading: those taken so far, by name, and which of them are open to another turn.
    """

    __slots__ = ("taken", "trail")

    def __init__(self, guards: Iterable[Guard] = ()) -> None:
        self.taken: dict[str, bool | str] = {guard.name: guard.value for guard in guards}
        self.trail: list[tuple[str, tuple[bool | str, ...], int]] = []

    def choose(self, name: str, options: tuple[bool | str, ...]) -> bool | str:
        """The option that holds in this reading; the first one where the choice is new."""
        if name not in self.taken:
            self.taken[name] = options[0]
            self.trail.append((name, options, 0))
        return self.taken[name]

    def turn(self) -> bool:
        """Go to the next combination; False where there is none."""
        while self.trail:
            name, options, index = self.trail.pop()
            del self.taken[name]
            if index + 1 < len(options):
                self.trail.append((name, options, index + 1))
                self.taken[name] = options[index + 1]
                return True
        return False

    @property
    def guards(self) -> tuple[Guard, ...]:
        """What has been taken, as guards."""
        return tuple(Guard(name, value) for name, value in self.taken.items())


def variants(
    resolver: Resolver, guards: tuple[Guard, ...], read: Callable[[], _T]
) -> list[tuple[tuple[Guard, ...], _T]]:
    """
    Every reading of a value, with the guards under which it holds; readings that no deployment has are left out.

    Where that gives too many, what is one of a few values is left open, and only conditions make readings of their own.

    Raises:
        TooManyVariants: there are more than `MAX_VARIANTS`.
    """
    try:
        return _variants(resolver, guards, read)
    except TooManyVariants:
        if not resolver.expands:
            raise
    resolver.expands = False
    try:
        return _variants(resolver, guards, read)
    finally:
        resolver.expands = True


def _variants(
    resolver: Resolver, guards: tuple[Guard, ...], read: Callable[[], _T]
) -> list[tuple[tuple[Guard, ...], _T]]:
    choices = resolver.choices = Choices(guards)
    result = read()
    if not choices.trail:
        return [(guards, result)]
    found = []
    count = 0
    while True:
        known = -1
        while known != len(choices.trail):
            # A parameter may have been read before the choice that decides its value was met: read again until
            # nothing new is met.
            known = len(choices.trail)
            result = read()
        count += 1
        if count > MAX_VARIANTS:
            raise TooManyVariants
        if resolver.possible():
            found.append((choices.guards, result))
        if not choices.turn():
            return found
