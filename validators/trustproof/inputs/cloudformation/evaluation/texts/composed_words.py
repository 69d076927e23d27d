"""
Words that texts of a template may have, in one piece or put together of several: keys by which policies look at tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

#: What variables of functions and loops begin and end with.
_VARIABLE = re.compile(r"[$&]\{|\}")
#: How JSON may write a letter, and how a loop takes the letters and digits of a value.
_ESCAPE, _LETTERS_OF = "\\u", "&{"
#: Of more texts that others are split at, each may leave any piece.
_MOST_DELIMITERS = 8


def may_say(word: str, own: object, others: object = None) -> bool:
    """
    Whether a text may have a word.

    Args:
        word: in small letters; those of the text do not matter.
        own: what has the text, and all that may stand in it as a whole.
        others: what functions may take pieces of it from.
    """
    said = texts_in(own)
    if any(word in text for text in said):
        return True
    # A key of an object is made of nothing but itself, but for loops.
    values = [*_values([own, others])]
    items = (item for one in values for item in (one.values() if isinstance(one, Mapping) else _items(one)))
    looped = (text for text in said if "{" in text)
    texts = {*looped, *(item.lower() for item in items if isinstance(item, str))}
    if any(_ESCAPE in text or _LETTERS_OF in text or text.endswith(_ESCAPE[0]) for text in texts):
        return True
    delimiters = [one for value in values for one in _delimiters(value)]
    known = {one.lower() for one in delimiters if isinstance(one, str)}
    if len(known) > _MOST_DELIMITERS or not all(isinstance(one, str) for one in delimiters):
        return True
    return _is_made_of(word, {*_pieces(texts, known)})


def texts_in(value: object) -> set[str]:
    """All texts that a value has in it, and the keys, in small letters."""
    return {one.lower() for one in _values(value) if isinstance(one, str)}


def _is_made_of(word: str, pieces: Iterable[str]) -> bool:
    """Whether some pieces after each other have a word in them."""
    within = {piece for piece in pieces if piece and piece in word}
    reached = {end for end in range(1, len(word) + 1) if any(piece.endswith(word[:end]) for piece in pieces)}
    for start in range(1, len(word)):
        if start in reached:
            reached |= {end for end in range(start + 1, len(word) + 1) if word[start:end] in within}
    return any(piece.startswith(word[end:]) for end in reached for piece in pieces)


def _pieces(texts: Iterable[str], delimiters: Iterable[str]) -> Iterator[str]:
    """What stands between variables, and the parts of it where something is split."""
    for text in texts:
        for piece in _VARIABLE.split(text):
            yield piece
            for delimiter in delimiters:
                yield from piece.split(delimiter or None)


def _values(value: object) -> Iterator[object]:
    """A value, all that it has in it, and the keys; what stands there several times once."""
    left, seen = [value], set[int]()
    while left:
        one = left.pop()
        if isinstance(one, (Mapping, list)):
            if id(one) in seen:
                continue
            seen.add(id(one))
            left += [*one, *one.values()] if isinstance(one, Mapping) else one
        yield one


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _delimiters(value: object) -> Iterator[object]:
    """What a text is split at."""
    split = value.get("Fn::Split") if isinstance(value, Mapping) else None
    if isinstance(split, list) and split:
        yield split[0]
