"""
Mistakes that the CDK would report from another process: said here, in the words of the person who made them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

import trustproof_cdk
from tests.cdk.test_wrong_kinds import HUB, LEAST
from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassRole,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    GitHubActionsRole,
    MfaEnforcedGroup,
    MfaPolicy,
    Trusted,
    allow_with_mfa,
    mfa_service_control_policy,
    require_mfa,
    waive,
)

ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    ("construct", "argument", "value", "message"),
    [
        (CrossAccountRole, "managed_policies", ARN, f"must be a list of managed policies like iam.Man*got '{ARN}'"),
        (
            CrossAccountRole,
            "managed_policies",
            [ARN],
            f"must be a list of managed policies like *got '{ARN}' in",
        ),
        (CrossAccountRole, "permissions_boundary", ARN, f"must be a managed policy like iam.Man*got '{ARN}'"),
        (CrossAccountRole, "inline_policies", {"A": DOCUMENT}, "['A'] must be an iam.PolicyDocument (of plain values"),
        (CrossAccountRole, "max_managed_policies", 26, "must be 10 to 25, got 26"),
        (MfaEnforcedGroup, "managed_policies", ARN, "must be a list of managed policies like"),
        (MfaPolicy, "groups", ["people"], "must be a list of groups like iam.Group.from_group_name*got 'people' in it"),
        (MfaPolicy, "users", "alice", "must be a list of users like iam.User.from_user_name*got 'alice'"),
        (AssumeRoleGrant, "groups", "people", "must be a list of groups like iam.Group.from_group_name*got 'people'"),
        (DecodeAuthorizationGrant, "groups", "people", "must be a list of groups like*got 'people'"),
        (BreakGlassRole, "alarm_topic", "arn:aws:sns:eu-central-1:111122223333:t", "must be a topic like sns.Topic*"),
    ],
)
def test_objects_of_the_cdk_are_not_texts(
    stack: cdk.Stack, construct: Any, argument: str, value: object, message: str
) -> None:
    """The message says how to make one."""
    least = {
        MfaEnforcedGroup: {},
        BreakGlassRole: {"users": ["arn:aws:iam::111122223333:user/alice"]},
    }
    pattern = re.escape(f"{argument}{'' if message.startswith('[') else ' '}{message}").replace(r"\*", ".*")
    with pytest.raises((TypeError, ValueError), match=pattern):
        construct(stack, "It", **{**LEAST.get(construct, least.get(construct, {})), argument: value})


@pytest.mark.parametrize(
    ("called", "message"),
    [
        (
            lambda stack: CrossAccountRole(stack, "It", trusted=HUB, rolename="x"),
            "CrossAccountRole has no argument 'rolename'; did you mean 'role_name'?",
        ),
        (
            lambda stack: CrossAccountRole(stack, "It", trusts=HUB),
            "CrossAccountRole has no argument 'trusts'; did you mean 'trusted'?",
        ),
        (
            lambda stack: GitHubActionsRole(stack, "It", organization="a", repository=["b"], branches=["main"]),
            "repository must be the name of one repository like",
        ),
        (
            lambda stack: GitHubActionsRole(stack, "It", organisation="a", repository="b", branches=["main"]),
            "GitHubActionsRole has no argument 'organisation'; did you mean 'organization'?",
        ),
        (lambda stack: MfaPolicy(stack, "It", wholly_unlike="x"), "MfaPolicy has no argument 'wholly_unlike'; it has "),
        (lambda stack: MfaPolicy(stack, "It", ["s3:*"]), "MfaPolicy takes its arguments by name, got ['s3:*']"),
        (lambda _: CrossAccountRole(None, "It", trusted=HUB), "scope must be a construct like a Stack, got None"),
        (lambda _: CrossAccountRole(cdk.Stack, "It", trusted=HUB), "like a Stack, got <class 'aws_cdk.Stack'>"),
        (lambda _: CrossAccountRole("Stack", "It", trusted=HUB), "scope must be a construct like a Stack, got 'Stack'"),
        (lambda stack: CrossAccountRole(stack, 7, trusted=HUB), "construct_id must be a text that is not empty, got 7"),
        (lambda stack: CrossAccountRole(stack, "", trusted=HUB), "construct_id must be a text that is not empty"),
        (lambda _: require_mfa("arn:aws:iam::111122223333:role/A"), "role must be a role that this app creates"),
        (
            lambda _: require_mfa(None),
            "an iam.Role or iam.CfnRole, got None",
        ),
        (lambda _: allow_with_mfa(trust=HUB), "allow_with_mfa() has no argument 'trust'; did you mean 'trusted'?"),
        (
            lambda _: mfa_service_control_policy(exempt_action=["iam:ChangePassword"]),
            "mfa_service_control_policy() has no argument 'exempt_action'; did you mean 'exempt_actions'?",
        ),
    ],
)
def test_message_names_what_was_meant(stack: cdk.Stack, called: Callable[[Any], object], message: str) -> None:
    """An argument of another name, and a scope that is none."""
    with pytest.raises(TypeError, match=re.escape(message)):
        called(stack)


def test_condition_key_of_a_deployment_is_refused(stack: cdk.Stack) -> None:
    """CloudFormation takes no reference there; the CDK would say so in the synthesis, of a token."""
    key = f"{cdk.CfnParameter(stack, 'Issuer').value_as_string}:sub"
    with pytest.raises(ValueError, match=r"conditions cannot have the key .*'Ref': 'Issuer'.*, which only a"):
        CrossAccountRole(stack, "It", trusted=HUB, conditions={"StringEquals": {key: "x"}})


@pytest.mark.parametrize(
    ("called", "message"),
    [
        (
            lambda stack: trustproof_cdk.ServiceRole(stack, "It"),
            "ServiceRole needs 'service', like 'states.amazonaws.com'",
        ),
        (
            lambda stack: trustproof_cdk.ThirdPartyRole(stack, "It", external_id="0815"),
            "ThirdPartyRole needs 'vendor', the name of the vendor, 1 to 64 characters; and 'trusted', the vendor's",
        ),
        (
            lambda stack: trustproof_cdk.JustInTimeRole(stack, "It", users=[], valid_until="2027-01-01T00:00:00Z"),
            "JustInTimeRole needs 'approval', the value that the tag must have, 1 to 256 characters: another one for",
        ),
        (
            lambda stack: CrossAccountRole(stack, trusted=HUB),  # type: ignore[call-arg]
            "CrossAccountRole needs 'construct_id', a text that no other construct in the scope has",
        ),
        (
            lambda _: CrossAccountRole(trusted=HUB),  # type: ignore[call-arg]
            "CrossAccountRole needs 'scope', the construct that it is made in, like a Stack; and 'construct_id', a",
        ),
        (
            lambda _: allow_with_mfa(trusted=HUB, actions=["s3:GetObject"]),  # type: ignore[call-arg]
            "allow_with_mfa() needs 'resources', ARNs, or '*' in the policy of a key",
        ),
        (
            lambda stack: trustproof_cdk.waive(stack),  # type: ignore[call-arg]
            "waive() needs 'property_id', ",
        ),
    ],
)
def test_message_names_what_is_missing(stack: cdk.Stack, called: Callable[[Any], object], message: str) -> None:
    """And what it is for; Python would name a function of ours."""
    with pytest.raises(TypeError, match=f"^{re.escape(message)}"):
        called(stack)


CONSTRUCTS = [
    found
    for name in trustproof_cdk.__all__
    if isinstance(found := getattr(trustproof_cdk, name), type) and issubclass(found, cdk.Resource | cdk.CfnResource)
]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_construct_knows_its_arguments(stack: cdk.Stack, construct: Any) -> None:
    """Nobody adds a construct and forgets it."""
    with pytest.raises(TypeError, match=f"^{construct.__name__} has no argument 'zzz'; it has "):
        construct(stack, "It", zzz=1)


@pytest.mark.parametrize("called", [*CONSTRUCTS, allow_with_mfa, require_mfa, trustproof_cdk.waive])
def test_everything_says_what_it_needs(called: Any) -> None:
    """Each argument that has no default, with what its documentation says first of it."""
    parameters = inspect.signature(called.__init__ if isinstance(called, type) else called).parameters
    needed = [
        one.name
        for one in parameters.values()
        if one.default is one.empty and one.kind is not one.VAR_KEYWORD and one.name != "self"
    ]
    with pytest.raises(TypeError, match=r"needs '") as raised:
        called()
    said = str(raised.value)
    assert [said.count(f"{name!r}, ") for name in needed] == [1] * len(needed)
    assert not re.search(r"__init__|Args|``", said)


def test_what_comes_from_the_cdk_is_taken(stack: cdk.Stack) -> None:
    """An imported group, role or policy is an object of another class."""
    role = CrossAccountRole(
        stack,
        "It",
        trusted=HUB,
        managed_policies=[iam.ManagedPolicy.from_managed_policy_arn(stack, "Policy", ARN)],
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "Boundary"),
        inline_policies={"A": iam.PolicyDocument.from_json(DOCUMENT)},
    )
    AssumeRoleGrant(
        stack,
        "Grant",
        target_roles=["arn:aws:iam::111122223333:role/A"],
        groups=[iam.Group.from_group_name(stack, "Group", "people")],
        users=[iam.User.from_user_name(stack, "User", "alice")],
        roles=[iam.Role.from_role_name(stack, "Role", "Builder"), role],
    )


def test_an_error_says_of_which_construct_it_is() -> None:
    """In a loop over accounts a stack trace names a line, and the note the construct."""
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Access")
    for wrong in ({"trusted": Trusted.accounts("111122223333"), "path": "x"}, {"trust": 1}, {}):
        with pytest.raises((TypeError, ValueError)) as raised:
            CrossAccountRole(stack, "Reader", **wrong)
        assert raised.value.__notes__ == ["in CrossAccountRole Access/Reader"]
    with pytest.raises(ValueError, match="property_id") as raised:
        waive(stack, "mfa", reason="x")
    assert raised.value.__notes__ == ["in waive() of Access"]
