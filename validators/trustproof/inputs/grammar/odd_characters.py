"""
Symbols in the place of those parts of a text that have characters which there cannot be.

A text is looked at as its *shape*: one character for each of its own, and one for each symbol and policy variable,
whatever that is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from trustproof.model.text import MISTAKE, PLACEHOLDER, Symbol, Text, concat

#: What stands in a shape for a symbol or a policy variable, and for what may have more belonging to it, or cannot be.
KNOWN_LATER: Final = "\ue000"
_ODD: Final = "\ue001"
WILDCARDS: Final = "*?"
#: A policy variable, which stands for itself, and the default of one.
_VARIABLE: Final = re.compile(r"(\$\{[^{}]*\})")
_DEFAULT: Final = re.compile(r",\s*'(.*)'")
#: A placeholder that nothing closes, so that more may belong to it.
_UNCLOSED: Final = re.compile(r"\$\w+")
#: What people write by mistake, as a rule, where a text has no other sign that cannot be; and what encloses nothing,
#: being alone.
_SLIPS: Final = frozenset(" ,:/")
_ALONE: Final = frozenset("#;")
#: The signs of a choice in languages of templates, ``hub ? a : b``, of which the first is a wildcard to AWS.
_CHOICE: Final = (re.compile(r"\s\?\s"), re.compile(r"\s:\s"))
#: How many characters are shown of a part.
_SHOWN: Final = 60


class Span(NamedTuple):
    """Where a part of a shape begins and ends that cannot be."""

    start: int
    stop: int
    #: Whether it is most likely a slip of the pen, and no placeholder.
    is_mistake: bool = False


def other_than(characters: str) -> re.Pattern[str]:
    """A character of a shape that is none of these of ASCII, and no wildcard."""
    return re.compile(f"[^*?{KNOWN_LATER}{characters}]", re.ASCII)


def with_symbols(text: Text, impossible: re.Pattern[str], spans: Callable[[str], Iterable[Span]]) -> Text:
    """
    A text with symbols for its parts that cannot be.

    Args:
        impossible: a character that cannot be in the default of a variable.
        spans: where in a shape these parts begin and end, in their order.
    """
    pieces: list[str | Symbol] = []
    shape = ""
    for piece, sign in _pieces(text, impossible):
        pieces += [piece] if sign or isinstance(piece, Symbol) else piece
        shape += sign or str(piece).replace(KNOWN_LATER, _ODD)
    parts: list[str | Symbol] = []
    end = 0
    found = [Span(0, len(shape))] if is_choice(shape) else spans(shape)
    for start, stop, is_mistake in found:
        parts += [*pieces[end:start], _unknown(pieces[start:stop], is_mistake=is_mistake)]
        end = stop
    return concat([*parts, *pieces[end:]]) if end else text


def is_choice(shape: str) -> bool:
    """Whether a shape is a choice of another language."""
    first, second = _CHOICE
    found = first.search(shape)
    return found is not None and second.search(shape, found.end() - 1) is not None


def is_odd(shape: str, impossible: re.Pattern[str], begin: int, end: int) -> bool:
    """Whether there is an impossible character between two places of a shape."""
    return impossible.search(shape, begin, end) is not None


def is_slip(shape: str, impossible: re.Pattern[str], begin: int, end: int) -> bool:
    """Whether the impossible characters between two places of a shape are most likely a slip of the pen."""
    found = [one.group() for one in impossible.finditer(shape, begin, end)]
    signs = {*found}
    return len(signs) == 1 and (signs <= _SLIPS or (signs <= _ALONE and len(found) == 1))


def span_of(shape: str, impossible: re.Pattern[str], begin: int, end: int, starts: str, ends: str) -> list[Span]:
    """
    From the first impossible character between two places of a shape to the last one, with what stands around them;
    nothing where there is none.

    Args:
        starts: characters that what stands before them does not reach over.
        ends: characters that what stands behind them does not reach over.
    """
    if not is_odd(shape, impossible, begin, end):
        return []
    places = [one.start() for one in impossible.finditer(shape, begin, end)]
    last = places[-1] + 1
    start = max([begin, *(shape.rfind(char, begin, places[0]) + 1 for char in starts)])
    stop = min([end, *(place for char in ends if (place := shape.find(char, last, end)) != -1)])
    return [Span(start, stop, is_slip(shape, impossible, begin, end))]


def first_places(shape: str, characters: str, begin: int = 0) -> list[int]:
    """Where each of some characters is first, from a place on."""
    return [place for char in characters if (place := shape.find(char, begin)) != -1]


def may_begin(shape: str, beginning: str) -> bool:
    """Whether a shape may begin with some characters, where wildcards stand for what they may; an empty one too."""
    for char, wanted in zip(shape, beginning, strict=False):
        if char in ("*", KNOWN_LATER):
            return True
        if char not in ("?", wanted):
            return False
    return not shape or len(shape) >= len(beginning)


def as_a_mistake(shape: str) -> list[Span]:
    """The whole of a shape, which has the characters of its place and cannot be there."""
    return [Span(0, len(shape), is_mistake=True)]


def _pieces(text: Text, impossible: re.Pattern[str]) -> Iterable[tuple[str | Symbol, str]]:
    """What a text consists of, with the sign that stands for it in its shape; none for what stands for itself."""
    for part in (text,) if isinstance(text, str) else text.parts:
        if isinstance(part, Symbol):
            is_unclosed = part.holds == PLACEHOLDER and _UNCLOSED.fullmatch(part.name) is not None
            yield part, _ODD if is_unclosed else KNOWN_LATER
            continue
        for index, piece in enumerate(_VARIABLE.split(part)):
            if index % 2:
                default = _DEFAULT.search(piece)
                has_odd = default is not None and is_odd(default[1], impossible, 0, len(default[1]))
                yield piece, _ODD if has_odd else KNOWN_LATER
            elif piece:
                yield piece, ""


def _unknown(pieces: Sequence[str | Symbol], *, is_mistake: bool) -> Symbol:
    first, *others = pieces
    if isinstance(first, Symbol) and not others:
        return first
    what = "".join(map(_shown, pieces))
    shown = what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…"
    if is_mistake:
        reason = (
            f"{shown} can be nothing of AWS as it is written: correct it; or where another tool puts something in its "
            "place, check what it makes"
        )
        return Symbol(what, "intrinsic", doubt=reason, holds=MISTAKE, written=concat(pieces))
    reason = (
        f"{shown} stands where nothing of AWS has such characters: where another tool puts something in its place, "
        "check what it makes; else correct it"
    )
    return Symbol(what, "intrinsic", doubt=reason, holds=PLACEHOLDER)


def _shown(piece: str | Symbol) -> str:
    if isinstance(piece, str):
        return piece
    return piece.name if piece.holds in (MISTAKE, PLACEHOLDER) else f"<{piece.name}>"
