"""
Permission sets of Identity Center that are made here, and who has them in the hub.

Their people may do one thing there: go on to the roles in the accounts. Of permission sets that are somebody else's the
app makes the roles only.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sso as sso

from infra._grants import Assumable, assume_statements
from infra._roles import within
from infra._shapes import AccountsError
from infra.accounts import Accounts, IdentityCenter, PermissionSet

#: Characters that IAM takes in the inline policies of the role that Identity Center makes, less the rest of the policy:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROOM = 10_240 - 1_240


def add_permission_sets(stack: cdk.Stack, accounts: Accounts, center: IdentityCenter) -> None:
    """
    Add the permission sets and their assignments in the hub, to the stack of the account that administers them.

    Sessions last an hour, as those of all roles. MFA is Identity Center's to demand.
    """
    for found in accounts.permission_sets:
        if found.is_made_here:
            _add(stack, accounts, center, found)


def _add(stack: cdk.Stack, accounts: Accounts, center: IdentityCenter, found: PermissionSet) -> None:
    scope = within(stack, "identity-center", found.name)
    try:
        statements = assume_statements(Assumable(accounts, found.grants, accounts.role_names.permission_sets), _ROOM)
    except AccountsError as error:
        raise AccountsError(f"permission set {found.name}: {error}") from error
    more: dict[str, Any] = {}
    if statements:
        more["inline_policy"] = iam.PolicyDocument(statements=statements)
    made = sso.CfnPermissionSet(
        scope,
        "permission-set",
        instance_arn=center.instance_arn,
        name=found.name,
        description=f"The roles that people of {found.name} may assume",
        session_duration="PT1H",
        **more,
    )
    for kind, ids in (("GROUP", found.assigned_groups), ("USER", found.assigned_users)):
        for principal in ids:
            sso.CfnAssignment(
                scope,
                f"{kind.lower()}-{principal}",
                instance_arn=center.instance_arn,
                permission_set_arn=made.attr_permission_set_arn,
                principal_id=principal,
                principal_type=kind,
                target_id=accounts.hub.id,
                target_type="AWS_ACCOUNT",
            )
