"""
The accounts file: what it must have, and how a mistake in it is shown.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.accounts import Accounts, AccountsError, parse_accounts, read_accounts

GOOD: dict[str, Any] = {
    "organization": "o-a1b2c3d4e5",
    "hub": {"id": "111122223333", "region": "eu-central-1"},
    "accounts": {
        "dev": {"id": "222233334444", "region": "eu-central-1"},
        "prod": {"id": "333344445555", "region": "us-gov-west-1"},
    },
    "access": {
        "read": {"role": "Reader", "description": "Read", "managed-policies": ["ReadOnlyAccess"]},
        "deploy": {
            "role": "Deployer",
            "description": "Deploy",
            "managed-policies": ["PowerUserAccess"],
            "session-hours": 2,
            "mfa-age-minutes": 60,
        },
    },
    "groups": {"developers": {"dev": ["deploy", "read"], "prod": ["read"]}},
}


def test_good_file_is_read() -> None:
    """Every value of the file is there, sorted by name."""
    accounts = parse_accounts(GOOD, "accounts.toml")
    assert accounts.hub.id == "111122223333"
    assert [(account.name, account.id, account.region) for account in accounts.workloads] == [
        ("dev", "222233334444", "eu-central-1"),
        ("prod", "333344445555", "us-gov-west-1"),
    ]
    assert accounts.access["read"].session_hours == 1
    assert accounts.access["read"].mfa_age_minutes is None
    assert accounts.access["deploy"].mfa_age_minutes == 60


def test_access_is_needed_where_a_group_has_it() -> None:
    """A role exists in an account only if somebody may have it."""
    accounts = parse_accounts(GOOD, "accounts.toml")
    dev, prod = accounts.workloads
    assert [access.name for access in accounts.access_in(dev)] == ["deploy", "read"]
    assert [access.name for access in accounts.access_in(prod)] == ["read"]
    granted = [(account.name, access.name) for account, access in accounts.granted_to("developers")]
    assert granted == [("dev", "deploy"), ("dev", "read"), ("prod", "read")]


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    """A change that takes a key away."""

    def change(mapping: dict[str, Any]) -> None:
        for key in path[:-1]:
            mapping = mapping[key]
        del mapping[path[-1]]

    return change


def with_value(value: object, *path: str) -> Callable[[dict[str, Any]], None]:
    """A change that sets a key."""

    def change(mapping: dict[str, Any]) -> None:
        for key in path[:-1]:
            mapping = mapping[key]
        mapping[path[-1]] = value

    return change


BROKEN = [
    # change, message
    (without("organization"), "accounts.toml: organization is missing"),
    (
        with_value("o-*", "organization"),
        "accounts.toml: organization must be an organization id like 'o-a1b2c3d4e5', got 'o-*'",
    ),
    (without("hub", "id"), "accounts.toml: hub.id is missing"),
    (
        with_value(111122223333, "hub", "id"),
        "accounts.toml: hub.id must be a 12-digit AWS account id in quotes, got 111122223333",
    ),
    (
        with_value("Frankfurt", "accounts", "dev", "region"),
        "accounts.toml: accounts.dev.region must be a Region like 'eu-central-1', got 'Frankfurt'",
    ),
    (
        with_value("mail", "accounts", "dev", "email"),
        "accounts.toml: unknown key accounts.dev.email; accepted here: 'id', 'region'",
    ),
    (
        with_value({"id": "1", "region": "x"}, "accounts", "Dev 1"),
        "accounts.toml: accounts.Dev 1 must be a name of lower-case letters, digits and single hyphens, got 'Dev 1'",
    ),
    (with_value({}, "accounts"), "accounts.toml: accounts must be a table with at least one entry, got {}"),
    (with_value([], "hub"), "accounts.toml: hub must be a table, got []"),
    (
        with_value("111122223333", "accounts", "dev", "id"),
        "accounts.toml: accounts.dev.id must be an account of its own, got '111122223333' as in hub.id",
    ),
    (
        with_value("reader", "access", "deploy", "role"),
        "accounts.toml: access.read.role must be a name of its own, got 'Reader' as in access.deploy.role",
    ),
    (
        with_value("a role", "access", "read", "role"),
        "accounts.toml: access.read.role must be 1 to 64 letters, digits or any of _+=,.@-, got 'a role'",
    ),
    (with_value("", "access", "read", "description"), "accounts.toml: access.read.description must be a text, got ''"),
    (
        with_value(13, "access", "read", "session-hours"),
        "accounts.toml: access.read.session-hours must be a number from 1 to 12, got 13",
    ),
    (
        with_value(True, "access", "read", "session-hours"),
        "accounts.toml: access.read.session-hours must be a number from 1 to 12, got True",
    ),
    (
        with_value("ReadOnlyAccess", "access", "read", "managed-policies"),
        "accounts.toml: access.read.managed-policies must be a list with at least one text, got 'ReadOnlyAccess'",
    ),
    (
        with_value(["read"], "groups", "developers", "test"),
        "accounts.toml: groups.developers.test must be the name of an account: 'dev', 'prod'",
    ),
    (
        with_value(["admin"], "groups", "developers", "prod"),
        "accounts.toml: groups.developers.prod must be a list of 'deploy', 'read', got 'admin'",
    ),
    (
        with_value(["read", "read"], "groups", "developers", "prod"),
        "accounts.toml: groups.developers.prod must be a list without duplicates, got ['read', 'read']",
    ),
    (
        with_value({}, "vendors"),
        "accounts.toml: unknown key vendors; accepted here: 'organization', 'hub', 'accounts', 'access', 'groups'",
    ),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_broken_file_is_refused(change: Callable[[dict[str, Any]], None], message: str) -> None:
    """The message names the file, the key, what was found and what is accepted."""
    mapping = copy.deepcopy(GOOD)
    change(mapping)
    with pytest.raises(AccountsError, match=re.escape(message)):
        parse_accounts(mapping, "accounts.toml")


@pytest.mark.parametrize("text", ['organization = "o-a1', "\xff"])
def test_unreadable_file_is_refused(tmp_path: Path, text: str) -> None:
    """What is not TOML, or not UTF-8, says so."""
    file = tmp_path / "accounts.toml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(AccountsError, match=r"accounts\.toml: cannot be read: "):
        read_accounts(file)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there says so."""
    with pytest.raises(AccountsError, match=r"accounts\.toml: cannot be read: "):
        read_accounts(tmp_path / "accounts.toml")


def test_ids_are_different(accounts: Accounts) -> None:
    """The file of this repository is a good one."""
    assert len({accounts.hub.id, *(account.id for account in accounts.workloads)}) == 4
