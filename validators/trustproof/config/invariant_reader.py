"""
From ``[[invariant]]`` tables to values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network

from trustproof.config.invariants import Invariant, Issuer
from trustproof.config.model import PropertySettings
from trustproof.config.tables import TableReader, account, is_made_of, organization, show
from trustproof.config.toml import KeyPath
from trustproof.results.result import OFF, SEVERITIES, Severity

#: Who may: where one of these is written, nobody else may.
_WHO = ("accounts", "own-account", "organizations", "roles", "users", "services", "issuers")
_CONDITIONS = ("mfa", "max-mfa-age", "external-id", "source-addresses", "vpc-endpoints")
_KEYS = ("name", "resources", "description", "severity", "waivable", *_WHO, *_CONDITIONS)
_SEVERITIES: tuple[Severity, ...] = (*SEVERITIES, OFF)


#: Each is a property that is asked of every policy that it is about, and each pattern is tried on all of them.
MAX_INVARIANTS, MAX_PATTERNS = 200, 2_000


class InvariantReader(TableReader):
    """
    Reads invariants, each with the settings of the property that it is.
    """

    __slots__ = ()

    def invariants(self, value: object) -> list[tuple[Invariant, PropertySettings]]:
        """
        The invariants of a configuration.

        Raises:
            ConfigError: one of them is none, or two have the same name.
        """
        if not isinstance(value, (list, tuple)):
            self.fail(f"invariant must be tables, each under an [[invariant]], got {show(value)}", ("invariant",))
        if len(value) > MAX_INVARIANTS:
            self.fail(f"there are {len(value)} invariants, and at most {MAX_INVARIANTS} are asked", ("invariant", 0))
        found: dict[str, tuple[Invariant, PropertySettings]] = {}
        patterns = 0
        for index, entry in enumerate(value):
            keys: KeyPath = ("invariant", index)
            one = self._invariant(entry, keys)
            if one[0].name in found:
                self.fail(f'two invariants are called "{one[0].name}"', (*keys, "name"))
            found[one[0].name] = one
            patterns += len(one[0].resources)
            if patterns > MAX_PATTERNS:
                self.fail(f"the invariants name more than {MAX_PATTERNS} patterns of resources", keys)
        return list(found.values())

    def _invariant(self, value: object, keys: KeyPath) -> tuple[Invariant, PropertySettings]:
        table = self.table(value, keys, _KEYS, required=("name", "resources"))
        name, description = table["name"], table.get("description", "")
        if not isinstance(name, str) or not is_made_of(name, "-") or name.strip("-") != name:
            words = 'must be lower-case letters, digits and hyphens, such as "admins"'
            self.fail(f"invariant.name {words}, got {show(name)}", (*keys, "name"))
        if not isinstance(description, str):
            self.fail(f"invariant.description must be a string, got {show(description)}", (*keys, "description"))
        if not any(key in table for key in (*_WHO, *_CONDITIONS)):
            said = f"one of {', '.join((*_WHO, *_CONDITIONS))}"
            self.fail(f'the invariant "{name}" says neither who may get in nor under which condition: {said}', keys)
        resources = self._listed(table, keys, "resources", _pattern)
        if not resources:
            self.fail("invariant.resources must name at least one pattern", (*keys, "resources"))
        found = Invariant(
            name,
            resources,
            description,
            any(key in table for key in _WHO),
            accounts=self._listed(table, keys, "accounts", account),
            own_account=self.flag(table.get("own-account", False), (*keys, "own-account")),
            organizations=self._listed(table, keys, "organizations", organization),
            roles=self._listed(table, keys, "roles", _arn_of("role")),
            users=self._listed(table, keys, "users", _arn_of("user")),
            services=self._listed(table, keys, "services", _service),
            issuers=self._issuers(table.get("issuers", ()), (*keys, "issuers")),
            mfa=self.flag(table.get("mfa", False), (*keys, "mfa")),
            max_mfa_age=self._seconds(table.get("max-mfa-age"), (*keys, "max-mfa-age")),
            external_id=self.flag(table.get("external-id", False), (*keys, "external-id")),
            source_addresses=self._listed(table, keys, "source-addresses", _block),
            vpc_endpoints=self._listed(table, keys, "vpc-endpoints", _endpoint),
        )
        return found, PropertySettings(
            self._severity(table.get("severity"), (*keys, "severity")),
            waivable=self.flag(table.get("waivable", True), (*keys, "waivable")),
        )

    def _listed(
        self, table: Mapping[str, object], keys: KeyPath, name: str, check: Callable[[object], str]
    ) -> tuple[str, ...]:
        return self.strings(table.get(name, ()), (*keys, name), check)

    def _severity(self, value: object, keys: KeyPath) -> Severity | None:
        found = next((one for one in _SEVERITIES if one == value), None)
        if value is not None and found is None:
            accepted = ", ".join(f'"{name}"' for name in _SEVERITIES)
            self.fail(f"unknown severity {show(value)}; accepted: {accepted}", keys)
        return found

    def _seconds(self, value: object, keys: KeyPath) -> int | None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value <= 0):
            words = "a whole number of seconds, greater than 0"
            self.fail(f"invariant.max-mfa-age must be {words}, got {show(value)}", keys)
        return value

    def _issuers(self, value: object, keys: KeyPath) -> tuple[Issuer, ...]:
        if not isinstance(value, (list, tuple)):
            self.fail(f"invariant.issuers must be an array of tables, got {show(value)}", keys)
        return tuple(self._issuer(entry, (*keys, index)) for index, entry in enumerate(value))

    def _issuer(self, value: object, keys: KeyPath) -> Issuer:
        table = self.table(value, keys, ("provider", "subjects"), required=("provider",))
        try:
            provider = _provider(table["provider"])
        except ValueError as error:
            self.fail(str(error), (*keys, "provider"))
        subjects = self.strings(table.get("subjects", ()), (*keys, "subjects"), _pattern)
        if subjects and set(provider.rpartition("oidc-provider/")[2]) & set("*?"):
            self.fail("the subjects of an issuer need a provider without wildcards", (*keys, "subjects"))
        return Issuer(provider, subjects)


def _pattern(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f'pattern {show(value)} must be a string such as "Admin*"')


def _arn_of(kind: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if isinstance(value, str):
            fields = value.split(":", 5)
            if (
                len(fields) == 6
                and fields[0] == "arn"
                and fields[2:4] == ["iam", ""]
                and fields[5].startswith(f"{kind}/")
            ):
                return value
        raise ValueError(
            f'{kind} {show(value)} must be a pattern for an ARN such as "arn:aws:iam::111122223333:{kind}/*"'
        )

    return check


def _service(value: object) -> str:
    if isinstance(value, str) and "." in value and is_made_of(value, "-.*?"):
        return value
    raise ValueError(f'service {show(value)} must be the name of a service principal, such as "lambda.amazonaws.com"')


def _provider(value: object) -> str:
    if isinstance(value, str):
        fields = value.split(":", 5)
        if len(fields) == 6 and fields[0] == "arn" and fields[5].startswith(("saml-provider/", "oidc-provider/")):
            return value
        if "." in value and ":" not in value and "//" not in value and value.strip() == value:
            return value
    words = 'a host such as "token.actions.githubusercontent.com", or the ARN of a provider'
    raise ValueError(f"provider {show(value)} must be {words}")


def _block(value: object) -> str:
    try:
        if isinstance(value, str):
            return str(ip_network(value))
    except ValueError:
        pass
    raise ValueError(f'source address {show(value)} must be a CIDR block such as "203.0.113.0/24"')


def _endpoint(value: object) -> str:
    if isinstance(value, str) and value.startswith("vpce-") and is_made_of(value[5:], ""):
        return value
    raise ValueError(f'VPC endpoint {show(value)} must be an id such as "vpce-0123456789abcdef0"')
