"""
What is seen of patterns, and of clauses, which are alternatives of them, without a search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from trustproof.sets.patterns import Pattern, Wildcard, exact, literal_text, matches, may_begin, shortest

#: Of how many clauses is remembered what they say.
_MAX_CLAUSES: Final = 500

#: A pattern, and what its strings surely end with.
_Ending: TypeAlias = "tuple[Pattern, str]"


@lru_cache(maxsize=_MAX_CLAUSES)
def texts_of(clause: frozenset[Pattern]) -> tuple[str, ...] | None:
    """The strings that a clause names, in order; None where it has a wildcard."""
    texts = [literal_text(pattern) for pattern in clause]
    return None if None in texts else tuple(sorted(text for text in texts if text is not None))


@lru_cache(maxsize=_MAX_CLAUSES)
def only_shortest(clause: frozenset[Pattern]) -> str | None:
    """The shortest string that matches a pattern of a clause, where no other one is as short; None else."""
    first, *others = sorted(clause, key=shortest)[:2]
    is_alone = all(shortest(other) > shortest(first) for other in others)
    runs = all(part.star for part in first if isinstance(part, Wildcard))
    return "".join(map(_literal, first)) if is_alone and runs else None


@lru_cache(maxsize=_MAX_CLAUSES)
def beginning_of(clause: frozenset[Pattern]) -> str:
    """What every string begins with that matches a pattern of a clause."""
    heads = [pattern[0] if pattern and isinstance(pattern[0], str) else "" for pattern in clause]
    # What the first and the last of them in order have in common, all between them have.
    first, last = min(heads, default=""), max(heads, default="")
    differs = (at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1])
    return first[: next(differs, len(first))]


@lru_cache(maxsize=_MAX_CLAUSES)
def clause_width(clause: frozenset[Pattern]) -> int:
    """How many positions the patterns of a clause have."""
    return sum(map(pattern_width, clause))


@lru_cache(maxsize=_MAX_CLAUSES)
def texts_matched_by(named: frozenset[Pattern], clause: frozenset[Pattern]) -> frozenset[str]:
    """Those of the strings that one clause names which another one matches: asked once for all sets that have both."""
    return frozenset(text for text in texts_of(named) or () if has_match(clause, text))


def has_match(patterns: frozenset[Pattern], text: str) -> bool:
    """Whether one of the patterns matches a text; exact names are found without a search."""
    if exact(text) in patterns:
        return True
    for size, by_literal in _wild(patterns):
        # Nearly all patterns are seen not to match by what they have within, like an account, or by how they end.
        for pattern, tail in _having(by_literal, size, text):
            if text.endswith(tail) and may_begin(pattern, text) and matches(pattern, text):
                return True
    return False


def _having(by_literal: Mapping[str, Sequence[_Ending]], size: int, text: str) -> Iterator[_Ending]:
    """What stands under the pieces of a text, all of one size; some of it more than once."""
    pieces = len(text) - size + 1
    if pieces < len(by_literal):
        for start in range(pieces):
            yield from by_literal.get(text[start : start + size], ())
        return
    for literal, ones in by_literal.items():
        if literal in text:
            yield from ones


@lru_cache(maxsize=_MAX_CLAUSES)
def _wild(patterns: frozenset[Pattern]) -> tuple[tuple[int, Mapping[str, Sequence[_Ending]]], ...]:
    """
    Those of the patterns that are no exact names, by the longest text that their strings contain, and by its size.

    Of the accounts of an organization there are a thousand patterns, and a text has some dozens of pieces of that size.
    """
    found: dict[int, dict[str, list[_Ending]]] = {}
    for pattern in patterns:
        if literal_text(pattern) is None:
            within = max(map(_literal, pattern), key=len)
            found.setdefault(len(within), {}).setdefault(within, []).append((pattern, _literal(pattern[-1])))
    return tuple(found.items())


def _literal(part: str | Wildcard) -> str:
    return part if isinstance(part, str) else ""


def pattern_width(pattern: Pattern) -> int:
    """How many positions a pattern has."""
    return sum(len(part) if isinstance(part, str) else 1 for part in pattern)


def pattern_order(pattern: Pattern) -> list[tuple[str, str]]:
    # Strings and Wild parts do not compare with each other.
    return [
        (part, "")
        if isinstance(part, str)
        else (part.chars, ("^" if part.negated else "") + ("*" if part.star else "?"))
        for part in pattern
    ]


def in_order(clauses: frozenset[frozenset[Pattern]]) -> list[list[Pattern]]:
    ordered = [sorted(clause, key=pattern_order) for clause in clauses]
    return sorted(ordered, key=lambda clause: [pattern_order(p) for p in clause])
