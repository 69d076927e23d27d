"""
A workload account: the roles that people of the hub may assume in it.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.accounts import Access, Account, Accounts
from trustproof_cdk import CrossAccountRole, Trusted


class WorkloadStack(cdk.Stack):
    """
    One role for each access that anybody has in the account. The hub is trusted, and only with MFA.

    Args:
        scope: the app.
        construct_id: the name of the stack.
        accounts: the accounts file.
        account: the account of this stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, accounts: Accounts, account: Account) -> None:
        super().__init__(
            scope,
            construct_id,
            env=account.environment,
            description="Roles that people of the hub account may assume with MFA",
        )
        for access in accounts.access_in(account):
            self._add_role(access, accounts.hub)

    def _add_role(self, access: Access, hub: Account) -> None:
        age = access.mfa_age_minutes
        CrossAccountRole(
            self,
            access.name,
            role_name=access.role,
            description=access.description,
            trusted=Trusted.accounts(hub.id),
            max_mfa_age=None if age is None else cdk.Duration.minutes(age),
            max_session_duration=cdk.Duration.hours(access.session_hours),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name(policy) for policy in access.managed_policies
            ],
        )
