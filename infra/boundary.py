"""
The boundary of the gate: whom the accounts file names.

``python -m infra.boundary`` writes it as `trustproof.toml`, where the command line looks for it. A test holds that file
to the accounts file.
"""

from __future__ import annotations

import sys

from infra.accounts import Accounts, read_accounts


def boundary(accounts: Accounts) -> dict[str, object]:
    """The declarations of the project, in the shape of `trustproof.toml`."""
    return {
        "boundary": {
            "accounts": [accounts.hub.id, *(account.id for account in accounts.workloads)],
            "organizations": [accounts.organization],
        }
    }


def render_boundary(accounts: Accounts) -> str:
    """The text of `trustproof.toml`."""
    named = [accounts.hub, *accounts.workloads]
    lines = [
        "# Written by `make boundary` from infra/accounts.toml: change that file.",
        "",
        "[boundary]",
        "accounts = [",
        *(f'    "{account.id}", # {account.name}' for account in named),
        "]",
        f'organizations = ["{accounts.organization}"]',
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_boundary(read_accounts()))
