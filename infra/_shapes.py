"""
What a file may look like: a description that checks the values of the file, and is its JSON Schema.

A pattern must mean the same in Python and in JSON Schema (ECMA 262): character classes in ASCII, no top-level ``|``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from trustproof import printable, toml_line

#: A JSON Schema, or a part of one.
Schema: TypeAlias = "dict[str, Any]"


#: So many characters of a value are shown.
_LONGEST = 200
#: So many names that a file has given are shown.
_MOST_NAMES = 10


class AccountsError(ValueError):
    """The accounts file is not what it must be."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file, and the keys that lead to it."""

    file: str
    keys: tuple[str, ...] = ()
    #: The text of the file, where it was read from one.
    text: str = field(default="", repr=False)

    def at(self, *keys: str) -> Place:
        """What stands at a key of this one, or further down."""
        return Place(self.file, (*self.keys, *keys), self.text)

    def refuse(self, accepted: str, value: object, names: Iterable[str] = ()) -> AccountsError:
        """
        The error of a value that is not what is accepted.

        Args:
            names: those that are accepted, where the value should be one; the nearest of them may be what was meant.
        """
        return self.error(f"must be {accepted}, got {_shown(value)}{_meant(value, names)}")

    def error(self, message: str) -> AccountsError:
        """An error about what stands here."""
        return AccountsError(" ".join((f"{self._where}:", *([self._keys] if self.keys else []), message)))

    def unknown(self, accepted: Container[str]) -> AccountsError:
        """The error of a key that nobody reads."""
        words = list(map(str, accepted)) if isinstance(accepted, Iterable) else []
        return AccountsError(
            f"{self._where}: unknown key {self._keys}; accepted here: {quoted_words(accepted)}"
            f"{_meant(self.keys[-1], words)}"
        )

    @property
    def _keys(self) -> str:
        # A key in quotes may hold what moves the cursor of a terminal.
        return printable(".".join(self.keys))

    @property
    def _where(self) -> str:
        line = toml_line(self.text, self.keys) if self.keys and self.text else None
        return self.file if line is None else f"{self.file}:{line}"


def _shown(value: object) -> str:
    """A value as it was given, as far as anybody reads it."""
    written = repr(value)
    return written if len(written) <= _LONGEST else f"{written[:_LONGEST]}… ({len(written)} characters)"


def _meant(value: object, names: Iterable[str]) -> str:
    """The name that is nearest to what was given, as the end of a message; empty where none is near."""
    near = difflib.get_close_matches(value, list(names), n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


class Shape(Protocol):
    """
    What values are accepted.
    """

    def check(self, value: object, place: Place) -> None:
        """
        Accept a value, or raise.

        Raises:
            AccountsError: the message names file, key, value and what is accepted.
        """

    def schema(self) -> Schema:
        """The same as JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """
    A text of which a pattern matches all.
    """

    #: What is accepted in words, to end the sentence "must be …".
    accepted: str
    pattern: str
    longest: int | None = None
    #: Gives names of which one may be meant by what is none.
    names: Callable[[], Iterable[str]] = tuple

    def check(self, value: object, place: Place) -> None:
        fits = isinstance(value, str) and (self.longest is None or len(value) <= self.longest)
        if not fits or not re.fullmatch(self.pattern, str(value)):
            raise place.refuse(self.accepted, value, self.names())

    def schema(self) -> Schema:
        length = {} if self.longest is None else {"maxLength": self.longest}
        return {"type": "string", "pattern": f"^{self.pattern}$", **length}


@dataclass(frozen=True, slots=True)
class Word:
    """
    One of a fixed set of words.
    """

    words: tuple[str, ...]

    def check(self, value: object, place: Place) -> None:
        if value not in self.words:
            raise place.refuse(f"one of {quoted_words(self.words)}", value)

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Switch:
    """
    Something that is said, or left out.
    """

    def check(self, value: object, place: Place) -> None:
        if value is not True:
            raise place.refuse("true, or left out", value)

    def schema(self) -> Schema:
        return {"const": True}


@dataclass(frozen=True, slots=True)
class Several:
    """
    A list of different texts.
    """

    entry: Text | Word
    #: Whether an empty list says something.
    may_be_empty: bool = False

    def check(self, value: object, place: Place) -> None:
        if not isinstance(value, list) or not (value or self.may_be_empty):
            raise place.refuse("a list" if self.may_be_empty else "a list with at least one entry", value)
        for entry in value:
            self.entry.check(entry, place)
        if len(set(value)) < len(value):
            raise place.refuse("a list without duplicates", value)

    def schema(self) -> Schema:
        least = {} if self.may_be_empty else {"minItems": 1}
        return {"type": "array", "items": self.entry.schema(), "uniqueItems": True, **least}


@dataclass(frozen=True, slots=True)
class Entries:
    """
    A table whose keys are names that the author of the file gives.
    """

    name: Text
    entry: Shape

    def check(self, value: object, place: Place) -> None:
        for key, entry in _table(value, place).items():
            self.name.check(key, place.at(key))
            self.entry.check(entry, place.at(key))

    def schema(self) -> Schema:
        return {
            "type": "object",
            "propertyNames": {key: word for key, word in self.name.schema().items() if key != "type"},
            "additionalProperties": self.entry.schema(),
        }


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key of a `Record`.
    """

    shape: Shape
    #: For the person who writes the file: editors show it.
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """
    A table with fixed keys. A key that is not among them is a mistake.
    """

    keys: Mapping[str, Key]
    #: At least one of these must be there.
    one_of: tuple[str, ...] = ()
    #: All of these, or none.
    together: tuple[str, ...] = ()

    def check(self, value: object, place: Place) -> None:
        table = _table(value, place)
        # Of a key that is spelt wrong, it helps nobody to read that the right one is missing.
        for key in table:
            if key not in self.keys:
                raise place.at(key).unknown(self.keys)
        for key, known in self.keys.items():
            if key in table:
                known.shape.check(table[key], place.at(key))
            elif known.required:
                raise place.at(key).error("is missing")
        if self.one_of and not any(key in table for key in self.one_of):
            raise place.error(f"must have at least one of {quoted_words(self.one_of)}")
        given = [key for key in self.together if key in table]
        if given and len(given) < len(self.together):
            raise place.error(f"must have {quoted_words(self.together)} together, got {quoted_words(given)} alone")

    def schema(self) -> Schema:
        found: Schema = {
            "type": "object",
            "properties": {
                key: {"description": known.description, **known.shape.schema()} for key, known in self.keys.items()
            },
            "additionalProperties": False,
        }
        if required := [key for key, known in self.keys.items() if known.required]:
            found["required"] = required
        if self.one_of:
            found["anyOf"] = [{"required": [key]} for key in self.one_of]
        if self.together:
            found["dependencies"] = {key: [k for k in self.together if k != key] for key in self.together}
        return found


def quoted_words(words: Container[str]) -> str:
    """Words in quotes, for a message."""
    return ", ".join(repr(word) for word in words) if isinstance(words, Iterable) else ""


def quoted_names(names: Iterable[str]) -> str:
    """Names that a file has given, as many in quotes as anybody reads, and how many more there are."""
    listed = list(names)
    more = len(listed) - _MOST_NAMES
    return quoted_words(listed[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _table(value: object, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.refuse("a table", value)
    return value
