"""
Tables of a configuration, and whatever is not known in them refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from trustproof.config.model import Known
from trustproof.config.toml import KeyPath, line_of
from trustproof.errors import ConfigError
from trustproof.escaping.text import shown, shown_word
from trustproof.model.arn import is_account


class TableReader:
    """
    Turns tables into values, and whatever it does not know into a `ConfigError` with its place.

    Args:
        known: the properties there are, and their options.
        file: that is read; empty for a mapping.
        text: of the file.
        prefix: where the tables stand that are read.
    """

    __slots__ = ("file", "known", "prefix", "text")

    def __init__(self, known: Known, file: str = "", text: str = "", prefix: KeyPath = ()) -> None:
        self.known: Known = known
        self.file: str = file
        self.text: str = text
        self.prefix: KeyPath = prefix

    def flag(self, value: object, keys: KeyPath) -> bool:
        """The value as a boolean."""
        if not isinstance(value, bool):
            name = ".".join(key for key in keys if isinstance(key, str))
            self.fail(f"{name} must be true or false, got {show(value)}", keys)
        return value

    def table(
        self, value: object, keys: KeyPath, accepted: Sequence[str], required: Sequence[str] = (), noun: str = ""
    ) -> Mapping[str, object]:
        """The value as a table whose keys are all accepted."""
        name = ".".join(key for key in keys if isinstance(key, str))
        if not isinstance(value, Mapping):
            self.fail(f"{name or 'the configuration'} must be a table, got {show(value)}", keys)
        for key in value:
            if key not in accepted:
                what = noun or ("key" if name else "table")
                where = f" in [{name}]" if name and not noun else ""
                known = f"{', '.join(accepted)}{_nearest(key, accepted)}"
                self.fail(
                    f"unknown {what} {shown_word(key)}{where}; accepted: {known}",
                    (*keys, key) if isinstance(key, str) else keys,
                )
        for key in required:
            if key not in value:
                self.fail(f'[{name}] lacks the key "{key}"', keys)
        return value

    def strings(self, value: object, keys: KeyPath, check: Callable[[object], str]) -> tuple[str, ...]:
        """The value as strings that each pass the check; no string twice."""
        if not isinstance(value, (list, tuple)):
            name = ".".join(key for key in keys if isinstance(key, str))
            self.fail(f"{name} must be an array of strings, got {show(value)}", keys)
        found: dict[str, None] = {}
        for index, entry in enumerate(value):
            try:
                found[check(entry)] = None
            except ValueError as error:
                self.fail(str(error), (*keys, index), entry)
        return tuple(found)

    def fail(self, message: str, keys: KeyPath, value: object = None) -> NoReturn:
        """
        Refuse something, with the line where it stands.

        Raises:
            ConfigError: always.
        """
        line = line_of(self.text, (*self.prefix, *keys), value) if self.text else None
        raise ConfigError(message, self.file, line)


def account(value: object) -> str:
    """
    The id of an account.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f'account id {value} must be a string: quote it, "{value:012d}"')
    if isinstance(value, str) and is_account(value):
        return value
    raise ValueError(f"account id {show(value)} must be a string of 12 digits")


def organization(value: object) -> str:
    """
    The id of an organization.

    Raises:
        ValueError: it is none.
    """
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html gives this pattern.
    if isinstance(value, str) and value.startswith("o-") and 12 <= len(value) <= 34 and is_made_of(value[2:], ""):
        return value
    raise ValueError(f'organization id {show(value)} must be "o-" and 10 to 32 lower-case letters or digits')


def issuer(value: object) -> str:
    """
    An identity provider: the host and path of its issuer, or the SHA-256 of a certificate or key that signs.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str) and re.fullmatch(
        r"sha256:[0-9a-f]{64}|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/[^\s*?\\/]+)*", value
    ):
        return value
    such = '"idp.example.com/realms/main" (a host, and its path), or "sha256:" and 64 hexadecimal digits'
    raise ValueError(f"issuer {show(value)} must be such as {such}")


def is_made_of(text: str, extra: str) -> bool:
    """Whether the text is some lower-case ASCII letters, digits and `extra` characters."""
    return bool(text) and all(c.isascii() and (c.islower() or c.isdigit() or c in extra) for c in text)


def _nearest(key: object, accepted: Sequence[str]) -> str:
    """A question after the key that was meant; empty where none of those that are accepted looks like it."""
    from difflib import get_close_matches

    near = get_close_matches(key, accepted, 1) if isinstance(key, str) else ()
    return f'; did you mean "{near[0]}"?' if near else ""


def show(value: object) -> str:
    """The value as TOML would write it, or its type where it is large."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "an array"
    return "nothing" if value is None else shown(value)
