"""
A role for a while, which a second person approves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import quotas
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._roles import approvals
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis.lazy import lazily_listed
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE, TrustStatement
from trustproof_cdk.approval_grant import APPROVAL_TAG, tag_key
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.trusted import Trusted

_FRESH = cdk.Duration.minutes(15)
#: What takes the end away from a role, or lets somebody in after it.
_CHANGING_A_ROLE = (
    "iam:AttachRolePolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
#: What makes another text of a policy the one that counts.
_CHANGING_A_POLICY = ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion")


@construct
class JustInTimeRole(TrustingRole):
    """
    A role that named users may assume until a certain time, once a second person has approved it.

    The end is a part of the policies twice. No session begins after it; and a session that has begun is denied
    everything from then on, by a policy of the role, so that it does not outlast the end by its duration. Sessions of
    the role cannot change the role itself: neither that policy nor its trust, nor the text of its permissions boundary
    and of the managed policies that it is given, or that name it in the app.

    IAM enforces no more than that. A role whose permissions let it make users or roles, pass roles to services or go on
    to other roles (AdministratorAccess, IAMFullAccess, the roles of a CDK bootstrap stack) can make something that
    outlasts the end, or have somebody else take the end away: give it permissions without these, or a permissions
    boundary.

    The approval is a tag on the IAM user, whose value is that of one request (the number of a ticket). `ApprovalGrant`
    lets approvers set it on others and denies them to set it on themselves. Users must not be able to tag themselves by
    other permissions. An approval that is taken back ends no session; the end does.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        users: ARNs of IAM users, or users of this app.
        valid_until: when the role ends, with a time zone.
        valid_from: when it may be assumed first, with a time zone. Default: at once.
        approval: the value that the tag must have, 1 to 256 characters: another one for each request, since the tag
            stays on the user.
        approval_tag: the key of the tag.
        max_mfa_age: how long ago the MFA code may have been entered at most. Default: 15 minutes.
        source_ips: public addresses or prefixes that requests must come from.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: an end that is not after the beginning, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        users: Iterable[str | iam.IUser],
        valid_until: datetime,
        approval: str,
        valid_from: datetime | None = None,
        approval_tag: str = APPROVAL_TAG,
        max_mfa_age: cdk.Duration = _FRESH,
        source_ips: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        people = arguments.once(users)
        arguments.arns(people, "users", "user_arn")
        self._approval_tag, self._approval = tag_key(approval_tag), approval
        caller = Trusted.users(*people)
        if valid_until is None:
            raise TypeError("valid_until must be a datetime with a time zone, got None")
        demanded = conjoin(
            mfa_conditions(max_mfa_age),
            {"StringEquals": {f"aws:PrincipalTag/{self._approval_tag}": claimed.literal(approval, "approval")}},
            demands.time_window(valid_from, valid_until),
            demands.network(source_ips, None),
            conditions,
        )
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"AWS": caller.principals}, [ASSUME_ROLE], demanded)],
            trusted=caller.entities,
            trusted_as="users",
            **options,
        )
        demands.warn_of_the_past(self, valid_until)
        end = demands.time_window(None, valid_until)["DateLessThan"]
        document = iam.PolicyDocument(
            statements=[
                iam.PolicyStatement(
                    sid="DenyAllAfterTheEnd",
                    effect=iam.Effect.DENY,
                    actions=["*"],
                    resources=["*"],
                    conditions={"DateGreaterThanEquals": end},
                ),
                iam.PolicyStatement(
                    sid="DenyChangingItsOwnEnd",
                    effect=iam.Effect.DENY,
                    actions=[*_CHANGING_A_ROLE, *_CHANGING_A_POLICY],
                    resources=lazily_listed(lambda: [self.role_arn, *self.own_policies]),
                ),
            ]
        )
        policy = iam.Policy(self, "End", roles=[self], document=document)
        kept.refuse_injected(self, policy, document, 2)
        quotas.limit_granted(self, policy.document)
        kept.hold_to_statements(self, policy, holder=self)

    def _look_at_callers(self, trusted: Sequence[object]) -> None:
        super()._look_at_callers(trusted)
        approvals.wait_for(self, trusted, self._approval_tag, self._approval)

    @property
    def tags_given_later(self) -> frozenset[str]:
        """The keys of the tags, in lower case, that users have once they are approved."""
        return frozenset([self._approval_tag.lower()])
