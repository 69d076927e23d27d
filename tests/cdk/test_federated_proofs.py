"""
What the other constructs write is proved, whatever their arguments; what an escape hatch breaks is refuted; and
cfn-lint has no complaint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cdk.federated import GITHUB, ISSUER, METADATA, provider
from tests.cdk.generated import ACCOUNT, ENVIRONMENT, FEDERATED, HUB, POOL, SAML, Arguments
from tests.cdk.linting import complaints
from tests.cdk.policies import concrete
from trustproof import UsageError, check, prove
from trustproof.properties.registry import PROPERTIES
from trustproof_cdk import (
    AmazonRole,
    CognitoIdentityPoolRole,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    EksPodIdentityRole,
    EksServiceAccountRole,
    FacebookRole,
    FederationBroker,
    GitHubActionsRole,
    GitLabRole,
    GoogleRole,
    OrganizationRole,
    RequireMfaGuardrail,
    SamlProvider,
    SamlRole,
    TerraformCloudRole,
    Trusted,
    TrustproofChecks,
    WebIdentityRole,
    allow_with_mfa,
    deny_users_without_mfa,
)
from trustproof_cdk._roles.role import TrustingRole

#: The least that each role takes.
SIMPLE: list[tuple[type[TrustingRole], Arguments]] = [
    (WebIdentityRole, {"issuer": ISSUER, "audiences": ["aws"], "subjects": ["job:1"]}),
    (GitHubActionsRole, {"organization": "acme", "repository": "shop", "branches": ["main"]}),
    (GitLabRole, {"group": "acme", "project": "shop", "branches": ["main"]}),
    (TerraformCloudRole, {"organization": "acme", "project": "Network", "workspace": "dns"}),
    (
        EksServiceAccountRole,
        {"issuer": "oidc.eks.eu-central-1.amazonaws.com/id/AB", "namespace": "a", "service_account": "b"},
    ),
    (EksPodIdentityRole, {"namespace": "a", "service_account": "b"}),
    (CognitoIdentityPoolRole, {"identity_pool_id": POOL, "authenticated": False}),
    (GoogleRole, {"client_ids": ["1.apps.googleusercontent.com"]}),
    (FacebookRole, {"app_ids": ["1"]}),
    (AmazonRole, {"app_ids": ["amzn1.application-oa2-123456"]}),
    (SamlRole, {"provider": SAML}),
]

STATEMENT = "AssumeRolePolicyDocument.Statement.0"
MFA = {"aws:MultiFactorAuthPresent": "true"}


@pytest.fixture(scope="module")
def shared() -> cdk.App:
    """One app for many examples; it is not synthesized."""
    return cdk.App(builtin_cloud_formation_validation=False)


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    """The verdict of every property that has something to ask of a trust policy."""
    found = {}
    for asked in PROPERTIES:
        try:
            found[asked.ident] = prove(concrete(document, ACCOUNT), asked, account=ACCOUNT, kind="trust").verdict
        except UsageError:
            # It is about other kinds of policy.
            continue
    assert {"mfa-required", "inside-boundary", "statement-usable"} <= found.keys()
    return found


@settings(max_examples=8 * len(FEDERATED))
@given(data=st.data())
def test_role_is_proved(shared: cdk.App, data: st.DataObject) -> None:
    """Every combination of arguments that a constructor takes gives a role that all properties hold for."""
    construct, arguments = data.draw(st.sampled_from(FEDERATED))
    scope = cdk.Stack(shared, f"Stack{len(shared.node.children)}", env=ENVIRONMENT)
    role = construct(scope, "Role", **data.draw(arguments))
    found = verdicts(role.trust_policy)
    assert found == dict.fromkeys(found, "proved")


def gated(app: cdk.App) -> cdk.Stack:
    """A stack of an app with the gate, which what is not decided does not pass either."""
    _gate(app)
    return cdk.Stack(app, "Stack", env=ENVIRONMENT)


def _gate(app: cdk.App) -> None:
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": [HUB]}}, strict=True))


def each_in_a_stack(app: cdk.App, roles: Sequence[tuple[type[TrustingRole], Arguments]]) -> dict[str, iam.CfnRole]:
    """The resources of roles by the names of their stacks, in an app with the gate."""
    _gate(app)
    found: dict[str, iam.CfnRole] = {}
    for number, (construct, arguments) in enumerate(roles):
        name = f"{construct.__name__}{number}"
        resource = construct(cdk.Stack(app, name, env=ENVIRONMENT), "Role", **arguments).node.default_child
        assert isinstance(resource, iam.CfnRole)
        found[name] = resource
    return found


def refuted(app: cdk.App) -> dict[str, set[str]]:
    """The properties that the gate refutes in each stack of an app whose synthesis fails."""
    with pytest.raises(RuntimeError, match="trustproof::"):
        app.synth()
    report = json.loads(Path(app.outdir, "validation-report.json").read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for violation in report["pluginReports"][0]["violations"]:
        for construct in violation["violatingConstructs"]:
            found.setdefault(construct["constructPath"].split("/")[0], set()).add(violation["ruleName"])
    return found


def test_roles_pass_the_gate(app: cdk.App) -> None:
    """The plugin has no complaint about the template of any."""
    each_in_a_stack(app, SIMPLE)
    assert len(app.synth().stacks) == len(SIMPLE)


def test_mfa_that_nobody_carries_is_refuted(app: cdk.App) -> None:
    """Tokens, assertions and services never carry MFA: demanding it locks everybody out."""
    roles = each_in_a_stack(app, SIMPLE)
    for resource in roles.values():
        resource.add_property_override(f"{STATEMENT}.Condition.Bool", MFA)
    assert {name: "statement-usable" in broken for name, broken in refuted(app).items()} == dict.fromkeys(roles, True)


def test_second_way_in_is_refuted(app: cdk.App) -> None:
    """An account that is trusted beside the provider may come without MFA."""
    open_door = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": HUB}}
    roles = each_in_a_stack(app, SIMPLE)
    for resource in roles.values():
        resource.add_property_override("AssumeRolePolicyDocument.Statement.1", open_door)
    assert {name: "mfa-required" in broken for name, broken in refuted(app).items()} == dict.fromkeys(roles, True)


#: A role, overrides of its conditions (None takes away), and the property that they break.
LOOSENED: list[tuple[int, Arguments, str]] = [
    (0, {"StringEquals": None}, "web-identity-bound"),
    (1, {"StringEquals": None, "StringLike": {f"{GITHUB}:sub": "repo:acme*"}}, "web-identity-bound"),
    (1, {"StringEquals": None, "ForAllValues:StringLike": {f"{GITHUB}:sub": "repo:acme/shop:*"}}, "web-identity-bound"),
    (2, {"StringEquals": None, "StringLike": {"gitlab.com:sub": "project_path:*"}}, "web-identity-bound"),
    (3, {"StringEquals": None, "StringLike": {"app.terraform.io:sub": "organization:*"}}, "web-identity-bound"),
    (4, {"StringEquals": None}, "web-identity-bound"),
    (6, {"StringEquals": None}, "web-identity-bound"),
    (7, {"StringEquals": None}, "web-identity-bound"),
    (8, {"StringEquals": None}, "web-identity-bound"),
    (9, {"StringEquals": None}, "web-identity-bound"),
    (10, {"StringEquals": None}, "saml-audience-bound"),
]


def test_loosened_conditions_are_refuted(app: cdk.App) -> None:
    """Without what the constructor has pinned, others get in."""
    roles = each_in_a_stack(app, [SIMPLE[number] for number, _, _ in LOOSENED])
    for resource, (_, conditions, _) in zip(roles.values(), LOOSENED, strict=True):
        for operator, keys in conditions.items():
            place = f"{STATEMENT}.Condition.{operator}"
            resource.add_property_deletion_override(place)
            if keys is not None:
                resource.add_property_override(place, keys)
    expected = dict(zip(roles, (broken for _, _, broken in LOOSENED), strict=True))
    found = refuted(app)
    assert {name: broken for name, broken in expected.items() if broken not in found.get(name, ())} == {}


def auditor(stack: cdk.Stack) -> iam.Role:
    """A role for every account of an organization."""
    return CrossAccountRole(stack, "Auditor", trusted=Trusted.accounts(HUB), role_name="Auditor")


def careless(stack: cdk.Stack) -> iam.Role:
    """The same, with the condition that everybody meets who has no MFA."""
    role = auditor(stack)
    resource = role.node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.add_property_deletion_override(f"{STATEMENT}.Condition.Bool")
    resource.add_property_override(f"{STATEMENT}.Condition.BoolIfExists", MFA)
    return role


@pytest.mark.parametrize(("role", "verdict"), [(auditor, "proved"), (careless, "refuted")])
def test_role_inside_a_stack_set_is_judged(app: cdk.App, role: Callable[[cdk.Stack], iam.Role], verdict: str) -> None:
    """What accounts get by a StackSet is read where the StackSet carries it."""
    stack = cdk.Stack(app, "Stack", env=ENVIRONMENT)
    OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=role)
    template = app.synth().get_stack_artifact(stack.artifact_id).template_full_path
    results = check([template], account=ACCOUNT, config={"boundary": {"accounts": [HUB]}}).results
    assert {one.property: one.verdict for one in results}["mfa-required"] == verdict
    assert all("TemplateBody" in one.path for one in results)


def test_grant_to_decode_passes_and_broken_is_refuted(app: cdk.App) -> None:
    """People decode with MFA; a role that would have to use it can do nothing."""
    stack = gated(app)
    DecodeAuthorizationGrant(stack, "People", groups=[iam.Group(stack, "Operators")])
    machine = iam.Role(stack, "Machine", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    grant = DecodeAuthorizationGrant(stack, "Machines", roles=[machine], mfa=False)
    app.synth()
    resource = grant.node.default_child
    assert isinstance(resource, iam.CfnManagedPolicy)
    resource.add_property_override("PolicyDocument.Statement.0.Condition.Bool", MFA)
    with pytest.raises(RuntimeError, match="trustproof::statement-usable"):
        app.synth(force=True)


def test_statements_of_a_bucket_pass_and_broken_are_refuted(app: cdk.App) -> None:
    """Whom a bucket trusts with MFA is inside the boundary, until an override trusts everybody."""
    # Without a block of its own, a bucket refuses a public policy when it is deployed.
    bucket = s3.Bucket(gated(app), "Ledger", block_public_access=s3.BlockPublicAccess.BLOCK_ACLS_ONLY)
    objects = bucket.arn_for_objects("*")
    for statement in allow_with_mfa(trusted=Trusted.accounts(HUB), actions=["s3:GetObject"], resources=[objects]):
        bucket.add_to_resource_policy(statement)
    bucket.add_to_resource_policy(deny_users_without_mfa(actions=["s3:*"], resources=[objects]))
    app.synth()
    assert bucket.policy is not None
    resource = bucket.policy.node.default_child
    assert isinstance(resource, s3.CfnBucketPolicy)
    resource.add_property_override("PolicyDocument.Statement.0.Principal.AWS", "*")
    with pytest.raises(RuntimeError, match="trustproof::inside-boundary"):
        app.synth(force=True)


def test_gate_looks_inside_stack_sets(app: cdk.App) -> None:
    """A role that a StackSet carries into every account fails the synthesis like any other."""

    def open_role(stack: cdk.Stack) -> iam.Role:
        return iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal(HUB), role_name="Open")

    OrganizationRole(gated(app), "Everywhere", organizational_units=["ou-ab12-11111111"], role=open_role)
    with pytest.raises(RuntimeError, match="trustproof::mfa-required"):
        app.synth()


@pytest.mark.parametrize("environment", [None, cdk.Environment(account=ACCOUNT, region="us-east-1")])
def test_cfn_lint_has_no_complaint(app: cdk.App, environment: cdk.Environment | None) -> None:
    """One stack with every construct, environment-agnostic and not."""
    stack = cdk.Stack(app, "Stack", env=environment)
    for number, (construct, arguments) in enumerate(SIMPLE):
        construct(stack, f"Role{number}", **arguments, description=construct.__name__)
    corporate = SamlProvider(stack, "Corporate", metadata=METADATA)
    SamlRole(stack, "Person", provider=corporate, attributes={"mail": "a@example.com"}, session_tags={"mfa": ["yes"]})
    sts = ["sts.amazonaws.com"]
    github = iam.OidcProviderNative(stack, "GitHub", url="https://token.actions.githubusercontent.com", client_ids=sts)
    GitHubActionsRole(
        stack,
        "Everything",
        provider=github,
        organization="acme",
        repository="shop",
        branches=["release/*"],
        environments=["prod"],
        pull_requests=True,
        organization_id="1",
        repository_id="2",
    )
    issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/AB"
    cluster = iam.OidcProviderNative(stack, "Cluster", url=issuer, client_ids=sts)
    EksServiceAccountRole(stack, "Pod", provider=cluster, namespace="a", service_account="b")
    own = provider(ISSUER).replace(HUB, ACCOUNT)
    EksServiceAccountRole(stack, "Arn", provider=own, namespace="a", service_account="b")
    people = iam.Group(stack, "People")
    DecodeAuthorizationGrant(stack, "Decode", groups=[people])
    upload = iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::uploads/*"])
    FederationBroker(stack, "Broker", federated_users=["app-*"], session_permissions=[upload], groups=[people])
    RequireMfaGuardrail(stack, "Users", targets=["r-ab12"], exempt_actions=["iam:ChangePassword"])
    RequireMfaGuardrail(stack, "Resources", targets=["r-ab12"], policy_type="RESOURCE_CONTROL_POLICY")
    OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=auditor)
    assert complaints(app, stack) == []
