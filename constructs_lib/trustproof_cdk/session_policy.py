"""
Session policies: what a session may do of what its role may.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._constructor import function
from trustproof_cdk._names import quotas
from trustproof_cdk._policies.calls import statements_of
from trustproof_cdk._policies.known_keys import demands_mfa


@function
def session_policy(
    scope: Construct, *, statements: Sequence[iam.PolicyStatement], allow_unknown_actions: bool = False
) -> str:
    """
    The JSON text to pass as ``Policy`` when a role is assumed: the session may do what both it and the role allow.

    It takes away and never gives, and nobody can demand that it is passed: what must hold for every session belongs
    into the policies of the role.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session

    Args:
        scope: the synthesis of its stack fails if the policy is longer than STS takes.
        statements: what the session may do; without principals.
        allow_unknown_actions: True takes actions that are not known here; a misspelt one is not an action.

    Returns:
        A text in which a deployment fills in what only it knows: for an output, a parameter or an environment variable.

    Raises:
        ValueError: no statement, or one with a principal, without resources or with an action that AWS has not
            published or no policy governs. The synthesis of the stack fails where a value comes out so, or as
            AWS::NoValue, and where one that allows something demands MFA, which the sessions never have.
    """
    if isinstance(scope, cdk.Stage):
        raise TypeError(f"scope must be a Stack, or in one, got {arguments.described(scope)}, which has stacks in it")
    given: object = statements
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"statements must be a list of statements, got {arguments.described(given)}")
    if not given:
        raise ValueError("statements must have at least one entry, got none: the session could do nothing")
    for statement in given:
        if not isinstance(statement, iam.PolicyStatement):
            raise TypeError(f"statements must be a list of statements, got {arguments.described(statement)} in it")
        if statement.has_principal:
            raise ValueError("statements cannot have a principal: the session is who they are for")
    if all(statement.effect != iam.Effect.ALLOW for statement in given):
        raise ValueError("statements must have one that allows something, got none: the session could do nothing")
    published.refuse_unknown_in(statements, "statements", allow_unknown_actions=allow_unknown_actions)
    document = iam.PolicyDocument(statements=list(statements))
    if refused := document.validate_for_identity_policy():
        raise ValueError(f"statements must be what STS takes of a session: {refused[0]}")

    def wrong(resolved: Any) -> str:
        try:
            known_later.refuse_nothing_in(resolved, "statements")
            _refuse_mfa(resolved)
            if not allow_unknown_actions:
                published.refuse_unknown_resolved(resolved, "statements")
        except ValueError as error:
            return f"{scope.node.path}: session_policy(): {error}"
        return ""

    quotas.limit_document(scope, "session policy", document, quotas.SESSION_POLICY, wrong=wrong)
    return cdk.Stack.of(scope).to_json_string(document)


def _refuse_mfa(document: Any) -> None:
    """Sessions of roles, and of federated users, carry no MFA, whatever was used to begin them."""
    if any(map(demands_mfa, statements_of(document) or ())):
        raise ValueError(
            "statements cannot demand MFA, which no session that has a session policy carries: it could do nothing "
            "by that one; demand it in the trust policy of the role"
        )
