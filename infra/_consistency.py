"""
What an accounts file must be beside well-formed: its names lead somewhere, and nothing is there twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from aws_cdk import region_info

from infra._partitions import partition_of
from infra._shapes import Place, quoted_names, quoted_words
from infra.access import LEVELS
from infra.names import RoleNames
from infra.schema import ACCESS, EVERYWHERE, LEADING_KINDS
from trustproof import managed_policy_meant, managed_policy_names

#: Managed policies that IAM attaches to a role at most, unless the account asked for more:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_POLICIES_OF_A_ROLE = 10

#: Groups that an IAM user is in at most, a quota that cannot be raised: see there.
_GROUPS_OF_A_USER = 10

#: Tables whose entries have access somewhere.
_WITH_ACCESS = ("groups", "permission-sets", "saml", "vendors", "repositories", "pods")


def check_consistency(mapping: Mapping[str, Any], place: Place) -> None:
    """
    Check an accounts file that has the right shape.

    Raises:
        AccountsError: the message names file and key.
    """
    _check_kinds(mapping, place)
    _check_ids(mapping, place)
    _check_roots(mapping, place)
    _check_accounts(mapping, place)
    _check_targets(mapping, place)
    _check_control_policies(mapping, place)
    _check_groups(mapping, place)
    _check_users(mapping, place)
    _check_vendors(mapping, place)
    _check_levels(mapping, place)
    _check_role_names(mapping, place)
    _check_permission_sets(mapping, place)
    _check_organization_roles(mapping, place)
    _check_repositories(mapping, place)
    _check_pods(mapping, place)


def _check_pods(mapping: Mapping[str, Any], place: Place) -> None:
    """A cluster is named by EKS, or says itself who its pods are, and where it is."""
    accounts = mapping["accounts"]
    for name, entry in mapping.get("pods", {}).items():
        here = place.at("pods", name)
        if "issuers" not in entry:
            continue
        if "clusters" in entry:
            raise here.at("clusters").error(
                "cannot be given with issuers, which say for themselves which clusters they are of"
            )
        if not entry["issuers"]:
            raise here.at("issuers").error("must have those of an account, or be left out for EKS Pod Identity")
        for account, issuers in entry["issuers"].items():
            where = here.at("issuers", account)
            if account not in accounts:
                raise where.error(
                    f"must be the name of an account ({quoted_names(accounts)}), since each has its providers"
                )
            for issuer in issuers:
                region = issuer.split(".")[2]
                _check_region(region, accounts[account]["region"], where, "of a Region")
                _check_suffix(region, issuer, where)


def _check_region(region: str, beside: str, place: Place, what: str) -> None:
    """A Region that there is, of the partition of another one."""
    if region not in _regions():
        near = difflib.get_close_matches(region, _regions(), n=1)
        accepted = f"{what}, like {near[0]!r}" if near else f"{what} that this version of aws-cdk-lib knows"
        raise place.refuse(accepted, region)
    if partition_of(region) != partition_of(beside):
        raise place.refuse(f"{what} of the hub's partition, {partition_of(beside)}", region)


def _check_suffix(region: str, issuer: str, place: Place) -> None:
    """Each partition has its own end of hosts."""
    suffix = region_info.RegionInfo.get(region).domain_suffix
    host = f"https://oidc.eks.{region}.{suffix}/"
    if suffix and not issuer.startswith(host):
        raise place.refuse(f"issuers of {region} that begin with '{host}'", issuer)


def _check_repositories(mapping: Mapping[str, Any], place: Place) -> None:
    """Repositories that come in alike are of one organization, and are named without numbers."""
    spelled: dict[str, str] = {}
    for name, entry in mapping.get("repositories", {}).items():
        for level in LEVELS:
            if level.deploys and entry.get("pull-requests") and entry.get(level.name):
                raise place.at("repositories", name, level.name).error(
                    "cannot be together with pull-requests: whoever opens a pull request would be an administrator; "
                    "make an entry of its own for these workflows, with another level"
                )
        where = place.at("repositories", name, "also")
        organization = entry["github"].partition("/")[0]
        for other in entry.get("also", ()):
            if other.partition("/")[0] != organization:
                raise where.error(f"must be repositories of '{organization}', got '{other}'")
            if other == entry["github"]:
                raise where.error(f"must be other repositories than github, got '{other}'")
        for key, repository in [("github", entry["github"]), *(("also", other) for other in entry.get("also", ()))]:
            # The organization by itself too: its tokens have one spelling, and IAM compares letters.
            for called in (repository.partition("/")[0], repository):
                before = spelled.setdefault(called.lower(), called)
                if before != called:
                    raise place.at("repositories", name, key).error(
                        f"must be written as on GitHub, which knows '{called}' and '{before}' as one: workflows come "
                        "with one spelling, and those of the other get nowhere"
                    )
        if "also" in entry and "repository-id" in entry:
            raise where.error("cannot be given with 'repository-id', which is the number of one repository")
    _check_numbers(mapping, place)


def _check_numbers(mapping: Mapping[str, Any], place: Place) -> None:
    """GitHub gives a number once: of two names with one, or of two numbers of one name, one lets nobody in."""
    named: dict[tuple[str, str], tuple[str, str]] = {}
    numbered: dict[tuple[str, str], tuple[str, str]] = {}
    for name, entry in mapping.get("repositories", {}).items():
        for key, called in (
            ("organization-id", entry["github"].partition("/")[0]),
            ("repository-id", entry["github"]),
        ):
            number = entry.get(key)
            if number is None:
                continue
            where = place.at("repositories", name, key)
            other, beside = named.setdefault((key, number), (called, name))
            if other != called:
                raise where.error(
                    f"must be the number of '{called}' alone, got '{number}', which is that of '{other}' in "
                    f"repositories.{beside}"
                )
            known, beside = numbered.setdefault((key, called), (number, name))
            if known != number:
                raise where.error(
                    f"must be the number of '{called}', got '{number}', and '{known}' in repositories.{beside}"
                )


def _check_kinds(mapping: Mapping[str, Any], place: Place) -> None:
    for kind in LEADING_KINDS:
        of_kind = [name for name, account in mapping["accounts"].items() if account.get("kind") == kind]
        if len(of_kind) > 1:
            here = place.at("accounts", of_kind[1], "kind")
            raise here.error(f"must be '{kind}' of one account only, got {quoted_words(of_kind)}")
        if kind == "hub" and not of_kind:
            raise place.at("accounts").error("must have an account of kind 'hub', where people sign in, got none")


def _check_ids(mapping: Mapping[str, Any], place: Place) -> None:
    """An id that stands twice would be two stacks for one account, or an account of ours that is also a vendor's."""
    seen: dict[str, Place] = {}
    for where, value in _ids(mapping, place):
        if value in seen:
            raise where.error(f"must be an id of its own, got '{value}' as in {'.'.join(seen[value].keys)}")
        seen[value] = where


