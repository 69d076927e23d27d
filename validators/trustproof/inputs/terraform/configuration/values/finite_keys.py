"""
Keys that may be one of a few texts: an object with such a key is one object for each.

https://developer.hashicorp.com/terraform/language/expressions/types#maps-objects
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Equal, Not
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Choice, Known, Text, Value

#: So many objects are told apart at most where keys have several values.
_MOST_OBJECTS = 16


def at_each(keys: Sequence[Value], make: Callable[[Sequence[Value]], Value]) -> Value:
    """
    What is made of keys, for each of the texts that they may be; of too many, of the keys as they are.

    Raises:
        Fault: nothing can be made of any.
    """
    choices = [key for key in keys if isinstance(key, Choice)]
    is_told_apart = choices and prod(map(convert.outcomes, choices)) <= _MOST_OBJECTS
    return _at_each(keys, make) if is_told_apart else make(keys)


def _at_each(keys: Sequence[Value], make: Callable[[Sequence[Value]], Value]) -> Value:
    for at, key in enumerate(keys):
        if isinstance(key, Choice):
            return convert.choose(key, lambda one, at=at: _at_each((*keys[:at], one, *keys[at + 1 :]), make))  # type: ignore[misc]
    return make(keys)


def opened(key: Value, texts_of: Callable[[Variable], Sequence[str]]) -> Value:
    """
    A key in which variables that may be one of a few texts are choices between them.

    Args:
        texts_of: all texts that a variable may be; none where it may be others.
    """
    if isinstance(key, Choice):
        then, otherwise = opened(key.then, texts_of), opened(key.otherwise, texts_of)
        return Choice(key.condition, then, otherwise, key.place, key.sensitive)
    if isinstance(key, Text):
        pieces = [opened(piece, texts_of) for piece in key.pieces]
        if any(isinstance(piece, Choice) for piece in pieces):
            return at_each(pieces, lambda found: convert.join_texts(found, key.place))
        return key
    texts = texts_of(key) if isinstance(key, Variable) else ()
    if not texts or not isinstance(key, Variable):
        return key
    *others, last = texts
    found: Value = Known(last, key.place, key.sensitive)
    for text in reversed(others):
        one = Known(text, key.place, key.sensitive)
        found = Choice(Equal(key.name, text), one, found, key.place, key.sensitive)
    return found


def texts_but_for(never: Condition) -> tuple[str, tuple[str, ...]] | None:
    """
    A variable, and the texts that it has to be one of where something never holds: that it is none of them. None where
    that is not what never holds.
    """
    parts = never.of if isinstance(never, AllOf) else (never,)
    excluded = [part.of for part in parts if isinstance(part, Not) and isinstance(part.of, Equal)]
    names = {one.name for one in excluded}
    texts = tuple(dict.fromkeys(one.value for one in excluded if isinstance(one.value, str)))
    if len(excluded) < len(parts) or len(names) != 1 or any(not isinstance(one.value, str) for one in excluded):
        return None
    return names.pop(), texts
