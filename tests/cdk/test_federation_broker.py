"""
`FederationBroker`: who may hand out sessions, and that a session may do what it is for, and its user may not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.policies import allowed, concrete
from trustproof.model.request import FEDERATED_USER, USER_KEY, Caller
from trustproof_cdk import FederationBroker, MfaEnforcedGroup, RequireMfaGuardrail

Resources = Callable[[str], list[dict[str, Any]]]

ACCOUNT = "111122223333"
SESSIONS = f"arn:aws:sts::{ACCOUNT}:federated-user"
OBJECTS = "arn:aws:s3:::uploads/*"
BROKER = Caller(USER_KEY, f"arn:aws:iam::{ACCOUNT}:user/broker")
APP = Caller(FEDERATED_USER, f"{SESSIONS}/app-7")


def upload(**more: Any) -> iam.PolicyStatement:
    """What sessions are for."""
    return iam.PolicyStatement(actions=["s3:PutObject"], resources=[OBJECTS], **more)


@pytest.fixture
def document(stack: cdk.Stack, resources: Resources) -> dict[str, Any]:
    """The policy of a broker for names that begin with ``app-``."""
    FederationBroker(
        stack,
        "Broker",
        federated_users=["app-*", "nightly"],
        session_permissions=[upload(conditions={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}})],
        users=[iam.User.from_user_name(stack, "User", "broker")],
    )
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["Users"] == ["broker"]
    found: dict[str, Any] = properties["PolicyDocument"]
    return found


def test_document_is_exact(document: dict[str, Any]) -> None:
    """The call for the given names, and the permissions for sessions of these names."""
    names = [f"{SESSIONS}/app-*", f"{SESSIONS}/nightly"]
    assert concrete(document)["Statement"] == [
        {"Sid": "HandOutSessions", "Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": names},
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": OBJECTS,
            "Condition": {
                "StringEquals": {"aws:RequestedRegion": "eu-central-1", "aws:PrincipalType": "FederatedUser"},
                "ArnLike": {"aws:PrincipalArn": names},
            },
        },
    ]


@pytest.mark.parametrize(
    ("caller", "action", "resource", "may"),
    [
        (BROKER, "sts:GetFederationToken", f"{SESSIONS}/app-7", True),
        (BROKER, "sts:GetFederationToken", f"{SESSIONS}/admin", False),
        (BROKER, "s3:PutObject", "arn:aws:s3:::uploads/x", False),
        (APP, "s3:PutObject", "arn:aws:s3:::uploads/x", True),
        (APP, "s3:GetObject", "arn:aws:s3:::uploads/x", False),
        (APP._replace(arn=f"{SESSIONS}/admin"), "s3:PutObject", "arn:aws:s3:::uploads/x", False),
    ],
)
def test_broker_and_session_may(
    document: dict[str, Any], caller: Caller, action: str, resource: str, may: bool
) -> None:
    """Each of the two can do its half and nothing of the other's."""
    found = allowed([document], caller, action, resource, aws_RequestedRegion="eu-central-1")
    assert found is may


def test_session_policy_is_what_sessions_are_for(stack: cdk.Stack) -> None:
    """JSON text without the conditions that tie it to a session, for the program to pass."""
    broker = FederationBroker(stack, "Broker", federated_users=["app"], session_permissions=[upload()])
    assert json.loads(stack.resolve(broker.session_policy)) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}],
    }


def test_statements_of_the_caller_are_not_changed(stack: cdk.Stack) -> None:
    """A statement that is used elsewhere too stays as it was."""
    statement = upload()
    FederationBroker(stack, "Broker", federated_users=["app"], session_permissions=[statement])
    assert "Condition" not in statement.to_statement_json()


def test_session_policy_is_measured(app: cdk.App, stack: cdk.Stack) -> None:
    """One that STS would refuse in every call fails the synthesis."""
    many = iam.PolicyStatement(actions=["s3:PutObject"], resources=[f"{OBJECTS}{number:04}" for number in range(90)])
    FederationBroker(stack, "Broker", federated_users=["app"], session_permissions=[many])
    with pytest.raises(RuntimeError, match=r"the session policy has \d+ characters without whitespace"):
        app.synth()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"federated_users": []}, "federated_users must have at least one entry, got none"),
    (
        {"federated_users": ["*"]},
        "federated_users must be a name of 2 to 32 letters, digits or any of _+=,.@-, after 2 of",
    ),
    ({"federated_users": ["a b"]}, "federated_users must be a name of 2 to 32"),
    ({"federated_users": ["x" * 33]}, "federated_users must be a name of 2 to 32"),
    ({"session_permissions": []}, "session_permissions must have at least one statement, got none"),
    (
        {"session_permissions": [iam.PolicyStatement(actions=["sts:AssumeRole"], resources=["*"])]},
        "session_permissions cannot allow 'sts:AssumeRole': a federated session can call neither IAM nor STS",
    ),
    (
        {"session_permissions": [iam.PolicyStatement(actions=["sts:GetCallerIdentity"], resources=["*"])]},
        "session_permissions cannot allow 'sts:GetCallerIdentity': whoever has credentials may ask whose they are",
    ),
    *(
        (
            {"session_permissions": [iam.PolicyStatement(actions=["s3:PutObject", action], resources=["*"])]},
            f"session_permissions cannot allow '{action}': a federated session can call neither IAM nor STS",
        )
        for action in ("sts:*", "STS:Get*", "iam:*")
    ),
    (
        {"session_permissions": [upload(effect=iam.Effect.DENY)]},
        "session_permissions must have a statement that allows something, got none",
    ),
    *(
        (
            {"session_permissions": [upload(conditions={operator: {key: operand}})]},
            f"session_permissions cannot demand {key} by {operator}, which no session of GetFederationToken has",
        )
        for operator, key, operand in (
            ("Bool", "aws:MultiFactorAuthPresent", "true"),
            ("Bool", "aws:multifactorauthpresent", True),
            ("NumericLessThan", "aws:MultiFactorAuthAge", "900"),
        )
    ),
    (
        {"session_permissions": [upload(principals=[iam.StarPrincipal()])]},
        "session_permissions cannot have a principal",
    ),
    (
        {"session_permissions": [upload(conditions={"StringEquals": {"aws:PrincipalType": "User"}})]},
        "StringEquals aws:PrincipalType cannot be both 'User' and 'FederatedUser'",
    ),
]


