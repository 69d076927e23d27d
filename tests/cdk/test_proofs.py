"""
What the constructs write is proved, whatever their arguments; and what an escape hatch breaks is refuted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cdk.generated import (
    ACCOUNT,
    ALICE,
    ANCHOR,
    DEMANDS,
    ENTRY,
    HUB,
    ORGANIZATION,
    THIRD_PARTY,
    VENDOR,
    WITH_MFA,
    WITHOUT_MFA,
)
from tests.cdk.policies import concrete
from trustproof import prove
from trustproof_cdk import (
    BreakGlassRole,
    CrossAccountRole,
    RoleChain,
    RolesAnywhereRole,
    ServiceRole,
    ThirdPartyRole,
    Trusted,
    TrustproofChecks,
    require_mfa,
)
from trustproof_cdk._arguments.service_principals import SILENT_SERVICES
from trustproof_cdk._roles.role import TrustingRole
from trustproof_cdk.service_role import SENDING_SERVICES

CONFIG = {"boundary": {"accounts": [HUB]}, **THIRD_PARTY}
PROPERTIES = ("mfa-required", "inside-boundary", "statement-usable")


@pytest.fixture(scope="module")
def shared() -> cdk.App:
    """One app for many examples; it is not synthesized."""
    return cdk.App(builtin_cloud_formation_validation=False)


def verdicts(role: TrustingRole) -> dict[str, str]:
    """The verdict of each property on a role's trust policy."""
    document = concrete(role.trust_policy)
    config = {"boundary": {"accounts": [HUB, "333344445555"], "organizations": [ORGANIZATION]}, **THIRD_PARTY}
    return {asked: prove(document, asked, account=ACCOUNT, config=config).verdict for asked in PROPERTIES}


def counted(app: cdk.App) -> cdk.Stack:
    """A stack of its own for each example."""
    return cdk.Stack(app, f"Stack{len(app.node.children)}", env=cdk.Environment(account=ACCOUNT, region="eu-central-1"))


@settings(max_examples=60)
@given(people=WITH_MFA | WITHOUT_MFA, demands=DEMANDS)
def test_cross_account_role_is_proved(shared: cdk.App, people: dict[str, Any], demands: dict[str, Any]) -> None:
    """Every combination of arguments that the constructor takes gives a role that all properties hold for."""
    role = CrossAccountRole(counted(shared), "Role", **people, **demands)
    assert verdicts(role) == dict.fromkeys(PROPERTIES, "proved")


@given(service=st.sampled_from([*SENDING_SERVICES, *SILENT_SERVICES]))
def test_service_role_is_proved(shared: cdk.App, service: str) -> None:
    """No user can get in, and the service can."""
    found = verdicts(ServiceRole(counted(shared), "Role", service=service))
    assert found["mfa-required"] == found["statement-usable"] == "proved"


def third_party(stack: cdk.Stack) -> iam.Role:
    """A role for a declared vendor."""
    return ThirdPartyRole(
        stack, "Role", vendor="Observability", trusted=Trusted.accounts(VENDOR), external_id="customer-42"
    )


def break_glass(stack: cdk.Stack) -> iam.Role:
    """A role for emergencies."""
    return BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=sns.Topic(stack, "Alarms"))


def hardened(stack: cdk.Stack) -> iam.Role:
    """A role of the CDK, hardened."""
    role = iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal(HUB))
    require_mfa(role)
    return role


def cross_account(stack: cdk.Stack) -> iam.Role:
    """The common case."""
    return CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB))


def chained(stack: cdk.Stack) -> iam.Role:
    """A role behind another one."""
    return RoleChain(stack, "Role", entry=ENTRY)


def step_functions(stack: cdk.Stack) -> iam.Role:
    """A role for a service."""
    return ServiceRole(stack, "Role", service="states.amazonaws.com")


def roles_anywhere(stack: cdk.Stack) -> iam.Role:
    """A role for machines with a certificate."""
    certificate = {"x509Subject/CN": ["build-1"], "x509SAN/DNS": ["*.example.com"]}
    return RolesAnywhereRole(stack, "Role", trust_anchors=[ANCHOR], certificate=certificate)


STATEMENT = "AssumeRolePolicyDocument.Statement.0"

#: A role, overrides of its statement (None takes away), and the property that they break.
BROKEN: list[tuple[Callable[[cdk.Stack], iam.Role], dict[str, Any], str]] = [
    (
        cross_account,
        {"Condition.Bool": None, "Condition.BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
        "mfa-required",
    ),
    (cross_account, {"Principal.AWS": "999988887777"}, "inside-boundary"),
    (break_glass, {"Condition.Bool": {"aws:MultiFactorAuthPresent": "false"}}, "statement-usable"),
    (
        hardened,
        {"Condition.Bool": None, "Condition.Null": {"aws:MultiFactorAuthPresent": "false"}},
        "mfa-required",
    ),
    (third_party, {"Principal.AWS": "*"}, "inside-boundary"),
    (third_party, {"Condition": None}, "external-id-required"),
    (chained, {"Principal.AWS": HUB}, "mfa-required"),
    (step_functions, {"Condition.Bool": {"aws:MultiFactorAuthPresent": "true"}}, "statement-usable"),
    (roles_anywhere, {"Condition.Bool": {"aws:MultiFactorAuthPresent": "true"}}, "statement-usable"),
]

ROLES = [break_glass, chained, cross_account, hardened, roles_anywhere, step_functions, third_party]


@pytest.mark.parametrize("role", ROLES)
def test_role_passes_the_gate(app: cdk.App, role: Callable[[cdk.Stack], iam.Role]) -> None:
    """The plugin has no complaint about the template."""
    role(gated(app))
    app.synth()


@pytest.mark.parametrize(("role", "overrides", "broken"), BROKEN)
def test_override_is_refuted(
    app: cdk.App, role: Callable[[cdk.Stack], iam.Role], overrides: dict[str, Any], broken: str
) -> None:
    """What the constructor would have refused does not get past the gate through an escape hatch either."""
    resource = role(gated(app)).node.default_child
    assert isinstance(resource, iam.CfnRole)
    for place, value in overrides.items():
        if value is None:
            resource.add_property_deletion_override(f"{STATEMENT}.{place}")
        else:
            resource.add_property_override(f"{STATEMENT}.{place}", value)
    with pytest.raises(RuntimeError, match=f"trustproof::{broken}"):
        app.synth()


def gated(app: cdk.App) -> cdk.Stack:
    """A stack of an app with the gate."""
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=CONFIG))
    return cdk.Stack(app, "Stack", env=cdk.Environment(account=ACCOUNT, region="eu-central-1"))
