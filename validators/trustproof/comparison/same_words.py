"""
Access that is gained and access that is lost, where both are called the same: what their requests differ in tells them
apart, as another external id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustproof.model.request import ContextValue
from trustproof.results.difference import GAINED, LOST, AccessChange
from trustproof.results.result import Counterexample

#: What a message that something is lost says in place of `may`.
NO_LONGER = "may no longer"


def in_words_of_their_own(changes: Iterable[AccessChange]) -> Iterator[AccessChange]:
    """The changes; those of which one is the opposite of another, in their words, say what their requests carry."""
    given = [*changes]
    by_words: dict[str, list[AccessChange]] = {}
    for one in given:
        by_words.setdefault(_words(one), []).append(one)
    for one in given:
        opposite = {GAINED: LOST, LOST: GAINED}.get(one.direction)
        others = [other.counterexample for other in by_words[_words(one)] if other.direction == opposite]
        yield one._replace(message=f"{one.message}{_circumstances(one.counterexample, others)}") if others else one


def _words(one: AccessChange) -> str:
    return one.message.replace(f" {NO_LONGER} ", " may ", 1)


def _circumstances(shown: Counterexample, others: Sequence[Counterexample]) -> str:
    """What a request carries, and what it lacks, other than others; empty where they differ in nothing like that."""
    keys = dict.fromkeys(key for one in (shown, *others) for key in one.context)
    differing = [key for key in keys if any(_value(one, key) != _value(shown, key) for one in others)]
    there = [f"{key} {_called(value)}" for key in differing if (value := _value(shown, key)) is not None]
    absent = [key for key in differing if _value(shown, key) is None]
    return "".join(f", {word} {' and '.join(found)}" for word, found in (("with", there), ("without", absent)) if found)


def _value(found: Counterexample, key: str) -> ContextValue | None:
    return found.context.get(key, found.request.context.get(key.lower()))


def _called(value: ContextValue) -> str:
    return value if isinstance(value, str) else ", ".join(value)
