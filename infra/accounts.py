"""
Read `accounts.toml`, the single source of accounts and of who may be what in them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra._consistency import check_consistency
from infra._files import check_control_policies, read_text
from infra._partitions import partition_of
from infra._shapes import AccountsError, Place
from infra.access import LEVELS, ORDER, Level
from infra.names import RoleNames
from infra.schema import ACCOUNTS, EVERYWHERE, LEADING_KINDS

#: What stands as the salt in the example, known to everybody who has read it.
EXAMPLE_SALT = "example-f3b1c9d2a7e04856"
#: The accounts file of this repository.
ACCOUNTS_FILE = Path(__file__).with_name("accounts.toml")

__all__ = [
    "ACCOUNTS_FILE",
    "Account",
    "Accounts",
    "AccountsError",
    "Grants",
    "Group",
    "IdentityCenter",
    "OrganizationRole",
    "PermissionSet",
    "Pods",
    "Repository",
    "SamlPeople",
    "Vendor",
    "levels_in",
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
    #: Whether an administrator of it reaches the others: people or workflows go on from it, or it administers StackSets
    #: or Identity Center for the organization. Levels that deploy are never meant there by the way.
    leads_on: bool = False

    @property
    def environment(self) -> cdk.Environment:
        """Where the CDK deploys the stacks of this account."""
        return cdk.Environment(account=self.id, region=self.region)

    def role_arn(self, role: str) -> str:
        """The ARN of a role here. Names are the contract between accounts, so that no stack waits for another."""
        return f"arn:{partition_of(self.region)}:iam::{self.id}:role/{role}"

    def cluster_arn(self, cluster: str) -> str:
        """The ARN of a cluster of EKS here, in the Region of the stacks."""
        return f"arn:{partition_of(self.region)}:eks:{self.region}:{self.id}:cluster/{cluster}"

    def provider_arn(self, issuer: str) -> str:
        """The ARN of the identity provider here of an issuer of tokens, by its URL."""
        return f"arn:{partition_of(self.region)}:iam::{self.id}:oidc-provider/{issuer.removeprefix('https://')}"

    def role_anywhere(self, role: str) -> str:
        """The pattern of a role's ARN in any account of this partition."""
        return f"arn:{partition_of(self.region)}:iam::*:role/{role}"


@dataclass(frozen=True, slots=True)
class Grants:
    """What somebody may be, and where."""

    #: Name of an account to what somebody may be there, from the least to the most. Accounts without are left out.
    levels: Mapping[str, tuple[Level, ...]]
    #: Level to what stands in the file: accounts, units, `EVERYWHERE`.
    targets: Mapping[Level, tuple[str, ...]]

    def at(self, account: str) -> tuple[Level, ...]:
        """What somebody may be in an account, by its name."""
        return self.levels.get(account, ())


@dataclass(frozen=True, slots=True)
class Group:
    """A group of IAM users in the hub."""

    name: str
    grants: Grants
    #: Name of a level to the name of the role that is the group's own; other levels have the role that all share.
    role_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set of Identity Center, assigned in the hub."""

    name: str
    grants: Grants
    #: Ids of the identity store. With none of either, permission set and assignments are somebody else's.
    assigned_groups: tuple[str, ...]
    assigned_users: tuple[str, ...]

    @property
    def is_made_here(self) -> bool:
        """Whether the app makes and assigns it."""
        return bool(self.assigned_groups or self.assigned_users)


@dataclass(frozen=True, slots=True)
class IdentityCenter:
    """Where permission sets are made."""

    instance_arn: str
    #: Name of the account that administers it.
    account: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """A third party whose machines come in."""

    name: str
    title: str
    accounts: tuple[str, ...]
    #: Account and name of a level to the external id of the role there.
    external_ids: Mapping[tuple[str, str], str]
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
    #: Names of more repositories of the organization that come in alike.
    also: tuple[str, ...]
    job_workflow_refs: tuple[str, ...]
    grants: Grants

    @property
    def full_name(self) -> str:
        """What GitHub calls it."""
        return f"{self.organization}/{self.repository}"


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods of EKS, by their service accounts and clusters."""

    name: str
    #: Each with its namespace: ``payments/ledger``.
    service_accounts: tuple[str, ...]
    #: Names of clusters, in whatever account; empty for every cluster of an account.
    clusters: tuple[str, ...]
    #: Account to the issuers of the clusters whose pods have roles there; empty for those of EKS Pod Identity.
    issuers: Mapping[str, tuple[str, ...]]
    grants: Grants


