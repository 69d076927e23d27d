"""
Permissions that an IAM user has only after MFA.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._callers import denied_grants
from trustproof_cdk._callers.people_only import NO_MFA
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import objects
from trustproof_cdk._policies import useless_actions as useless
from trustproof_cdk._policies.known_keys import WITH_MFA, demanded_by, together
from trustproof_cdk._roles.granting_policy import GrantingPolicy
from trustproof_cdk._synthesis import stacks
from trustproof_cdk.conditions import ConditionBlock, conjoin, refuse_unknown_keys
from trustproof_cdk.mfa import mfa_conditions


@construct
class MfaPolicy(GrantingPolicy):
    """
    A managed policy that allows actions only to requests with MFA.

    It is for IAM users and their groups. The sessions of a role never carry ``aws:MultiFactorAuthPresent``, so a role
    cannot use it: demand MFA in the role's trust policy instead, see `CrossAccountRole`.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        actions: like ``ec2:StopInstances``.
        resources: ARNs, or ``*``.
        allow_unknown_actions: True takes actions that are not known here; a misspelt one is not an action.
        max_mfa_age: how long ago the MFA code may have been entered at most: 1 second to 36 hours.
        conditions: further conditions; they narrow what is allowed.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.
        groups: groups to attach the policy to.
        users: users to attach the policy to.

    Raises:
        ValueError: a holder of another account than the stack's, an action that AWS has not published, or an argument
            that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        actions: Iterable[str],
        resources: Iterable[str],
        allow_unknown_actions: bool = False,
        max_mfa_age: cdk.Duration | None = None,
        conditions: ConditionBlock | None = None,
        managed_policy_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        groups: Sequence[iam.IGroup] | None = None,
        users: Sequence[iam.IUser] | None = None,
    ) -> None:
        refuse_unknown_keys(conditions)
        listed = arguments.each(actions, "actions", arguments.action)
        published.refuse_unknown(listed, "actions", allow_unknown_actions=allow_unknown_actions)
        about = arguments.each(resources, "resources", arguments.resource)
        statement = iam.PolicyStatement(
            actions=listed,
            resources=about,
            conditions=conjoin(mfa_conditions(max_mfa_age), conditions),
        )
        held = objects.holders(scope, groups=groups, users=users)
        super().__init__(
            scope,
            construct_id,
            statements=[statement],
            managed_policy_name=managed_policy_name,
            path=path,
            description=description,
            held=held,
            not_for_roles=NO_MFA,
        )
        useless.warn_of_useless_actions(self, listed, about)
        demanded = demanded_by([{"Condition": stacks.stack_of(self).resolve(conditions or {})}])
        denied_grants.warn_of_denied_later(self, held, listed, about, known=together((*WITH_MFA, *demanded)))
