"""
The common constructs, as whole templates: what a change of a construct changes in what people have deployed.

No test writes a snapshot by itself: whoever changes a construct changes the file, and sees what that means.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassRole,
    CrossAccountRole,
    GitHubActionsRole,
    MfaEnforcedGroup,
    MfaPolicy,
    SamlRole,
    ServiceRole,
    ThirdPartyRole,
    Trusted,
)

SNAPSHOTS = Path(__file__).parent / "snapshots"
HUB = "111122223333"


def cross_account(stack: cdk.Stack) -> None:
    """A role for people of another account, and the same with everything that can be demanded of a person."""
    CrossAccountRole(stack, "Plain", trusted=Trusted.accounts(HUB), role_name="Deployer")
    CrossAccountRole(
        stack,
        "Demanding",
        trusted=[
            Trusted.users(f"arn:aws:iam::{HUB}:user/alice"),
            Trusted.organizational_unit("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"),
        ],
        max_mfa_age=cdk.Duration.minutes(15),
        session_name_is_user_name=True,
        source_identities=["${aws:username}"],
        session_tags={"team": ["red", "blue"], "ticket": ["*"]},
        transitive_tags=["team"],
        source_ips=["198.51.100.0/24"],
        path="/people/",
        description="Everything at once",
        permissions_boundary=iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess"),
    )


def people(stack: cdk.Stack) -> None:
    """A group whose members need MFA, what they may do with it, and the role that they may assume."""
    group = MfaEnforcedGroup(stack, "People", group_name="people")
    MfaPolicy(stack, "Stop", actions=["ec2:StopInstances", "ec2:TerminateInstances"], resources=["*"], groups=[group])
    AssumeRoleGrant(stack, "MayDeploy", target_roles=["arn:aws:iam::333344445555:role/Deployer"], groups=[group])


def machines(stack: cdk.Stack) -> None:
    """Roles for a vendor, a service, a workflow and people of a SAML provider."""
    ThirdPartyRole(
        stack, "Vendor", vendor="Observability Inc.", trusted=Trusted.accounts("444455556666"), external_id="42-1"
    )
    ServiceRole(stack, "Service", service="states.amazonaws.com")
    GitHubActionsRole(stack, "Workflow", organization="acme", repository="shop", branches=["main", "release/*"])
    SamlRole(stack, "Staff", provider=f"arn:aws:iam::{HUB}:saml-provider/Corporate", attributes={"mail": "a@b.example"})


def emergency(stack: cdk.Stack) -> None:
    """A role for emergencies, with its alarm."""
    users = [f"arn:aws:iam::{HUB}:user/alice"]
    BreakGlassRole(stack, "BreakGlass", users=users, alarm_topic=sns.Topic(stack, "Alarms"), role_name="BreakGlass")


@pytest.mark.parametrize("made", [cross_account, people, machines, emergency], ids=lambda made: made.__name__)
def test_template_is_the_snapshot(app: cdk.App, made: Callable[[cdk.Stack], None]) -> None:
    """Logical ids included: another one would replace what is deployed."""
    stack = cdk.Stack(app, "Access", synthesizer=cdk.BootstraplessSynthesizer())
    made(stack)
    template = app.synth().get_stack_artifact(stack.artifact_id).template
    text = json.dumps(template, indent=2) + "\n"
    assert text == (SNAPSHOTS / f"{made.__name__}.json").read_text(encoding="utf-8")
