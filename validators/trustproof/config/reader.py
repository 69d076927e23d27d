"""
From tables to a `Config`, refusing what is not known: a typing error in a gate must not pass silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from trustproof.config.model import Boundary, Config, Known, Organization, Override, PropertySettings, ThirdParty
from trustproof.config.toml import KeyPath, line_of
from trustproof.errors import ConfigError
from trustproof.results.result import OFF, SEVERITIES, Severity
from trustproof.results.waivers import IN_TEMPLATE, SCOPE, Waiver, read_waiver

#: What holds for templates; a part of the templates may have its own.
_SHARED = ("boundary", "third-party", "sensitive", "properties")
_TABLES = (
    "boundary", "exclude", "third-party", "sensitive", "properties", "waiver", "template-waivers", "baseline",
    "override", "extends", "organization",
)  # fmt: skip
_SEVERITIES: tuple[Severity, ...] = (*SEVERITIES, OFF)

#: The types of options to the words for them.
_TYPES: dict[type, str] = {bool: "true or false", int: "a whole number", str: "a string"}


def read_mapping(mapping: Mapping[str, object], *, known: Known) -> Config:
    """
    The configuration in a mapping of the same shape as ``trustproof.toml``.

    Args:
        mapping: tables as dictionaries, arrays as lists or tuples.
        known: the properties there are, and their options.

    Raises:
        ConfigError: an unknown table, key or value.
    """
    if "extends" in mapping:
        raise ConfigError("extends is for files: a mapping stands in none")
    return ConfigReader(known).config(mapping)


class ConfigReader:
    """
    Turns tables into values, and whatever it does not know into a `ConfigError` with its place.
    """

    __slots__ = ("_file", "_known", "_prefix", "_text")

    def __init__(self, known: Known, file: str = "", text: str = "", prefix: KeyPath = ()) -> None:
        self._known = known
        self._file = file
        self._text = text
        self._prefix = prefix

    def config(self, document: object, accepted: Sequence[str] = _TABLES) -> Config:
        """
        The declarations in a document; those of the files that it extends are not among them.

        Args:
            accepted: the tables there may be.
        """
        root = self._table(document, (), accepted)
        sensitive = None
        if "sensitive" in root:
            table = self._table(root["sensitive"], ("sensitive",), ("actions",), required=("actions",))
            sensitive = self._strings(table["actions"], ("sensitive", "actions"), _action)
            if not sensitive:
                off = '[properties.sensitive-actions-require-mfa] severity = "off" switches the property off'
                self._fail(f"sensitive.actions must name at least one action; {off}", ("sensitive", "actions"))
        properties = self._properties(root.get("properties", {}))
        return Config(
            boundary=self._boundary(root["boundary"]) if "boundary" in root else None,
            third_parties=self._third_parties(root.get("third-party", ())),
            sensitive_actions=sensitive,
            properties=properties,
            exclude=self._strings(root.get("exclude", ()), ("exclude",), _pattern),
            file=self._file or None,
            waivers=self._waivers(root.get("waiver", ()), properties),
            template_waivers=self._flag(root.get("template-waivers", False), ("template-waivers",)),
            baseline=self._baseline(root.get("baseline")),
            overrides=self._overrides(root.get("override", ())),
            extends=self._extends(root.get("extends", ())),
            organization=self._organization(root["organization"]) if "organization" in root else None,
        )

    def _overrides(self, value: object) -> tuple[Override, ...]:
        if not isinstance(value, (list, tuple)):
            self._fail(f"override must be tables, each under an [[override]], got {_show(value)}", ("override",))
        return tuple(self._override(entry, ("override", index)) for index, entry in enumerate(value))

    def _override(self, value: object, keys: KeyPath) -> Override:
        table = dict(self._table(value, keys, ("paths", *_SHARED), required=("paths",)))
        paths = self._strings(table.pop("paths"), (*keys, "paths"), _path)
        if not paths:
            self._fail("override.paths must name at least one pattern", (*keys, "paths"))
        inner = ConfigReader(self._known, self._file, self._text, (*self._prefix, *keys))
        return Override(paths, inner.config(table, _SHARED))

    def _extends(self, value: object) -> tuple[str, ...]:
        return self._strings((value,) if isinstance(value, str) else value, ("extends",), _file)

    def _waivers(self, value: object, properties: Mapping[str, PropertySettings]) -> tuple[Waiver, ...]:
        if not isinstance(value, (list, tuple)):
            self._fail(f"waiver must be tables, each under a [[waiver]], got {_show(value)}", ("waiver",))
        return tuple(self._waiver(entry, ("waiver", index), properties) for index, entry in enumerate(value))

    def _waiver(self, value: object, keys: KeyPath, properties: Mapping[str, PropertySettings]) -> Waiver:
        table = self._table(value, keys, (*IN_TEMPLATE, *SCOPE), required=("property", "reason"))
        if not any(key in table for key in SCOPE):
            scope = ", ".join(SCOPE)
            self._fail(f"a waiver must say what it is about: one of {scope}, or several of them", keys)
        if "fingerprint" in table and "template" not in table:
            # Of results that say the same in two templates, a number alone tells the fingerprints apart.
            self._fail("a waiver by fingerprint must also name the template", keys)
        try:
            found = read_waiver(table, sorted(self._known))
        except ValueError as error:
            self._fail(str(error), keys)
        if not properties.get(found.ident, PropertySettings()).waivable:
            self._fail(f"{found.ident} cannot be waived: [properties.{found.ident}] waivable = false", keys)
        line = line_of(self._text, (*self._prefix, *keys)) if self._text else None
        text = self._text.splitlines()[line - 1] if line is not None else ""
        return found._replace(file=self._file, path=keys, line=line, text=text)

    def _flag(self, value: object, keys: KeyPath) -> bool:
        if not isinstance(value, bool):
            self._fail(f"{'.'.join(map(str, keys))} must be true or false, got {_show(value)}", keys)
        return value

    def _baseline(self, value: object) -> str | None:
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self._fail(f"baseline must be the name of a file, got {_show(value)}", ("baseline",))
        return value

    def _boundary(self, value: object) -> Boundary:
        table = self._table(value, ("boundary",), ("accounts", "organizations", "network-bounds"))
        network = self._flag(table.get("network-bounds", True), ("boundary", "network-bounds"))
        return Boundary(
            accounts=self._strings(table.get("accounts", ()), ("boundary", "accounts"), _account),
            organizations=self._strings(table.get("organizations", ()), ("boundary", "organizations"), _organization),
            network_bounds=network,
        )

    def _organization(self, value: object) -> Organization:
        keys = ("organization",)
        table = self._table(value, keys, ("root", "accounts"), required=("root", "accounts"))
        (root,) = self._strings((table["root"],), (*keys, "root"), _root)
        return Organization(root, self._strings(table["accounts"], (*keys, "accounts"), _account))

    def _third_parties(self, value: object) -> tuple[ThirdParty, ...]:
        if not isinstance(value, (list, tuple)):
            words = "third-party must be tables, each under a [[third-party]]"
            self._fail(f"{words}, got {_show(value)}", ("third-party",))
        return tuple(self._third_party(entry, ("third-party", index)) for index, entry in enumerate(value))

    def _third_party(self, value: object, keys: KeyPath) -> ThirdParty:
        table = self._table(value, keys, ("name", "accounts"), required=("name", "accounts"))
        name = table["name"]
        if not isinstance(name, str) or not name.strip():
            self._fail(f"third-party.name must be a string that is not empty, got {_show(name)}", (*keys, "name"))
        accounts = self._strings(table["accounts"], (*keys, "accounts"), _account)
        if not accounts:
            self._fail("third-party.accounts must name at least one account", (*keys, "accounts"))
        return ThirdParty(name, accounts)

    def _properties(self, value: object) -> dict[str, PropertySettings]:
        table = self._table(value, ("properties",), tuple(sorted(self._known)), noun="property")
        return {ident: self._settings(ident, table[ident]) for ident in sorted(table)}

    def _settings(self, ident: str, value: object) -> PropertySettings:
        keys = ("properties", ident)
        options = self._known[ident]
        table = self._table(value, keys, ("severity", "waivable", *sorted(options)))
        written = table.get("severity")
        severity = next((one for one in _SEVERITIES if one == written), None)
        if written is not None and severity is None:
            accepted = ", ".join(f'"{name}"' for name in _SEVERITIES)
            self._fail(f"unknown severity {_show(written)}; accepted: {accepted}", (*keys, "severity"))
        values = {name: self._option(ident, name, table[name]) for name in sorted(options) if name in table}
        return PropertySettings(severity, values, self._flag(table.get("waivable", True), (*keys, "waivable")))

    def _option(self, ident: str, name: str, value: object) -> object:
        kind = self._known[ident][name]
        keys = ("properties", ident, name)
        if isinstance(kind, type):
            if type(value) is not kind:
                words = _TYPES.get(kind, kind.__name__)
                self._fail(f"{ident}.{name} must be {words}, got {_show(value)}", keys)
            return value
        assert callable(kind)
        try:
            return kind(value)
        except ValueError as error:
            self._fail(f"{ident}.{name} must be {error}, got {_show(value)}", keys)

    def _table(
        self, value: object, keys: KeyPath, accepted: Sequence[str], required: Sequence[str] = (), noun: str = ""
    ) -> Mapping[str, object]:
        """The value as a table whose keys are all accepted."""
        name = ".".join(key for key in keys if isinstance(key, str))
        if not isinstance(value, Mapping):
            self._fail(f"{name or 'the configuration'} must be a table, got {_show(value)}", keys)
        for key in value:
            if key not in accepted:
                what = noun or ("key" if name else "table")
                where = f" in [{name}]" if name and not noun else ""
                self._fail(f'unknown {what} "{key}"{where}; accepted: {", ".join(accepted)}', (*keys, str(key)))
        for key in required:
            if key not in value:
                self._fail(f'[{name}] lacks the key "{key}"', keys)
        return value

    def _strings(self, value: object, keys: KeyPath, check: Callable[[object], str]) -> tuple[str, ...]:
        """The value as strings that each pass the check; no string twice."""
        if not isinstance(value, (list, tuple)):
            name = ".".join(key for key in keys if isinstance(key, str))
            self._fail(f"{name} must be an array of strings, got {_show(value)}", keys)
        found: dict[str, None] = {}
        for index, entry in enumerate(value):
            try:
                found[check(entry)] = None
            except ValueError as error:
                self._fail(str(error), (*keys, index), entry)
        return tuple(found)

    def _fail(self, message: str, keys: KeyPath, value: object = None) -> NoReturn:
        line = line_of(self._text, (*self._prefix, *keys), value) if self._text else None
        raise ConfigError(message, self._file, line)


def _account(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f'account id {value} must be a string: quote it, "{value:012d}"')
    if isinstance(value, str) and len(value) == 12 and value.isascii() and value.isdigit():
        return value
    raise ValueError(f"account id {_show(value)} must be a string of 12 digits")


def _organization(value: object) -> str:
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html gives this pattern.
    if isinstance(value, str) and value.startswith("o-") and 12 <= len(value) <= 34 and _is_made_of(value[2:], ""):
        return value
    raise ValueError(f'organization id {_show(value)} must be "o-" and 10 to 32 lower-case letters or digits')


def _root(value: object) -> str:
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Root.html gives this pattern.
    if isinstance(value, str) and value.startswith("r-") and 6 <= len(value) <= 34 and _is_made_of(value[2:], ""):
        return value
    raise ValueError(f'id of a root {_show(value)} must be "r-" and 4 to 32 lower-case letters or digits')


def _path(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f'path {_show(value)} must be a pattern as in a .gitignore, such as "stacks/legacy/**"')


def _file(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f'extends {_show(value)} must be the name of a file, such as "../trustproof.toml"')


def _pattern(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f'exclude {_show(value)} must be a pattern as in a .gitignore, such as "tests/fixtures/**"')


def _action(value: object) -> str:
    if isinstance(value, str):
        service, colon, name = value.partition(":")
        lowered = name.lower()
        if value == "*" or (colon and _is_made_of(service.lower(), "-") and _is_made_of(lowered, "*?")):
            return value
    raise ValueError(f'action {_show(value)} must be a pattern such as "ec2:StopInstances", "iam:*" or "*"')


def _is_made_of(text: str, extra: str) -> bool:
    """Whether the text is some lower-case ASCII letters, digits and `extra` characters."""
    return bool(text) and all(c.isascii() and (c.islower() or c.isdigit() or c in extra) for c in text)


def _show(value: object) -> str:
    """The value as TOML would write it, or its type where it is large."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "an array"
    return "nothing" if value is None else str(value)
