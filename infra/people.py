"""
Roles for people: members of groups, people of Identity Center, people of a SAML identity provider.
"""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from infra._roles import role_arguments, within
from infra.access import Level
from infra.accounts import Account, Accounts, levels_in
from trustproof_cdk import CrossAccountRole, SamlProvider, SamlRole, Trusted


def role_name(level: Level) -> str:
    """The name of the role that members of groups may be. It is the same in every account."""
    return f"Org{level.title}"


def add_roles(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """Add a role for each level that people have in the account."""
    for level in levels_in(account, accounts.groups.values()):
        member_role(stack, level.name, role_name(level), level, accounts.hub)
    _add_identity_center(stack, accounts, account)
    _add_saml(stack, accounts, account)


def member_role(scope: Construct, construct_id: str, name: str, level: Level, hub: Account) -> CrossAccountRole:
    """A role that trusts the hub, and only with MFA. Whose members may assume it, the groups of the hub say."""
    age = level.mfa_age_minutes
    return CrossAccountRole(
        scope,
        construct_id,
        trusted=Trusted.accounts(hub.id),
        max_mfa_age=None if age is None else cdk.Duration.minutes(age),
        **role_arguments(name, level),
    )


def _add_identity_center(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """
    A role for each level, which trusts the permission sets that have it.

    Sessions of Identity Center never carry MFA to IAM, so it cannot be demanded here: Identity Center must demand it.
    """
    for level in levels_in(account, accounts.permission_sets.values()):
        names = [name for name, grants in accounts.permission_sets.items() if level in grants.get(account.name, ())]
        CrossAccountRole(
            within(stack, "permission-sets"),
            level.name,
            trusted=Trusted.permission_sets(*names, accounts=[accounts.hub.id]),
            mfa=False,
            **role_arguments(f"OrgSso{level.title}", level),
        )


def _add_saml(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """
    The identity provider, and a role for each level. The provider says which of its people may have which role.

    Assertions never carry MFA to IAM either: the provider must demand it.
    """
    for people in accounts.saml:
        levels = levels_in(account, [people.grants])
        if levels:
            scope = within(stack, "saml", people.name)
            provider = SamlProvider(scope, "provider", metadata=people.metadata, name=f"Org-{people.name}")
            for level in levels:
                name = f"OrgSaml-{people.name}-{level.name}"
                SamlRole(scope, level.name, provider=provider, **role_arguments(name, level))