@dataclass(frozen=True, slots=True)
class SamlPeople:
    """People of SAML identity providers who come in alike."""

    name: str
    #: The texts of the metadata documents: of the provider, and of those beside it.
    metadata: tuple[str, ...]
    grants: Grants
    #: Where the entry stands, for what turns out to be wrong with the documents.
    place: Place


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
    #: Name to id.
    units: Mapping[str, str]
    role_names: RoleNames
    hub: Account
    #: All of them, the hub too.
    accounts: tuple[Account, ...]
    groups: tuple[Group, ...]
    #: Group to the names of its users; groups that the file gives no users are left out.
    members: Mapping[str, tuple[str, ...]]
    permission_sets: tuple[PermissionSet, ...]
    identity_center: IdentityCenter | None
    saml: tuple[SamlPeople, ...]
    vendors: tuple[Vendor, ...]
    repositories: tuple[Repository, ...]
    pods: tuple[Pods, ...]
    organization_roles: tuple[OrganizationRole, ...]

    def of_kind(self, kind: str) -> Account | None:
        """The account of a kind of which there is at most one."""
        return next((account for account in self.accounts if account.kind == kind), None)

    def leading_on(self) -> list[str]:
        """The ids of the accounts that `Account.leads_on` is true of, in order."""
        return sorted(account.id for account in self.accounts if account.leads_on)

    def reach(self, grants: Grants) -> list[tuple[Account, Level]]:
        """Where somebody may go, and as what."""
        return [(account, level) for account in self.accounts for level in grants.at(account.name)]

    def member_role(self, group: Group, level: Level) -> str:
        """The name of the role that members of a group may be at a level."""
        return group.role_names.get(level.name) or self.role_names.members(level)


def levels_in(account: Account, grants: Iterable[Grants]) -> list[Level]:
    """What anybody of several may be in an account, from the least to the most."""
    wanted = {level for granted in grants for level in granted.at(account.name)}
    return sorted(wanted, key=lambda level: ORDER[level.name])


def read_accounts(file: Path = ACCOUNTS_FILE) -> Accounts:
    """
    Read an accounts file.

    Raises:
        AccountsError: the file cannot be read, a key is missing or unknown, or a value is not what it must be. The
            message names the file, the line and the key.
    """
    shown = _shown(file)
    try:
        text = read_text(file)
        mapping = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AccountsError(f"{shown}: is not TOML: {error}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AccountsError(f"{shown}:{line}: is not UTF-8: save it as UTF-8 ({error.reason})") from error
    except OSError as error:
        raise AccountsError(f"{shown}: cannot be read: {error}") from error
    return _parse(mapping, file, Place(shown, text=text))


def parse_accounts(mapping: Mapping[str, Any], file: Path) -> Accounts:
    """The same from values; `file` is where they would stand: what messages name, and where other files are beside."""
    return _parse(mapping, file, Place(file.name))


def _shown(file: Path) -> str:
    """The path as a person in the working directory would write it."""
    path = Path(os.path.abspath(file))
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else file)


