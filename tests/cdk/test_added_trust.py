"""
What is added to the trust policy of a role after it was made: the construct vouches for whom it was given.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import CrossAccountRole, EksServiceAccountRole, ServiceRole, Trusted, TrustproofChecks, require_mfa

HUB, FOREIGN = "111122223333", "999988887777"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NETWORK = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}


def allow(principal: iam.IPrincipal, action: str = "sts:AssumeRole", **more: Any) -> iam.PolicyStatement:
    """A statement of a trust policy."""
    return iam.PolicyStatement(actions=[action], principals=[principal], **more)


def role_for(kind: str, stack: cdk.Stack) -> iam.Role:
    """A role that demands MFA, one that demands nothing, and one with what only a deployment knows."""
    if kind == "people":
        return CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB))
    if kind == "service":
        return ServiceRole(stack, "Role", service="ec2.amazonaws.com")
    accounts = [cdk.CfnParameter(stack, name).value_as_string for name in ("First", "Second")]
    return CrossAccountRole(stack, "Role", trusted=Trusted.accounts(*accounts))


@pytest.mark.parametrize("minimized", [False, True])
@pytest.mark.parametrize(
    ("kind", "statement", "named"),
    [
        ("people", lambda: allow(iam.AnyPrincipal()), "AWS *"),
        ("people", lambda: allow(iam.AccountPrincipal(FOREIGN)), f"AWS {FOREIGN}"),
        ("people", lambda: allow(iam.AccountPrincipal(FOREIGN), conditions=MFA), f"AWS {FOREIGN}"),
        ("people", lambda: allow(iam.AccountPrincipal(HUB)), f"AWS {HUB}"),
        ("people", lambda: allow(iam.AccountPrincipal(HUB), conditions=NETWORK), f"AWS {HUB}"),
        ("people", lambda: allow(iam.AccountPrincipal(HUB), "sts:TagSession", conditions=MFA), f"AWS {HUB}"),
        ("people", lambda: allow(iam.ServicePrincipal("lambda.amazonaws.com")), "Service lambda.amazonaws.com"),
        ("people", lambda: allow(iam.AccountPrincipal(HUB), conditions=MFA), None),
        ("people", lambda: allow(iam.ArnPrincipal(HUB), conditions={**MFA, **NETWORK}), None),
        ("people", lambda: allow(iam.AnyPrincipal(), effect=iam.Effect.DENY), None),
        ("service", lambda: allow(iam.AnyPrincipal()), "AWS *"),
        ("service", lambda: allow(iam.ServicePrincipal("lambda.amazonaws.com")), "Service lambda.amazonaws.com"),
        ("service", lambda: allow(iam.ServicePrincipal("ec2.amazonaws.com")), None),
        ("unknown", lambda: allow(iam.AccountPrincipal(FOREIGN), conditions=MFA), f"AWS {FOREIGN}"),
        ("unknown", lambda: allow(iam.AccountPrincipal(FOREIGN), effect=iam.Effect.DENY), None),
    ],
)
def test_who_is_let_in_later_fails_the_synthesis(kind: str, statement: Any, named: str | None, minimized: bool) -> None:
    """An Allow for anybody else, for less, or for more, is named; a Deny, and what lets in nobody new, may be added."""
    context = {"@aws-cdk/aws-iam:minimizePolicies": minimized}
    app = cdk.App(context=context, builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    role = role_for(kind, stack)
    assert role.assume_role_policy is not None
    role.assume_role_policy.add_statements(statement())
    if named is None:
        app.synth()
        return
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    said = f"Stack/Role: its trust policy was given another Allow after the role was made, for {named}, and "
    assert said in str(failed.value)


def test_a_trust_policy_with_claims_of_an_issuer_that_only_a_deployment_knows_is_its_own(app: cdk.App) -> None:
    """What a construct writes into the template itself is no addition, and MFA may be demanded besides."""
    stack = cdk.Stack(app, "Stack")
    issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"
    provider = iam.OidcProviderNative(stack, "Provider", url=issuer, client_ids=["sts.amazonaws.com"])
    EksServiceAccountRole(stack, "Pods", provider=provider, namespace="shop", service_account="web")
    require_mfa(CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB, FOREIGN), session_tags={"team": ["a"]}))
    app.synth()


OPEN = {"Effect": "Allow", "Principal": {"AWS": FOREIGN}, "Action": "sts:AssumeRole", "Condition": MFA}
FIRST = "AssumeRolePolicyDocument.Statement.0"
TAGGING = ["sts:AssumeRole", "sts:TagSession"]
RESPELT = {"Bool": {"AWS:multifactorauthpresent": [True]}}


@pytest.mark.parametrize(
    ("override", "named"),
    [
        (lambda role: role.add_property_override("AssumeRolePolicyDocument.Statement.1", OPEN), f"AWS {FOREIGN}"),
        (lambda role: role.add_property_override(f"{FIRST}.Principal.AWS", FOREIGN), f"AWS {FOREIGN}"),
        (lambda role: role.add_property_deletion_override(f"{FIRST}.Condition"), f"AWS {HUB}"),
        (lambda role: role.add_deletion_override(f"Properties.{FIRST}.Condition.Bool"), f"AWS {HUB}"),
        (lambda role: role.add_override("Properties.AssumeRolePolicyDocument.Statement", [OPEN]), f"AWS {FOREIGN}"),
        (lambda role: role.add_property_override(f"{FIRST}.Condition.IpAddress", NETWORK["IpAddress"]), None),
        (lambda role: role.add_property_override(f"{FIRST}.Sid", "People"), None),
        (lambda role: role.add_property_override("Description", "for people"), None),
        (lambda role: role.add_override("Type", "Custom::Nothing"), None),
        # What is spelt otherwise means the same.
        (lambda role: role.add_property_override(f"{FIRST}.Action", ["STS:assumerole"]), None),
        (lambda role: role.add_property_override(f"{FIRST}.Condition", RESPELT), None),
        (
            lambda role: role.add_property_override(f"{FIRST}.Action", ["sts:AssumeRole", "sts:TagSession"]),
            f"AWS {HUB}",
        ),
    ],
)
def test_who_an_override_lets_in_fails_the_gate(app: cdk.App, override: Any, named: str | None) -> None:
    """Also an account of one's own, with MFA, of which nothing else is refuted: the construct was not given it."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    role = CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB))
    config = {"boundary": {"accounts": [HUB, FOREIGN]}, "properties": {"mfa-required": {"severity": "off"}}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    override(role.node.default_child)
    if named is None:
        app.synth()
        return
    with pytest.raises(RuntimeError, match="construct-unchanged") as failed:
        app.synth()
    said = f"Stack/Role: its trust policy was given another Allow after the role was made, for {named}, and Cross"
    assert said in " ".join(str(failed.value).split())


def test_roles_that_trust_alike_are_roles_of_their_own(app: cdk.App, stack: cdk.Stack) -> None:
    """What one role is given later is not in the trust policy of another one, in this app or the next."""
    hub = Trusted.accounts("111122223333")
    first, second = (CrossAccountRole(stack, name, trusted=hub) for name in ("First", "Second"))
    deny = iam.PolicyStatement(
        effect=iam.Effect.DENY, actions=["sts:AssumeRole"], principals=[iam.AccountPrincipal("222233334444")]
    )
    before = second.trust_policy
    first.assume_role_policy.add_statements(deny)
    app.synth()
    assert len(first.trust_policy["Statement"]) == 2
    third = CrossAccountRole(cdk.Stack(cdk.App(), "Stack"), "Third", trusted=hub)
    assert second.trust_policy == third.trust_policy == before
