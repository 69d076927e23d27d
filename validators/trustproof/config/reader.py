"""
From tables to a `Config`, refusing what is not known: a typing error in a gate must not pass silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from trustproof.config.invariant_reader import InvariantReader
from trustproof.config.model import (
    Boundary,
    Config,
    Known,
    Organization,
    Override,
    OwnTokens,
    PropertySettings,
    ThirdParty,
)
from trustproof.config.tables import TableReader, account, is_made_of, issuer, organization, show
from trustproof.config.token_reader import TokenReader
from trustproof.config.toml import KeyPath, line_at, line_of
from trustproof.errors import ConfigError
from trustproof.model.file_patterns import why_no_pattern
from trustproof.results.omissions import NOT_CHECKED
from trustproof.results.result import OFF, OWN_PROPERTY, SEVERITIES, Severity
from trustproof.results.waiver import AROUND, IN_TEMPLATE, SCOPE, Waiver, read_waiver

#: What holds for templates; a part of the templates may have its own.
_SHARED = ("boundary", "third-party", "sensitive", "properties")
_TABLES = (
    "boundary", "exclude", "third-party", "sensitive", "properties", "waiver", "template-waivers", "baseline",
    "override", "extends", "invariant", "organization", "nested",
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


class ConfigReader(TableReader):
    """
    Turns tables into values, and whatever it does not know into a `ConfigError` with its place.
    """

    def config(self, document: object, accepted: Sequence[str] = _TABLES) -> Config:
        """
        The declarations in a document; those of the files that it extends are not among them.

        Args:
            accepted: the tables there may be.
        """
        root = self.table(document, (), accepted)
        sensitive = None
        if "sensitive" in root:
            table = self.table(root["sensitive"], ("sensitive",), ("actions",), required=("actions",))
            sensitive = self.strings(table["actions"], ("sensitive", "actions"), _action)
            if not sensitive:
                off = '[properties.sensitive-actions-require-mfa] severity = "off" switches the property off'
                self.fail(f"sensitive.actions must name at least one action; {off}", ("sensitive", "actions"))
        properties = self._properties(root.get("properties", {}))
        invariants = InvariantReader(self.known, self.file, self.text, self.prefix).invariants(
            root.get("invariant", ())
        )
        properties.update((one.ident, settings) for one, settings in invariants)
        boundary, issuers, tokens = self._boundary(root["boundary"]) if "boundary" in root else (None, None, None)
        return Config(
            boundary=boundary,
            issuers=issuers,
            tokens=tokens,
            third_parties=self._third_parties(root.get("third-party", ())),
            sensitive_actions=sensitive,
            properties=properties,
            exclude=self.strings(root.get("exclude", ()), ("exclude",), _excluded),
            nested=self.strings(root.get("nested", ()), ("nested",), _nested),
            file=self.file or None,
            waivers=self._waivers(root.get("waiver", ()), properties),
            template_waivers=self.flag(root.get("template-waivers", False), ("template-waivers",)),
            baseline=self._baseline(root.get("baseline")),
            overrides=self._overrides(root.get("override", ())),
            extends=self._extends(root.get("extends", ())),
            invariants=tuple(one for one, _ in invariants),
            organization=self._organization(root["organization"]) if "organization" in root else None,
        )

    def _overrides(self, value: object) -> tuple[Override, ...]:
        if not isinstance(value, (list, tuple)):
            self.fail(f"override must be tables, each under an [[override]], got {show(value)}", ("override",))
        return tuple(self._override(entry, ("override", index)) for index, entry in enumerate(value))

    def _override(self, value: object, keys: KeyPath) -> Override:
        table = dict(self.table(value, keys, ("paths", *_SHARED), required=("paths",)))
        paths = self.strings(table.pop("paths"), (*keys, "paths"), _path)
        if not paths:
            self.fail("override.paths must name at least one pattern", (*keys, "paths"))
        if all(path.startswith("!") for path in paths):
            self.fail("override.paths match nothing: each takes back what one before it matches", (*keys, "paths"))
        inner = ConfigReader(self.known, self.file, self.text, (*self.prefix, *keys))
        return Override(paths, inner.config(table, _SHARED))

    def _extends(self, value: object) -> tuple[str, ...]:
        return self.strings((value,) if isinstance(value, str) else value, ("extends",), _file)

    def _waivers(self, value: object, properties: Mapping[str, PropertySettings]) -> tuple[Waiver, ...]:
        if not isinstance(value, (list, tuple)):
            self.fail(f"waiver must be tables, each under a [[waiver]], got {show(value)}", ("waiver",))
        return tuple(self._waiver(entry, ("waiver", index), properties) for index, entry in enumerate(value))

    def _waiver(self, value: object, keys: KeyPath, properties: Mapping[str, PropertySettings]) -> Waiver:
        table = self.table(value, keys, (*IN_TEMPLATE, *SCOPE, AROUND), required=("property", "reason"))
        if not any(key in table for key in SCOPE):
            scope = ", ".join(SCOPE)
            self.fail(f"a waiver must say what it is about: one of {scope}, or several of them", keys)
        if "fingerprint" in table and "template" not in table:
            # Of results that say the same in two templates, a number alone tells the fingerprints apart.
            self.fail("a waiver by fingerprint must also name the template", keys)
        try:
            found = read_waiver(table, sorted(self.known))
        except ValueError as error:
            self.fail(str(error), keys)
        if found.ident == NOT_CHECKED and not found.resource.strip("*"):
            self.fail(
                "a waiver of what is not checked must name its resource: more may come than anybody knows",
                keys,
            )
        if not properties.get(found.ident, PropertySettings()).waivable:
            said = f"[properties.{found.ident}]"
            if found.ident.startswith(OWN_PROPERTY):
                said = f'[[invariant]] name = "{found.ident.removeprefix(OWN_PROPERTY)}"'
            self.fail(f"{found.ident} cannot be waived: {said} waivable = false", keys)
        line = line_of(self.text, (*self.prefix, *keys)) if self.text else None
        text = line_at(self.text, line) if line is not None else ""
        return found._replace(file=self.file, path=keys, line=line, text=text)

    def _baseline(self, value: object) -> str | None:
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self.fail(f"baseline must be the name of a file, got {show(value)}", ("baseline",))
        return value

    def _boundary(self, value: object) -> tuple[Boundary | None, tuple[str, ...] | None, tuple[OwnTokens, ...] | None]:
        """Who is one of us, whose identity providers are, and whose tokens; None for what nothing is said of."""
        table = self.table(value, ("boundary",), ("accounts", "organizations", "network-bounds", "issuers", "tokens"))
        issuers = self.strings(table["issuers"], ("boundary", "issuers"), issuer) if "issuers" in table else None
        reader = TokenReader(self.known, self.file, self.text, self.prefix)
        tokens = reader.tokens(table["tokens"]) if "tokens" in table else None
        if table and table.keys() <= {"issuers", "tokens"}:
            return None, issuers, tokens
        network = self.flag(table.get("network-bounds", True), ("boundary", "network-bounds"))
        boundary = Boundary(
            accounts=self.strings(table.get("accounts", ()), ("boundary", "accounts"), account),
            organizations=self.strings(table.get("organizations", ()), ("boundary", "organizations"), organization),
            network_bounds=network,
        )
        return boundary, issuers, tokens

    def _organization(self, value: object) -> Organization:
        keys = ("organization",)
        table = self.table(value, keys, ("root", "accounts", "units"), required=("root", "accounts"))
        (root,) = self.strings((table["root"],), (*keys, "root"), _root)
        accounts = self.strings(table["accounts"], (*keys, "accounts"), account)
        return Organization(root, accounts, tuple(self._units(table.get("units", {}), (*keys, "units"), accounts)))

    def _units(self, value: object, keys: KeyPath, accounts: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        def below(given: object) -> str:
            if (found := account(given)) in accounts:
                return found
            raise ValueError(f"account {show(given)} of a unit must be one of organization.accounts")

        if not isinstance(value, Mapping):
            self.fail(f"organization.units must be a table, got {show(value)}", keys)
        for name, given in value.items():
            (unit,) = self.strings((name,), (*keys, str(name)), _unit)
            yield unit, self.strings(given, (*keys, unit), below)

    def _third_parties(self, value: object) -> tuple[ThirdParty, ...]:
        if not isinstance(value, (list, tuple)):
            words = "third-party must be tables, each under a [[third-party]]"
            self.fail(f"{words}, got {show(value)}", ("third-party",))
        return tuple(self._third_party(entry, ("third-party", index)) for index, entry in enumerate(value))

    def _third_party(self, value: object, keys: KeyPath) -> ThirdParty:
        table = self.table(value, keys, ("name", "accounts"), required=("name", "accounts"))
        name = table["name"]
        if not isinstance(name, str) or not name.strip():
            self.fail(f"third-party.name must be a string that is not empty, got {show(name)}", (*keys, "name"))
        accounts = self.strings(table["accounts"], (*keys, "accounts"), account)
        if not accounts:
            self.fail("third-party.accounts must name at least one account", (*keys, "accounts"))
        return ThirdParty(name, accounts)

    def _properties(self, value: object) -> dict[str, PropertySettings]:
        table = self.table(value, ("properties",), tuple(sorted((*self.known, NOT_CHECKED))), noun="property")
        return {ident: self._settings(ident, table[ident]) for ident in sorted(table)}

    def _settings(self, ident: str, value: object) -> PropertySettings:
        keys = ("properties", ident)
        if ident == NOT_CHECKED:
            # It has waivers as a property has, and is no more like one than that.
            table = self.table(value, keys, ("waivable",))
            return PropertySettings(waivable=self.flag(table.get("waivable", True), (*keys, "waivable")))
        options = self.known[ident]
        table = self.table(value, keys, ("severity", "waivable", *sorted(options)))
        written = table.get("severity")
        severity = next((one for one in _SEVERITIES if one == written), None)
        if written is not None and severity is None:
            accepted = ", ".join(f'"{name}"' for name in _SEVERITIES)
            self.fail(f"unknown severity {show(written)}; accepted: {accepted}", (*keys, "severity"))
        values = {name: self._option(ident, name, table[name]) for name in sorted(options) if name in table}
        return PropertySettings(severity, values, self.flag(table.get("waivable", True), (*keys, "waivable")))

    def _option(self, ident: str, name: str, value: object) -> object:
        kind = self.known[ident][name]
        keys = ("properties", ident, name)
        if isinstance(kind, type):
            if type(value) is not kind:
                words = _TYPES.get(kind, kind.__name__)
                self.fail(f"{ident}.{name} must be {words}, got {show(value)}", keys)
            return value
        assert callable(kind)
        try:
            return kind(value)
        except ValueError as error:
            self.fail(f"{ident}.{name} must be {error}, got {show(value)}", keys)


def _root(value: object) -> str:
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Root.html gives this pattern.
    if isinstance(value, str) and value.startswith("r-") and 6 <= len(value) <= 34 and is_made_of(value[2:], ""):
        return value
    raise ValueError(f'id of a root {show(value)} must be "r-" and 4 to 32 lower-case letters or digits')


def _unit(value: object) -> str:
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html gives this pattern.
    if isinstance(value, str) and re.fullmatch("ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}", value):
        return value
    raise ValueError(f'id of a unit {show(value)} must be such as "ou-a1b2-c3d4e5f6"')


def _file_pattern(noun: str, example: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        wrong = why_no_pattern(value)
        if not wrong:
            return str(value)
        such = "" if "write" in wrong else f', such as "{example}"'
        raise ValueError(f"{noun} {show(value)} {wrong}{such}")

    return check


_path = _file_pattern("path", "stacks/legacy/**")
_nested = _file_pattern("nested", "sandboxes/*/trustproof.toml")
_below = _file_pattern("exclude", "tests/fixtures/**")


def _excluded(value: object) -> str:
    found = _below(value)
    if found.removeprefix("!").startswith(("../", "/../")):
        raise ValueError(f"exclude {show(value)} matches nothing: what is left out is below the configuration")
    return found


def _file(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f'extends {show(value)} must be the name of a file, such as "../trustproof.toml"')


def _action(value: object) -> str:
    if isinstance(value, str):
        service, colon, name = value.partition(":")
        lowered = name.lower()
        if value == "*" or (colon and is_made_of(service.lower(), "-") and is_made_of(lowered, "*?")):
            return value
    raise ValueError(f'action {show(value)} must be a pattern such as "ec2:StopInstances", "iam:*" or "*"')
