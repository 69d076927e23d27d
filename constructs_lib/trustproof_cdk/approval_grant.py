"""
Who may approve that somebody else uses a role.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import denied_grants
from trustproof_cdk._callers.people_only import NO_MFA
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import misnamed_arns, objects, order, own_account
from trustproof_cdk._policies.boundary_needs import Need
from trustproof_cdk._policies.known_keys import WITH_MFA, KnownKey, demanded_by
from trustproof_cdk._roles import approvals as approved
from trustproof_cdk._roles.granting_policy import GrantingPolicy
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk.conditions import conjoin
from trustproof_cdk.mfa import mfa_conditions

#: The key of the tag by which a `JustInTimeRole` is approved.
APPROVAL_TAG = "trustproof-approval"
_APPROVE, _TAKE_BACK = "iam:TagUser", "iam:UntagUser"


@construct
class ApprovalGrant(GrantingPolicy):
    """
    A managed policy, in the account of the users, that lets approvers approve a `JustInTimeRole` for others.

    To approve is to set a tag on the IAM user who asks, with MFA. Approvers may set this tag only, on these users only,
    and whatever other policies allow, never on themselves.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        for_users: ARNs of the IAM users whom approvers may approve, or users of this app.
        approvals: the values that may be set. Default: any.
        approval_tag: the key of the tag.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.
        groups: groups of approvers.
        users: approvers.

    Raises:
        ValueError: a holder of another account than the stack's, an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        for_users: Iterable[str | iam.IUser],
        approvals: Iterable[str] | None = None,
        approval_tag: str = APPROVAL_TAG,
        managed_policy_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        groups: Sequence[iam.IGroup] | None = None,
        users: Sequence[iam.IUser] | None = None,
    ) -> None:
        for_users = arguments.once(for_users)
        asking = arguments.each(arguments.arns(for_users, "for_users", "user_arn"), "for_users", arguments.user_arn)
        own_account.of_stack(scope, asking, "for_users", "users are tagged from their own account only")
        _refuse_elsewhere(scope, for_users)
        holders = objects.holders(scope, groups=groups, users=users)
        given = holders["users"] or []
        if not holders["groups"] and len(asking) == 1 and [user.user_arn for user in given] == asking:
            raise ValueError(f"users must be others than for_users, got {given[0].node.path}: nobody approves oneself")
        only = {"ForAllValues:StringEquals": {"aws:TagKeys": tag_key(approval_tag)}}
        listed = None if approvals is None else arguments.each(approvals, "approvals", claimed.literal)
        tag = f"aws:RequestTag/{approval_tag}"
        # Without it, a call that sets no tag at all would do; ForAllValues is true of it.
        values = {"StringLike": {tag: "*"}} if listed is None else {"StringEquals": {tag: listed}}
        own = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:user"
        super().__init__(
            scope,
            construct_id,
            statements=[
                iam.PolicyStatement(
                    sid="Approve",
                    actions=[_APPROVE],
                    resources=asking,
                    conditions=conjoin(mfa_conditions(), only, values),
                ),
                iam.PolicyStatement(
                    sid="TakeBack",
                    actions=[_TAKE_BACK],
                    resources=asking,
                    conditions=conjoin(mfa_conditions(), only),
                ),
                iam.PolicyStatement(
                    sid="DenyApprovingOneself",
                    effect=iam.Effect.DENY,
                    actions=["iam:TagUser"],
                    resources=[f"{own}/${{aws:username}}", f"{own}/*/${{aws:username}}"],
                    # Keys of tags are compared without regard to case where the role asks for the tag.
                    conditions={"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": approval_tag}},
                ),
            ],
            managed_policy_name=managed_policy_name,
            path=path,
            description=description,
            held=holders,
            not_for_roles=NO_MFA,
            needs=[Need((_APPROVE,), "it approves nobody", tuple(for_users), "users", "it approves the others only")],
        )
        misnamed_arns.refuse_misnamed(self, for_users)
        demanded = demanded_by([{"Condition": conjoin(mfa_conditions(), only, values)}])
        denied_grants.warn_of_denied_later(self, holders, [_APPROVE], asking, known=demanded)
        denied_grants.warn_of_denied_later(
            self,
            holders,
            [_TAKE_BACK],
            asking,
            # There is no call without a key.
            known=(*WITH_MFA, KnownKey("aws:TagKeys", ((approval_tag,),))),
            lost=f"nobody takes back what {stacks.path_of(self)} approves",
            part="taking-back",
        )
        approved.grant(self, for_users, approval_tag, listed)


def _refuse_elsewhere(scope: Construct, users: Iterable[str | iam.IUser]) -> None:
    """Users of this app in another account, or without a name in another Region."""
    own = cdk.Stack.of(scope).account
    for user in users:
        theirs = None if isinstance(user, str) else objects.account_of(user, "user_arn")
        if theirs not in (None, own) and not arguments.is_token(own):
            raise ValueError(
                f"for_users must be of account {own}, that of the stack, since users are tagged from their own account "
                f"only; got one of account {theirs}: put the grant into a stack of that account"
            )
        order.refuse_out_of_reach(scope, user, "for_users")


def tag_key(value: str) -> str:
    """The key of the tag, as the argument ``approval_tag``."""
    arguments.refuse_token(
        value, "approval_tag", "it is a part of the name of a condition key, where CloudFormation takes no reference"
    )
    accepted = "the key of a tag: 1 to 128 letters, digits or any of _.:/=+-@, not beginning with 'aws:'"
    return arguments.matching(value, "approval_tag", r"(?!aws:)[\w.:/=+@-]{1,128}", accepted)
