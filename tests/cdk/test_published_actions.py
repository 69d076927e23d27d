"""
Actions that AWS has not published: refused wherever a construct takes actions, with the one that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam

from trustproof_cdk import (
    CrossAccountRole,
    FederationBroker,
    MfaPolicy,
    PermissionSet,
    Trusted,
    allow_with_mfa,
    deny_users_without_mfa,
    mfa_resource_control_policy,
    session_policy,
)

HUB = Trusted.accounts("111122223333")


def statement(action: str) -> iam.PolicyStatement:
    """A statement of a session, which has the action."""
    return iam.PolicyStatement(actions=[action], resources=["*"])


#: What takes actions, given a stack, an action and the rest.
TAKING: dict[str, Callable[..., object]] = {
    "MfaPolicy": lambda stack, action, **rest: MfaPolicy(stack, "It", actions=[action], resources=["*"], **rest),
    "allow_with_mfa": lambda _, action, **rest: allow_with_mfa(trusted=HUB, actions=[action], resources=["*"], **rest),
    "deny_users_without_mfa": lambda _, action, **rest: deny_users_without_mfa(
        actions=[action], resources=["*"], **rest
    ),
    "mfa_resource_control_policy": lambda _, action, **rest: mfa_resource_control_policy(actions=[action], **rest),
    "session_policy": lambda stack, action, **rest: session_policy(stack, statements=[statement(action)], **rest),
    "FederationBroker": lambda stack, action, **rest: FederationBroker(
        stack, "It", federated_users=["app-*"], session_permissions=[statement(action)], **rest
    ),
}


@pytest.mark.parametrize("taking", TAKING.values(), ids=TAKING)
def test_a_misspelt_action_is_none(stack: cdk.Stack, taking: Any) -> None:
    """IAM takes it and nothing comes of it; what is newer than the library can be said to be."""
    message = (
        "cannot have 's3:GetObjct', which matches no action that AWS has published; did you mean 's3:GetObject'? (if "
        "it is newer than this library, say allow_unknown_actions=True)"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        taking(stack, "s3:GetObjct")
    taking(stack, "s3:GetObjct", allow_unknown_actions=True)


@pytest.mark.parametrize("action", ["ec2:StopInstances", "EC2:stop*", "*", "ec2:*", "iam:GetMFADevice"])
def test_what_matches_a_published_one_is_taken(stack: cdk.Stack, action: str) -> None:
    """In any case of letters, and by a pattern."""
    MfaPolicy(stack, "It", actions=[action], resources=["*"])


def test_a_pattern_that_matches_nothing(stack: cdk.Stack) -> None:
    """There may be no action that is near."""
    message = "actions cannot have 'ec2:Stpo*', which matches no action that AWS has published (if it is newer"
    with pytest.raises(ValueError, match=re.escape(message)):
        MfaPolicy(stack, "It", actions=["ec2:Stpo*"], resources=["*"])


@pytest.mark.parametrize("action", ["s3:GetObjct", "s3:GetObject"])
def test_a_document_of_the_cdk_is_warned_of(stack: cdk.Stack, action: str) -> None:
    """It has no way to say that an action is newer than the library."""
    document = iam.PolicyDocument(statements=[statement(action)])
    CrossAccountRole(stack, "Role", trusted=Trusted.accounts("111122223333"), inline_policies={"reads": document})
    instance = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
    PermissionSet(stack, "Set", name="Set", instance_arn=instance, inline_policy=document)
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.string_like_regexp("GetObjct"))
    said = sorted(str(one.entry.data) for one in found)
    if action == "s3:GetObject":
        assert not said
        return
    ending = "has 's3:GetObjct', which matches no action that AWS has published; did you mean 's3:GetObject'?"
    assert said[0].startswith(f"inline_policies['reads'] of Stack/Role {ending}")
    assert said[1].startswith(f"inline_policy of Stack/Set {ending}")


def test_what_the_cdk_grants_is_warned_of(stack: cdk.Stack) -> None:
    """`grant` of a role takes any text."""
    role = CrossAccountRole(stack, "Role", trusted=HUB)
    role.grant(iam.Group(stack, "People"), "iam:GetRole", "iam:PasRole", "iam:List*")
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.string_like_regexp("published"))
    assert [one.id for one in found] == ["/Stack/Role"]
    assert str(found[0].entry.data).startswith("grant() of Stack/Role has 'iam:PasRole', which matches no action")
