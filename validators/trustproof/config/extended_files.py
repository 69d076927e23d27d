"""
The order of the files that a configuration extends, and what they declare together.

A file stands on top of everything that it extends: what several others extend comes below all of them, once, so that
it never takes back what one of them refines. The order is that in which Python looks up methods, turned around (C3:
https://docs.python.org/3/howto/mro.html).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.config.model import Config, PropertySettings
from trustproof.errors import ConfigError
from trustproof.results.result import ERROR, OFF, SEVERITIES

#: Where something stands in a file.
_Keys: TypeAlias = "tuple[str | int, ...]"
_STRICTEST_FIRST = (*SEVERITIES, OFF)


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


def merge_files(files: Sequence[ConfigFile]) -> Config:
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
    _refuse_milder(files)
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


def _refuse_milder(files: Sequence[ConfigFile]) -> None:
    """
    What may not be waived in one file may not be switched off, or made milder, in another one.

    Which side of an option is the milder one only its property knows: each stays as it is.
    """
    by_path = {one.order[-1]: one for one in files}
    for at, file in enumerate(files):
        known = Config()
        for path in file.order:
            known = known.extended(by_path[path].own)
        for ident in (ident for ident, said in file.own.properties.items() if not said.waivable):
            settled = known.properties[ident]
            for other, keys, properties in _says(files):
                if other.order[-1] in file.order or (said := properties.get(ident)) is None:
                    continue
                if other in files[:at]:
                    said = _left_of(said, settled)
                _refuse_change(ident, said, settled, (file, other), (*keys, ident))


def _left_of(said: PropertySettings, above: PropertySettings) -> PropertySettings:
    """What counts of what a file says below another one: what that says nothing of."""
    options = {name: value for name, value in said.options.items() if name not in above.options}
    return said._replace(severity=None if above.severity else said.severity, options=options)


def _says(files: Sequence[ConfigFile]) -> Iterator[tuple[ConfigFile, _Keys, Mapping[str, PropertySettings]]]:
    """What files say of properties, and where; of the last one, its overrides too, which are no other's."""
    for file in files:
        yield file, ("properties",), file.own.properties
    for number, one in enumerate(files[-1].own.overrides):
        yield files[-1], ("override", number, "properties"), one.config.properties


def _refuse_change(
    ident: str, said: PropertySettings, settled: PropertySettings, files: tuple[ConfigFile, ConfigFile], keys: _Keys
) -> None:
    """Refuse what a file says of a property where another one has settled it."""
    there, here = files
    least = settled.severity or ERROR
    if said.severity is not None and _STRICTEST_FIRST.index(said.severity) > _STRICTEST_FIRST.index(least):
        wrong, key = f'the severity "{said.severity}" is milder than "{least}", which is settled', "severity"
    else:
        changed = (name for name, value in said.options.items() if settled.options.get(name) != value)
        key = next(changed, "")
        wrong = f"{key} is settled"
    if key:
        line = here.line((*keys, key)) or here.line(keys)
        raise ConfigError(f"{ident}: {wrong} by waivable = false in {there.name}", here.name, line)
