"""
Patterns as one automaton: what each character of a text does to the positions in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TypeAlias

from trustproof.sets.patterns import EVERYTHING, Pattern, shortest

#: A class of characters: its members, or with True all others.
_Class: TypeAlias = "tuple[str, bool]"


class Automaton:
    """
    All patterns as one non-deterministic automaton whose state is a set of positions, held as the bits of an integer.
    """

    def __init__(self) -> None:
        self.start: int = 0
        #: Positions of star parts, which may be skipped.
        self.stars: int = 0
        #: The class of characters that each position takes; None at the end of a pattern.
        self.takes: list[_Class | None] = []
        #: For each distinct class, the one-character positions and the star positions.
        self.parts: dict[_Class, list[int]] = {}
        #: For each position, how many characters are still to come at least.
        self.left: list[int] = []
        #: For each position, the first position of its pattern.
        self.first: list[int] = []

    def add(self, pattern: Pattern) -> tuple[int, int, int]:
        """Add a pattern; its accepting bit, its absorbing bit (0 without one) and the span of its bits."""
        first = len(self.takes)
        absorbing = 0
        size = shortest(pattern)
        for part in pattern:
            if isinstance(part, str):
                for char in part:
                    self.parts.setdefault((char, False), [0, 0])[0] |= 1 << len(self.takes)
                    self.takes.append((char, False))
                    self.left.append(size)
                    size -= 1
                continue
            taken = (part.chars, part.negated)
            bit = 1 << len(self.takes)
            self.parts.setdefault(taken, [0, 0])[part.star] |= bit
            if part.star:
                self.stars |= bit
            self.takes.append(taken)
            self.left.append(size)
            size -= not part.star
        if pattern and pattern[-1] == EVERYTHING[0]:
            absorbing = 1 << len(self.takes) - 1
        self.takes.append(None)
        self.left.append(0)
        self.first += [first] * (len(self.takes) - first)
        self.start |= 1 << first
        accepting = 1 << len(self.takes) - 1
        return accepting, absorbing, (accepting << 1) - (1 << first)

    def alphabet(self) -> list[tuple[str, int, int]]:
        """
        One character for every class of characters that the patterns treat alike, with the positions that take it:
        to move on, and to stay.
        """
        explicit = {char for chars, _ in self.parts for char in chars}
        # A letter nobody mentions stands for all other characters; it exists, since the patterns are finite.
        other = next(c for c in chain(_FRIENDLY, map(chr, range(0x100, 0x110000))) if c not in explicit)
        # Most parts are one letter of a literal: these are looked up, and the classes asked one by one.
        classes = [
            (chars, negated, ones, stars)
            for (chars, negated), (ones, stars) in self.parts.items()
            if negated or len(chars) != 1
        ]
        nothing = [0, 0]
        seen: dict[tuple[int, int], str] = {}
        for char in sorted((other, *explicit), key=_friendliness):
            move, stay = self.parts.get((char, False), nothing)
            for chars, negated, ones, stars in classes:
                if (char in chars) is not negated:
                    move |= ones
                    stay |= stars
            seen.setdefault((move, stay), char)
        return [(char, move, stay) for (move, stay), char in seen.items()]

    def taken(self, alphabet: Sequence[tuple[str, int, int]]) -> list[int]:
        """For each position, the letters of the alphabet that it takes, as the bits of an integer."""
        numbers = {char: 1 << number for number, (char, _, _) in enumerate(alphabet)}
        known: dict[_Class | None, int] = {None: 0}
        for chars, negated in self.parts:
            known[chars, negated] = sum(bit for char, bit in numbers.items() if (char in chars) is not negated)
        return [known[taken] for taken in self.takes]


_FRIENDLY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_/"


def _friendliness(char: str) -> tuple[int, str]:
    place = _FRIENDLY.find(char)
    return (place if place >= 0 else len(_FRIENDLY), char)
