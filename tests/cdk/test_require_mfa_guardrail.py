"""
`RequireMfaGuardrail`: whom it stops, whom it spares, and what cannot be exempted from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from aws_cdk.assertions import Template

from tests.cdk.policies import policy
from trustproof.model.request import (
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Caller,
    Request,
)
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import EXPLICIT_DENY, decide
from trustproof_cdk import (
    MfaEnforcedGroup,
    RequireMfaGuardrail,
    mfa_resource_control_policy,
    mfa_service_control_policy,
)
from trustproof_cdk.require_mfa_guardrail import EXEMPTIBLE_ACTIONS

ACCOUNT = "111122223333"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/people/alice"
ROBOT = f"arn:aws:iam::{ACCOUNT}:user/robot"
ENTRY = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"

CALLERS = [
    # caller, whether it is stopped
    (Caller(USER_KEY, ALICE), True),
    (Caller(USER_SESSION, ALICE), True),
    (Caller(USER_KEY, f"arn:aws-cn:iam::{ACCOUNT}:user/alice"), True),
    (Caller(USER_KEY_MFA, ALICE), False),
    (Caller(USER_SESSION_MFA, ALICE), False),
    (Caller(ROLE_SESSION, f"arn:aws:iam::{ACCOUNT}:role/Builder", session="build"), False),
    (Caller(IDENTITY_CENTER, ENTRY, session="alice@example.com"), False),
    (Caller(SERVICE, "lambda.amazonaws.com"), False),
    (Caller(SAML, f"arn:aws:iam::{ACCOUNT}:saml-provider/Corporate"), False),
    (Caller(WEB_IDENTITY, f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"), False),
    (Caller(FEDERATED_USER, f"arn:aws:sts::{ACCOUNT}:federated-user/app"), False),
]


def stops(document: dict[str, Any], caller: Caller, action: str) -> bool:
    """Whether a guardrail denies a call, by the evaluator of the validator."""
    (statement,) = document["Statement"]
    # A service control policy has no principals: it is about everybody in the account.
    everybody = {**document, "Statement": [{"Principal": "*", **statement}]}
    request = Request(caller, action, "*", principal_keys(caller))
    return decide(policy(everybody), request).outcome == EXPLICIT_DENY


@pytest.mark.parametrize(("caller", "stopped"), CALLERS)
def test_only_users_without_mfa_are_stopped(caller: Caller, stopped: bool) -> None:
    """Whoever cannot carry MFA is spared, in both forms."""
    assert stops(mfa_service_control_policy(), caller, "s3:GetObject") is stopped
    assert stops(mfa_resource_control_policy(), caller, "s3:GetObject") is stopped


@pytest.mark.parametrize(
    ("action", "stopped"),
    [
        ("iam:CreateVirtualMFADevice", False),
        ("iam:EnableMFADevice", False),
        ("iam:ListMFADevices", False),
        # An enrolment that was broken off is begun anew; IAM deletes no device that is in use.
        ("iam:DeleteVirtualMFADevice", False),
        ("iam:DeactivateMFADevice", True),
        ("iam:CreateAccessKey", True),
        ("sts:AssumeRole", True),
        ("sts:GetFederationToken", True),
        ("ec2:TerminateInstances", True),
    ],
)
def test_user_without_mfa_can_only_set_it_up(action: str, stopped: bool) -> None:
    """And can take nothing away."""
    assert stops(mfa_service_control_policy(), Caller(USER_KEY, ALICE), action) is stopped


def test_get_session_token_is_not_named() -> None:
    """No policy can deny it, so none says that it is exempt."""
    assert "GetSessionToken" not in str(mfa_service_control_policy())


def test_a_first_sign_in_is_let_through(stack: cdk.Stack) -> None:
    """What `MfaEnforcedGroup` lets members do before MFA, the guardrail around their account lets them do, too."""
    MfaEnforcedGroup(stack, "Group")
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    (exempt,) = [
        set(one["NotAction"]) for one in policy["Properties"]["PolicyDocument"]["Statement"] if "NotAction" in one
    ]
    document = mfa_service_control_policy()
    # No policy can deny it.
    exempt -= {"sts:GetSessionToken"}
    assert "iam:ChangePassword" in exempt
    assert [action for action in sorted(exempt) if stops(document, Caller(USER_KEY, ALICE), action)] == []


def test_exemptions_hold_for_exactly_what_they_name() -> None:
    """A machine with a key, and an action that new users need."""
    document = mfa_service_control_policy(exempt_actions=["iam:ChangePassword"], exempt_users=[ROBOT])
    assert not stops(document, Caller(USER_KEY, ROBOT), "s3:GetObject")
    assert not stops(document, Caller(USER_KEY, ALICE), "iam:ChangePassword")
    assert stops(document, Caller(USER_KEY, ALICE), "s3:GetObject")
    assert stops(document, Caller(USER_KEY, f"{ROBOT}2"), "s3:GetObject")


def test_every_exemption_that_is_accepted_works() -> None:
    """The list is what the constructor takes, and what it then exempts."""
    document = mfa_service_control_policy(exempt_actions=EXEMPTIBLE_ACTIONS)
    assert [action for action in EXEMPTIBLE_ACTIONS if stops(document, Caller(USER_KEY, ALICE), action)] == []


def test_services_that_rcps_reach_later_can_be_named() -> None:
    """AWS extends resource control policies now and then."""
    document = mfa_resource_control_policy(actions=["logs:*"], allow_other_services=True)
    assert document["Statement"][0]["Action"] == ["logs:*"]


def test_documents_are_in_the_languages_of_organizations() -> None:
    """No principal in one, the bare star and no NotAction in the other, and a wildcard never alone."""
    (service,) = mfa_service_control_policy()["Statement"]
    (resource,) = mfa_resource_control_policy()["Statement"]
    assert set(service) == {"Sid", "Effect", "NotAction", "Resource", "Condition"}
    assert set(resource) == {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    assert resource["Principal"] == "*"
    assert resource["Action"] == ["kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole"]
    assert (
        service["Condition"]
        == resource["Condition"]
        == {
            "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
            "ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:user/*"},
        }
    )


def test_policy_is_attached_to_its_targets(stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]]) -> None:
    """The construct is the policy in AWS Organizations."""
    RequireMfaGuardrail(stack, "Users", targets=["r-ab12"])
    RequireMfaGuardrail(
        stack,
        "Resources",
        targets=["ou-ab12-11111111", ACCOUNT],
        policy_type="RESOURCE_CONTROL_POLICY",
        actions=["s3:*"],
        policy_name="MfaForBuckets",
        description="Buckets only",
    )
    assert resources("AWS::Organizations::Policy") == [
        {
            "Name": "RequireMfaServiceControlPolicy",
            "Type": "SERVICE_CONTROL_POLICY",
            "TargetIds": ["r-ab12"],
            "Content": mfa_service_control_policy(),
        },
        {
            "Name": "MfaForBuckets",
            "Description": "Buckets only",
            "Type": "RESOURCE_CONTROL_POLICY",
            "TargetIds": ["ou-ab12-11111111", ACCOUNT],
            "Content": mfa_resource_control_policy(actions=["s3:*"]),
        },
    ]


def test_each_organization_has_its_names(app: cdk.App, stack: cdk.Stack) -> None:
    """The ids of units begin with that of their root, of which an organization has one."""
    RequireMfaGuardrail(stack, "Users", targets=["r-ab12"])
    trials = cdk.Stack(app, "OfTrials")
    RequireMfaGuardrail(trials, "Trials", targets=["r-cd34"])
    with pytest.raises(ValueError, match="policy_name must be another one than that of OfTrials/Trials"):
        RequireMfaGuardrail(trials, "Unit", targets=[ACCOUNT, "ou-cd34-11111111"])


def test_an_account_is_in_one_organization(app: cdk.App) -> None:
    """Of two roots, one is of another organization, whose policies nobody attaches from here."""
    first, second = (
        cdk.Stack(app, name, env=cdk.Environment(account=ACCOUNT, region="eu-central-1"))
        for name in ("First", "Second")
    )
    with pytest.raises(
        ValueError, match="targets must be of one organization, which has one root, got r-ab12 and r-cd3"
    ):
        RequireMfaGuardrail(first, "Both", targets=["r-ab12", ACCOUNT, "ou-cd34-11111111"])
    RequireMfaGuardrail(
        first, "Root", targets=["r-ab12", "ou-ab12-11111111", cdk.CfnParameter(first, "P").value_as_string]
    )
    RequireMfaGuardrail(second, "Unit", targets=["ou-ab12-22222222"], policy_name="Unit")
    with pytest.raises(ValueError, match="targets must be of the organization of First/Root, with the root r-ab12"):
        RequireMfaGuardrail(second, "Other", targets=["r-cd34"])


RCP = {"policy_type": "RESOURCE_CONTROL_POLICY"}
WRITTEN = ROBOT.replace("arn:aws:", "arn:${AWS::Partition}:")
UNIT = {"targets": ["ou-ab12-11111111"]}


@pytest.mark.parametrize(
    ("other", "one", "said"),
    [
        ({}, {**UNIT, "exempt_users": [ROBOT]}, f"exempt_users has {ROBOT!r} in vain, since Stack/Other, which is"),
        (UNIT, {**UNIT, "exempt_users": [ROBOT]}, "in vain"),
        ({}, {"exempt_actions": ["iam:ListUsers"]}, "exempt_actions has 'iam:ListUsers' in vain"),
        ({**RCP, "actions": ["s3:*"]}, {**UNIT, **RCP, "actions": ["s3:Get*"], "exempt_users": [ROBOT]}, "in vain"),
        # What is exempt in both, or without being said; other units, types and actions.
        ({"exempt_users": [ROBOT, ALICE]}, {**UNIT, "exempt_users": [ROBOT]}, ""),
        ({"exempt_users": [cdk.Fn.sub(WRITTEN)]}, {**UNIT, "exempt_users": [cdk.Fn.sub(WRITTEN), ROBOT]}, ""),
        ({}, {**UNIT, "exempt_users": [cdk.Fn.sub(WRITTEN)]}, "{'Fn::Sub': 'arn:${AWS::Partition}:iam::"),
        ({}, {"exempt_actions": ["iam:ChangePassword"]}, ""),
        ({"targets": ["ou-ab12-22222222"]}, {**UNIT, "exempt_users": [ROBOT]}, ""),
        (UNIT, {"exempt_users": [ROBOT]}, ""),
        (RCP, {**UNIT, "exempt_users": [ROBOT]}, ""),
        ({**RCP, "actions": ["s3:*"]}, {**UNIT, **RCP, "exempt_users": [ROBOT]}, ""),
    ],
)
def test_what_another_guardrail_takes_back(
    app: cdk.App, stack: cdk.Stack, other: dict[str, Any], one: dict[str, Any], said: str
) -> None:
    """A Deny of the root is one of each unit below it, and an exemption from one policy is none from another."""
    root = {"targets": ["r-ab12"]}
    RequireMfaGuardrail(stack, "Other", **{**root, "policy_name": "Other", **other})
    RequireMfaGuardrail(stack, "One", **{**root, **one})
    with pytest.raises(RuntimeError, match=re.escape(said)) if said else nullcontext():
        app.synth()


@pytest.mark.parametrize(
    ("policy_type", "count", "maximum"),
    [("SERVICE_CONTROL_POLICY", 200, 10_240), ("RESOURCE_CONTROL_POLICY", 100, 5120)],
)
def test_size_is_measured(app: cdk.App, stack: cdk.Stack, policy_type: str, count: int, maximum: int) -> None:
    """A policy that AWS Organizations would refuse fails the synthesis."""
    users = [f"{ALICE}-{number:04}" for number in range(count)]
    RequireMfaGuardrail(stack, "Policy", targets=["r-ab12"], policy_type=policy_type, exempt_users=users)
    said = rf"has \d+ characters without whitespace, and AWS Organizations takes at most {maximum}"
    with pytest.raises(RuntimeError, match=said):
        app.synth()


@pytest.mark.parametrize(("policy_type", "most"), [("SERVICE_CONTROL_POLICY", 10), ("RESOURCE_CONTROL_POLICY", 4)])
def test_attached_are_counted(app: cdk.App, stack: cdk.Stack, policy_type: str, most: int) -> None:
    """More than AWS Organizations attaches to a root fail the synthesis; on a unit there is room again."""
    statement = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    if policy_type == "RESOURCE_CONTROL_POLICY":
        statement["Principal"] = "*"
    content = {"Version": "2012-10-17", "Statement": statement}
    for number in range(most):
        given = {"name": f"Policy{number}", "type": policy_type, "target_ids": ["r-ab12"]}
        organizations.CfnPolicy(stack, f"Policy{number}", content=content, **given)
    RequireMfaGuardrail(stack, "Unit", targets=["ou-ab12-11111111"], policy_type=policy_type, policy_name="Unit")
    app.synth()
    other = cdk.Stack(app, "Other")
    RequireMfaGuardrail(other, "Root", targets=["r-ab12"], policy_type=policy_type)
    said = f"Other/Root are {most + 1} policies of the type {policy_type} for r-ab12, and AWS Organizations attaches"
    with pytest.raises(RuntimeError, match=said):
        app.synth(force=True)


def test_users_of_the_app_are_exempt(stack: cdk.Stack) -> None:
    """By their ARN, as those who are given by it."""
    robot = iam.User.from_user_arn(stack, "Robot", ROBOT)
    guardrail = RequireMfaGuardrail(stack, "Policy", targets=["r-ab12"], exempt_users=[robot])
    assert guardrail.content == mfa_service_control_policy(exempt_users=[ROBOT])


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"targets": []}, "targets must have at least one entry, got none"),
    ({"targets": ["ou-ab12"]}, "targets must be the id of a root like 'r-ab12', of an organizational unit like"),
    (
        {"policy_type": "TAG_POLICY"},
        "policy_type must be one of 'SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY', got",
    ),
    ({"policy_name": ""}, "policy_name must be 1 to 128 characters of ASCII, got ''"),
    ({"description": "x" * 513}, "description must be at most 512 characters"),
    ({"exempt_users": [f"arn:aws:iam::{ACCOUNT}:user/*"]}, "exempt_users must be the ARN of an IAM user like"),
    ({"actions": ["s3:*"]}, "actions can be given only for a resource control policy"),
    (
        {"policy_type": "RESOURCE_CONTROL_POLICY", "exempt_actions": ["s3:GetObject"]},
        "exempt_actions can be given only for a service control policy",
    ),
    (
        {"policy_type": "RESOURCE_CONTROL_POLICY", "actions": ["*"]},
        "actions must be an action of a service like 's3:*'",
    ),
    ({"exempt_actions": ["sts:GetFederationToken"]}, "it begins a session that is no user's any more"),
    ({"exempt_actions": ["sts:*"]}, "cannot have 'sts:*': of sts:GetFederationToken, it begins a session"),
    (
        {"exempt_actions": ["STS:assumerole"]},
        "of sts:AssumeRole, it begins a role session, which this",
    ),
    ({"exempt_actions": ["sts:AssumeRole*"]}, "of sts:AssumeRole, it begins a role session"),
    ({"exempt_actions": ["iam:PassRole"]}, "it hands a role to a service, which then acts without MFA"),
    (
        {"exempt_actions": ["ec2:DescribeInstances"]},
        "accepted are iam:ChangePassword, iam:GetAccountPasswordPolicy, ",
    ),
    ({"exempt_actions": ["iam:List*"]}, "of which it is not known what a stolen access key could do with it"),
    ({"allow_other_services": True}, "actions can be given only for a resource control policy"),
    (
        {"policy_type": "RESOURCE_CONTROL_POLICY", "actions": ["s3:*", "ec2:*"]},
        (
            "actions cannot have 'ec2:*', since RCPs reach aoss, cognito-identity, cognito-idp, dynamodb, ecr, kms, "
            "logs, s3, secretsmanager, sqs, sts only"
        ),
    ),
    (
        {"policy_type": "RESOURCE_CONTROL_POLICY", "actions": ["sts:GetFederationToken"]},
        "actions cannot have 'sts:GetFederationToken': what RCPs reach of STS are roles",
    ),
    ({"exempt_actions": ["iam:D*"]}, "exempt_actions cannot have 'iam:D*': with iam:DeactivateMFADevice"),
    ({"exempt_actions": ["*"]}, "exempt_actions cannot have '*'"),
    ({"exempt_actions": ["iam:createaccesskey"]}, "exempt_actions cannot have 'iam:createaccesskey'"),
    ({"exempt_actions": ["sts:GetSessionToken"]}, "no policy can allow or deny sts:GetSessionToken"),
    ({"exempt_actions": [cdk.Fn.import_value("Action")]}, "exempt_actions must be known at synthesis, got a token"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """What AWS Organizations would refuse, or what opens a way around MFA, fails where it is given."""
    with pytest.raises(ValueError, match=re.escape(message)):
        RequireMfaGuardrail(stack, "Policy", **{"targets": ["r-ab12"], **arguments})


@pytest.mark.parametrize("action", ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWith*"])
def test_calls_of_nobody_are_refused(action: str) -> None:
    """What takes an assertion or a token is called by no IAM user, so that a Deny for users stops nobody."""
    with pytest.raises(ValueError, match="which IAM users use by sts:AssumeRole, "):
        mfa_resource_control_policy(actions=[action])