def _check_roots(mapping: Mapping[str, Any], place: Place) -> None:
    """
    Units of another root are none of this organization's, which has one.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html
    """
    units = mapping["organization"].get("units", {})
    # Behind the prefix the id has the root's, and what tells units apart.
    roots = {name: unit.split("-")[1] for name, unit in units.items()}
    for name, root in roots.items():
        first = next(iter(roots.values()))
        if root != first:
            raise place.at("organization", "units", name).refuse(
                f"of the root that the other units are of, r-{first}, since an organization has one", units[name]
            )


def _ids(mapping: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    for name, unit in mapping["organization"].get("units", {}).items():
        yield place.at("organization", "units", name), unit
    for name, account in mapping["accounts"].items():
        yield place.at("accounts", name, "id"), account["id"]
    # Several entries of one vendor (for development, for production) call from the same account.
    theirs: dict[str, Place] = {}
    for name, vendor in mapping.get("vendors", {}).items():
        for account in vendor["accounts"]:
            theirs.setdefault(account, place.at("vendors", name, "accounts"))
    for account, where in theirs.items():
        yield where, account


def _check_accounts(mapping: Mapping[str, Any], place: Place) -> None:
    units = mapping["organization"].get("units", {})
    accounts = mapping["accounts"]
    (hub,) = (name for name, account in accounts.items() if account.get("kind") == "hub")
    for name, account in accounts.items():
        here = place.at("accounts", name)
        if name in units:
            raise here.error("must have a name of its own, got that of a unit: access in it would mean two things")
        if "unit" in account and account["unit"] not in units:
            raise here.at("unit").refuse(f"the name of a unit ({quoted_names(units)})", account["unit"], units)
        _check_region(account["region"], accounts[hub]["region"], here.at("region"), "a Region")


@lru_cache(maxsize=1)
def _regions() -> tuple[str, ...]:
    return tuple(found.name for found in region_info.RegionInfo.regions)


def _check_targets(mapping: Mapping[str, Any], place: Place) -> None:
    known = {EVERYWHERE, *mapping["accounts"], *mapping["organization"].get("units", {})}
    for table in _WITH_ACCESS:
        for name, entry in mapping.get(table, {}).items():
            for level in ACCESS:
                for target in entry.get(level, ()):
                    if target not in known:
                        raise (
                            place.at(table, name, level).refuse(
                                f"a list of accounts and units ({quoted_names(sorted(known))})", target, known
                            )
                        )


def _check_control_policies(mapping: Mapping[str, Any], place: Place) -> None:
    """Control policies are attached to the root, to units and to accounts: what is attached elsewhere binds nobody."""
    organization = mapping["organization"]
    units = organization.get("units", {})
    known = [EVERYWHERE, *mapping["accounts"], *units]
    for key in ("service-control-policies", "resource-control-policies"):
        for target in organization.get(key, {}):
            here = place.at("organization", key, target)
            if target not in known:
                raise here.unknown(known)
            if units.get(target, "").startswith("r-"):
                # They hold for every account, also for those of other units.
                raise here.error(f"is the root, {units[target]}: attach them to '{EVERYWHERE}'")


def _check_groups(mapping: Mapping[str, Any], place: Place) -> None:
    groups = mapping.get("groups", {})
    named = [(place.at("users", user), listing) for user, listing in mapping.get("users", {}).items()]
    named += [
        (place.at("organization-roles", name, "groups"), role["groups"])
        for name, role in mapping.get("organization-roles", {}).items()
    ]
    for where, listing in named:
        for group in listing:
            if group not in groups:
                raise where.refuse(f"a list of groups ({quoted_names(groups)})", group, groups)


def _check_users(mapping: Mapping[str, Any], place: Place) -> None:
    """What IAM takes of users: names that differ by more than case, in no more groups than it lets a user be in."""
    seen: dict[str, str] = {}
    for user, groups in mapping.get("users", {}).items():
        here = place.at("users", user)
        other = seen.setdefault(user.lower(), user)
        if other != user:
            raise here.error(f"must differ by more than case from other names, got {other!r} too: to IAM they are one")
        if len(groups) > _GROUPS_OF_A_USER:
            raise here.error(
                f"must have at most {_GROUPS_OF_A_USER} groups, which is what IAM lets a user be in, got {len(groups)}"
            )


def _check_vendors(mapping: Mapping[str, Any], place: Place) -> None:
    """Two entries that one external id lets in from one account are one: nothing tells their callers apart."""
    known = {*mapping["accounts"], *mapping["organization"].get("units", {})}
    seen: dict[tuple[str, str], Place] = {}
    for name, vendor in mapping.get("vendors", {}).items():
        here = place.at("vendors", name)
        for target in vendor.get("external-ids", {}):
            if target not in known:
                raise here.at("external-ids", target).refuse(
                    f"an account or unit ({quoted_names(sorted(known))})", target, known
                )
        given = {value: here.at("external-ids", target) for target, value in vendor.get("external-ids", {}).items()}
        if "external-id" in vendor:
            given.setdefault(vendor["external-id"], here.at("external-id"))
        for value, where in given.items():
            for account in vendor["accounts"]:
                if (account, value) in seen:
                    other = ".".join(seen[account, value].keys)
                    raise where.error(
                        f"must be an external id of its own next to account {account}, got {value!r} as in {other}"
                    )
        seen |= {(account, value): where for value, where in given.items() for account in vendor["accounts"]}


def _check_levels(mapping: Mapping[str, Any], place: Place) -> None:
    (hub,) = (account for account in mapping["accounts"].values() if account.get("kind") == "hub")
    partition = partition_of(hub["region"])
    for level in LEVELS:
        table = mapping.get("levels", {}).get(level.name, {})
        aws = table.get("managed-policies", level.managed_policies)
        own = table.get("customer-managed-policies", ())
        for name in aws:
            _check_aws_policy(name, partition, place.at("levels", level.name, "managed-policies"))
        if len({name.rpartition(":policy/")[2] for name in aws}) < len(aws):
            raise place.at("levels", level.name, "managed-policies").refuse("a list without duplicates", list(aws))
        if not aws and not own:
            raise place.at("levels", level.name, "managed-policies").error(
                "must name a policy, or the level is nothing"
            )
        if len(aws) + len(own) > _POLICIES_OF_A_ROLE:
            raise place.at("levels", level.name).error(
                f"must have at most {_POLICIES_OF_A_ROLE} managed policies, which is what IAM attaches to a role, got "
                f"{len(aws) + len(own)}"
            )


def _check_aws_policy(name: str, partition: str, place: Place) -> None:
    """A name that AWS has given to no policy is misspelt; what AWS publishes later is named by its ARN."""
    if name.startswith("arn:") and name.split(":")[1] != partition:
        raise place.refuse(f"managed policies of the hub's partition, {partition}", name)
    _, is_arn, plain = name.rpartition(":policy/")
    if plain.startswith("aws-service-role/"):
        raise place.refuse("managed policies of AWS that are not those of services, which nobody else attaches", name)
    meant = managed_policy_meant(plain)
    if meant is not None and is_arn:
        raise place.refuse(f"managed policies of AWS, like {meant!r}", name)
    if is_arn or plain in managed_policy_names():
        return
    near = [meant] if meant is not None else difflib.get_close_matches(name, managed_policy_names(), n=1)
    like = f"like {near[0]!r}" if near else "of which this release knows none with a similar name"
    raise place.refuse(
        f"managed policies of AWS, {like} (one that AWS has published since: by its ARN, 'arn:aws:iam::aws:policy/…')",
        name,
    )


def _check_role_names(mapping: Mapping[str, Any], place: Place) -> None:
    """A name that the file gives is the name of one role in an account: of one level, and of nobody else."""
    names = RoleNames(mapping["organization"].get("role-prefix", "Org"))
    given = [
        (place.at("levels", level, "role-name"), level, table["role-name"])
        for level, table in mapping.get("levels", {}).items()
        if "role-name" in table
    ]
    given += [
        (place.at("groups", group, "role-names", level), level, name)
        for group, table in mapping.get("groups", {}).items()
        for level, name in table.get("role-names", {}).items()
    ]
    for group, table in mapping.get("groups", {}).items():
        for level in table.get("role-names", {}):
            if not table.get(level):
                raise place.at("groups", group, "role-names", level).error(
                    f"is the name of no role: the group is {level} nowhere"
                )
    # IAM does not tell names apart by case.
    levels: dict[str, str] = {}
    for where, level, name in given:
        if names.is_derived(name):
            raise where.error(f"must not begin as the names of all other roles do, which it might meet, got {name!r}")
        if levels.setdefault(name.lower(), level) != level:
            raise where.error(f"must be the name of roles of one level, got {name!r} as for {levels[name.lower()]}")


def _check_permission_sets(mapping: Mapping[str, Any], place: Place) -> None:
    center = mapping.get("identity-center")
    accounts = mapping["accounts"]
    if center is not None and center["account"] not in accounts:
        raise place.at("identity-center", "account").refuse(
            f"the name of an account ({quoted_names(accounts)})", center["account"], accounts
        )
    if center is not None:
        (hub,) = (account for account in accounts.values() if account.get("kind") == "hub")
        partition = partition_of(hub["region"])
        if center["instance"].split(":")[1] != partition:
            where = place.at("identity-center", "instance")
            raise where.refuse(f"of the hub's partition, {partition}", center["instance"])
    for name, table in mapping.get("permission-sets", {}).items():
        for key in ("assigned-groups", "assigned-users"):
            if key in table and center is None:
                raise place.at("permission-sets", name, key).error(
                    "needs identity-center, which says where permission sets are made"
                )


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
                where = place.at("organization-roles", name, "units")
                raise where.refuse(f"a list of units ({quoted_names(units)})", unit, units)
