"""
A group whose members can do nothing before they have used MFA, except set it up.
"""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _objects as objects
from trustproof_cdk import _quotas as quotas
from trustproof_cdk._constructor import construct
from trustproof_cdk.mfa import mfa_conditions

_WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
#: What members may do without MFA, since they have to before they can have any. AWS documents that no policy can deny
#: GetSessionToken; its own example exempts it all the same, and costs nothing by it.
_ENROLMENT = (
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
_CHANGING_ENROLMENT = ("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice")


@construct
class MfaEnforcedGroup(iam.Group):
    """
    A group for IAM users, who enrol their own MFA device and can do nothing else until they have used it.

    Members get what AWS recommends for self-managed MFA, and are denied the rest while a request is without MFA:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html

    Two things are stricter than there. Without MFA a member may only enrol a virtual device that bears the member's
    user name, so a stolen access key of a member who has one cannot add a second one. And it may only be enrolled for
    the member, whatever other policies of the member allow.

    What remains: a stolen access key of a member *without* a device can enrol one. Create access keys after enrolment.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        group_name: default: a name made by CloudFormation.
        path: default: ``/``.
        managed_policies: what members may do once they have used MFA.

    Raises:
        ValueError: an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str | None = None,
        path: str | None = None,
        managed_policies: Sequence[iam.IManagedPolicy] | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            group_name=arguments.optional(group_name, "group_name", arguments.policy_name),
            path=arguments.optional(path, "path", arguments.path),
            managed_policies=objects.several(managed_policies, "managed_policies", "managed_policy_arn"),
        )
        policy = iam.ManagedPolicy(
            self,
            "MfaEnforcement",
            description="Members manage their own MFA device, and can do nothing else until they have used it",
            groups=[self],
            statements=_statements(),
        )
        quotas.limit_managed_policy(policy)


def _statements() -> list[iam.PolicyStatement]:
    account = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}"
    # The name of a user is unique in the account, so with any path it is the same user.
    user = [f"{account}:user/${{aws:username}}", f"{account}:user/*/${{aws:username}}"]
    device = f"{account}:mfa/${{aws:username}}"
    return [
        iam.PolicyStatement(sid="ListDevices", actions=["iam:ListVirtualMFADevices"], resources=["*"]),
        iam.PolicyStatement(sid="CreateOwnDevice", actions=["iam:CreateVirtualMFADevice"], resources=[device]),
        iam.PolicyStatement(
            sid="ManageOwnMfa",
            actions=[
                "iam:EnableMFADevice",
                "iam:GetMFADevice",
                "iam:GetUser",
                "iam:ListMFADevices",
                "iam:ResyncMFADevice",
            ],
            resources=user,
        ),
        # Said twice, here and by the Deny below: to take MFA away, one must have it.
        iam.PolicyStatement(
            sid="RemoveOwnMfaWithMfa",
            actions=["iam:DeactivateMFADevice"],
            resources=user,
            conditions=mfa_conditions(),
        ),
        iam.PolicyStatement(
            sid="DenyAllButEnrolmentWithoutMfa",
            effect=iam.Effect.DENY,
            not_actions=list(_ENROLMENT),
            resources=["*"],
            conditions=_WITHOUT_MFA,
        ),
        iam.PolicyStatement(
            sid="DenyEnrolmentOfOthersWithoutMfa",
            effect=iam.Effect.DENY,
            actions=list(_CHANGING_ENROLMENT),
            not_resources=[device, *user],
            conditions=_WITHOUT_MFA,
        ),
    ]
