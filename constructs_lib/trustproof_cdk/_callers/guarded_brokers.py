"""
Those who are to hand out sessions of GetFederationToken where a guardrail asks users of their account for MFA.

The call takes no MFA: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers.denied_callers import Caller, denying, service_control_policies
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call
from trustproof_cdk._policies.known_keys import BY_ACCESS_KEY, KnownKey
from trustproof_cdk._synthesis import stacks, walk


def warn_of_guarded(
    broker: iam.ManagedPolicy, users: Iterable[iam.CfnUser], groups: Iterable[str], walked: walk.Walked
) -> None:
    """
    Warn of users with a policy to hand out sessions, whom a service control policy of the app surely denies it.

    Args:
        broker: the policy.
        users: who has it.
        groups: whose members have it, in words.
        walked: all that is in the app.
    """
    policies = service_control_policies(walked)
    own = stacks.account_of(stacks.stack_of(broker))
    if not policies or arguments.is_token(own):
        return
    # Whoever is in a group, and who has no name yet, is a user of the account, and may be one of those who are spared.
    everybody = f"arn:*:iam::{own}:user/*"
    asked = [(f"every member of {one}", everybody) for one in groups]
    for who, arn in (*asked, *((one.node.path, written_out.arn_of(one)) for one in users)):
        is_known = () if "*" in arn else (KnownKey("aws:PrincipalArn", ((arn,),)),)
        call = Call("sts:GetFederationToken", known=(*BY_ACCESS_KEY, *is_known))
        for policy in policies:
            if denying([policy], Caller(own, arn), [call]) is not None:
                cdk.Annotations.of(broker).add_warning_v2(
                    f"trustproof:guardrail-{policy.node.path}-{who}",
                    f"{who} is denied sts:GetFederationToken by {policy.node.path}, unless {own} is the management "
                    "account, since that call is always without MFA: it hands out no session; exempt the user "
                    "(exempt_users), or let the program have a role",
                )
