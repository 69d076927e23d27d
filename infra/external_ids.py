"""
The external ids of vendors: what the accounts file gives, or what is derived from its salt.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from infra._shapes import Place
from infra.access import Level
from infra.account_entries import Account, Grants

#: What stands as the salt in the example, known to everybody who has read it.
EXAMPLE_SALT = "example-f3b1c9d2a7e04856"


def external_ids(
    name: str, table: Mapping[str, Any], grants: Grants, accounts: Mapping[str, Account], salt: str | None, place: Place
) -> dict[tuple[str, str], str]:
    """
    Account and name of a level to the external id of a vendor's role there.

    Args:
        name: of the vendor's entry.
        table: the entry.
        grants: where the vendor has roles.
        accounts: all there are, by name.
        salt: what ids are derived from that the entry does not give.
        place: of the entry.

    Raises:
        AccountsError: there is no id for a role, it would be one that anybody can compute, or one is for no role.
    """
    given = table.get("external-ids", {})
    found: dict[tuple[str, str], str] = {}
    used: set[str | None] = set()
    shared = False
    for account, level in _places(grants, accounts):
        own = given.get(account.name) or given.get(account.unit)
        shared |= own is None
        known = own or table.get("external-id")
        if known is None and salt is None:
            raise place.error(
                f"must have an external-id for its roles in '{account.name}', the one that the vendor gave you; or "
                "organization an external-id-salt, a random text of your own, to derive one from"
            )
        if known is None and salt == EXAMPLE_SALT and not _is_an_example(accounts.values()):
            raise place.error(
                f"has an external id in '{account.name}' that is derived from the published example of "
                "external-id-salt, so that anybody can compute it: make a salt of your own (openssl rand -hex 16), and "
                "give the vendor the new ids; or keep the old ones as external-ids"
            )
        used.add(account.name if account.name in given else account.unit)
        found[account.name, level.name] = known or _derived(str(salt), account.id, name, level.name)
    for target in given:
        if target not in used:
            raise place.at("external-ids", target).error("is the external id of no role: the vendor is nothing there")
    if "external-id" in table and found and not shared:
        raise place.at("external-id").error("is the external id of no role: external-ids has those of all")
    return found


def _is_an_example(accounts: Iterable[Account]) -> bool:
    """Whether all ids are made up, as in documentation: 111122223333."""
    return all(re.fullmatch(r"(\d)\1{3}(\d)\2{3}(\d)\3{3}", account.id) for account in accounts)


def _places(grants: Grants, accounts: Mapping[str, Account]) -> Iterator[tuple[Account, Level]]:
    for name, levels in grants.levels.items():
        for level in levels:
            yield accounts[name], level


def _derived(salt: str, *parts: str) -> str:
    """
    As long as a random UUID without its hyphens, and the same in every synthesis.

    Nobody who does not know the salt can tell it from names and numbers that are known to many.
    """
    return hmac.new(salt.encode(), "/".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
