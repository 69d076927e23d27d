"""
Patterns that are hard to tell apart: what must stand at both ends of a text, and texts made of what patterns ask for.

Independent tests of one key are an intersection of automata, and whoever writes them may make it as large as he likes.
Most of what a person can write can be decided by looking at its parts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from trustproof.sets.patterns import (
    ANY,
    ANY_RUN,
    Pattern,
    Wildcard,
    are_apart,
    covers,
    join,
    matches,
    may_begin,
    part_by_part,
    split,
)

Clauses: TypeAlias = "Sequence[Sequence[Pattern]]"

#: How many characters of patterns are compared with each other, and how many a text is tried on, times its length.
_MOST_COMPARED = 2_000_000
_MOST_TRIED = 20_000_000
#: How many pairs of characters are looked at to see which patterns have a text in common, and how many compared ones
#: each of these costs.
_MOST_APART, _LOOKED_AT = 200_000, 10
#: How many letters are tried as what stands between the parts of a text, or as what it is taken apart at.
_FILLERS = 64
#: In how many orders the parts of a text are put together, and at how many separators it is taken apart.
_TURNS = 8
_SEPARATORS = 4
_FRIENDLY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_/"


def reversed_pattern(pattern: Pattern) -> Pattern:
    """The strings of a pattern, read from their ends."""
    return tuple(part[::-1] if isinstance(part, str) else part for part in reversed(pattern))


#: Clauses and forbidden patterns.
Simplified: TypeAlias = "tuple[list[list[Pattern]], list[Pattern]]"


def simplify(require: Clauses, forbid: Sequence[Pattern], most: int | None = None) -> tuple[Simplified | None, int]:
    """
    Clauses and forbidden patterns that have the same members, without the patterns that no member matches; None where
    that leaves a clause without any. And how many pairs of characters were compared for it: where more are than may be,
    it ends, and gives what it was given.
    """
    clauses = [list(dict.fromkeys(clause)) for clause in require]
    outside = list(forbid)
    compared = 0
    if _size(outside) * sum(map(len, clauses)) <= _MOST_COMPARED:
        clauses, compared = _uncovered(clauses, outside, most)
    singles = [*_singles(clauses)]
    if (size := _size(singles) * sum(map(_size, clauses))) <= _MOST_COMPARED:
        # Of several patterns, those count that have something in common with what every member matches.
        compared += size
        if most is not None and compared > most:
            return (clauses, outside), compared
        clauses = [
            clause if len(clause) == 1 else [p for p in clause if not any(are_apart(p, one) for one in singles)]
            for clause in clauses
        ]
    while all(clauses):
        heads = _Ends(_singles(clauses))
        tails = _Ends(reversed_pattern(p) for p in _singles(clauses))
        if not (heads.possible and tails.possible):
            return None, compared
        left = [[p for p in clause if heads.admit(p) and tails.admit(reversed_pattern(p))] for clause in clauses]
        if left == clauses:
            return (clauses, outside), compared
        clauses = left
    return None, compared


def _uncovered(clauses: Clauses, outside: Sequence[Pattern], most: int | None) -> tuple[list[list[Pattern]], int]:
    """
    The patterns of each clause that none of the others covers, and how many pairs of characters were compared; where
    that is more than may be, those that are left count as covered by none.
    """
    compared = 0
    sizes = [(wide, _size((wide,))) for wide in outside]

    def covered(pattern: Pattern) -> bool:
        nonlocal compared
        first = pattern[0] if pattern else ""
        start = first if isinstance(first, str) else ""
        own = _size((pattern,))
        for wide, size in sizes:
            # Most patterns are of another account, which their beginnings tell.
            if may_begin(wide, start):
                compared += size * own
                if most is not None and compared > most:
                    return False
                if covers(wide, pattern):
                    return True
        return False

    return [[pattern for pattern in clause if not covered(pattern)] for clause in clauses], compared


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
    A text made of what one pattern of each clause asks for: all beginnings in one, what is between wherever it fits
    first, all ends in one; None where no such text is a member, which says nothing of others.
    """
    patterns = _chosen(clauses)
    if patterns is None:
        return None
    pieces, separators = _taken_apart(patterns)
    size = sum(map(_size, clauses)) + _size(forbid)
    letters = [*dict.fromkeys((*_FRIENDLY, *(c for p in forbid for part in p for c in _letters(part))))][:_FILLERS]
    work = 0
    for turn in range(min(_TURNS, len(patterns))):
        # The ends of all patterns may stand where others have something of their own, or behind all that.
        for behind in (False, True):
            whole = [*_whole([*pieces[0][turn:], *pieces[0][:turn]], behind=behind)]
            for char, piece in zip(separators, pieces[1:], strict=True):
                whole += [Wildcard(char, False, False), *_whole([*piece[turn:], *piece[:turn]], behind=behind)]
            if any(map(_is_nothing, whole)):
                continue
            for filler in letters:
                work += size * len(whole)
                if work > _MOST_TRIED:
                    return None
                text = "".join(_letter(one, filler) for one in whole)
                if _is_member(text, clauses, forbid):
                    return text
    return None


def _is_member(text: str, clauses: Clauses, forbid: Sequence[Pattern]) -> bool:
    met = all(any(matches(p, text) for p in clause) for clause in clauses)
    return met and not any(matches(p, text) for p in forbid)


