"""
Patterns: the regular languages that IAM's wildcards and AWS's value formats describe.

A pattern is a sequence of literal runs and `Wildcard` parts; such a part stands for one character of a class, or for a
run of them. That is enough for ``*`` and ``?``, for the six fields of an ARN, and for "twelve digits".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias


class Wildcard(NamedTuple):
    """
    One character of a class (`star` False) or any run of them, the empty run included (`star` True).

    The class is the characters of `chars`, or with `negated` all others.
    """

    chars: str
    negated: bool
    star: bool

    def admits(self, char: str) -> bool:
        """Whether the class holds `char`."""
        return (char in self.chars) is not self.negated


#: Literal runs and wild parts, in order; neighbouring literals are merged.
Pattern: TypeAlias = "tuple[str | Wildcard, ...]"

ANY = Wildcard("", True, False)
ANY_RUN = Wildcard("", True, True)
EVERYTHING: Pattern = (ANY_RUN,)


def exact(text: str) -> Pattern:
    """The language with just `text`; ``*`` and ``?`` are characters here."""
    return (text,) if text else ()


def shortest(pattern: Pattern) -> int:
    """How long the shortest text is that a pattern matches."""
    return sum(len(part) if isinstance(part, str) else not part.star for part in pattern)


def join(*parts: str | Wildcard | Pattern) -> Pattern:
    """Concatenate literals, wild parts and patterns, in canonical form."""
    out: list[str | Wildcard] = []
    for part in parts:
        for piece in (part,) if isinstance(part, (str, Wildcard)) else part:
            if isinstance(piece, str):
                if not piece:
                    continue
                if out and isinstance(out[-1], str):
                    out[-1] += piece
                    continue
            elif piece.star and out and out[-1] == piece:
                continue
            out.append(piece)
    return tuple(out)


def like(text: str) -> Pattern:
    """What ``StringLike`` matches: ``*`` is any run, ``?`` any one character, across every delimiter."""
    return glob(text, "")


def glob(text: str, barred: str) -> Pattern:
    """Wildcards that match every character but those of `barred`."""
    run, one = (ANY_RUN, ANY) if not barred else (Wildcard(barred, True, True), Wildcard(barred, True, False))
    out: list[str | Wildcard] = []
    literal = ""
    for char in text:
        if char in "*?":
            out.append(literal)
            out.append(run if char == "*" else one)
            literal = ""
        else:
            literal += char
    return join(*out, literal)


def arn_like(fields: tuple[Pattern, ...]) -> Pattern:
    """
    Join six patterns, one per ARN field, with colons.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    out: list[str | Wildcard | Pattern] = []
    for index, field in enumerate(fields):
        if index:
            out.append(":")
        out.append(field if index == 5 else without(field, ":"))
    return join(*out)


def without(pattern: Pattern, barred: str) -> Pattern:
    """Keep the wild parts of `pattern` from matching the characters of `barred`."""
    return tuple(part if isinstance(part, str) else _narrow(part, barred) for part in pattern)


def _narrow(part: Wildcard, barred: str) -> Wildcard:
    if part.negated:
        return part._replace(chars="".join(sorted({*part.chars, *barred})))
    return part._replace(chars="".join(char for char in part.chars if char not in barred))


def ignoring_case(pattern: Pattern) -> Pattern:
    """The same language without regard to the case of ASCII letters."""
    out: list[str | Wildcard] = []
    for part in pattern:
        if isinstance(part, Wildcard):
            out.append(part)
            continue
        for char in part:
            both = char.lower() + char.upper()
            out.append(Wildcard(both, False, False) if char.isascii() and char.isalpha() else char)
    return join(*out)


def literal_text(pattern: Pattern) -> str | None:
    """The one string of a pattern without wild parts; None for any other pattern."""
    if not pattern:
        return ""
    if len(pattern) == 1 and isinstance(pattern[0], str):
        return pattern[0]
    return None