def _parse(mapping: Mapping[str, Any], file: Path, place: Place) -> Accounts:
    ACCOUNTS.check(mapping, place)
    check_consistency(mapping, place)
    check_control_policies(mapping["organization"], file, place.at("organization"))
    center = mapping.get("identity-center", {}).get("account")
    accounts = [_account(name, table, center) for name, table in mapping["accounts"].items()]
    accounts.sort(key=lambda account: (account.kind != "hub", account.name))
    read = _Access(accounts, mapping.get("levels", {}))
    organization = mapping["organization"]
    return Accounts(
        organization=organization["id"],
        units=dict(_sorted(organization, "units")),
        role_names=RoleNames(organization.get("role-prefix", "Org")),
        hub=accounts[0],
        accounts=tuple(accounts),
        groups=tuple(
            Group(name, read.grants(table), table.get("role-names", {})) for name, table in _sorted(mapping, "groups")
        ),
        members=_members(mapping),
        permission_sets=tuple(
            PermissionSet(
                name,
                read.grants(table),
                tuple(sorted(table.get("assigned-groups", ()))),
                tuple(sorted(table.get("assigned-users", ()))),
            )
            for name, table in _sorted(mapping, "permission-sets")
        ),
        identity_center=_identity_center(mapping),
        saml=tuple(
            _saml(name, table, read.grants(table), file, place.at("saml", name))
            for name, table in _sorted(mapping, "saml")
        ),
        vendors=tuple(
            _vendor(name, table, read, organization, place.at("vendors", name))
            for name, table in _sorted(mapping, "vendors")
        ),
        repositories=tuple(
            _repository(name, table, read.grants(table)) for name, table in _sorted(mapping, "repositories")
        ),
        pods=tuple(
            _pods(name, table, read.grants(table), place.at("pods", name)) for name, table in _sorted(mapping, "pods")
        ),
        organization_roles=tuple(
            OrganizationRole(
                name,
                read.level(table["access"]),
                tuple(sorted(organization["units"][unit] for unit in table["units"])),
                tuple(sorted(table["groups"])),
            )
            for name, table in _sorted(mapping, "organization-roles")
        ),
    )