def _chosen(clauses: Clauses) -> list[Pattern] | None:
    """One pattern of each clause, the longest first; None where they do not fit, or are too long to try."""
    heads, tails = _Ends(()), _Ends(())
    chosen: list[Pattern] = []
    for clause in sorted(clauses, key=len):
        fit = next((p for p in clause if heads.admit(p) and tails.admit(reversed_pattern(p))), None)
        if fit is None:
            return None
        chosen.append(fit)
        heads.add(fit)
        tails.add(reversed_pattern(fit))
    if not (heads.possible and tails.possible) or _size(chosen) ** 2 > _MOST_TRIED:
        return None
    return sorted(chosen, key=lambda p: -_size([p]))


def _taken_apart(patterns: Sequence[Pattern]) -> tuple[list[list[Pattern]], list[str]]:
    """
    Patterns for the pieces of a text, and what stands between one piece and the next: what a pattern asks for before a
    character that no piece has must not come to stand behind it.
    """
    pieces, separators, left = list[list[Pattern]](), list[str](), [*patterns]
    while len(separators) < _SEPARATORS and (found := _separated(left)) is not None:
        char, before, left = found
        separators.append(char)
        pieces.append(before)
    return [*pieces, left], separators


def _separated(patterns: Sequence[Pattern]) -> tuple[str, list[Pattern], list[Pattern]] | None:
    """
    A character that stands in every text, what is before the first of it and what is behind; None where it is not known
    which characters of a pattern are before it, or where all say the same before it anyhow.
    """
    literal = "".join(part for part in patterns[0] if isinstance(part, str)) if patterns else ""
    for char in [*dict.fromkeys(literal)][:_FILLERS]:
        pairs = [split(pattern, char) for pattern in patterns]
        if all(len(pair) == 1 for pair in pairs):
            before = [pair[0][0] for pair in pairs]
            if any(isinstance(part, Wildcard) and part.star for one in before for part in one):
                return char, before, [pair[0][1] for pair in pairs]
    return None


def _whole(patterns: Sequence[Pattern], *, behind: bool) -> list[Wildcard]:
    """
    A class of characters for each place of a text that patterns ask for.

    Args:
        behind: whether their ends stand behind all else.
    """
    heads, tails = _Ends(patterns), _Ends(map(reversed_pattern, patterns))
    places, ends = _packed(patterns, heads.classes), tails.classes[::-1]
    if behind and all(_of(pattern) is None for pattern in patterns):
        return [*places, *ends]
    return _laid(ends, places, max(0, len(places) - len(ends)))


def _packed(patterns: Sequence[Pattern], heads: Sequence[Wildcard]) -> list[Wildcard]:
    """A class of characters for each place of a text without its end; what is between runs stands where it fits."""
    places = [*heads]
    for pattern in patterns:
        after = sum(1 for _ in _beginning(pattern))
        for segment in _segments(pattern):
            at = next(at for at in range(after, max(after, len(places)) + 1) if _fits(segment, places, at))
            places = _laid(segment, places, at)
            after = at + len(segment)
    return places


def _fits(segment: Sequence[Wildcard], places: Sequence[Wildcard], at: int) -> bool:
    """Whether some characters can stand at a place of a text."""
    return not any(_is_nothing(_both(*pair)) for pair in zip(segment, places[at:], strict=False))


def _laid(segment: Sequence[Wildcard], places: Sequence[Wildcard], at: int) -> list[Wildcard]:
    """A text with some more characters at a place, or at the first one behind it where they fit."""
    while not _fits(segment, places, at):
        at += 1
    out = [*places, *(ANY for _ in range(at + len(segment) - len(places)))]
    for index, one in enumerate(segment, at):
        out[index] = _both(out[index], one)
    return out


def _segments(pattern: Pattern) -> Iterator[list[Wildcard]]:
    """The characters between one run of a pattern and the next."""
    runs = [index for index, part in enumerate(pattern) if isinstance(part, Wildcard) and part.star]
    for first, last in itertools.pairwise(runs):
        segment = [
            Wildcard(one, False, False) if isinstance(one, str) else one
            for part in pattern[first + 1 : last]
            for one in part_by_part(part)
        ]
        if segment:
            yield segment


class _Ends:
    """
    What stands at the beginning of every text that matches some patterns: a class of characters for each place.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.classes: list[Wildcard] = []
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


def _beginning(pattern: Pattern) -> Iterator[Wildcard]:
    """The classes of the characters before the first run."""
    for part in pattern:
        if isinstance(part, str):
            yield from (Wildcard(char, False, False) for char in part)
        elif part.star:
            return
        else:
            yield part


def _both(one: Wildcard, other: Wildcard) -> Wildcard:
    """The characters of two classes."""
    if one.negated and other.negated:
        return Wildcard("".join(sorted({*one.chars, *other.chars})), True, False)
    if one.negated:
        one, other = other, one
    return Wildcard("".join(char for char in one.chars if other.admits(char)), False, False)


def _is_nothing(one: Wildcard) -> bool:
    return not one.negated and not one.chars


def _letter(one: Wildcard, filler: str) -> str:
    """A character of a class: the filler, if it is one."""
    if one.admits(filler):
        return filler
    if not one.negated:
        return min(one.chars)
    return next(char for char in map(chr, range(0x61, 0x110000)) if one.admits(char))


def _letters(part: str | Wildcard) -> str:
    return part if isinstance(part, str) else part.chars


def _size(patterns: Iterable[Pattern]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for pattern in patterns for part in pattern)


def _of(pattern: Pattern) -> int | None:
    """How long the strings of a pattern are; None where they are of several lengths."""
    if any(isinstance(part, Wildcard) and part.star for part in pattern):
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
