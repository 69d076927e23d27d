"""
Who may decode what AWS says about a refused request.
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import denied_grants
from trustproof_cdk._callers.people_only import NO_MFA
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import objects
from trustproof_cdk._policies.known_keys import WITH_MFA
from trustproof_cdk._roles.granting_policy import GrantingPolicy
from trustproof_cdk.mfa import mfa_conditions

_DECODE = "sts:DecodeAuthorizationMessage"


@construct
class DecodeAuthorizationGrant(GrantingPolicy):
    """
    A managed policy that allows to decode authorization messages, for users only with MFA.

    Some services encode why they refused a request, since it says much about policies:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html

    A session of GetSessionToken, by which users have MFA on the command line, may call nothing of AWS STS but
    AssumeRole and GetCallerIdentity; there it takes a role that asks for MFA, with a grant that does not:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html

    There is no such grant for ``sts:GetCallerIdentity`` and ``sts:GetSessionToken``: everybody may call them, whatever
    policies say.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        mfa: False allows it without MFA, to role sessions, which never carry it.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.
        groups: groups that may.
        users: users that may.
        roles: roles that may; only with ``mfa=False``.

    Raises:
        ValueError: a holder of another account than the stack's, roles that would have to use MFA, or an argument that
            IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        mfa: bool = True,
        managed_policy_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        groups: Sequence[iam.IGroup] | None = None,
        users: Sequence[iam.IUser] | None = None,
        roles: Sequence[iam.IRole] | None = None,
    ) -> None:
        if arguments.flag(mfa, "mfa") and roles:
            raise ValueError(
                "roles cannot be given with mfa=True: role sessions never carry aws:MultiFactorAuthPresent; "
                "use two grants, one for people and one with mfa=False for roles"
            )
        statement = iam.PolicyStatement(
            actions=[_DECODE],
            # The message is not a resource: the action has none.
            resources=["*"],
            conditions=mfa_conditions() if mfa else None,
        )
        held = objects.holders(scope, groups=groups, users=users, roles=roles)
        super().__init__(
            scope,
            construct_id,
            statements=[statement],
            managed_policy_name=managed_policy_name,
            path=path,
            description=description,
            held=held,
            not_for_roles=f"{NO_MFA}; mfa=False is for roles" if mfa else "",
        )
        denied_grants.warn_of_denied_later(self, held, [_DECODE], ["*"], known=WITH_MFA if mfa else ())
