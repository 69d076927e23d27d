"""
Roles for people: members of groups, people of Identity Center, people of SAML identity providers.
"""

from __future__ import annotations

from functools import lru_cache

import aws_cdk as cdk
from constructs import Construct

from infra._roles import role_arguments, within
from infra.access import Level
from infra.accounts import Account, Accounts, SamlPeople, levels_in
from trustproof_cdk import CrossAccountRole, SamlProvider, SamlRole, Trusted


def add_roles(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """Add a role for each level that people have in the account."""
    shared = [
        level
        for level in levels_in(account, (group.grants for group in accounts.groups))
        if any(
            level in group.grants.at(account.name) and level.name not in group.role_names for group in accounts.groups
        )
    ]
    for level in shared:
        member_role(stack, stack, level.name, accounts.role_names.members(level), level, accounts.hub)
    own = {
        group.role_names[level.name]: level
        for group in accounts.groups
        for level in group.grants.at(account.name)
        if level.name in group.role_names
    }
    for name, level in sorted(own.items()):
        member_role(stack, within(stack, "groups"), name, name, level, accounts.hub)
    _add_identity_center(stack, accounts, account)
    _add_saml(stack, accounts, account)


def member_role(
    stack: cdk.Stack, scope: Construct, construct_id: str, name: str, level: Level, hub: Account
) -> CrossAccountRole:
    """A role that trusts the hub, and only with MFA. Whose members may assume it, the groups of the hub say."""
    age = level.mfa_age_minutes
    return CrossAccountRole(
        scope,
        construct_id,
        trusted=Trusted.accounts(hub.id),
        max_mfa_age=None if age is None else _minutes(age),
        **role_arguments(stack, name, level),
    )


@lru_cache
def _minutes(count: int) -> cdk.Duration:
    """A few ages are in every account; each is a call into the CDK."""
    return cdk.Duration.minutes(count)


def _add_identity_center(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """
    A role for each level, which trusts the permission sets that have it.

    Sessions of Identity Center never carry MFA to IAM, so it cannot be demanded here: Identity Center must demand it.
    """
    for level in levels_in(account, (found.grants for found in accounts.permission_sets)):
        names = [found.name for found in accounts.permission_sets if level in found.grants.at(account.name)]
        CrossAccountRole(
            within(stack, "permission-sets"),
            level.name,
            trusted=Trusted.permission_sets(*names, accounts=[accounts.hub.id]),
            mfa=False,
            **role_arguments(stack, accounts.role_names.permission_sets(level), level),
        )


def _add_saml(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """
    The identity provider, and a role for each level. The provider says which of its people may have which role.

    Assertions never carry MFA to IAM either: the provider must demand it.
    """
    for people in accounts.saml:
        levels = levels_in(account, [people.grants])
        if not levels:
            continue
        scope = within(stack, "saml", people.name)
        providers = [_saml_provider(scope, accounts, people, number) for number in range(len(people.metadata))]
        for level in levels:
            name = accounts.role_names.saml(people.name, level)
            SamlRole(scope, level.name, providers=providers, **role_arguments(stack, name, level))


def _saml_provider(scope: Construct, accounts: Accounts, people: SamlPeople, number: int) -> SamlProvider:
    try:
        return SamlProvider(
            scope,
            f"provider-{number + 1}" if number else "provider",
            metadata=people.metadata[number],
            name=accounts.role_names.saml_provider(people.name, number),
        )
    except ValueError as error:
        raise people.place.at("also" if number else "metadata").error(f"is not what it must be: {error}") from error
