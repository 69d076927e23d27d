"""
The groups of the hub: who signs in there, and where from there they may go.
"""

from __future__ import annotations

from functools import partial

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra._grants import Assumable, add_grants
from infra.accounts import Accounts
from infra.organization_roles import grant_organization_roles
from trustproof_cdk import MfaEnforcedGroup

#: Policies of exact ARNs that a group has room for: those that IAM attaches to a group at most, less the one that
#: enforces MFA, the one for the roles in organizational units, and the one for grants by name:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ROOM_FOR_ARNS = 10 - 3


def add_groups(stack: cdk.Stack, accounts: Accounts) -> None:
    """
    Add the groups. Members can do nothing before they have used MFA, and then go where the accounts file lets them.

    Users are not created here: they have passwords, keys and devices of their own. A person comes and goes by the
    groups that the accounts file, or somebody who may, makes the user a member of.
    """
    for entry in accounts.groups:
        name = entry.name
        group = MfaEnforcedGroup(stack, name, group_name=name)
        add_grants(
            group,
            Assumable(accounts, entry.grants, partial(accounts.member_role, entry)),
            description=f"The roles that members of {name} may assume",
            most=ROOM_FOR_ARNS,
            groups=[group],
        )
        grant_organization_roles(group, name, accounts)
        if name in accounts.members:
            iam.CfnUserToGroupAddition(
                group, "Members", group_name=group.group_name, users=list(accounts.members[name])
            )
