"""
Read `accounts.toml`, the single source of accounts and of who may be what in them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import aws_cdk as cdk

from infra._consistency import check_consistency
from infra._partitions import partition_of
from infra._shapes import AccountsError, Place
from infra.access import LEVELS, Level
from infra.schema import ACCOUNTS, EVERYWHERE

#: The accounts file of this repository.
ACCOUNTS_FILE = Path(__file__).with_name("accounts.toml")

#: Name of an account to what somebody may be there, from the least to the most. Accounts without are left out.
Grants: TypeAlias = "Mapping[str, tuple[Level, ...]]"

__all__ = [
    "ACCOUNTS_FILE",
    "Account",
    "Accounts",
    "AccountsError",
    "Grants",
    "OrganizationRole",
    "Repository",
    "SamlPeople",
    "Vendor",
    "parse_accounts",
    "read_accounts",
]


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account, and the Region its stacks are in."""

    name: str
    id: str
    region: str
    #: One of `infra.schema.KINDS`.
    kind: str
    unit: str | None

    @property
    def environment(self) -> cdk.Environment:
        """Where the CDK deploys the stacks of this account."""
        return cdk.Environment(account=self.id, region=self.region)

    def role_arn(self, role: str) -> str:
        """The ARN of a role here. Names are the contract between accounts, so that no stack waits for another."""
        return f"arn:{partition_of(self.region)}:iam::{self.id}:role/{role}"

    def role_anywhere(self, role: str) -> str:
        """The pattern of a role's ARN in any account of this partition."""
        return f"arn:{partition_of(self.region)}:iam::*:role/{role}"


