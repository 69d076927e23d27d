"""
An account that is the management account of the organization by its name, in a file that does not say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.accounts import Account, Accounts
from infra.empty_grants import grants_by_table
from infra.schema import EVERYWHERE

#: What people call it: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html
#: (it was the master account before, and pays for all).
_NAMES = ("management", "mgmt", "master", "payer")


def unsaid_management(accounts: Accounts) -> Iterator[str]:
    """
    Messages of accounts called like the management account in which units or ``"*"`` let somebody deploy.

    Files that are older than the kind do not have it. One that names the account has none of these.
    """
    if any(account.kind == "management" for account in accounts.accounts):
        return
    for account in accounts.accounts:
        if account.leads_on or not {*_NAMES} & {*re.split(r"[-_]", account.name)}:
            continue
        given = [*_given(account, accounts)]
        if given:
            yield (
                f"accounts.{account.name} may be the management account of the organization, whose administrators "
                f"reach every other account, and by the way {' and '.join(given)} there: give it "
                'kind = "management", and that is not meant there unless it is named; or give the kind to the '
                "account that it is"
            )


def _given(account: Account, accounts: Accounts) -> Iterator[str]:
    for table, entries in grants_by_table(accounts).items():
        for name, grants in entries:
            levels = [
                level.name
                for level, targets in grants.targets.items()
                if level.deploys and account.name not in targets and {EVERYWHERE, account.unit} & {*targets}
            ]
            if levels:
                yield f"{table}.{name} has {' and '.join(levels)}"
