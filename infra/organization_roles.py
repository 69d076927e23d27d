"""
The same role in every account of organizational units, those that the accounts file does not name too.
"""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra._grants import not_leading_on
from infra._roles import within
from infra.accounts import Accounts, OrganizationRole
from infra.people import member_role
from trustproof_cdk import OrganizationRole as StackSetOfRole


def add_roles(stack: cdk.Stack, accounts: Accounts) -> None:
    """Add a StackSet for each role, to the stack of the delegated administrator."""
    for role in accounts.organization_roles:
        StackSetOfRole(
            within(stack, "organization-roles"),
            role.name,
            organizational_units=role.units,
            # Whoever deploys in one of these reaches the others, which units never mean.
            exclude_accounts=accounts.leading_on() if role.level.deploys else None,
            role=_maker(role, accounts),
            description=role.level.description,
            call_as="DELEGATED_ADMIN",
        )


def _maker(role: OrganizationRole, accounts: Accounts) -> Callable[[cdk.Stack], iam.Role]:
    name = accounts.role_names.everywhere(role.name)
    return lambda stack: member_role(stack, stack, "Role", name, role.level, accounts.hub)


def grant_organization_roles(group: iam.Group, name: str, accounts: Accounts) -> None:
    """
    Let a group assume the roles that are in accounts of units.

    Which accounts these are is not known here, so the roles are named in any account, and the condition says whose the
    account must be: the organization's.
    """
    whose = {"StringEquals": {"aws:ResourceOrgID": accounts.organization}}
    statements = []
    for deploys in (False, True):
        roles = [
            accounts.hub.role_anywhere(accounts.role_names.everywhere(role.name))
            for role in accounts.organization_roles
            if name in role.groups and role.level.deploys == deploys
        ]
        if roles:
            conditions = {**whose, **not_leading_on(accounts)} if deploys else whose
            statements.append(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=roles, conditions=conditions))
    if not statements:
        return
    iam.ManagedPolicy(
        group,
        "AssumeOrganizationRoles",
        groups=[group],
        statements=statements,
    )
