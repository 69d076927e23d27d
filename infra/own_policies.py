"""
Policies of one's own that are called like one of AWS: the accounts file names no other boundary.
"""

from __future__ import annotations

from collections.abc import Iterator

import trustproof
from infra.access import Level
from infra.accounts import Accounts
from infra.empty_grants import grants_by_table


def called_like_those_of_aws(accounts: Accounts) -> Iterator[str]:
    """Messages of permissions boundaries, and further policies of levels, that may have been meant to be AWS's."""
    for level in _levels(accounts):
        bounds = () if level.permissions_boundary is None else (level.permissions_boundary,)
        for key, names in (
            ("permissions-boundary", bounds),
            ("customer-managed-policies", level.customer_managed_policies),
        ):
            for name in names:
                # Only who names a policy has to wait for the names of AWS's.
                if name in trustproof.managed_policy_names():
                    instead = "copy its text into it" if names is bounds else "give it by managed-policies"
                    yield (
                        f"levels.{level.name}.{key} is the policy {name!r} of your own, which each account must have, "
                        f"and not AWS's of that name: call it otherwise; or, where AWS's was meant, {instead}"
                    )


def _levels(accounts: Accounts) -> list[Level]:
    """Those that somebody has, in order."""
    tables = grants_by_table(accounts).values()
    had = {level.name: level for table in tables for _, grants in table for level in grants.targets}
    return [had[name] for name in sorted(had)]
