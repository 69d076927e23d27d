"""
What the accounts file says of somebody, and what comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from infra.accounts import Accounts, Grants
from infra.schema import EVERYWHERE


def grants_by_table(accounts: Accounts) -> Mapping[str, Sequence[tuple[str, Grants]]]:
    """By the tables of the file, in its order: who is in them, and what is given to each."""
    return {
        "groups": [(one.name, one.grants) for one in accounts.groups],
        "permission-sets": [(one.name, one.grants) for one in accounts.permission_sets],
        "saml": [(one.name, one.grants) for one in accounts.saml],
        "vendors": [(one.name, one.grants) for one in accounts.vendors],
        "repositories": [(one.name, one.grants) for one in accounts.repositories],
        "pods": [(one.name, one.grants) for one in accounts.pods],
    }


def comes_to_nothing(accounts: Accounts) -> Iterator[str]:
    """Messages of what nobody gets anything by, in the order of the file's tables; no error, since units fill up."""
    for table, entries in grants_by_table(accounts).items():
        for name, grants in entries:
            # A group may be for its members' own permissions, or for roles in units.
            if not grants.targets and table != "groups":
                yield f"{table}.{name} has access nowhere"
            yield from (f"{table}.{name}.{one}" for one in _empty(grants, accounts))


def _empty(grants: Grants, accounts: Accounts) -> Iterator[str]:
    for level, targets in grants.targets.items():
        for target in targets:
            inside = [one for one in accounts.accounts if target in (EVERYWHERE, one.unit)]
            if target != EVERYWHERE and target not in accounts.units:
                continue
            if not inside:
                yield f"{level.name} gives nobody anything in {target!r}, which has no account"
            elif level.deploys and all(one.leads_on for one in inside):
                names = ", ".join(one.name for one in inside)
                yield (
                    f"{level.name} gives nobody anything in {target!r}, which has only {names}: for {level.name}, "
                    "accounts from which others are reached must be named"
                )
