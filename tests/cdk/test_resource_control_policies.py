"""
Roles that a resource control policy of the app denies to all whom they are for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk import (
    CognitoIdentityPoolRole,
    CrossAccountRole,
    EksPodIdentityRole,
    GitHubActionsRole,
    OrganizationRole,
    RequireMfaGuardrail,
    RolesAnywhereRole,
    SamlRole,
    ServiceRole,
    ThirdPartyRole,
    Trusted,
)

HUB, OWN, VENDOR = "111122223333", "222233334444", "444455556666"
ABROAD = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
SPARED = {**ABROAD, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
ELSEWHERE = {"StringNotEqualsIfExists": {"aws:SourceAccount": "333344445555"}}
FOREIGN_SOURCE = {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{OWN}:trust-anchor/11111111-2222-3333-4444-555555555555"
POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"


def service(scope: cdk.Stack) -> iam.Role:
    return ServiceRole(scope, "Role", service="states.amazonaws.com", role_name="Role")


def servers(scope: cdk.Stack) -> iam.Role:
    return ServiceRole(scope, "Role", service="ec2.amazonaws.com", role_name="Role")


def pods(scope: cdk.Stack) -> iam.Role:
    return EksPodIdentityRole(scope, "Role", namespace="shop", service_account="web", role_name="Role")


def machines(scope: cdk.Stack) -> iam.Role:
    return RolesAnywhereRole(scope, "Role", trust_anchors=[ANCHOR], certificate={"x509Subject/CN": ["build"]})


def people(scope: cdk.Stack) -> iam.Role:
    return SamlRole(scope, "Role", provider=f"arn:aws:iam::{OWN}:saml-provider/Corporate")


def users(scope: cdk.Stack) -> iam.Role:
    return CognitoIdentityPoolRole(scope, "Role", identity_pool_id=POOL, authenticated=True)


def workflows(scope: cdk.Stack) -> iam.Role:
    return GitHubActionsRole(scope, "Role", organization="acme", repository="shop", branches=["main"], role_name="Role")


def account(scope: cdk.Stack) -> iam.Role:
    return CrossAccountRole(scope, "Role", trusted=Trusted.accounts(HUB), role_name="Role")


def tagged(scope: cdk.Stack) -> iam.Role:
    return CrossAccountRole(scope, "Role", trusted=Trusted.accounts(HUB), session_tags={"team": ["red"]})


def office(scope: cdk.Stack) -> iam.Role:
    return CrossAccountRole(
        scope, "Role", trusted=Trusted.accounts(HUB), source_ips=["203.0.113.0/25", "2001:db8::/48"]
    )


def outside(*ranges: str) -> dict[str, Any]:
    return {"NotIpAddress": {"aws:SourceIp": list(ranges)}}


def vendor(scope: cdk.Stack) -> iam.Role:
    trusted = Trusted.accounts(VENDOR)
    return ThirdPartyRole(scope, "Role", vendor="Logs", trusted=trusted, external_id="0815-4711", role_name="Role")


def deny(
    app: cdk.App,
    conditions: dict[str, Any] | None,
    action: str = "sts:*",
    targets: tuple[str, ...] = ("r-ab12",),
) -> cdk.Stack:
    """A policy in the management account, and its stack."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    if conditions is not None:
        statement["Condition"] = conditions  # type: ignore[assignment]
    stack = cdk.Stack(app, "Management", env=cdk.Environment(account="999988887777", region="eu-central-1"))
    organizations.CfnPolicy(
        stack,
        "Ours",
        name="Ours",
        type="RESOURCE_CONTROL_POLICY",
        target_ids=list(targets),
        content={"Version": "2012-10-17", "Statement": [statement]},
    )
    return stack


def warnings(app: cdk.App, name: str) -> list[str]:
    return [str(one.entry.data) for one in app.synth().get_stack_by_name(name).messages]


