"""
Everything that leads into one account.
"""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from infra import groups, identity_center, organization_roles, people, pods, vendors, workflows
from infra.accounts import Account, Accounts

_DESCRIPTIONS = {
    "hub": "Groups of people and the roles in other accounts they may assume; every way into the hub",
    "workload": "Every way into this account",
    "audit": "Every way into this account, and roles in accounts of organizational units",
    "management": "Every way into the management account of the organization",
    "ci": "Where workflows enter; every way into this account",
}


class AccountStack(cdk.Stack):
    """
    One role for each way in that the accounts file gives: for people of the hub, vendors, workflows and pods.

    All of an account is in one stack, so that its template shows who can get in, and so that a line which is taken out
    of the accounts file is a role which the next deployment deletes. A stack of its own for each vendor would leave the
    app with the vendor, and the role would stay.

    Args:
        scope: the app.
        construct_id: the name of the stack.
        accounts: the accounts file.
        account: the account of this stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, accounts: Accounts, account: Account) -> None:
        super().__init__(scope, construct_id, env=account.environment, description=_DESCRIPTIONS[account.kind])
        people.add_roles(self, accounts, account)
        vendors.add_roles(self, accounts, account)
        workflows.add_roles(self, accounts, account)
        pods.add_roles(self, accounts, account)
        if account.kind == "hub":
            groups.add_groups(self, accounts)
        if accounts.identity_center is not None and account.name == accounts.identity_center.account:
            identity_center.add_permission_sets(self, accounts, accounts.identity_center)
        if account.kind == "audit":
            organization_roles.add_roles(self, accounts)
