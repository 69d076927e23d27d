"""
What people with a permission set must be able to call to get into a role that trusts them.

https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sso as sso

from trustproof_cdk._names import order
from trustproof_cdk._names import policy_arns as arns
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call
from trustproof_cdk._policies.known_keys import SESSION, KnownKey, demanded_by, together
from trustproof_cdk._roles.role import demanded_actions_of
from trustproof_cdk._trust.trust import ASSUME_ROLE, Trusting, TrustStatement


def calls_for(role: iam.Role, name: str, accounts: Iterable[str], arn: str | None = None) -> list[Call]:
    """
    What people with a set call to get into a role, with all that is known of the request.

    Args:
        role: that trusts them.
        name: of the set.
        accounts: where they have it.
        arn: of the role. Default: what it is before overrides.
    """
    made = order.created(role)
    statements = _trusting(role, name)
    if not isinstance(made, iam.CfnRole) or not statements:
        return []
    stack = cdk.Stack.of(role)
    demanded = demanded_by([{"Condition": stack.resolve(one.conditions)} for one in statements])
    account = KnownKey("aws:PrincipalAccount", tuple((one,) for one in sorted(accounts)))
    known = together([*SESSION, account, *demanded])
    actions = [ASSUME_ROLE, *sorted(demanded_actions_of(statements))]
    return [Call(action, arn or written_out.arn_of(made), known) for action in actions]


def boundary_of(permission_set: sso.CfnPermissionSet) -> Mapping[str, object] | None:
    """The text of the permissions boundary of a set; None where it has none, or it is not known."""
    given = cdk.Stack.of(permission_set).resolve(permission_set.permissions_boundary)
    arn = given.get("managedPolicyArn", given.get("ManagedPolicyArn")) if isinstance(given, Mapping) else None
    text = written_out.text_of(arn, cdk.Stack.of(permission_set))
    return None if text is None else text_of_aws(text)


def text_of_aws(arn: str) -> Mapping[str, object] | None:
    """The text of a managed policy of AWS; None where it is not known."""
    # Only who has one to ask has to wait for the texts of all.
    import trustproof

    name = arns.name_of_aws(arn)
    return None if name is None else trustproof.managed_policy_document(name)


def _trusting(role: Any, name: str) -> list[TrustStatement]:
    """The statements of a role that let in who has a set."""
    statements = role.trust_statements if isinstance(role, Trusting) else ()
    return [
        one for one in statements if ASSUME_ROLE in one.actions and f"AWSReservedSSO_{name}_" in repr(one.conditions)
    ]