@pytest.mark.parametrize(
    ("effect", "operator", "key"),
    [
        (iam.Effect.ALLOW, "BoolIfExists", "aws:MultiFactorAuthPresent"),
        (iam.Effect.ALLOW, "NumericLessThanIfExists", "aws:MultiFactorAuthAge"),
        (iam.Effect.DENY, "Bool", "aws:MultiFactorAuthPresent"),
    ],
)
def test_what_a_session_meets_without_mfa_is_taken(
    stack: cdk.Stack, effect: iam.Effect, operator: str, key: str
) -> None:
    """Only an Allow that no session ever meets is refused."""
    one = upload(effect=effect, conditions={operator: {key: "true" if "Bool" in operator else "900"}})
    FederationBroker(stack, "Broker", federated_users=["app"], session_permissions=[upload(), one])


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    given = {"federated_users": ["app"], "session_permissions": [upload()], **arguments}
    with pytest.raises(ValueError, match=re.escape(message)):
        FederationBroker(stack, "Broker", **given)


@pytest.mark.parametrize("member", [True, False])
@pytest.mark.parametrize("enforced", [True, False])
def test_who_must_use_mfa_hands_out_no_session(app: cdk.App, stack: cdk.Stack, member: bool, enforced: bool) -> None:
    """The call takes none, so that a group that enforces MFA and its members are denied it."""
    group = MfaEnforcedGroup(stack, "Group") if enforced else iam.Group(stack, "Group")
    user = iam.User(stack, "User")
    user.add_to_group(group)
    holders: dict[str, Any] = {"users": [user]} if member else {"groups": [group]}
    FederationBroker(stack, "Broker", federated_users=["app-*"], session_permissions=[upload()], **holders)
    if not enforced:
        app.synth()
        return
    who = "User" if member else "Group"
    with pytest.raises(RuntimeError, match=rf"{who}/Resource is denied sts:GetFederationToken by .*/MfaEnforcement/"):
        app.synth()


@pytest.mark.parametrize(
    ("target", "name", "is_spared", "is_warned"),
    [
        ("r-ab12", "robot", False, True),
        ("222233334444", "robot", False, True),
        ("r-ab12", "robot", True, False),
        ("333344445555", "robot", False, False),
        # Which account is in it the app does not say.
        ("ou-ab12-11111111", "robot", False, False),
        ("r-ab12", None, False, True),
        # Who has no name yet may be whoever is spared, and so may a member.
        ("r-ab12", None, True, False),
        ("r-ab12", "", False, True),
        ("r-ab12", "", True, False),
    ],
)
def test_who_is_under_a_guardrail_hands_out_no_session(
    app: cdk.App, target: str, name: str | None, is_spared: bool, is_warned: bool
) -> None:
    """The guardrail denies users everything without MFA; it does not reach the account that it is deployed to."""
    management, own = (
        cdk.Stack(app, f"In{one}", env=cdk.Environment(account=one, region="us-east-1"))
        for one in ("111122223333", "222233334444")
    )
    spared = ["arn:aws:iam::222233334444:user/robot"] if is_spared else []
    RequireMfaGuardrail(management, "Guardrail", targets=[target], exempt_users=spared)
    given: dict[str, Any] = {"federated_users": ["app-*"], "session_permissions": [upload()]}
    for stack in (management, own):
        if name == "":
            FederationBroker(stack, "Broker", groups=[iam.Group(stack, "Group")], **given)
        else:
            FederationBroker(stack, "Broker", users=[iam.User(stack, "User", user_name=name)], **given)
    warned = {
        stack.stack_name
        for stack in app.synth().stacks
        if any("GetFederationToken" in str(one) for one in _said(stack))
    }
    assert warned == ({"In222233334444"} if is_warned else set())


def _said(stack: Any) -> list[str]:
    return [str(one.entry.data) for one in stack.messages]
