"""
The groups of the hub: who signs in there, and where from there they may go.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra._grants import add_grants
from infra.accounts import Accounts
from infra.organization_roles import grant_organization_roles
from infra.people import role_name
from trustproof_cdk import MfaEnforcedGroup

#: Managed policies that IAM attaches to a group at most, less the one that enforces MFA and the one for the roles in
#: organizational units: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_POLICIES_OF_A_GROUP = 10 - 2


def add_groups(stack: cdk.Stack, accounts: Accounts) -> None:
    """
    Add the groups. Members can do nothing before they have used MFA, and then go where the accounts file lets them.

    Users are not created here: they have passwords, keys and devices of their own. A person comes and goes by the
    groups that the accounts file, or somebody who may, makes the user a member of.
    """
    for name, grants in accounts.groups.items():
        group = MfaEnforcedGroup(stack, name, group_name=name)
        roles = [account.role_arn(role_name(level)) for account, level in accounts.reach(grants)]
        description = f"The roles that members of {name} may assume"
        add_grants(group, roles, description=description, most=_POLICIES_OF_A_GROUP, groups=[group])
        grant_organization_roles(group, name, accounts)
        if name in accounts.members:
            iam.CfnUserToGroupAddition(
                group, "Members", group_name=group.group_name, users=list(accounts.members[name])
            )
