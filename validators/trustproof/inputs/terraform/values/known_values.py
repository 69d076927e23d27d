"""
Values of plans and states, made only of what somebody asks for: most of a plan has nothing to do with access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy

from trustproof.inputs.terraform.values.values import ATTRIBUTE, Entry, Fields, Items, Known, Symbol, Value

#: Arguments that say nothing of what a resource does.
_OF_NO_ACCOUNT = frozenset(("description", "tags", "tags_all"))


class KnownValues(Mapping[str, Value]):
    """
    The arguments and attributes of one instance.

    Args:
        address: of the instance.
        values: as JSON has them.
        unknown: a mark for each that is not known.
        sensitive: a mark for each that is never shown.
        is_set: of those that are unknown in whole, the ones that the configuration sets; None where nobody knows.
    """

    __slots__ = ("_address", "_is_set", "_made", "_sensitive", "_unknown", "_values")

    def __init__(
        self,
        address: str,
        values: Mapping[str, object],
        unknown: object = None,
        sensitive: object = None,
        is_set: frozenset[str] | None = None,
    ) -> None:
        self._address = address
        self._values = values
        self._unknown = unknown if isinstance(unknown, Mapping) else {}
        self._sensitive = sensitive
        self._is_set = is_set
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._make(name)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._values
        yield from (name for name in self._unknown if name not in self._values and self._counts(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._values or (isinstance(name, str) and self._counts(name))

    @property
    def given(self) -> str:
        """All of it, as a text: equal where two resources are given the same."""
        said = {name: self[name] for name in sorted({*self}) if name not in _OF_NO_ACCOUNT}
        return f"{self._address}: {said!r}"

    def raw(self, name: str) -> object:
        """A known value as JSON has it, without marks; None where there is none."""
        return self._values.get(name)

    @property
    def known(self) -> Mapping[str, object]:
        """All that is known, as JSON has it."""
        return self._values

    @property
    def unknown(self) -> Mapping[str, object]:
        """The marks of what is set and not known."""
        return {name: mark for name, mark in self._unknown.items() if mark and self._counts(name)}

    def is_computed(self, name: str) -> bool:
        """Whether a value is there that the configuration does not set."""
        return self._is_set is not None and name not in self._is_set

    def sets(self, name: str) -> bool:
        """Whether the configuration is known to set an argument."""
        return self._is_set is not None and name in self._is_set

    def with_value(self, name: str, value: Value) -> KnownValues:
        """The same with another value of one of them."""
        found = copy(self)
        found._made = {**self._made, name: value}
        return found

    def _counts(self, name: str) -> bool:
        """Whether something unknown has been set: else it is only computed."""
        mark = self._unknown.get(name)
        return bool(mark) and (mark is not True or self._is_set is None or name in self._is_set)

    def _make(self, name: str) -> Value:
        mark = self._unknown.get(name) if self._counts(name) else None
        if name not in self._values and not mark:
            raise KeyError(name)
        hidden = self._sensitive.get(name) if isinstance(self._sensitive, Mapping) else self._sensitive
        return _value(self._values.get(name), mark, hidden, f"{self._address}.{name}")


def _value(known: object, unknown: object, sensitive: object, name: str) -> Value:
    """
    A value with its marks.

    Args:
        name: what to call it where it is not known.
    """
    hidden = sensitive is True
    if unknown is True:
        return Symbol(name, ATTRIBUTE, sensitive=hidden)
    if isinstance(known, dict) or isinstance(unknown, dict):
        values, marks = known if isinstance(known, dict) else {}, unknown if isinstance(unknown, dict) else {}
        keys = dict.fromkeys((*values, *(key for key in marks if marks[key])))
        entries = tuple(
            Entry(Known(key), _value(values.get(key), marks.get(key), _inner(sensitive, key), f"{name}.{key}"))
            for key in keys
        )
        return Fields(entries, sensitive=hidden)
    if isinstance(known, list) or isinstance(unknown, list):
        listed, marked = known if isinstance(known, list) else [], unknown if isinstance(unknown, list) else []
        count = max(len(listed), len(marked))
        items = tuple(
            _value(_at(listed, index), _at(marked, index), _inner(sensitive, index), f"{name}[{index}]")
            for index in range(count)
        )
        return Items(items, sensitive=hidden)
    if known is None or isinstance(known, (str, bool, int, float)):
        return Known(known, sensitive=hidden)
    return Known(str(known), sensitive=hidden)


def _at(values: list[object], index: int) -> object:
    return values[index] if index < len(values) else None


def _inner(mark: object, step: str | int) -> object:
    """The mark of a part of something marked."""
    if mark is True:
        return True
    if isinstance(mark, Mapping):
        return mark.get(step)
    if isinstance(mark, list) and isinstance(step, int):
        return _at(mark, step)
    return None
