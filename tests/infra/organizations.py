"""
Organizations of any size, for tests and benchmarks that count.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra.account_stack import AccountStack
from infra.accounts import parse_accounts

UNITS = {"development": "ou-ab12-11111111", "production": "ou-ab12-22222222"}


def account(number: int) -> dict[str, Any]:
    """An entry of the accounts file: the one thing that a new account takes."""
    return {
        "id": f"{200_000_000_000 + 7_919 * number}",
        "region": "eu-central-1",
        "unit": sorted(UNITS)[number % 2],
    }


def organization(size: int) -> dict[str, Any]:
    """An accounts file with so many workload accounts, where access is given by unit."""
    return {
        "organization": {"id": "o-a1b2c3d4e5", "units": UNITS, "external-id-salt": "salt-of-the-tests"},
        "accounts": {
            "hub": {"kind": "hub", "id": "111122223333", "region": "eu-central-1"},
            **{f"account-{number}": account(number) for number in range(size)},
        },
        "groups": {
            "developers": {"deploy": ["development"], "read": ["development", "production"]},
            "operators": {"deploy": ["production"]},
            "auditors": {"audit": ["*"]},
        },
        "vendors": {
            "observability": {"name": "Observability Inc.", "accounts": ["444455556666"], "audit": ["production"]}
        },
        "repositories": {"shop": {"github": "acme/shop", "branches": ["main"], "deploy": ["production"]}},
    }


def hub_resources(mapping: dict[str, Any]) -> dict[str, Any]:
    """The resources of the hub's stack, which is all that is synthesized."""
    app = cdk.App(builtin_cloud_formation_validation=False, tree_metadata=False)
    accounts = parse_accounts(mapping, Path("accounts.toml"))
    AccountStack(app, "access-hub", accounts=accounts, account=accounts.hub)
    found: dict[str, Any] = app.synth().get_stack_by_name("access-hub").template["Resources"]
    return found
