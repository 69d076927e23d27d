"""
The order of the files that a configuration extends, and what they declare together.

A file stands on top of everything that it extends: what several others extend comes below all of them, once, so that
it never takes back what one of them refines. The order is that in which Python looks up methods, turned around (C3:
https://docs.python.org/3/howto/mro.html).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trustproof.config.model import Config
from trustproof.errors import ConfigError


class ConfigFile(NamedTuple):
    """
    A file, by itself.
    """

    #: As a person would write it.
    name: str
    #: What it says, without what it extends.
    own: Config
    #: The files on top of which it stands, by their real paths: what wins comes last, and is itself.
    order: tuple[str, ...]
    #: The line of a table in it.
    line: Callable[[tuple[str | int, ...]], int | None]


class OrderError(ValueError):
    """
    Two files that each have to come before the other.
    """

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first, second)
        self.pair: tuple[str, str] = first, second


def order_of(own: str, bases: Sequence[str], orders: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """
    A file, below it whatever it extends, and so on: each once, and none below what it extends itself.

    Args:
        own: the file.
        bases: what it extends, in the order of its list; a later one wins over an earlier one.
        orders: the order of each of these.

    Returns:
        What wins comes last.

    Raises:
        OrderError: the lists of two files contradict each other.
    """
    # Whoever names a file after one that extends it has said what the other one says already.
    listed = [base for at, base in enumerate(bases) if not any(base in orders[before][:-1] for before in bases[:at])]
    left = [list(one) for one in (listed, *(orders[base] for base in bases)) if one]
    # How often a file has to wait for another one.
    waiting = Counter(name for one in left for name in one[:-1])
    found = [own]
    while left:
        # The later in the list, the nearer to the top.
        heads = [one[-1] for one in reversed(left)]
        head = next((name for name in heads if not waiting[name]), None)
        if head is None:
            first, second = list(dict.fromkeys(heads))[:2]
            raise OrderError(first, second)
        found.append(head)
        for one in left:
            if one[-1] == head:
                one.pop()
                if one:
                    waiting[one[-1]] -= 1
        left = [one for one in left if one]
    return tuple(reversed(found))


def merged(files: Sequence[ConfigFile]) -> Config:
    """
    What files declare together: each says it on top of those before it.

    Raises:
        ConfigError: the last one waives what may not be waived, or one says otherwise what another one has settled.
    """
    whole = Config()
    settled: dict[str, ConfigFile] = {}
    for file in files:
        _refuse_replacements(file, whole, settled)
        for ident, said in file.own.properties.items():
            if not said.waivable:
                settled.setdefault(ident, file)
        whole = whole.extended(file.own)
    refused = next((one for one in whole.waivers if one.ident in settled), None)
    if refused is not None:
        where = settled[refused.ident].name
        raise ConfigError(
            f"{refused.ident} cannot be waived: waivable = false in {where}", files[-1].name, refused.line
        )
    return whole


def _refuse_replacements(file: ConfigFile, whole: Config, settled: Mapping[str, ConfigFile]) -> None:
    """An invariant of one's own under the name of one that may not be waived would be a waiver of it."""
    before = {one.name: one for one in whole.invariants}
    for number, one in enumerate(file.own.invariants):
        severity = file.own.severity(one.ident)
        if one.ident in settled and (before[one.name], whole.severity(one.ident)) != (one, severity):
            raise ConfigError(
                f'the invariant "{one.name}" takes the place of one with waivable = false in '
                f"{settled[one.ident].name}; give it another name, and both are asked",
                file.name,
                file.line(("invariant", number)),
            )
