"""
Who may hand out sessions of GetFederationToken, under which names, and with which permissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._callers.denied_brokers import refuse_denied
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import objects, quotas
from trustproof_cdk._policies.boundary_needs import Need, Rest
from trustproof_cdk._policies.known_keys import BY_ACCESS_KEY
from trustproof_cdk._roles.granting_policy import GrantingPolicy
from trustproof_cdk.conditions import ConditionBlock, conjoin, refuse_unknown_keys

_ACTION = "sts:GetFederationToken"


@construct
class FederationBroker(GrantingPolicy):
    """
    A managed policy for the IAM users of a program that hands out sessions of ``GetFederationToken``.

    Such a session may do what both the session policy, which the program passes, and the policies of its IAM user
    allow. IAM cannot demand that a certain session policy is passed. So the permissions stand here as well, for
    sessions with the given names only: a program that passes more, or is misused, gives away no more than these. The
    user itself gets nothing but the call.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html

    The call needs a long-term access key and cannot be made with MFA. Where a role will do, use one. Deleting the key
    does not end sessions that it has begun: deny the user, by a policy, what it may do.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        federated_users: names that sessions may have. A ``*`` at the end stands for any run of characters.
        session_permissions: statements with what sessions may do. Neither IAM nor STS can be called in a session, by
            the API.
        allow_unknown_actions: True takes actions that are not known here; a misspelt one is not an action.
        groups: groups of users that may hand out sessions.
        users: users that may hand out sessions.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.

    Raises:
        ValueError: a holder of another account than the stack's, names or statements that AWS STS would refuse or that
            do nothing. The synthesis fails if the session policy is longer than STS takes, and where a holder, or a
            group that it is in, has a managed policy of the app that denies the call without MFA.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        federated_users: Iterable[str],
        session_permissions: Sequence[iam.PolicyStatement],
        allow_unknown_actions: bool = False,
        groups: Sequence[iam.IGroup] | None = None,
        users: Sequence[iam.IUser] | None = None,
        managed_policy_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
    ) -> None:
        names = arguments.each(federated_users, "federated_users", _federated_user)
        statements = _checked(session_permissions)
        published.refuse_unknown_in(statements, "session_permissions", allow_unknown_actions=allow_unknown_actions)
        sessions = [f"arn:{cdk.Aws.PARTITION}:sts::{cdk.Aws.ACCOUNT_ID}:federated-user/{name}" for name in names]
        # A session is a caller of its own, with a type and an ARN that no user has (assumed: also where the policies of
        # its user are evaluated for it; if not, sessions have no permission).
        in_session: ConditionBlock = {
            "StringEquals": {"aws:PrincipalType": "FederatedUser"},
            "ArnLike": {"aws:PrincipalArn": sessions},
        }
        held = objects.holders(scope, groups=groups, users=users)
        super().__init__(
            scope,
            construct_id,
            statements=[
                iam.PolicyStatement(sid="HandOutSessions", actions=[_ACTION], resources=sessions),
                *(statement.copy(conditions=conjoin(statement.conditions, in_session)) for statement in statements),
            ],
            held=held,
            not_for_roles=f"{_ACTION} is for IAM users alone",
            needs=[
                Need((_ACTION,), "it hands out no session", known=BY_ACCESS_KEY),
                Rest("its sessions can do nothing"),
            ],
            managed_policy_name=managed_policy_name,
            path=path,
            description=description,
        )
        refuse_denied(self)
        self._session_policy = iam.PolicyDocument(statements=[statement.copy() for statement in statements])
        quotas.limit_document(self, "session policy", self._session_policy, quotas.SESSION_POLICY)

    @property
    def session_policy(self) -> str:
        """What the program must pass as ``Policy``: JSON text, in which a deployment fills in what only it knows."""
        return cdk.Stack.of(self).to_json_string(self._session_policy)


def _federated_user(value: str, argument: str) -> str:
    accepted = "a name of 2 to 32 letters, digits or any of _+=,.@-, after 2 of which a '*' may end it"
    return arguments.matching(value, argument, r"[\w+=,.@-]{2,32}|[\w+=,.@-]{2,31}\*", accepted)


def _checked(statements: Sequence[iam.PolicyStatement]) -> list[iam.PolicyStatement]:
    if not isinstance(statements, (list, tuple)):
        raise TypeError(f"session_permissions must be a list of statements, got {statements!r}")
    listed = list(statements)
    if not listed:
        raise ValueError(
            "session_permissions must have at least one statement, got none: a session without a policy can do nothing"
        )
    for statement in listed:
        if not isinstance(statement, iam.PolicyStatement):
            raise TypeError(f"session_permissions must be statements, got {statement!r}")
        if statement.has_principal:
            raise ValueError("session_permissions cannot have a principal: the session is who they are for")
        refuse_unknown_keys(statement.conditions, "session_permissions")
        if statement.effect == iam.Effect.ALLOW:
            for action in statement.actions:
                _callable(action)
            _refuse_mfa(statement.conditions)
    if all(statement.effect != iam.Effect.ALLOW for statement in listed):
        raise ValueError(
            "session_permissions must have a statement that allows something, got none: the session could do nothing"
        )
    return listed


def _refuse_mfa(conditions: Any) -> None:
    """
    Refuse what no session of GetFederationToken meets, since it cannot be called with MFA.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    for operator, keys in (conditions or {}).items():
        for key, operand in keys.items():
            demands = {
                "aws:multifactorauthpresent": operator == "Bool" and "true" in str(operand).lower(),
                "aws:multifactorauthage": operator.startswith("Numeric") and not operator.endswith("IfExists"),
            }
            if demands.get(str(key).lower()):
                raise ValueError(
                    f"session_permissions cannot demand {key} by {operator}, which no session of GetFederationToken "
                    "has: they would do nothing"
                )


def _callable(action: Any) -> None:
    known_later.note(action, "session_permissions", _callable)
    if str(action).lower() == "sts:getcalleridentity":
        raise ValueError(
            f"session_permissions cannot allow {action!r}: whoever has credentials may ask whose they are, without it"
        )
    if str(action).lower().startswith(("iam:", "sts:")):
        raise ValueError(
            f"session_permissions cannot allow {action!r}: a federated session can call neither IAM nor STS"
        )
