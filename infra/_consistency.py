"""
What an accounts file must be beside well-formed: its names lead somewhere, and nothing is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra._partitions import partition_of
from infra._shapes import Place, listed
from infra.schema import ACCESS, EVERYWHERE

#: Tables whose entries have access somewhere.
_WITH_ACCESS = ("groups", "permission-sets", "saml", "vendors", "repositories")


def check_consistency(mapping: Mapping[str, Any], place: Place) -> None:
    """
    Check an accounts file that has the right shape.

    Raises:
        AccountsError: the message names file and key.
    """
    _check_kinds(mapping, place)
    _check_ids(mapping, place)
    _check_accounts(mapping, place)
    _check_targets(mapping, place)
    _check_groups(mapping, place)
    _check_organization_roles(mapping, place)


def _check_kinds(mapping: Mapping[str, Any], place: Place) -> None:
    for kind in ("hub", "audit", "ci"):
        of_kind = [name for name, account in mapping["accounts"].items() if account.get("kind") == kind]
        if len(of_kind) > 1:
            raise place.at("accounts").error(f"must have one account of kind '{kind}', got {listed(of_kind)}")
        if kind == "hub" and not of_kind:
            raise place.at("accounts").error("must have an account of kind 'hub', where people sign in, got none")


def _check_ids(mapping: Mapping[str, Any], place: Place) -> None:
    """An id that stands twice would be two stacks for one account, or an account of ours that is also a vendor's."""
    seen: dict[str, Place] = {}
    for where, value in _ids(mapping, place):
        if value in seen:
            raise where.error(f"must be an id of its own, got '{value}' as in {'.'.join(seen[value].keys)}")
        seen[value] = where


def _ids(mapping: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    for name, unit in mapping["organization"].get("units", {}).items():
        yield place.at("organization").at("units").at(name), unit
    for name, account in mapping["accounts"].items():
        yield place.at("accounts").at(name).at("id"), account["id"]
    for name, vendor in mapping.get("vendors", {}).items():
        for account in vendor["accounts"]:
            yield place.at("vendors").at(name).at("accounts"), account


def _check_accounts(mapping: Mapping[str, Any], place: Place) -> None:
    units = mapping["organization"].get("units", {})
    accounts = mapping["accounts"]
    (hub,) = (name for name, account in accounts.items() if account.get("kind") == "hub")
    partition = partition_of(accounts[hub]["region"])
    for name, account in accounts.items():
        here = place.at("accounts").at(name)
        if name in units:
            raise here.error("must have a name of its own, got that of a unit: access in it would mean two things")
        if "unit" in account and account["unit"] not in units:
            raise here.at("unit").refuse(f"the name of a unit ({listed(units)})", account["unit"])
        if partition_of(account["region"]) != partition:
            raise here.at("region").refuse(f"a Region of the hub's partition, {partition}", account["region"])


def _check_targets(mapping: Mapping[str, Any], place: Place) -> None:
    known = {EVERYWHERE, *mapping["accounts"], *mapping["organization"].get("units", {})}
    for table in _WITH_ACCESS:
        for name, entry in mapping.get(table, {}).items():
            for level in ACCESS:
                for target in entry.get(level, ()):
                    if target not in known:
                        raise (
                            place.at(table)
                            .at(name)
                            .at(level)
                            .refuse(f"a list of accounts and units ({listed(sorted(known))})", target)
                        )


def _check_groups(mapping: Mapping[str, Any], place: Place) -> None:
    groups = mapping.get("groups", {})
    named = [(place.at("users").at(user), listing) for user, listing in mapping.get("users", {}).items()]
    named += [
        (place.at("organization-roles").at(name).at("groups"), role["groups"])
        for name, role in mapping.get("organization-roles", {}).items()
    ]
    for where, listing in named:
        for group in listing:
            if group not in groups:
                raise where.refuse(f"a list of groups ({listed(groups)})", group)


def _check_organization_roles(mapping: Mapping[str, Any], place: Place) -> None:
    units = mapping["organization"].get("units", {})
    roles = mapping.get("organization-roles", {})
    if roles and not any(account.get("kind") == "audit" for account in mapping["accounts"].values()):
        raise place.at("organization-roles").error(
            "must have an account of kind 'audit', the delegated administrator that deploys StackSets, got none"
        )
    for name, role in roles.items():
        for unit in role["units"]:
            if unit not in units:
                raise (
                    place.at("organization-roles")
                    .at(name)
                    .at("units")
                    .refuse(f"a list of units ({listed(units)})", unit)
                )
