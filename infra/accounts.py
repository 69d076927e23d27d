"""
Read `accounts.toml`, the single source of accounts and of who may do what in them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra._tables import AccountsError, Table, account_id, name, organization_id, region, role_name, text

#: The accounts file of this repository.
ACCOUNTS_FILE = Path(__file__).with_name("accounts.toml")

__all__ = ["ACCOUNTS_FILE", "Access", "Account", "Accounts", "AccountsError", "read_accounts"]


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account, and the Region its stacks are in."""

    name: str
    id: str
    region: str

    @property
    def environment(self) -> cdk.Environment:
        """Where the CDK deploys the stacks of this account."""
        return cdk.Environment(account=self.id, region=self.region)


@dataclass(frozen=True, slots=True)
class Access:
    """What a person may be in an account: the role for it, and what the role may do."""

    name: str
    role: str
    description: str
    #: Names of AWS managed policies.
    managed_policies: tuple[str, ...]
    session_hours: int
    #: How long ago the MFA code may have been entered at most; None for as long as the session of the user lasts.
    mfa_age_minutes: int | None


@dataclass(frozen=True, slots=True)
class Accounts:
    """
    The organization, as the accounts file describes it.
    """

    organization: str
    hub: Account
    workloads: tuple[Account, ...]
    access: Mapping[str, Access]
    #: Group to account name to names of access.
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]

    def access_in(self, account: Account) -> list[Access]:
        """What anybody may be in the account, sorted: the roles the account needs."""
        wanted = {access for granted in self.groups.values() for access in granted.get(account.name, ())}
        return [self.access[access] for access in sorted(wanted)]

    def granted_to(self, group: str) -> list[tuple[Account, Access]]:
        """Where the members of a group may go, and as what, sorted."""
        granted = self.groups[group]
        return [
            (account, self.access[access]) for account in self.workloads for access in granted.get(account.name, ())
        ]


def read_accounts(file: Path = ACCOUNTS_FILE) -> Accounts:
    """
    The accounts file, checked.

    Raises:
        AccountsError: the file cannot be read, a key is missing or unknown, or a value is not what it must be. The
            message names the file and the key.
    """
    try:
        mapping = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AccountsError(f"{file.name}: cannot be read: {error}") from error
    return parse_accounts(mapping, file.name)


def parse_accounts(mapping: Mapping[str, Any], file: str) -> Accounts:
    """The same from values; `file` is what messages call them."""
    root = Table(mapping, file)
    organization = root.value("organization", organization_id)
    hub = _account("hub", root.table("hub"))
    workloads = root.named("accounts", _account)
    access = root.named("access", _access)
    groups = root.named("groups", _granted(workloads, access))
    root.refuse_the_rest()
    _refuse_duplicates(file, hub, workloads, access)
    return Accounts(organization, hub, tuple(workloads.values()), access, groups)


def _account(key: str, table: Table) -> Account:
    account = Account(key, table.value("id", account_id), table.value("region", region))
    table.refuse_the_rest()
    return account


def _access(key: str, table: Table) -> Access:
    access = Access(
        name=key,
        role=table.value("role", role_name),
        description=table.value("description", text),
        managed_policies=table.values("managed-policies", text),
        session_hours=table.integer("session-hours", 1, 12, default=1),
        mfa_age_minutes=table.integer("mfa-age-minutes", 1, 36 * 60, default=None),
    )
    table.refuse_the_rest()
    return access


def _granted(
    workloads: Mapping[str, Account], access: Mapping[str, Access]
) -> Callable[[str, Table], Mapping[str, tuple[str, ...]]]:
    def granted(_: str, table: Table) -> Mapping[str, tuple[str, ...]]:
        table.expect(workloads, "account")
        return {account: table.values(account, name, accepted=access) for account in sorted(table)}

    return granted


def _refuse_duplicates(file: str, hub: Account, workloads: Mapping[str, Account], access: Mapping[str, Access]) -> None:
    ids: dict[str, str] = {hub.id: "hub.id"}
    for account in workloads.values():
        key = f"accounts.{account.name}.id"
        if account.id in ids:
            raise AccountsError(
                f"{file}: {key} must be an account of its own, got '{account.id}' as in {ids[account.id]}"
            )
        ids[account.id] = key
    roles: dict[str, str] = {}
    for entry in access.values():
        key = f"access.{entry.name}.role"
        # Names of roles are unique without regard to case.
        if entry.role.lower() in roles:
            raise AccountsError(
                f"{file}: {key} must be a name of its own, got '{entry.role}' as in {roles[entry.role.lower()]}"
            )
        roles[entry.role.lower()] = key
