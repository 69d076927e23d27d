"""
The identity side of a role in another account: who may ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _quotas as quotas
from trustproof_cdk._trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION


class AssumeRoleGrant(iam.ManagedPolicy):
    """
    A managed policy, in the account of the callers, that allows them to assume exactly the given roles.

    A role of another account needs both sides: its trust policy, and a policy like this one. Here is no condition on
    MFA: it belongs into the trust policy, which sees the MFA code that is passed with the call itself.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        roles: ARNs of roles without wildcards, or roles of this app that have a ``role_name``.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.
        groups: groups that may assume the roles.
        users: users that may assume the roles.
        source_roles: roles whose sessions may assume the roles.
        session_tags: whether callers may pass session tags; the roles must allow it too.
        source_identity: whether callers may set a source identity; the roles must allow it too.

    Raises:
        ValueError: an ARN with a wildcard or of something else, or no ARN at all.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        roles: Iterable[str | iam.IRole],
        managed_policy_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        groups: Sequence[iam.IGroup] | None = None,
        users: Sequence[iam.IUser] | None = None,
        source_roles: Sequence[iam.IRole] | None = None,
        session_tags: bool = False,
        source_identity: bool = False,
    ) -> None:
        arns = arguments.arns(roles, "roles", "role_arn")
        statement = iam.PolicyStatement(
            actions=[
                ASSUME_ROLE,
                *([SET_SOURCE_IDENTITY] if arguments.flag(source_identity, "source_identity") else []),
                *([TAG_SESSION] if arguments.flag(session_tags, "session_tags") else []),
            ],
            resources=arguments.each(arns, "roles", arguments.role_arn),
        )
        super().__init__(
            scope,
            construct_id,
            statements=[statement],
            managed_policy_name=arguments.optional(managed_policy_name, "managed_policy_name", arguments.policy_name),
            path=arguments.optional(path, "path", arguments.path),
            description=arguments.optional(description, "description", arguments.description),
            groups=groups,
            users=users,
            roles=source_roles,
        )
        quotas.limit_managed_policy(self)