def matches(pattern: Pattern, text: str) -> bool:
    """Whether `text` is in the language of `pattern`."""
    size = len(text)
    # The places in the text that some prefix of the pattern can end at, in order; after ``*``, all from the first on.
    ends: range | list[int] = [0]
    for part in pattern:
        if isinstance(part, str):
            if isinstance(ends, range):
                ends = _occurrences(text, part, ends.start)
            else:
                ends = [end + len(part) for end in ends if text.startswith(part, end)]
        elif not part.star:
            ends = [end + 1 for end in ends if end < size and part.admits(text[end])]
        elif part.negated and not part.chars:
            ends = range(ends[0], size + 1)
        else:
            reached: list[int] = []
            for end in ends:
                if reached and end <= reached[-1]:
                    # The run before this one came by here.
                    continue
                reached.append(end)
                while end < size and part.admits(text[end]):
                    end += 1
                    reached.append(end)
            ends = reached
        if not ends:
            return False
    return ends[-1] == size


def plainly_within(inner: Pattern, outer: Pattern) -> bool:
    """Whether one pattern matches all that another does, part by part; False does not say that it does not."""
    return len(inner) == len(outer) and all(
        part == wider
        or (
            isinstance(part, Wildcard)
            and isinstance(wider, Wildcard)
            and part.star <= wider.star
            and _within(part, wider)
        )
        for part, wider in zip(inner, outer, strict=True)
    )


def are_apart(one: Pattern, other: Pattern) -> bool:
    """Whether no text matches both of two patterns."""
    mine, theirs = _places(one), _places(other)
    known: dict[tuple[Wildcard, Wildcard], bool] = {}
    # For each place of the one pattern, the places of the other that some text comes to at the same time.
    reached: list[set[int]] = [set() for _ in range(len(mine) + 1)]
    reached[0].add(0)
    for at, place in enumerate((*mine, None)):
        waiting = [*reached[at]]
        while waiting:
            to = waiting.pop()
            beside = theirs[to] if to < len(theirs) else None
            steps = [(at, to + 1)] if beside is not None and beside.star else []
            steps += [(at + 1, to)] if place is not None and place.star else []
            if place is not None and beside is not None:
                if (place, beside) not in known:
                    known[place, beside] = _meet(place, beside)
                if known[place, beside]:
                    steps.append((at + (not place.star), to + (not beside.star)))
            for then, there in steps:
                if there not in reached[then]:
                    reached[then].add(there)
                    if then == at:
                        waiting.append(there)
    return len(theirs) not in reached[-1]


def _places(pattern: Pattern) -> list[Wildcard]:
    """The characters of a pattern one by one: what one place takes, and whether it is a run."""
    return [
        Wildcard(one, False, False) if isinstance(one, str) else one for part in pattern for one in part_by_part(part)
    ]


def _meet(one: Wildcard, other: Wildcard) -> bool:
    """Whether some character is taken by both."""
    if one.negated and other.negated:
        return True
    if one.negated:
        one, other = other, one
    return any(other.admits(char) for char in one.chars)


class _Places(NamedTuple):
    """
    The places of a pattern as the bits of an integer: what a text has come to.
    """

    size: int
    stars: int
    #: By character, those that take nothing else.
    literal: dict[str, int]
    #: The others, with what they take.
    wild: tuple[tuple[int, Wildcard], ...]

    def taking(self, one: str | Wildcard) -> int:
        """Those that take whatever a part of another pattern does."""
        if isinstance(one, str):
            return self.literal.get(one, 0) | sum(bit for bit, place in self.wild if place.admits(one))
        taken = sum(bit for bit, place in self.wild if one.star <= place.star and _within(one, place))
        if one.star or one.negated or len({*one.chars}) > 1:
            return taken
        return taken | (self.literal.get(one.chars[0], 0) if one.chars else sum(self.literal.values()))


@lru_cache(maxsize=4_096)
def _as_bits(pattern: Pattern) -> _Places:
    places = [one for part in pattern for one in part_by_part(part)]
    literal: dict[str, int] = {}
    for index, one in enumerate(places):
        if isinstance(one, str):
            literal[one] = literal.get(one, 0) | 1 << index
    wild = tuple((1 << index, one) for index, one in enumerate(places) if isinstance(one, Wildcard))
    return _Places(len(places), sum(bit for bit, one in wild if one.star), literal, wild)


