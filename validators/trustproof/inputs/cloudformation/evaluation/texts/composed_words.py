"""
Words that texts of a template may have, in one piece or put together of several: keys by which policies look at tags.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

#: What variables of functions and loops begin and end with.
_VARIABLE = re.compile(r"[$&]\{|\}")
#: How JSON may write a letter, and how a loop takes the letters and digits of a value.
_ESCAPE, _LETTERS_OF = "\\u", "&{"
#: Of more texts that others are split at, each may leave any piece.
_MOST_DELIMITERS = 8


class ComposedWord:
    """
    Tells which texts may have a word. What all of them may be put together of is looked through once.

    Args:
        word: in small letters; those of the texts do not matter.
        own: what may stand in each of the texts as a whole.
        others: what functions may take pieces of them from.
    """

    def __init__(self, word: str, own: object, others: object = None) -> None:
        self._word = word
        said = texts_in(own)
        self._is_said = any(word in text for text in said)
        self._shared = _sources(said, [own, others])
        #: What the shared texts have of the word, by what they are split at.
        self._parts: dict[frozenset[str], _Parts] = {}

    def may_be_in(self, text: object) -> bool:
        """Whether a text may have the word, with what may stand in it besides."""
        said = texts_in(text)
        if self._is_said or any(self._word in one for one in said):
            return True
        shared, own = self._shared, _sources(said, [text])
        known = shared.delimiters | own.delimiters
        is_known = shared.are_known and own.are_known
        if shared.has_escapes or own.has_escapes or not is_known or len(known) > _MOST_DELIMITERS:
            return True
        if known not in self._parts:
            self._parts[known] = _parts(self._word, {*_pieces(shared.texts, known)})
        return _is_made_of(self._word, self._parts[known], _parts(self._word, {*_pieces(own.texts, known)}))


def may_say(word: str, own: object) -> bool:
    """Whether a text may have a word, in small letters, which has something in it as a whole."""
    return ComposedWord(word, own).may_be_in(())


class _Sources(NamedTuple):
    """
    What texts are put together of, in small letters.
    """

    texts: frozenset[str]
    #: What they are split at.
    delimiters: frozenset[str]
    #: Whether that is known of all of them.
    are_known: bool
    #: Whether there may be letters in them that are written otherwise.
    has_escapes: bool


def _sources(said: set[str], value: list[object]) -> _Sources:
    """
    What stands in a value.

    Args:
        said: the texts and keys of what may stand in a text as a whole.
    """
    # A key of an object is made of nothing but itself, but for loops.
    values = [*_values(value)]
    items = (item for one in values for item in (one.values() if isinstance(one, Mapping) else _items(one)))
    looped = (text for text in said if "{" in text)
    texts = frozenset((*looped, *(item.lower() for item in items if isinstance(item, str))))
    escapes = any(_ESCAPE in text or _LETTERS_OF in text or text.endswith(_ESCAPE[0]) for text in texts)
    delimiters = [one for part in values for one in _delimiters(part)]
    known = frozenset(one.lower() for one in delimiters if isinstance(one, str))
    return _Sources(texts, known, all(isinstance(one, str) for one in delimiters), escapes)


def texts_in(value: object) -> set[str]:
    """All texts that a value has in it, and the keys, in small letters."""
    return {one.lower() for one in _values(value) if isinstance(one, str)}


class _Parts(NamedTuple):
    """
    What pieces have of a word.
    """

    #: How much of its beginning some end with.
    begun: frozenset[int]
    #: What some are that is in it.
    within: frozenset[str]
    #: After how much of it some begin with all the rest.
    ended: frozenset[int]


def _parts(word: str, pieces: Collection[str]) -> _Parts:
    places = range(1, len(word) + 1)
    return _Parts(
        frozenset(end for end in places if any(piece.endswith(word[:end]) for piece in pieces)),
        frozenset(piece for piece in pieces if piece and piece in word),
        frozenset(end for end in places if any(piece.startswith(word[end:]) for piece in pieces)),
    )


def _is_made_of(word: str, *parts: _Parts) -> bool:
    """Whether some pieces after each other have a word in them."""
    within = {piece for one in parts for piece in one.within}
    reached = {end for one in parts for end in one.begun}
    for start in range(1, len(word)):
        if start in reached:
            reached |= {end for end in range(start + 1, len(word) + 1) if word[start:end] in within}
    return any(not reached.isdisjoint(one.ended) for one in parts)


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
        if not isinstance(one, str) and isinstance(one, (Mapping, list)):
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
