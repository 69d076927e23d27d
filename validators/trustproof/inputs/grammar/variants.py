"""
Walk the branches that a value depends on, one deployment at a time.

A value is read again and again; each reading meets ``Fn::If`` and parameters without default as *choices*, takes the
next combination of them, and is remembered with the guards under which it holds. Only choices that a reading really
meets are multiplied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from trustproof.inputs.grammar.expressions import Choices, Expressions
from trustproof.model.policy import Guard
from trustproof.results.result import BUDGET

_E = TypeVar("_E", bound=Expressions)
_T = TypeVar("_T")

#: Combinations of conditions and parameter values that one statement may have: six conditions.
MAX_VARIANTS = 64


class TooManyVariants(Exception):
    """A value depends on more combinations of conditions than `MAX_VARIANTS`; its text names the budget."""

    def __init__(self) -> None:
        super().__init__(f"{BUDGET}: combinations of conditions that a value depends on ({MAX_VARIANTS})")


def variants(
    expressions: _E, guards: tuple[Guard, ...], read: Callable[[_E], _T]
) -> list[tuple[tuple[Guard, ...], _T]]:
    """
    Every reading of a value, with the guards under which it holds; readings that no deployment has are left out.

    Where that gives too many, what is one of a few values is left open, and only conditions make readings of their own.

    Args:
        read: gives the value in one reading.

    Raises:
        TooManyVariants: there are more than `MAX_VARIANTS`.
    """
    try:
        return _variants(expressions, guards, read)
    except TooManyVariants:
        return _variants(expressions, guards, read, expands=False)


def _variants(
    expressions: _E, guards: tuple[Guard, ...], read: Callable[[_E], _T], *, expands: bool = True
) -> list[tuple[tuple[Guard, ...], _T]]:
    choices = Choices(guards)
    reading = expressions.under(choices, expands=expands)
    result = read(reading)
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
            result = read(reading)
        count += 1
        if count > MAX_VARIANTS:
            raise TooManyVariants
        if reading.possible():
            found.append((choices.guards, result))
        if not choices.turn():
            return found
