"""
Patterns that are hard to tell apart: what must stand at both ends of a text, and texts made of what patterns ask for.

Independent tests of one key are an intersection of automata, and whoever writes them may make it as large as he likes.
Most of what a person can write can be decided by looking at its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from trustproof.sets.patterns import ANY, ANY_RUN, Pattern, Wild, covers, join, matches

Clauses: TypeAlias = "Sequence[Sequence[Pattern]]"

#: How many characters of patterns are compared with each other, and how many a text is tried on, times its length.
_MOST_COMPARED = 2_000_000
_MOST_TRIED = 20_000_000
#: How many letters are tried as what stands between the parts of a text.
_FILLERS = 64
_FRIENDLY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_/"


def reversed_pattern(pattern: Pattern) -> Pattern:
    """The strings of a pattern, read from their ends."""
    return tuple(part[::-1] if isinstance(part, str) else part for part in reversed(pattern))


def simplified(require: Clauses, forbid: Sequence[Pattern]) -> tuple[list[list[Pattern]], list[Pattern]] | None:
    """
    Clauses and forbidden patterns that have the same members, without the patterns that no member matches; None where
    that leaves a clause without any.
    """
    clauses = [list(dict.fromkeys(clause)) for clause in require]
    outside = list(forbid)
    size = _size(outside)
    if size * sum(map(len, clauses)) <= _MOST_COMPARED:
        clauses = [[p for p in clause if not any(covers(wide, p) for wide in outside)] for clause in clauses]
    while all(clauses):
        heads = _Ends(_singles(clauses))
        tails = _Ends(reversed_pattern(p) for p in _singles(clauses))
        if not (heads.possible and tails.possible):
            return None
        left = [[p for p in clause if heads.admit(p) and tails.admit(reversed_pattern(p))] for clause in clauses]
        if left == clauses:
            return clauses, outside
        clauses = left
    return None


def without_tails(require: Clauses, forbid: Sequence[Pattern]) -> tuple[list[list[Pattern]], list[Pattern]]:
    """
    The same members where all of them are of one length: ``?`` at the end of a pattern then says nothing, and a
    pattern of another length matches none.
    """
    lengths = next((n for clause in require if (n := _length(clause)) is not None), None)
    if lengths is None:
        return [list(clause) for clause in require], list(forbid)
    clauses = [[_open(p) for p in clause if _of(p) in (None, lengths)] for clause in require]
    # One clause still says how long they are.
    return [*clauses, [(ANY,) * lengths]], [_open(p) for p in forbid if _of(p) in (None, lengths)]


def put_together(clauses: Clauses, forbid: Sequence[Pattern]) -> str | None:
    """
    A text made of what one pattern of each clause asks for: all beginnings in one, what is between in a row, all ends
    in one; None where no such text is a member, which says nothing of others.
    """
    chosen: list[Pattern] = []
    heads, tails = _Ends(()), _Ends(())
    for clause in clauses:
        fit = next((p for p in clause if heads.admit(p) and tails.admit(reversed_pattern(p))), None)
        if fit is None:
            return None
        chosen.append(fit)
        heads.add(fit)
        tails.add(reversed_pattern(fit))
    if not (heads.possible and tails.possible):
        return None
    parts = [part for p in chosen for part in _middle(p)]
    size = _size(chosen) + _size(forbid)
    length = len(heads.classes) + len(tails.classes) + sum(len(p) if isinstance(p, str) else 1 for p in parts)
    if size * length > _MOST_TRIED:
        return None
    tries = min(_FILLERS, _MOST_TRIED // max(1, size * length))
    letters = dict.fromkeys((*_FRIENDLY, *(c for p in (*chosen, *forbid) for part in p for c in _letters(part))))
    for filler in [*letters][:tries]:
        text = "".join(
            (
                *(_letter(one, filler) for one in heads.classes),
                *(part if isinstance(part, str) else _letter(part, filler) for part in parts),
                *(_letter(one, filler) for one in reversed(tails.classes)),
            )
        )
        if all(any(matches(p, text) for p in clause) for clause in clauses) and not any(
            matches(p, text) for p in forbid
        ):
            return text
    return None


class _Ends:
    """
    What stands at the beginning of every text that matches some patterns: a class of characters for each place.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.classes: list[Wild] = []
        #: Whether there is a character for each place.
        self.possible = True
        for pattern in patterns:
            self.add(pattern)

    def add(self, pattern: Pattern) -> None:
        """Take one more pattern that every text matches."""
        for place, one in enumerate(_beginning(pattern)):
            if place == len(self.classes):
                self.classes.append(one)
            else:
                self.classes[place] = _both(self.classes[place], one)
            self.possible = self.possible and not _is_nothing(self.classes[place])

    def admit(self, pattern: Pattern) -> bool:
        """Whether a text that begins so may match a pattern; False is certain."""
        return not any(_is_nothing(_both(*pair)) for pair in zip(self.classes, _beginning(pattern), strict=False))


def _singles(clauses: Clauses) -> Iterator[Pattern]:
    """The patterns that every member matches."""
    return (clause[0] for clause in clauses if len(clause) == 1)


def _beginning(pattern: Pattern) -> Iterator[Wild]:
    """The classes of the characters before the first run."""
    for part in pattern:
        if isinstance(part, str):
            yield from (Wild(char, False, False) for char in part)
        elif part.star:
            return
        else:
            yield part


def _middle(pattern: Pattern) -> Sequence[str | Wild]:
    """What stands between the first run and the last, without the runs."""
    runs = [index for index, part in enumerate(pattern) if isinstance(part, Wild) and part.star]
    between = pattern[runs[0] : runs[-1]] if runs else ()
    return [part for part in between if isinstance(part, str) or not part.star]


def _both(one: Wild, other: Wild) -> Wild:
    """The characters of two classes."""
    if one.negated and other.negated:
        return Wild("".join(sorted({*one.chars, *other.chars})), True, False)
    if one.negated:
        one, other = other, one
    return Wild("".join(char for char in one.chars if other.admits(char)), False, False)


def _is_nothing(one: Wild) -> bool:
    return not one.negated and not one.chars


def _letter(one: Wild, filler: str) -> str:
    """A character of a class: the filler, if it is one."""
    if one.admits(filler):
        return filler
    if not one.negated:
        return min(one.chars)
    return next(char for char in map(chr, range(0x61, 0x110000)) if one.admits(char))


def _letters(part: str | Wild) -> str:
    return part if isinstance(part, str) else part.chars


def _size(patterns: Iterable[Pattern]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for pattern in patterns for part in pattern)


def _of(pattern: Pattern) -> int | None:
    """How long the strings of a pattern are; None where they are of several lengths."""
    if any(isinstance(part, Wild) and part.star for part in pattern):
        return None
    return sum(len(part) if isinstance(part, str) else 1 for part in pattern)


def _length(clause: Sequence[Pattern]) -> int | None:
    """How long all strings of a clause are; None where they are of several lengths, or there are none."""
    found = {_of(pattern) for pattern in clause}
    return next(iter(found)) if len(found) == 1 else None


def _open(pattern: Pattern) -> Pattern:
    """A pattern of a fixed length without the ``?`` at its end; any other one as it is."""
    if _of(pattern) is None or not pattern or pattern[-1] != ANY:
        return pattern
    end = len(pattern)
    while end and pattern[end - 1] == ANY:
        end -= 1
    return join(*pattern[:end], ANY_RUN)