def _sorted(mapping: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    return sorted(mapping.get(key, {}).items())


def _account(name: str, table: Mapping[str, Any], center: str | None) -> Account:
    kind = table.get("kind", "workload")
    leads_on = kind in LEADING_KINDS or name == center
    return Account(name, table["id"], table["region"], kind, table.get("unit"), leads_on)


class _Access:
    """
    What a list of access means.

    Args:
        accounts: all there are.
        levels: the table of the same name.
    """

    def __init__(self, accounts: Iterable[Account], levels: Mapping[str, Mapping[str, Any]]) -> None:
        self.accounts = {account.name: account for account in accounts}
        self.levels = tuple(_level(level, levels.get(level.name, {})) for level in LEVELS)

    def level(self, name: str) -> Level:
        """The level of a name."""
        return self.levels[ORDER[name]]

    def grants(self, table: Mapping[str, Any]) -> Grants:
        """What an entry of the file may be, and where."""
        targets = {level: tuple(table[level.name]) for level in self.levels if table.get(level.name)}
        found: dict[str, dict[Level, None]] = {}
        for level, named in targets.items():
            for account in self.accounts.values():
                if any(_means(target, account, level) for target in named):
                    found.setdefault(account.name, {})[level] = None
        return Grants({account: tuple(levels) for account, levels in sorted(found.items())}, targets)


def _means(target: str, account: Account, level: Level) -> bool:
    """
    Whether an entry of a list of access means an account.

    Who deploys in the hub is an administrator of every account that trusts it for deployments; in the account of
    StackSets or of Identity Center, of the organization; in the one where workflows enter, of all roles of workflows.
    That is never meant by the way: for levels that deploy, such an account has to be named.
    """
    if target == account.name:
        return True
    return target in (EVERYWHERE, account.unit) and not (level.deploys and account.leads_on)


def _level(level: Level, table: Mapping[str, Any]) -> Level:
    return replace(
        level,
        managed_policies=tuple(
            name.rpartition(":policy/")[2] for name in table.get("managed-policies", level.managed_policies)
        ),
        customer_managed_policies=tuple(table.get("customer-managed-policies", ())),
        permissions_boundary=table.get("permissions-boundary"),
        role_name=table.get("role-name"),
    )


def _identity_center(mapping: Mapping[str, Any]) -> IdentityCenter | None:
    table = mapping.get("identity-center")
    return None if table is None else IdentityCenter(table["instance"], table["account"])


def _members(mapping: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for user, groups in _sorted(mapping, "users"):
        for group in groups:
            found.setdefault(group, []).append(user)
    return {group: tuple(users) for group, users in sorted(found.items())}


def _saml(name: str, table: Mapping[str, Any], grants: Grants, file: Path, place: Place) -> SamlPeople:
    return SamlPeople(name, _metadata(table, file, place), grants, place)


def _metadata(table: Mapping[str, Any], file: Path, place: Place) -> tuple[str, ...]:
    found = []
    for key, name in (("metadata", table["metadata"]), *(("also", one) for one in table.get("also", ()))):
        try:
            found.append(file.parent.joinpath(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise place.at(key).error(f"cannot be read: {error}") from error
    return tuple(found)


def _pods(name: str, table: Mapping[str, Any], grants: Grants, place: Place) -> Pods:
    issuers = {account: tuple(urls) for account, urls in table.get("issuers", {}).items()}
    for account in issuers:
        if account not in grants.levels:
            raise place.at("issuers", account).error("has issuers for no role: the pods are nothing there")
    for account in grants.levels if issuers else ():
        if account not in issuers:
            raise place.at("issuers").error(f"must have those of account '{account}' too, where the pods have a role")
    return Pods(name, tuple(table["service-accounts"]), tuple(table.get("clusters", ())), issuers, grants)


def _vendor(
    name: str, table: Mapping[str, Any], read: _Access, organization: Mapping[str, Any], place: Place
) -> Vendor:
    grants = read.grants(table)
    given = table.get("external-ids", {})
    salt = organization.get("external-id-salt")
    external_ids: dict[tuple[str, str], str] = {}
    used: set[str | None] = set()
    for account, level in _places(grants, read.accounts):
        known = given.get(account.name) or given.get(account.unit) or table.get("external-id")
        if known is None and salt is None:
            raise place.error(
                f"must have an external-id for its roles in '{account.name}', the one that the vendor gave you; or "
                "organization an external-id-salt, a random text of your own, to derive one from"
            )
        if known is None and salt == EXAMPLE_SALT and not _is_an_example(read.accounts.values()):
            raise place.error(
                f"has an external id in '{account.name}' that is derived from the published example of "
                "external-id-salt, so that anybody can compute it: make a salt of your own (openssl rand -hex 16), and "
                "give the vendor the new ids; or keep the old ones as external-ids"
            )
        used |= {account.name, account.unit}
        external_ids[account.name, level.name] = known or _derived(str(salt), account.id, name, level.name)
    for target in given:
        if target not in used:
            raise place.at("external-ids", target).error("is the external id of no role: the vendor is nothing there")
    return Vendor(name, table["name"], tuple(table["accounts"]), external_ids, grants)


def _is_an_example(accounts: Iterable[Account]) -> bool:
    """Whether all ids are made up, as in documentation: 111122223333."""
    return all(re.fullmatch(r"(\d)\1{3}(\d)\2{3}(\d)\3{3}", account.id) for account in accounts)


def _places(grants: Grants, accounts: Mapping[str, Account]) -> Iterator[tuple[Account, Level]]:
    for name, levels in grants.levels.items():
        for level in levels:
            yield accounts[name], level


def _derived(salt: str, *parts: str) -> str:
    """
    As long as a random UUID without its hyphens, and the same in every synthesis.

    Nobody who does not know the salt can tell it from names and numbers that are known to many.
    """
    return hmac.new(salt.encode(), "/".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def _repository(name: str, table: Mapping[str, Any], grants: Grants) -> Repository:
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
        also=tuple(name.partition("/")[2] for name in table.get("also", ())),
        job_workflow_refs=tuple(table.get("job-workflow-refs", ())),
        grants=grants,
    )
