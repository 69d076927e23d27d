"""
Read `accounts.toml`, the single source of accounts and of who may be what in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import trustproof
from infra._consistency import check_consistency
from infra._files import check_control_policies, read_text, shown_path
from infra._shapes import AccountsError, Place
from infra.access import LEVELS, ORDER, Level
from infra.account_entries import (
    Account,
    Accounts,
    Grants,
    Group,
    IdentityCenter,
    OrganizationRole,
    PermissionSet,
    Pods,
    Repository,
    SamlPeople,
    Vendor,
    levels_in,
)
from infra.control_policies import control_policies
from infra.external_ids import EXAMPLE_SALT, external_ids
from infra.names import RoleNames
from infra.schema import ACCOUNTS, EVERYWHERE, LEADING_KINDS

#: The accounts file of the app.
ACCOUNTS_FILE = Path(__file__).with_name("accounts.toml")

__all__ = [
    "ACCOUNTS_FILE",
    "EXAMPLE_SALT",
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


def read_accounts(file: Path = ACCOUNTS_FILE) -> Accounts:
    """
    Read an accounts file.

    Raises:
        AccountsError: the file cannot be read, a key is missing or unknown, or a value is not what it must be. The
            message names the file, the line and the key.
    """
    shown = shown_path(file)
    try:
        text = read_text(file)
        mapping = trustproof.parse_toml(text, shown)
    except trustproof.ConfigError as error:
        raise AccountsError(str(error)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AccountsError(f"{shown}:{line}: is not UTF-8: save it as UTF-8 ({error.reason})") from error
    except OSError as error:
        raise AccountsError(f"{shown}: cannot be read: {error}") from error
    return _parse(mapping, file, Place(shown, text=text))


def parse_accounts(mapping: Mapping[str, Any], file: Path) -> Accounts:
    """The same from values; `file` is where they would stand: what messages name, and where other files are beside."""
    return _parse(mapping, file, Place(file.name))


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
        control_policies=control_policies(organization, file, place.at("organization")),
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
    StackSets or of Identity Center, or the one that manages it, of the organization; in the one where workflows enter,
    of all roles of workflows.
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
        except (FileNotFoundError, IsADirectoryError):
            raise place.at(key).error(f"must be a file beside this one, got {name!r}") from None
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
    ids = external_ids(name, table, grants, read.accounts, organization.get("external-id-salt"), place)
    return Vendor(name, table["name"], tuple(table["accounts"]), ids, grants)


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
        pull_requests=table.get("pull-requests", False),
        also=tuple(name.partition("/")[2] for name in table.get("also", ())),
        job_workflow_refs=tuple(table.get("job-workflow-refs", ())),
        grants=grants,
    )
