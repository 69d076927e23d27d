"""
What sessions of a role have, and take along to the roles that trust it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import (
    CrossAccountRole,
    EksPodIdentityRole,
    OrganizationRole,
    RoleChain,
    RolesAnywhereRole,
    ServiceRole,
    Trusted,
)

HUB, OWN = "111122223333", "222233334444"
ENTRY = f"arn:aws:iam::{OWN}:role/Entry"
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{OWN}:trust-anchor/11111111-2222-3333-4444-555555555555"


def entry(**demanded: Any) -> Callable[[cdk.Stack], iam.Role]:
    return lambda stack: CrossAccountRole(stack, "Entry", trusted=Trusted.accounts(HUB), role_name="Entry", **demanded)


def pods(stack: cdk.Stack) -> iam.Role:
    return EksPodIdentityRole(stack, "Entry", namespace="shop", service_account="web", role_name="Entry")


def machines(stack: cdk.Stack) -> iam.Role:
    certificate = {"x509Subject/CN": ["build"]}
    return RolesAnywhereRole(stack, "Entry", trust_anchors=[ANCHOR], certificate=certificate, role_name="Entry")


def service(stack: cdk.Stack) -> iam.Role:
    return ServiceRole(stack, "Entry", service="states.amazonaws.com", role_name="Entry")


IDENTITY = entry(source_identities=["${aws:username}"])
TAGS = entry(session_tags={"team": ["red"]}, transitive_tags=["team"])


def refused(app: cdk.App, place: str = "Own/Behind") -> list[str]:
    found = [str(one.entry.data) for stack in app.synth().stacks for one in stack.messages]
    return [one for one in found if f"{place} lets nobody pass that" in one]


@pytest.mark.parametrize("by_arn", [False, True])
@pytest.mark.parametrize(
    ("make", "demanded", "said"),
    [
        (IDENTITY, {}, "sessions of Own/Entry have a source identity"),
        (IDENTITY, {"source_identities": ["*"]}, ""),
        (IDENTITY, {"session_tags": {"team": ["red"]}}, "sessions of Own/Entry have a source identity"),
        (TAGS, {}, "sessions of Own/Entry have transitive session tags"),
        (TAGS, {"session_tags": {"team": ["red"]}}, ""),
        (pods, {}, "sessions of Own/Entry have transitive session tags"),
        (machines, {}, "sessions of Own/Entry have a source identity"),
        (service, {}, ""),
        (entry(), {}, ""),
    ],
)
def test_role_behind_refuses_sessions(
    app: cdk.App, make: Callable[[cdk.Stack], iam.Role], demanded: dict[str, Any], said: str, by_arn: bool
) -> None:
    """The synthesis warns of a role that trusts another one, and lets nobody pass what its sessions have."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    made = make(own)
    CrossAccountRole(own, "Behind", trusted=Trusted.roles(ENTRY if by_arn else made), mfa=False, **demanded)
    found = refused(app)
    assert bool(found) == bool(said), found
    assert all(said in one for one in found)


@pytest.mark.parametrize("make", [IDENTITY, pods])
def test_chain_lets_them_go_on(app: cdk.App, make: Callable[[cdk.Stack], iam.Role]) -> None:
    """The way round that the warning names; behind the chain it is as behind its entry."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    chain = RoleChain(own, "Chain", entry=make(own), carries_session_tags=True, role_name="Chain")
    CrossAccountRole(own, "Behind", trusted=Trusted.roles(chain), mfa=False)
    assert not refused(app, "Own/Chain")
    assert refused(app)


def test_role_of_each_account(app: cdk.App) -> None:
    """On both sides."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    OrganizationRole(hub, "Everywhere", organizational_units=["ou-ab12-11111111"], role=IDENTITY)
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    CrossAccountRole(own, "Behind", trusted=Trusted.roles(ENTRY), mfa=False, role_name="Behind")
    pods(own).node.default_child.role_name = "Pods"  # type: ignore[union-attr]
    OrganizationRole(
        hub,
        "BehindEverywhere",
        organizational_units=["ou-ab12-11111111"],
        role=lambda inner: CrossAccountRole(
            inner,
            "Inner",
            trusted=Trusted.roles(f"arn:aws:iam::{OWN}:role/Pods"),
            mfa=False,
            role_name="Inner",
        ),
    )
    assert "sessions of Hub/Everywhere have a source identity" in refused(app)[0]
    assert "sessions of Own/Entry have transitive session tags" in refused(app, "Hub/BehindEverywhere")[0]
