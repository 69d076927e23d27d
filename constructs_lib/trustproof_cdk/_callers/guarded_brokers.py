"""
Those who are to hand out sessions of GetFederationToken where a guardrail asks users of their account for MFA.

The call takes no MFA: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.known_keys import BY_ACCESS_KEY, KnownKey
from trustproof_cdk._synthesis import stacks

_SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"


def warn_of_guarded(broker: iam.ManagedPolicy, users: Iterable[iam.CfnUser], there: Iterable[IConstruct]) -> None:
    """
    Warn of users with a policy to hand out sessions, whom a service control policy of the app surely denies it.

    In which unit an account is the app does not say, and nothing reaches the management account: so only policies of
    the root and of accounts count, and none in the account of its own stack.

    Args:
        broker: the policy.
        users: who has it.
        there: all that is in the app.
    """
    guardrails = [one for one in there if isinstance(one, organizations.CfnPolicy) and one.type == _SERVICE_CONTROL]
    documents = {one.node.path: stacks.stack_of(one).resolve(one.content) for one in guardrails}
    for user in users if guardrails else ():
        own = stacks.account_of(stacks.stack_of(user))
        arn = written_out.arn_of(user)
        # Who has no name may be one of those who are spared.
        if arguments.is_token(own) or "*" in arn:
            continue
        call = Call("sts:GetFederationToken", known=(*BY_ACCESS_KEY, KnownKey("aws:PrincipalArn", ((arn,),))))
        for guardrail in guardrails:
            if reaches(guardrail, own) and denies(documents[guardrail.node.path], call):
                cdk.Annotations.of(broker).add_warning_v2(
                    f"trustproof:guardrail-{guardrail.node.path}-{user.node.path}",
                    f"{user.node.path} is denied sts:GetFederationToken by {guardrail.node.path}, unless {own} is the "
                    "management account, since that call is always without MFA: it hands out no session; exempt the "
                    "user (exempt_users), or let the program have a role",
                )


def reaches(guardrail: organizations.CfnPolicy, account: str) -> bool:
    """Whether a policy is attached to an account, or to the root of its organization."""
    stack = stacks.stack_of(guardrail)
    targets = stack.resolve(guardrail.target_ids)
    listed = targets if isinstance(targets, list) else []
    is_attached = any(isinstance(one, str) and (one == account or one.startswith("r-")) for one in listed)
    return is_attached and stacks.account_of(stack) != account
