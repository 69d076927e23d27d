"""
What a regular expression says of the texts that it matches as a whole: the ``AllowedPattern`` of a parameter.

What Python and Java read differently (see `regex_syntax`), or what is not understood here, is taken to admit anything.
So is what stands under a repetition, except for its sample.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeAlias

from trustproof.model import regex_match
from trustproof.model.regex_syntax import parse
from trustproof.model.regex_tree import (
    Alternatives,
    Anchor,
    AnyCharacter,
    AtomicGroup,
    Character,
    CharacterCategory,
    CharacterClass,
    CharacterRange,
    Group,
    Item,
    LookAround,
    Node,
    Nodes,
    Repetition,
)

#: How many alternatives one expression may have before they are not told apart.
MAX_ALTERNATIVES = 64
#: A class of at most so many characters is told apart by character, and a repetition by count.
_MAX_CLASS, _MAX_COUNTS = 8, 4
#: No value of a parameter is longer, in bytes.
_MAX_LENGTH = 4096
_FRIENDLY = "a1A-_./:@=+, "


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
    admitted = [(text, regex_match.matches_in_java(pattern, text)) for text in found]
    if any(is_admitted is None for _, is_admitted in admitted):
        return ()
    return tuple(text for text, is_admitted in admitted if is_admitted)


@lru_cache(maxsize=256)
def with_wildcard(pattern: str) -> str | None:
    """
    A text with a wildcard of IAM that an expression matches because it speaks of the wildcard; None without one.

    >>> with_wildcard("^[a-z*]+$"), with_wildcard(".+")
    ('*', None)
    """
    for alternative in _read(pattern):
        text = "".join(part if isinstance(part, str) else part.sample for part in alternative)
        if set(text) & set("*?") and regex_match.matches_in_java(pattern, text):
            return text
    return None


def _read(pattern: str) -> list[_Alternative]:
    """The alternatives of an expression; none where it cannot be read."""
    expression = parse(pattern)
    if expression is None or not expression.is_portable:
        return []
    if "i" in expression.flags and not _has_no_case(expression.nodes):
        return []
    return _sequence(expression.nodes)


def _has_no_case(nodes: Nodes) -> bool:
    """Whether all that is matched is digits and signs that are written out, of which no flag says anything."""
    for node in nodes:
        if isinstance(node, Character):
            if _has_case(node.char):
                return False
        elif isinstance(node, CharacterClass):
            if node.negated or not all(map(_is_of_digits, node.items)):
                return False
        elif isinstance(node, Alternatives):
            if not all(map(_has_no_case, node.options)):
                return False
        elif not isinstance(node, (Group, Repetition)) or not _has_no_case(node.inner):
            return False
    return True


def _has_case(char: str) -> bool:
    """Whether a flag may say something of a character: of its case, or that it is none of the expression."""
    return char.isalpha() or char.isspace() or char == "#"


def _is_of_digits(item: Item) -> bool:
    """Whether an item of a class is of digits of ASCII, or a sign that is written out."""
    if isinstance(item, CharacterRange):
        return "0" <= item.first <= item.last <= "9"
    if isinstance(item, CharacterCategory):
        return item.category == "digit" and not item.negated
    return not _has_case(item.char)


def _sequence(nodes: Nodes) -> list[_Alternative]:
    found: list[_Alternative] = [()]
    for node in nodes:
        options = _node(node)
        if len(found) * len(options) > MAX_ALTERNATIVES:
            options = [(_Some(_sample(options[0])),)]
        found = [(*before, *option) for before, option in product(found, options)]
    return found


def _node(node: Node) -> list[_Alternative]:
    """What one part of an expression matches."""
    if isinstance(node, Character):
        return [(node.char,)]
    if isinstance(node, (Anchor, LookAround)):
        # They only exclude texts, and match no characters.
        return [()]
    if isinstance(node, Alternatives):
        found = [alternative for option in node.options for alternative in _sequence(option)]
        return found if len(found) <= MAX_ALTERNATIVES else [(_Some(_sample(found[0])),)]
    if isinstance(node, (Group, AtomicGroup)):
        has_flags = isinstance(node, Group) and node.has_flags and not _has_no_case(node.inner)
        return [(_Some(""),)] if has_flags else _sequence(node.inner)
    if isinstance(node, Repetition):
        return _repeated(node)
    if isinstance(node, CharacterClass):
        return _class(node)
    return [(_Some("a" if isinstance(node, AnyCharacter) else ""),)]


def _repeated(node: Repetition) -> list[_Alternative]:
    options = _sequence(node.inner)
    least, most = node.least, node.most
    if most is not None and all(isinstance(part, str) for option in options for part in option):
        counts = range(least, most + 1) if most < least + _MAX_COUNTS else ()
        if counts and most <= _MAX_CLASS and sum(len(options) ** count for count in counts) <= MAX_ALTERNATIVES:
            chosen = (parts for count in counts for parts in product(options, repeat=count))
            return [tuple(piece for part in parts for piece in part) for parts in chosen]
    wild = next((text for text in map(_sample, options) if set(text) & set("*?")), None)
    sample = wild or _sample(options[0])
    times = min(max(least, 0 if most == 0 else 1), _MAX_LENGTH // max(len(sample), 1))
    return [(_Some(sample * times),)]


def _class(node: CharacterClass) -> list[_Alternative]:
    literals = [item.char for item in node.items if isinstance(item, Character)]
    if node.negated:
        return [(_Some(next((char for char in _FRIENDLY if char not in literals), "")),)]
    if len(literals) == len(node.items) <= _MAX_CLASS:
        return [(char,) for char in literals]
    ranges = [item.first for item in node.items if isinstance(item, CharacterRange)]
    wild = [char for char in literals if char in "*?"]
    return [(_Some(next(iter((*wild, *ranges, *literals, "1")))),)]


def _sample(alternative: _Alternative) -> str:
    return "".join(part if isinstance(part, str) else part.sample for part in alternative)
