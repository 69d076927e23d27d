"""
Take values out of TOML tables, one checked key at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, TypeVar

_T = TypeVar("_T")

#: Takes a value and returns what is accepted in words if it is not that, else None.
Check = Callable[[object], "str | None"]


class AccountsError(ValueError):
    """The accounts file is not what it must be."""


class Table:
    """
    A table of the file: knows its place in it, and which of its keys nobody has asked for.
    """

    def __init__(self, value: object, file: str, place: tuple[str, ...] = ()) -> None:
        self._file = file
        self._place = place
        if not isinstance(value, Mapping):
            raise self._error("a table", value)
        self._value: Mapping[str, Any] = value
        self._asked: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """The keys that are there."""
        return iter(self._value)

    def table(self, key: str) -> Table:
        """A table inside; it must be there."""
        return Table(self._get(key), self._file, (*self._place, key))

    def named(self, key: str, read: Callable[[str, Table], _T]) -> dict[str, _T]:
        """A table of tables, each with a name of its own, sorted by name."""
        tables = self.table(key)
        for entry in tables:
            tables._check(name, entry, entry)
        if not tables._value:
            raise tables._error("a table with at least one entry", {})
        return {entry: read(entry, tables.table(entry)) for entry in sorted(tables)}

    def value(self, key: str, check: Check) -> str:
        """A text; it must be there."""
        return self._check(check, self._get(key), key)

    def values(self, key: str, check: Check, accepted: Container[str] | None = None) -> tuple[str, ...]:
        """A list of texts, each different, at least one; of the accepted ones if these are given."""
        found = self._get(key)
        if not isinstance(found, list) or not found:
            raise self._error("a list with at least one text", found, key)
        for entry in found:
            self._check(check, entry, key)
            if accepted is not None and entry not in accepted:
                raise self._error(f"a list of {_words(accepted)}", entry, key)
        if len(set(found)) < len(found):
            raise self._error("a list without duplicates", found, key)
        return tuple(found)

    def integer(self, key: str, minimum: int, maximum: int, *, default: _T) -> int | _T:
        """A number within bounds; the default where the key is not there."""
        self._asked.append(key)
        if key not in self._value:
            return default
        found = self._value[key]
        if not isinstance(found, int) or isinstance(found, bool) or not minimum <= found <= maximum:
            raise self._error(f"a number from {minimum} to {maximum}", found, key)
        return found

    def expect(self, known: Container[str], what: str) -> None:
        """Every key must be one of the known ones."""
        for key in self._value:
            if key not in known:
                raise AccountsError(f"{self._file}: {self._name(key)} must be the name of an {what}: {_words(known)}")

    def refuse_the_rest(self) -> None:
        """A key that nobody has asked for is a mistake."""
        for key in self._value:
            if key not in self._asked:
                raise AccountsError(
                    f"{self._file}: unknown key {self._name(key)}; accepted here: {_words(self._asked)}"
                )

    def _get(self, key: str) -> object:
        self._asked.append(key)
        if key not in self._value:
            raise AccountsError(f"{self._file}: {self._name(key)} is missing")
        return self._value[key]

    def _check(self, check: Check, value: object, key: str) -> str:
        accepted = check(value)
        if accepted is not None or not isinstance(value, str):
            raise self._error(accepted or "a text", value, key)
        return value

    def _error(self, accepted: str, value: object, *key: str) -> AccountsError:
        return AccountsError(f"{self._file}: {self._name(*key)} must be {accepted}, got {value!r}")

    def _name(self, *key: str) -> str:
        return ".".join((*self._place, *key))


def account_id(value: object) -> str | None:
    """A 12-digit account id."""
    return _pattern(value, r"[0-9]{12}", "a 12-digit AWS account id in quotes")


def organization_id(value: object) -> str | None:
    """An organization id."""
    return _pattern(value, r"o-[a-z0-9]{10,32}", "an organization id like 'o-a1b2c3d4e5'")


def region(value: object) -> str | None:
    """A Region."""
    return _pattern(value, r"[a-z]{2,}(-[a-z]+)+-[0-9]+", "a Region like 'eu-central-1'")


def name(value: object) -> str | None:
    """What names of stacks and constructs are made from."""
    return _pattern(value, r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "a name of lower-case letters, digits and single hyphens")


def role_name(value: object) -> str | None:
    """The name of a role."""
    return _pattern(value, r"[A-Za-z0-9_+=,.@-]{1,64}", "1 to 64 letters, digits or any of _+=,.@-")


def text(value: object) -> str | None:
    """Any text but the empty one."""
    return None if isinstance(value, str) and value else "a text"


def _pattern(value: object, pattern: str, accepted: str) -> str | None:
    return None if isinstance(value, str) and re.fullmatch(pattern, value) else accepted


def _words(known: Container[str]) -> str:
    return ", ".join(repr(word) for word in known) if isinstance(known, Iterable) else ""