@dataclass(frozen=True, slots=True)
class Vendor:
    """A third party whose machines come in."""

    name: str
    title: str
    accounts: tuple[str, ...]
    external_id: str | None
    grants: Grants


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on GitHub, and which of its workflows come in."""

    name: str
    organization: str
    repository: str
    organization_id: str | None
    repository_id: str | None
    branches: tuple[str, ...]
    tags: tuple[str, ...]
    environments: tuple[str, ...]
    grants: Grants

    @property
    def full_name(self) -> str:
        """What GitHub calls it."""
        return f"{self.organization}/{self.repository}"


@dataclass(frozen=True, slots=True)
class SamlPeople:
    """People of a SAML identity provider."""

    name: str
    #: The text of the metadata document.
    metadata: str
    grants: Grants


@dataclass(frozen=True, slots=True)
class OrganizationRole:
    """A role in every account of organizational units, known here by name or not."""

    name: str
    level: Level
    #: Ids of the units.
    units: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """
    The organization, as the accounts file describes it. Everything in it is sorted by name, the hub first.
    """

    organization: str
    hub: Account
    #: All of them, the hub too.
    accounts: tuple[Account, ...]
    groups: Mapping[str, Grants]
    #: Group to the names of its users; groups that the file gives no users are left out.
    members: Mapping[str, tuple[str, ...]]
    permission_sets: Mapping[str, Grants]
    saml: tuple[SamlPeople, ...]
    vendors: tuple[Vendor, ...]
    repositories: tuple[Repository, ...]
    organization_roles: tuple[OrganizationRole, ...]

    def of_kind(self, kind: str) -> Account | None:
        """The account of a kind of which there is at most one."""
        return next((account for account in self.accounts if account.kind == kind), None)

    def reach(self, grants: Grants) -> list[tuple[Account, Level]]:
        """Where somebody may go, and as what."""
        return [(account, level) for account in self.accounts for level in grants.get(account.name, ())]


def levels_in(account: Account, grants: Iterable[Grants]) -> list[Level]:
    """What anybody of several may be in an account, from the least to the most."""
    wanted = {level for granted in grants for level in granted.get(account.name, ())}
    return [level for level in LEVELS if level in wanted]


def read_accounts(file: Path = ACCOUNTS_FILE) -> Accounts:
    """
    Read an accounts file.

    Raises:
        AccountsError: the file cannot be read, a key is missing or unknown, or a value is not what it must be. The
            message names the file and the key.
    """
    try:
        mapping = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AccountsError(f"{file.name}: cannot be read: {error}") from error
    return parse_accounts(mapping, file)


def parse_accounts(mapping: Mapping[str, Any], file: Path) -> Accounts:
    """The same from values; `file` is where they would stand: what messages name, and where other files are beside."""
    place = Place(file.name)
    ACCOUNTS.check(mapping, place)
    check_consistency(mapping, place)
    accounts = [_account(name, table) for name, table in mapping["accounts"].items()]
    accounts.sort(key=lambda account: (account.kind != "hub", account.name))
    reach = _targets(accounts)
    return Accounts(
        organization=mapping["organization"]["id"],
        hub=accounts[0],
        accounts=tuple(accounts),
        groups={name: _grants(table, reach) for name, table in _sorted(mapping, "groups")},
        members=_members(mapping),
        permission_sets={name: _grants(table, reach) for name, table in _sorted(mapping, "permission-sets")},
        saml=tuple(
            SamlPeople(name, _metadata(table, file, place.at("saml").at(name)), _grants(table, reach))
            for name, table in _sorted(mapping, "saml")
        ),
        vendors=tuple(_vendor(name, table, reach) for name, table in _sorted(mapping, "vendors")),
        repositories=tuple(_repository(name, table, reach) for name, table in _sorted(mapping, "repositories")),
        organization_roles=tuple(
            _organization_role(name, table, mapping["organization"]["units"])
            for name, table in _sorted(mapping, "organization-roles")
        ),
    )


def _sorted(mapping: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    return sorted(mapping.get(key, {}).items())


def _account(name: str, table: Mapping[str, Any]) -> Account:
    return Account(name, table["id"], table["region"], table.get("kind", "workload"), table.get("unit"))


def _targets(accounts: Iterable[Account]) -> Mapping[str, list[str]]:
    """What stands in a list of access, to the accounts it means."""
    found: dict[str, list[str]] = {}
    for account in accounts:
        for target in (EVERYWHERE, account.name, *([account.unit] if account.unit else [])):
            found.setdefault(target, []).append(account.name)
    return found


def _grants(table: Mapping[str, Any], reach: Mapping[str, list[str]]) -> Grants:
    found: dict[str, dict[Level, None]] = {}
    for level in LEVELS:
        for target in table.get(level.name, ()):
            # A unit may have no account yet.
            for account in reach.get(target, ()):
                found.setdefault(account, {})[level] = None
    return {account: tuple(levels) for account, levels in sorted(found.items())}


def _members(mapping: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for user, groups in _sorted(mapping, "users"):
        for group in groups:
            found.setdefault(group, []).append(user)
    return {group: tuple(users) for group, users in sorted(found.items())}


def _metadata(table: Mapping[str, Any], file: Path, place: Place) -> str:
    try:
        return file.parent.joinpath(table["metadata"]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise place.at("metadata").error(f"cannot be read: {error}") from error


def _vendor(name: str, table: Mapping[str, Any], reach: Mapping[str, list[str]]) -> Vendor:
    return Vendor(name, table["name"], tuple(table["accounts"]), table.get("external-id"), _grants(table, reach))


def _repository(name: str, table: Mapping[str, Any], reach: Mapping[str, list[str]]) -> Repository:
    organization, repository = table["github"].split("/")
    return Repository(
        name=name,
        organization=organization,
        repository=repository,
        organization_id=table.get("organization-id"),
        repository_id=table.get("repository-id"),
        branches=tuple(table.get("branches", ())),
        tags=tuple(table.get("tags", ())),
        environments=tuple(table.get("environments", ())),
        grants=_grants(table, reach),
    )


def _organization_role(name: str, table: Mapping[str, Any], units: Mapping[str, str]) -> OrganizationRole:
    (level,) = (level for level in LEVELS if level.name == table["access"])
    return OrganizationRole(
        name, level, tuple(sorted(units[unit] for unit in table["units"])), tuple(sorted(table["groups"]))
    )
