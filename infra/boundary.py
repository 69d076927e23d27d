"""
The configuration of the gate: who is one of us, and which third parties there are.

``python -m infra.boundary`` writes it as `trustproof.toml`, where the command line looks for it. A test holds that file
to the accounts file.
"""

from __future__ import annotations

import json
import sys

from infra.accounts import Accounts, read_accounts


def boundary(accounts: Accounts) -> dict[str, object]:
    """The declarations of the project, in the shape of `trustproof.toml`."""
    found: dict[str, object] = {
        "boundary": {
            "accounts": [account.id for account in accounts.accounts],
            "organizations": [accounts.organization],
        }
    }
    if accounts.vendors:
        found["third-party"] = [
            {"name": vendor.title, "accounts": list(vendor.accounts)} for vendor in accounts.vendors
        ]
    return found


def render_boundary(accounts: Accounts) -> str:
    """The text of `trustproof.toml`."""
    lines = [
        "# Written by `make boundary` from infra/accounts.toml: change that file.",
        "",
        "[boundary]",
        "accounts = [",
        *(f'    "{account.id}", # {account.name}' for account in accounts.accounts),
        "]",
        f'organizations = ["{accounts.organization}"]',
    ]
    for vendor in accounts.vendors:
        # Texts and lists of texts are written in TOML as in JSON.
        lines += [
            "",
            "[[third-party]]",
            f"name = {json.dumps(vendor.title)}",
            f"accounts = {json.dumps(list(vendor.accounts))}",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_boundary(read_accounts()))
