"""
MFA in resource policies: statements for buckets, keys, queues and the like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import arguments, known_later
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._constructor import function
from trustproof_cdk._trust import resource_statements
from trustproof_cdk.conditions import ConditionBlock, conjoin, refuse_unknown_keys
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.trusted import Trusted, trusted_callers

#: Credentials of an IAM user: the user's own, and what GetFederationToken makes of an access key, always without MFA.
_USERS = ("arn:*:iam::*:user/*", "arn:*:sts::*:federated-user/*")
#: What is made, to begin a message of the synthesis.
_ALLOW, _DENY = resource_statements.ALLOWING, "deny_users_without_mfa()"


@function
def allow_with_mfa(
    *,
    trusted: Trusted | Sequence[Trusted],
    actions: Iterable[str],
    resources: Iterable[str],
    allow_unknown_actions: bool = False,
    max_mfa_age: cdk.Duration | None = None,
    conditions: ConditionBlock | None = None,
) -> list[iam.PolicyStatement]:
    """
    Statements for a resource policy that allow IAM users something after MFA, one for each who is trusted.

    Users call with credentials of GetSessionToken: credentials of a role carry no MFA, even if it took MFA to get them.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html

    Args:
        trusted: accounts, users, an organization or organizational units.
        actions: like ``s3:GetObject``.
        resources: ARNs, or ``*`` in the policy of a key.
        allow_unknown_actions: True takes actions that are not known here; a misspelt one is not an action.
        max_mfa_age: how long ago the MFA code may have been entered at most: 1 second to 36 hours.
        conditions: further conditions; they narrow what is allowed.

    Raises:
        ValueError: callers who never carry MFA, or an argument that IAM would refuse.
    """
    callers = trusted_callers(trusted)
    statements = []
    with known_later.noted() as notes:
        about = _about(actions, resources, allow_unknown_actions)
        refuse_unknown_keys(conditions)
        for caller in callers:
            if not caller.may_carry_mfa:
                raise ValueError(f"{caller!r} cannot be allowed something with MFA: their sessions never carry it")
            demanded = conjoin(caller.conditions, mfa_conditions(max_mfa_age), conditions)
            known = [*caller.noted, *notes]
            principals = known_later.held_to(caller.principals, known, _ALLOW)
            statements.append(
                iam.PolicyStatement(
                    **known_later.held_to(about, known, _ALLOW),
                    principals=[iam.ArnPrincipal(principal) for principal in principals],
                    conditions=known_later.held_to(demanded, known, _ALLOW),
                )
            )
    resource_statements.note_statements(statements, _ALLOW)
    return statements


@function
def deny_users_without_mfa(
    *,
    actions: Iterable[str],
    resources: Iterable[str],
    allow_unknown_actions: bool = False,
    max_mfa_age: cdk.Duration | None = None,
) -> iam.PolicyStatement:
    """
    A statement for a resource policy that denies IAM users something before they have used MFA, whatever allows it.

    It spares roles, AWS services and people of identity providers, whose requests never carry MFA: a ``Deny`` for
    everybody would lock them out. It includes sessions that a user makes with GetFederationToken.

    Args:
        actions: like ``s3:DeleteObject``.
        resources: ARNs, or ``*`` in the policy of a key.
        allow_unknown_actions: True takes actions that are not known here; a misspelt one is not an action.
        max_mfa_age: how long ago the MFA code may have been entered at most: 1 second to 36 hours.

    Raises:
        ValueError: an argument that IAM would refuse.
    """
    with known_later.noted() as notes:
        about = _about(actions, resources, allow_unknown_actions)
    # Both are true of a request without the key, which is what a request without MFA is; and one without MFA has no
    # age of it.
    if max_mfa_age is None:
        without: ConditionBlock = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    else:
        age = mfa_conditions(max_mfa_age)["NumericLessThanEquals"]
        without = {"NumericGreaterThanIfExists": age}
    statement = iam.PolicyStatement(
        effect=iam.Effect.DENY,
        **known_later.held_to(about, notes, _DENY),
        principals=[iam.StarPrincipal()],
        conditions=conjoin(without, {"ArnLike": {"aws:PrincipalArn": list(_USERS)}}),
    )
    resource_statements.note_statements([statement], _DENY)
    return statement


def _about(actions: Iterable[str], resources: Iterable[str], allow_unknown_actions: bool) -> dict[str, list[str]]:
    """What a statement is about, as its arguments."""
    listed = arguments.each(actions, "actions", arguments.action)
    published.refuse_unknown(listed, "actions", allow_unknown_actions=allow_unknown_actions)
    return {"actions": listed, "resources": arguments.each(resources, "resources", arguments.resource)}
