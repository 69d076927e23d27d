"""
What the constructs write is proved, whatever their arguments; and what an escape hatch breaks is refuted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from hypothesis import given, settings
from hypothesis import strategies as st

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
from trustproof_cdk._role import TrustingRole
from trustproof_cdk.service_role import SENDING_SERVICES, SILENT_SERVICES

HUB = "111122223333"
ACCOUNT = "222233334444"
VENDOR = "444455556666"
ORGANIZATION = "o-a1b2c3d4e5"
ALICE = f"arn:aws:iam::{HUB}:user/alice"
ENTRY = f"arn:aws:iam::{HUB}:role/Entry"
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{ACCOUNT}:trust-anchor/11111111-2222-3333-4444-555555555555"
THIRD_PARTY = {"third-party": [{"name": "vendor", "accounts": [VENDOR]}]}
CONFIG = {"boundary": {"accounts": [HUB]}, **THIRD_PARTY}
PROPERTIES = ("mfa-required", "inside-boundary", "statement-usable")

#: Whom a role can trust with MFA, and whom only without.
PEOPLE = st.sampled_from(
    [
        Trusted.accounts(HUB),
        Trusted.accounts(HUB, "333344445555"),
        Trusted.users(ALICE, f"arn:aws:iam::{HUB}:user/people/bob"),
        Trusted.organization(ORGANIZATION),
        Trusted.organizational_unit(f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"),
    ]
)
SESSIONS = st.sampled_from([Trusted.roles(ENTRY), Trusted.permission_sets("Admin", "Audit", accounts=[HUB])])

DEMANDS = st.fixed_dictionaries(
    {},
    optional={
        "source_ips": st.just(["198.51.100.0/24"]),
        "valid_from": st.just(datetime(2026, 1, 1, tzinfo=UTC)),
        "valid_until": st.just(datetime(2027, 1, 1, tzinfo=UTC)),
        "source_identities": st.sampled_from([["alice"], ["ops-*"]]),
        "session_tags": st.sampled_from([{"team": ["red", "blue"]}, {"team": ["*"], "ticket": ["T-1"]}]),
        "conditions": st.just({"StringEquals": {"aws:PrincipalTag/team": "ops"}}),
    },
)
WITH_MFA = st.fixed_dictionaries(
    {"trusted": PEOPLE | st.lists(PEOPLE, min_size=1, max_size=3, unique_by=repr)},
    optional={
        "max_mfa_age": st.sampled_from([cdk.Duration.minutes(5), cdk.Duration.hours(36)]),
        "session_name_is_user_name": st.booleans(),
    },
)
WITHOUT_MFA = st.fixed_dictionaries({"trusted": SESSIONS, "mfa": st.just(False)})


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
    return ThirdPartyRole(stack, "Role", vendor="Observability", trusted=Trusted.accounts(VENDOR))


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
