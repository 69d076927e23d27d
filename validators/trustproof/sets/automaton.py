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
        #: For each distinct class, the one-character positions and the star positions, the first ones first.
        self._positions: dict[_Class, tuple[list[int], list[int]]] = {}
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
            position = len(self.takes)
            if isinstance(part, str):
                letters = [(char, False) for char in part]
                for number, letter in enumerate(letters, position):
                    self._positions_of(letter)[0].append(number)
                self.takes += letters
                self.left += range(size, size - len(part), -1)
                size -= len(part)
                continue
            taken = (part.chars, part.negated)
            self._positions_of(taken)[part.star].append(position)
            if part.star:
                self.stars |= 1 << position
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

    def _positions_of(self, taken: _Class) -> tuple[list[int], list[int]]:
        return self._positions.setdefault(taken, ([], []))

    def alphabet(self) -> list[tuple[str, int, int]]:
        """
        One character for every class of characters that the patterns treat alike, with the positions that take it:
        to move on, and to stay.
        """
        # Positions are made bits all at once: one more bit of an integer costs as much as that is long.
        parts = {taken: (bits(ones), bits(stars)) for taken, (ones, stars) in self._positions.items()}
        explicit = {char for chars, _ in parts for char in chars}
        # A letter nobody mentions stands for all other characters; it exists, since the patterns are finite.
        other = next(c for c in chain(_FRIENDLY, map(chr, range(0x100, 0x110000))) if c not in explicit)
        # Most parts are one letter of a literal: these are looked up, and the classes asked one by one.
        classes = [
            (chars, negated, ones, stars)
            for (chars, negated), (ones, stars) in parts.items()
            if negated or len(chars) != 1
        ]
        nothing = (0, 0)
        seen: dict[tuple[int, int], str] = {}
        for char in sorted((other, *explicit), key=_friendliness):
            move, stay = parts.get((char, False), nothing)
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
        for chars, negated in self._positions:
            known[chars, negated] = sum(bit for char, bit in numbers.items() if (char in chars) is not negated)
        return [known[taken] for taken in self.takes]


def bits(positions: Sequence[int]) -> int:
    """Some positions, the last one last, as the bits of an integer."""
    if not positions:
        return 0
    out = bytearray(positions[-1] // 8 + 1)
    for position in positions:
        out[position // 8] |= 1 << position % 8
    return int.from_bytes(out, "little")


_FRIENDLY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_/"


def _friendliness(char: str) -> tuple[int, str]:
    place = _FRIENDLY.find(char)
    return (place if place >= 0 else len(_FRIENDLY), char)
