"""
The values of parameters at which a name that they make matches a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, permutations, product
from typing import NamedTuple

from trustproof.engine.operands import spellings
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.sets.patterns import Wildcard, exact, join, like
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: So many values are looked for of what a pattern with a wildcard asks for: one to begin with, and one for all others.
_VALUES = 2
#: So many names are looked at for these; a parameter may refuse what it would be in one.
_TRIED = 8
#: So many values are looked at that parameters may have where one of these names gives no value that they admit.
_MOST_READINGS = 64
_WILDCARDS = frozenset("*?")
#: Added to a value, where another one is wanted.
_ELSE = "-2"
#: What is given for a part of a name or ARN.
_OPEN = Wildcard(":", True, True)


class Samples(NamedTuple):
    """
    Values of parameters at which a name matches a pattern.
    """

    found: Sequence[Mapping[str, str]] = ()
    #: Whether there may be such values where none was found.
    is_open: bool = False


def samples(
    pattern: str,
    text: Symbolic,
    names: Sequence[str],
    defaults: Mapping[str, str | None],
    admits: Callable[[Symbol, str], bool],
) -> Samples:
    """
    Some of the values of parameters at which a text matches a pattern; the others have their defaults.

    Args:
        names: the parameters.
        defaults: of these and of others.
        admits: whether a parameter may have a value.
    """
    kept = {name: value for name, value in defaults.items() if name not in names}
    parts = [_at_default(part, kept) for part in text.parts]
    wanted = StringSet.of([like(pattern)])
    whole = wanted & StringSet.of([_open(one) for one in spellings(Symbolic(text.parts))])
    whole &= StringSet.of([join(*(part if isinstance(part, str) else _OPEN for part in parts))])
    shape = re.compile(_expression(parts, names), re.DOTALL)
    symbols = {one.name: one for one in text.symbols}
    found: list[Mapping[str, str]] = []
    tried: list[str] = []
    preferred: list[str] = []
    most = _VALUES if names and _WILDCARDS & {*pattern} else 1
    is_all = False
    try:
        while len(found) < most and len(tried) < _TRIED and not is_all:
            name = (whole & StringSet.outside(map(exact, tried))).sample(preferred)
            is_all = name is None
            for read, values in islice(_readings(parts, names, defaults, name or "", shape), _MOST_READINGS):
                is_other = name is not None and values not in found and (read == name or read in wanted)
                if is_other and all(admits(symbols[one], value) for one, value in values.items()):
                    found.append(values)
                    preferred = [*_others(read, shape, names)]
                    break
            tried += [] if name is None else [name]
    except BudgetReached:
        pass
    return Samples(found, not found and not is_all)


def _open(text: Text) -> tuple[str | Wildcard, ...]:
    parts = text.parts if isinstance(text, Symbolic) else (text,)
    return join(*(part if isinstance(part, str) else _OPEN for part in parts))


def _others(name: str, shape: re.Pattern[str], names: Sequence[str]) -> Iterator[str]:
    """Names that somebody may read, to stand for all others."""
    match = shape.fullmatch(name)
    if match is not None:
        for number in range(len(names) + 1):
            yield name[: match.end(number)] + _ELSE + name[match.end(number) :]
        if names:
            yield name[: match.start(1)] + _ELSE[::-1] + name[match.start(1) :]


def _readings(
    parts: Sequence[str | Symbol],
    names: Sequence[str],
    defaults: Mapping[str, str | None],
    name: str,
    shape: re.Pattern[str],
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """
    The values of parameters by which a text is called so, or nearly so, each with what it is called.

    A parameter that stands in it several times may be something else in each place of the name: then it is what it was
    in one of them, or in two of them, one behind the other. One that has to be as long as its default, or of the same
    kind, begins or ends like that.
    """
    if match := shape.fullmatch(name):
        yield name, {each: match[f"g{number}"] for number, each in enumerate(names)}
    written = ""
    symbols = [part.name for part in parts if isinstance(part, Symbol)]
    for part in parts:
        is_listed = isinstance(part, Symbol) and part.allowed
        written += re.escape(part) if isinstance(part, str) else "([^:]*?)" if not is_listed else f"({_listed(part)})"
    match = re.fullmatch(written, name, re.DOTALL)
    if match is None:
        return
    were: dict[str, list[str]] = {}
    for symbol, value in zip(symbols, match.groups(), strict=True):
        were.setdefault(symbol, []).append(value)
    maybe = [
        [*dict.fromkeys(_nearly(one, values, defaults) if one in names else values)] for one, values in were.items()
    ]
    for chosen in product(*maybe):
        values = dict(zip(were, chosen, strict=True))
        read = "".join(part if isinstance(part, str) else values[part.name] for part in parts)
        yield read, {each: values[each] for each in names}


def _nearly(name: str, values: Sequence[str], defaults: Mapping[str, str | None]) -> Iterator[str]:
    yield from values
    yield from map("".join, permutations(dict.fromkeys(values), 2))
    default = defaults.get(name) or ""
    for value in values:
        yield value + default[len(value) :]
        yield default[: max(0, len(default) - len(value))] + value


def _at_default(part: str | Symbol, defaults: Mapping[str, str | None]) -> str | Symbol:
    default = defaults.get(part.name) if isinstance(part, Symbol) else None
    return part if default is None else default


def _expression(parts: Sequence[str | Symbol], names: Sequence[str]) -> str:
    """A regular expression for a text, in which each of some parameters is a group."""
    written = ""
    for part in parts:
        if isinstance(part, str):
            written += re.escape(part)
        elif part.name not in names:
            written += f"(?:{_listed(part)})" if part.allowed else "[^:]*?"
        else:
            group = f"g{names.index(part.name)}"
            written += f"(?P={group})" if f"(?P<{group}>" in written else f"(?P<{group}>[^:]*?)"
    return written


def _listed(symbol: Symbol) -> str:
    return "|".join(map(re.escape, symbol.allowed or ()))
