"""
The finite partition of all texts that a list of patterns can tell apart, one text for each part.

All patterns run together as one deterministic automaton, and every set of patterns that some text matches is reached.
This is the other way round from the engine, which looks for one member of one set and never determinises.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, TypeAlias


class Token(NamedTuple):
    """One character of a class, or with `star` a run of them; `negated` classes hold all other characters."""

    chars: frozenset[str]
    negated: bool
    star: bool

    def takes(self, char: str) -> bool:
        """Whether the class holds a character."""
        return (char in self.chars) is not self.negated


Tokens: TypeAlias = "tuple[Token, ...]"
#: How many states the automaton of one key may have.
MAX_STATES = 3_000
_STRANGERS = "zqxkjwv~ŽžŹź"


def exactly(text: str) -> Tokens:
    """Just this text."""
    return tuple(Token(frozenset(char), False, False) for char in text)


def ignoring_case(text: str) -> Tokens:
    """This text in any mixture of cases, ASCII letters only."""
    both = (char.lower() + char.upper() if char.isascii() else char for char in text)
    return tuple(Token(frozenset(chars), False, False) for chars in both)


def wildcards(text: str, barred: str = "") -> Tokens:
    """``*`` and ``?`` match all characters but the barred ones."""
    others = frozenset(barred)
    kinds = {"*": Token(others, True, True), "?": Token(others, True, False)}
    return tuple(kinds.get(char) or Token(frozenset(char), False, False) for char in text)


def arn_wildcards(text: str) -> Tokens:
    """Six fields, the first five without colons; no token sequence that matches for less than six."""
    fields = text.split(":", 5)
    if len(fields) < 6:
        return (Token(frozenset(), False, False),)
    out: Tokens = ()
    for field in fields[:5]:
        out += (*wildcards(field, ":"), *exactly(":"))
    return out + wildcards(fields[5])


def some_of(chars: str, least: int) -> Tokens:
    """At least so many characters of a class."""
    one = Token(frozenset(chars), False, False)
    return (one,) * least + (one._replace(star=True),)


#: Any text at all.
EVERYTHING = wildcards("*")


def parts(patterns: list[Tokens], shape: Tokens = EVERYTHING) -> list[str] | None:
    """
    One text, a shortest one, for each set of patterns that a text of this shape can match; None where there are too
    many.
    """
    everything = [*patterns, shape]
    letters = _letters({token for tokens in everything for token in tokens})
    start = tuple(_closed(tokens, {0}) for tokens in everything)
    words = {start: ""}
    queue = deque([start])
    found: dict[tuple[bool, ...], str] = {}
    while queue:
        state = queue.popleft()
        accepted = tuple(len(tokens) in places for tokens, places in zip(everything, state, strict=True))
        if accepted[-1]:
            found.setdefault(accepted, words[state])
        if not state[-1]:
            continue
        for char in letters:
            following = tuple(_step(tokens, places, char) for tokens, places in zip(everything, state, strict=True))
            if following not in words:
                words[following] = words[state] + char
                queue.append(following)
        if len(words) > MAX_STATES:
            return None
    return [found[accepted] for accepted in sorted(found)]


def _letters(tokens: set[Token]) -> list[str]:
    """A character for each way that tokens take characters."""
    written = sorted({char for token in tokens for char in token.chars})
    written.append(next(char for char in _STRANGERS if char not in written))
    classes = {(token.chars, token.negated) for token in tokens}
    one: dict[tuple[bool, ...], str] = {}
    for char in written:
        one.setdefault(tuple((char in chars) is not negated for chars, negated in classes), char)
    return list(one.values())


def _closed(tokens: Tokens, places: set[int]) -> frozenset[int]:
    """A star may match nothing."""
    out = set(places)
    for place in sorted(places):
        while place < len(tokens) and tokens[place].star:
            place += 1
            out.add(place)
    return frozenset(out)


def _step(tokens: Tokens, places: frozenset[int], char: str) -> frozenset[int]:
    out: set[int] = set()
    for place in places:
        if place < len(tokens) and tokens[place].takes(char):
            out.add(place if tokens[place].star else place + 1)
    return _closed(tokens, out)
