"""
The organization: its id, its units and accounts, from an accounts file or from account ids alone.

The file is the one that the app of this project deploys from (`infra/accounts.toml`); only what says where accounts are
is read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

#: The account of the sandbox's administrator. No account of a user may have this id.
MANAGEMENT_ACCOUNT = "999999999999"
DEFAULT_ID = "o-a1b2c3d4e5"
DEFAULT_REGION = "eu-central-1"

_ACCOUNT_ID = re.compile(r"[0-9]{12}", re.ASCII)
#: Names of profiles that need no quotes, and those that are taken: that of the administrator, and what is used where
#: none is named.
_PROFILE = re.compile(r"[\w.+@-]+", re.ASCII)
_OTHER_PROFILES = ("default", "management")
_UNIT_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}")


class BadAccounts(ValueError):
    """The accounts cannot be used; the message says why, with the file where there is one."""


def meant(name: object, known: Iterable[str]) -> str:
    """The name that is nearest to what was given, as the end of a message; empty where none is near."""
    near = get_close_matches(str(name), list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


@dataclass(frozen=True)
class Account:
    """
    One account.

    Args:
        id: twelve digits.
        name: its name in the accounts file, else the id.
        region: where its stacks go.
        unit: the id of its organizational unit; None where it is directly below the root.
        is_management: whether the accounts file says that it manages the organization, as the sandbox's own does here.
    """

    id: str
    name: str
    region: str = DEFAULT_REGION
    unit: str | None = None
    is_management: bool = False

    @property
    def profile(self) -> str:
        """Its profile in the configuration: its name, or its id where a name means something else there."""
        return self.name if _PROFILE.fullmatch(self.name) and self.name not in _OTHER_PROFILES else self.id


@dataclass(frozen=True)
class Organization:
    """
    Accounts that belong together.

    Args:
        id: as in `aws:PrincipalOrgID`.
        accounts: all but the management account, by id.
        units: name to id.
    """

    id: str = DEFAULT_ID
    accounts: Mapping[str, Account] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def root_id(self) -> str:
        """The id of the root: its units' ids repeat its second part."""
        for unit in sorted(self.units.values()):
            return f"r-{unit.split('-')[1]}"
        return "r-ab12"

    def __contains__(self, account: str) -> bool:
        return account == MANAGEMENT_ACCOUNT or account in self.accounts

    def manages(self, account: str) -> bool:
        """Whether an account manages the organization: the sandbox's own, and the one that the accounts file names."""
        found = self.accounts.get(account)
        return account == MANAGEMENT_ACCOUNT or (found is not None and found.is_management)

    def path(self, account: str) -> str | None:
        """
        Where an account is, as in `aws:PrincipalOrgPaths`; None for an account of somebody else.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        if account not in self:
            return None
        found = self.accounts.get(account)
        unit = f"{found.unit}/" if found is not None and found.unit is not None else ""
        return f"{self.id}/{self.root_id}/{unit}"

    def accounts_in(self, targets: Iterable[str]) -> list[str]:
        """
        The accounts of units, or of the whole organization by its root; the management account is never one of them.

        Raises:
            KeyError: for a unit that the organization does not have.
        """
        found: dict[str, None] = {}
        for target in targets:
            if target != self.root_id and target not in self.units.values():
                raise KeyError(target)
            for account in self.accounts.values():
                if target in (self.root_id, account.unit) and not account.is_management:
                    found[account.id] = None
        return list(found)


def organization_of(accounts: Iterable[str]) -> Organization:
    """
    An organization of accounts of which only the ids are known.

    Raises:
        BadAccounts: for an id that is none, that is there twice, or is the management account's.
    """
    found: dict[str, Account] = {}
    for account in accounts:
        if not isinstance(account, str):
            raise BadAccounts(f"an account id is a text of 12 digits, got {account!r}")
        _add(found, Account(account, account), "")
    return Organization(accounts=found)


def organization_from_file(path: Path) -> Organization:
    """
    The organization of an accounts file.

    Raises:
        BadAccounts: when the file cannot be read, or says something that cannot be.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadAccounts(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadAccounts(f"{path}: {error}") from None
    section = _table(data, "organization", path)
    identifier = section.get("id", DEFAULT_ID)
    if not isinstance(identifier, str) or not _ORGANIZATION_ID.fullmatch(identifier):
        raise BadAccounts(f"{path}: organization.id: {identifier!r} is no id of an organization")
    units = _table(section, "units", path)
    for name, unit in units.items():
        if not isinstance(unit, str) or not _UNIT_ID.fullmatch(unit):
            raise BadAccounts(f"{path}: organization.units.{name}: {unit!r} is no id of an organizational unit")
    found: dict[str, Account] = {}
    for name, entry in _table(data, "accounts", path).items():
        where = f"{path}: accounts.{name}"
        if not isinstance(entry, dict):
            raise BadAccounts(f"{where}: a table is expected")
        unit = entry.get("unit")
        if unit is not None and unit not in units:
            raise BadAccounts(f"{where}.unit: {unit!r} is none of organization.units{meant(unit, units)}")
        region = entry.get("region", DEFAULT_REGION)
        if not isinstance(region, str):
            raise BadAccounts(f"{where}.region: text is expected")
        # A name may be given to the root too.
        below = units[unit] if unit is not None and not units[unit].startswith("r-") else None
        account = Account(str(entry.get("id")), name, region, below, entry.get("kind") == "management")
        _add(found, account, f"{where}.id: ")
    if not found:
        raise BadAccounts(f"{path}: no accounts")
    return Organization(identifier, found, dict(units))


def _table(data: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise BadAccounts(f"{path}: {name}: a table is expected")
    return found


def _add(found: dict[str, Account], account: Account, where: str) -> None:
    if not _ACCOUNT_ID.fullmatch(account.id):
        raise BadAccounts(f"{where}{account.id!r} is no account id, which has twelve digits")
    if account.id == MANAGEMENT_ACCOUNT:
        raise BadAccounts(f"{where}{account.id} is the sandbox's own management account")
    if account.id in found:
        raise BadAccounts(f"{where}{account.id} is there twice")
    found[account.id] = account