# The same few sets are compared with each other again for each statement, property and account that is asked about.
@lru_cache(maxsize=16_384)
def covers(wide: Pattern, narrow: Pattern) -> bool:
    """
    Whether a pattern matches all that another one does, its wildcards taken for characters of their own; False does
    not say that it does not.
    """
    places = _as_bits(wide)
    stars = places.stars
    known: dict[str | Wildcard, int] = {}

    def settle(state: int) -> int:
        while (more := state | (state & stars) << 1) != state:
            state = more
        return state

    state = settle(1)
    for part in narrow:
        for one in part_by_part(part):
            taken = known.get(one)
            if taken is None:
                taken = known[one] = places.taking(one)
            state = settle((state & taken & ~stars) << 1 | state & taken & stars)
            if not state:
                return False
    return bool(state >> places.size & 1)


def part_by_part(part: str | Wildcard) -> Sequence[str | Wildcard]:
    """A literal as its characters; a wild part by itself."""
    return part if isinstance(part, str) else (part,)


def _within(part: Wildcard, wider: Wildcard) -> bool:
    """Whether the class of one wild part is inside that of another."""
    if part.negated:
        return wider.negated and set(wider.chars) <= set(part.chars)
    return set(part.chars).isdisjoint(wider.chars) if wider.negated else set(part.chars) <= set(wider.chars)


def may_begin(pattern: Pattern, start: str) -> bool:
    """Whether a pattern may match a string that begins like this: a quick look, and False is certain."""
    size, at = len(start), 0
    for index, part in enumerate(pattern):
        if at >= size:
            return True
        if isinstance(part, str):
            if not part.startswith(start[at : at + len(part)]):
                return False
            at += len(part)
            continue
        following = pattern[index + 1] if part.star and index + 1 < len(pattern) else None
        if not (part.negated and isinstance(following, str) and following[0] == part.chars):
            # Only a run up to a character that is not in it ends in one place: a field of an ARN.
            return True
        at = start.find(part.chars, at)
        if at < 0:
            return True
    return at >= size


def after(pattern: Pattern, text: str) -> list[Pattern]:
    """What may follow `text` in the strings of a pattern that begin with it, as patterns."""
    size = len(text)
    found: list[Pattern] = []
    ends = [0]
    for index, part in enumerate(pattern):
        moved: list[int] = []
        for end in ends:
            if isinstance(part, str):
                if text.startswith(part, end):
                    moved.append(end + len(part))
                elif part.startswith(text[end:]):
                    found.append(join(part[size - end :], *pattern[index + 1 :]))
            elif not part.star:
                if end == size:
                    found.append(pattern[index:])
                elif part.admits(text[end]):
                    moved.append(end + 1)
            elif not moved or end > moved[-1]:
                # A run that comes to the end of the text may go on.
                moved.append(end)
                while end < size and part.admits(text[end]):
                    end += 1
                    moved.append(end)
                if end == size:
                    found.append(pattern[index:])
                    moved.pop()
        ends = moved
    if size in ends:
        found.append(())
    return list(dict.fromkeys(found))


def _occurrences(text: str, part: str, start: int) -> list[int]:
    """Where the occurrences of `part` end, from a place in the text on."""
    found: list[int] = []
    at = text.find(part, start)
    while at >= 0:
        found.append(at + len(part))
        at = text.find(part, at + 1)
    return found


def nonempty(pattern: Pattern) -> tuple[Pattern, ...]:
    """Patterns that together match what `pattern` matches, without the empty string."""
    if any(isinstance(part, str) or not part.star for part in pattern):
        return (pattern,)
    # Only runs: the first of them that is not empty begins with one character.
    runs = [part for part in pattern if isinstance(part, Wildcard)]
    return tuple(join(run._replace(star=False), *runs[index:]) for index, run in enumerate(runs))


def split(pattern: Pattern, char: str) -> tuple[tuple[Pattern, Pattern], ...]:
    """
    Pairs of patterns for what stands before and after the first `char` of a text that matches `pattern`.
    """
    out: list[tuple[Pattern, Pattern]] = []
    for index, part in enumerate(pattern):
        before, after = pattern[:index], pattern[index + 1 :]
        if isinstance(part, str):
            head, found, tail = part.partition(char)
            if found:
                out.append((without(join(*before, head), char), join(tail, *after)))
                break
        elif part.admits(char):
            run = (part,) if part.star else ()
            out.append((without(join(*before, *run), char), join(*run, *after)))
    return tuple(out)


def show(pattern: Pattern) -> str:
    """The pattern as IAM would write it, classes simplified to ``*`` and ``?``."""
    return "".join(part if isinstance(part, str) else "*" if part.star else "?" for part in pattern)
