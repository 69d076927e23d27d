"""
A second opinion: is what the constructs write good CloudFormation?
"""

from __future__ import annotations

from datetime import UTC, datetime

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from tests.cdk.linting import complaints
from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassRole,
    CrossAccountRole,
    MfaEnforcedGroup,
    MfaPolicy,
    RoleChain,
    RolesAnywhereRole,
    ServiceRole,
    ThirdPartyRole,
    Trusted,
    require_mfa,
)

HUB = "111122223333"
ANCHOR = "arn:aws:rolesanywhere:us-east-1:222233334444:trust-anchor/11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("environment", [None, cdk.Environment(account="222233334444", region="us-east-1")])
def test_cfn_lint_has_no_complaint(app: cdk.App, environment: cdk.Environment | None) -> None:
    """One stack with every construct, environment-agnostic and not."""
    stack = cdk.Stack(app, "Stack", env=environment)
    people = MfaEnforcedGroup(stack, "People", group_name="people", path="/hub/")
    MfaPolicy(stack, "Policy", actions=["ec2:StopInstances"], resources=["*"], groups=[people])
    AssumeRoleGrant(stack, "Grant", target_roles=[f"arn:aws:iam::{HUB}:role/Deployer"], groups=[people])
    entry = CrossAccountRole(
        stack,
        "Role",
        trusted=[
            Trusted.accounts(HUB),
            Trusted.users(f"arn:aws:iam::{HUB}:user/alice"),
            Trusted.organizational_unit("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"),
        ],
        max_mfa_age=cdk.Duration.hours(1),
        session_name_is_user_name=True,
        session_tags={"team": ["*"]},
        transitive_tags=["team"],
        source_ips=["198.51.100.0/24"],
        valid_until=datetime(2027, 1, 1, tzinfo=UTC),
        description="Everything at once",
    )
    sets = Trusted.permission_sets("Admin", accounts=[HUB])
    CrossAccountRole(stack, "Sets", trusted=sets, mfa=False, vpc_endpoints=["vpce-0a1b2c3d"])
    ThirdPartyRole(
        stack, "Vendor", vendor="Observability", trusted=Trusted.accounts("444455556666"), external_id="42-1"
    )
    alarms = sns.Topic(stack, "Alarms")
    BreakGlassRole(stack, "Emergency", users=[f"arn:aws:iam::{HUB}:user/alice"], alarm_topic=alarms)
    ServiceRole(stack, "Machine", service="states.amazonaws.com")
    RolesAnywhereRole(stack, "Builder", trust_anchors=[ANCHOR], certificate={"x509Subject/CN": ["build-1"]})
    RoleChain(stack, "Chained", entry=entry, carries_session_tags=True)
    require_mfa(iam.Role(stack, "Old", assumed_by=iam.ArnPrincipal(HUB)))
    assert complaints(app, stack) == []
