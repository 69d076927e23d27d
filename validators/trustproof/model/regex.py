"""
What a regular expression says of the texts that it matches as a whole: the ``AllowedPattern`` of a parameter.

The expression is taken apart by Python's own parser. CloudFormation's dialect is Java's: what the two read differently,
or what is not understood here, is taken to admit anything. So is what stands under a repetition, except for its sample.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from trustproof.model import regex_match

#: How many alternatives one expression may have before they are not told apart.
MAX_ALTERNATIVES = 64
#: A class of at most so many characters is told apart by character, and a repetition by count.
_MAX_CLASS, _MAX_COUNTS = 8, 4
#: No value of a parameter is longer, in bytes.
_MAX_LENGTH = 4096
_FRIENDLY = "a1A-_./:@=+, "
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class _Some(NamedTuple):
    """Any text, as far as it is told here."""

    #: A text that the expression admits there; one with a wildcard of IAM where it speaks of one.
    sample: str


_Alternative: TypeAlias = "tuple[str | _Some, ...]"


@lru_cache(maxsize=256)
def shapes(pattern: str) -> tuple[tuple[str | None, ...], ...]:
    """
    Alternatives that together have every text an expression matches; None stands for any text.

    >>> shapes("^arn:aws:iam::111122223333:(role|user)/[a-z]+$")
    (('arn:aws:iam::111122223333:role/', None), ('arn:aws:iam::111122223333:user/', None))
    """
    found: dict[tuple[str | None, ...], None] = {}
    for alternative in _read(pattern) or [(_Some(""),)]:
        parts: list[str | None] = []
        for part in alternative:
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif isinstance(part, str):
                parts += [part] if part else []
            elif not parts or parts[-1] is not None:
                parts.append(None)
        found[tuple(parts)] = None
    return tuple(found)


@lru_cache(maxsize=256)
def values(pattern: str) -> tuple[str, ...]:
    """
    All texts that an expression matches, where it spells out a few of them; empty where it does not.

    >>> values("^(dev|prod)-[12]$")
    ('dev-1', 'dev-2', 'prod-1', 'prod-2')
    """
    found = []
    for shape in shapes(pattern):
        if None in shape:
            return ()
        found.append("".join(part for part in shape if part is not None))
    return tuple(text for text in found if _matches(pattern, text))


@lru_cache(maxsize=256)
def with_wildcard(pattern: str) -> str | None:
    """
    A text with a wildcard of IAM that an expression matches because it speaks of the wildcard; None without one.

    >>> with_wildcard("^[a-z*]+$"), with_wildcard(".+")
    ('*', None)
    """
    for alternative in _read(pattern):
        text = "".join(part if isinstance(part, str) else part.sample for part in alternative)
        if set(text) & set("*?") and _matches(pattern, text):
            return text
    return None


def _matches(pattern: str, text: str) -> bool:
    return regex_match.matches(pattern, text) is True


def _read(pattern: str) -> list[_Alternative]:
    """The alternatives of an expression; none where it cannot be read."""
    from re import _parser  # type: ignore[attr-defined]

    try:
        with warnings.catch_warnings():
            # Of what Python may read in another way some day, some is in Java's dialect read in that way now.
            warnings.simplefilter("error")
            tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError, Warning):
        return []
    if tree.state.flags & re.IGNORECASE:
        return []
    return _sequence(tree)


def _sequence(nodes: Iterable[Any]) -> list[_Alternative]:
    found: list[_Alternative] = [()]
    for code, argument in nodes:
        options = _node(str(code), argument)
        if len(found) * len(options) > MAX_ALTERNATIVES:
            options = [(_Some(_sample(options[0])),)]
        found = [(*before, *option) for before, option in product(found, options)]
    return found


def _node(code: str, argument: Any) -> list[_Alternative]:
    """What one node of a parse tree matches."""
    if code == "LITERAL":
        return [(chr(argument),)]
    if code in ("AT", "ASSERT", "ASSERT_NOT"):
        # They only exclude texts, and match no characters.
        return [()]
    if code == "BRANCH":
        found = [alternative for branch in argument[1] for alternative in _sequence(branch)]
        return found if len(found) <= MAX_ALTERNATIVES else [(_Some(_sample(found[0])),)]
    if code == "SUBPATTERN":
        _, added, removed, inner = argument
        return _sequence(inner) if not added and not removed else [(_Some(""),)]
    if code == "ATOMIC_GROUP":
        return _sequence(argument)
    if code in _REPEATS:
        return _repeated(*argument)
    if code == "IN":
        return _class(argument)
    return [(_Some("a" if code in ("ANY", "NOT_LITERAL") else ""),)]


def _repeated(least: int, most: Any, inner: Iterable[Any]) -> list[_Alternative]:
    options = _sequence(inner)
    if all(isinstance(part, str) for option in options for part in option):
        counts = range(least, int(most) + 1) if int(most) < least + _MAX_COUNTS else ()
        if counts and most <= _MAX_CLASS and sum(len(options) ** count for count in counts) <= MAX_ALTERNATIVES:
            chosen = (parts for count in counts for parts in product(options, repeat=count))
            return [tuple(piece for part in parts for piece in part) for parts in chosen]
    wild = next((text for text in map(_sample, options) if set(text) & set("*?")), None)
    sample = wild or _sample(options[0])
    times = min(max(least, 1 if most else 0), _MAX_LENGTH // max(len(sample), 1))
    return [(_Some(sample * times),)]


def _class(items: Sequence[Any]) -> list[_Alternative]:
    literals = [chr(argument) for code, argument in items if str(code) == "LITERAL"]
    if len(literals) == len(items) <= _MAX_CLASS:
        return [(char,) for char in literals]
    if str(items[0][0]) == "NEGATE":
        return [(_Some(next((char for char in _FRIENDLY if char not in literals), "")),)]
    ranges = [chr(argument[0]) for code, argument in items if str(code) == "RANGE"]
    wild = [char for char in literals if char in "*?"]
    return [
        (
            _Some(
                next(iter((*wild, *ranges, *literals, "1"))),
            ),
        )
    ]


def _sample(alternative: _Alternative) -> str:
    return "".join(part if isinstance(part, str) else part.sample for part in alternative)