@pytest.mark.parametrize(
    ("make", "conditions", "action", "said"),
    [
        (service, ABROAD, "sts:AssumeRole", "denies sts:AssumeRole on it to states.amazonaws.com"),
        (service, SPARED, "sts:AssumeRole", ""),
        (service, ELSEWHERE, "sts:AssumeRole", "denies sts:AssumeRole on it to states.amazonaws.com"),
        (service, {"StringNotEqualsIfExists": {"aws:SourceAccount": OWN}}, "sts:AssumeRole", ""),
        (service, {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}, "sts:AssumeRole", ""),
        (service, None, "sts:TagSession", ""),
        (
            servers,
            {"StringNotEquals": {"aws:SourceAccount": OWN}},
            "sts:*",
            "sts:AssumeRole on it to ec2.amazonaws.com",
        ),
        (servers, {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}, "sts:*", "to ec2.amazonaws.com"),
        (servers, {**FOREIGN_SOURCE, "Null": {"aws:SourceAccount": "false"}}, "sts:*", ""),
        (pods, ABROAD, "sts:AssumeRole", "denies sts:AssumeRole on it to pods.eks.amazonaws.com"),
        (pods, None, "sts:TagSession", "denies sts:TagSession on it to pods.eks.amazonaws.com"),
        (machines, ABROAD, "sts:AssumeRole", "denies sts:AssumeRole on it to rolesanywhere.amazonaws.com"),
        (machines, ABROAD, "sts:TagSession", "denies sts:TagSession on it to rolesanywhere.amazonaws.com"),
        (machines, ABROAD, "sts:SetSourceIdentity", "denies sts:SetSourceIdentity on it to rolesanywhere.amazonaws"),
        (machines, SPARED, "sts:*", ""),
        (people, SPARED, "sts:*", "denies sts:AssumeRoleWithSAML on it to people of SAML providers"),
        (people, SPARED, "sts:AssumeRole", ""),
        # The perimeter that AWS publishes, of more actions than it names.
        (
            people,
            {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": VENDOR}},
            "sts:*",
            "denies sts:AssumeRoleWithSAML on it to people of SAML providers",
        ),
        (people, {"StringNotEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}, "sts:*", ""),
        (users, SPARED, "sts:*", "denies sts:AssumeRoleWithWebIdentity on it to users of identity providers"),
        (users, SPARED, "sts:AssumeRoleWithSAML", ""),
        (account, None, "sts:AssumeRole", f"denies sts:AssumeRole on it to account {HUB}"),
        (account, {"StringNotEquals": {"aws:PrincipalAccount": VENDOR}}, "sts:*", f"on it to account {HUB}"),
        (account, {"StringNotEquals": {"aws:PrincipalAccount": [VENDOR, HUB]}}, "sts:*", ""),
        # Of the account of whoever calls the app does not say in which organization it is.
        (account, SPARED, "sts:*", ""),
        (office, outside("198.51.100.0/24"), "sts:*", f"on it to account {HUB}"),
        (office, {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}, "sts:*", f"account {HUB}"),
        # Some of its addresses are let through.
        (office, outside("203.0.113.0/24"), "sts:*", ""),
        (office, outside("203.0.113.8/32"), "sts:*", ""),
        (office, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "sts:*", ""),
        (account, outside("198.51.100.0/24"), "sts:*", ""),
        (tagged, None, "sts:TagSession", f"denies sts:TagSession on it to account {HUB}"),
    ],
)
def test_all_whom_a_role_is_for(
    app: cdk.App, make: Callable[[cdk.Stack], iam.Role], conditions: dict[str, Any] | None, action: str, said: str
) -> None:
    """The synthesis warns where the policy surely denies them the role, with who and what it is."""
    deny(app, conditions, action)
    make(cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1")))
    found = [one for one in warnings(app, "Own") if "Management/Ours" in one]
    assert bool(said) == bool(found), found
    assert all(said in one and "nobody gets into Own/Role" in one for one in found)


@pytest.mark.parametrize("targets", [("r-ab12",), ("ou-ab12-11111111",), ("ou-ab12-22222222",), (OWN,)])
@pytest.mark.parametrize("make", [service, workflows, account, vendor])
def test_role_of_each_account(app: cdk.App, make: Callable[[cdk.Stack], iam.Role], targets: tuple[str, ...]) -> None:
    """A role in each account of a unit is denied by what is attached to the unit or the root."""
    stack = deny(app, ABROAD if make is not account else None, targets=targets)
    OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=make)
    found = [one for one in warnings(app, "Management") if "Management/Ours" in one]
    assert bool(found) == (targets[0] in ("r-ab12", "ou-ab12-11111111")), found
    assert all("Management/Everywhere" in one for one in found)


@pytest.mark.parametrize("exempt", [[], [f"arn:aws:iam::{VENDOR}:user/robot"]])
def test_user_of_a_vendor_has_no_mfa(app: cdk.App, exempt: list[str]) -> None:
    """A guardrail that asks users of any account for MFA keeps the vendor's user out, unless it is exempt."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account="999988887777", region="eu-central-1"))
    RequireMfaGuardrail(
        management, "Users", targets=["r-ab12"], policy_type="RESOURCE_CONTROL_POLICY", exempt_users=exempt
    )
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    trusted = Trusted.users(f"arn:aws:iam::{VENDOR}:user/robot")
    ThirdPartyRole(own, "Role", vendor="Logs", trusted=trusted, external_id="0815-4711")
    found = [one for one in warnings(app, "Own") if "Management/Users" in one]
    assert bool(found) == (not exempt), found
    assert all("by exempt_users" in one for one in found)
