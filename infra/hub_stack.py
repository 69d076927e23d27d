"""
The hub: the account where people sign in.
"""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from infra.accounts import Access, Account, Accounts
from trustproof_cdk import AssumeRoleGrant, MfaEnforcedGroup


class HubStack(cdk.Stack):
    """
    A group for each kind of people: members can do nothing before they have used MFA, and then go where the accounts
    file lets them.

    Users are not created here: a person joins by becoming a member of a group, and leaves by leaving it.

    Args:
        scope: the app.
        construct_id: the name of the stack.
        accounts: the accounts file.
    """

    def __init__(self, scope: Construct, construct_id: str, *, accounts: Accounts) -> None:
        super().__init__(
            scope,
            construct_id,
            env=accounts.hub.environment,
            description="Groups of people, and the roles in other accounts they may assume",
        )
        for name in accounts.groups:
            group = MfaEnforcedGroup(self, name, group_name=name)
            AssumeRoleGrant(
                group,
                "AssumeRoles",
                description=f"The roles that members of {name} may assume",
                groups=[group],
                roles=[role_arn(account, access) for account, access in accounts.granted_to(name)],
            )


def role_arn(account: Account, access: Access) -> str:
    """The ARN of the role for an access. Names are the contract between the accounts, so no stack waits for another."""
    return f"arn:{cdk.Aws.PARTITION}:iam::{account.id}:role/{access.role}"
