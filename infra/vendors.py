"""
Roles for third parties.
"""

from __future__ import annotations

import aws_cdk as cdk

from infra._roles import role_arguments, within
from infra.accounts import Account, Accounts, levels_in
from trustproof_cdk import ThirdPartyRole, Trusted


def add_roles(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """
    Add a role for each level that a vendor has in the account.

    What the vendor has to be told, the ARN and the external id, are outputs of the stack.
    """
    for vendor in accounts.vendors:
        for level in levels_in(account, [vendor.grants]):
            scope = within(stack, "vendors", vendor.name)
            name = accounts.role_names.vendor(vendor.name, level)
            role = ThirdPartyRole(
                scope,
                level.name,
                vendor=vendor.title,
                trusted=Trusted.accounts(*vendor.accounts),
                external_id=vendor.external_ids[account.name, level.name],
                **role_arguments(stack, name, level, vendor.title),
            )
            cdk.CfnOutput(scope, f"{level.name}-role", value=account.role_arn(name))
            cdk.CfnOutput(scope, f"{level.name}-external-id", value=role.external_id)
