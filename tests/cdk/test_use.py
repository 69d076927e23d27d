"""
Every role construct as the README shows it: who is meant to get in gets in, and who is not does not.

A call that passes tags or a source identity is allowed only if the role allows that too, so each call is asked about
with everything that is a part of it. (Groups, policies and guardrails have tests of this kind of their own.)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

import trustproof_cdk
from tests.cdk.policies import concrete, policy
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Caller,
    ContextValue,
    Request,
)
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import decide
from trustproof_cdk import (
    AmazonRole,
    BreakGlassRole,
    CognitoIdentityPoolRole,
    CrossAccountRole,
    EksPodIdentityRole,
    EksServiceAccountRole,
    FacebookRole,
    GitHubActionsRole,
    GitLabRole,
    GoogleRole,
    JustInTimeRole,
    RoleChain,
    RolesAnywhereRole,
    SamlRole,
    ServiceRole,
    TerraformCloudRole,
    ThirdPartyRole,
    Trusted,
    WebIdentityRole,
    require_mfa,
)

HUB, OWN, VENDOR = "111122223333", "222233334444", "444455556666"
ROLE = f"arn:aws:iam::{OWN}:role/Role"
ALICE = f"arn:aws:iam::{HUB}:user/alice"
BOB = f"arn:aws:iam::{HUB}:user/bob"
ENTRY = f"arn:aws:iam::{HUB}:role/Entry"
SET = f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_0123456789abcdef"
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{OWN}:trust-anchor/11111111-2222-3333-4444-555555555555"
CLUSTER = f"arn:aws:eks:eu-central-1:{OWN}:cluster/prod"
POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"
CORPORATE = f"arn:aws:iam::{OWN}:saml-provider/Corporate"
SIGN_IN = "https://signin.aws.amazon.com/saml"
GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"

ASSUME, TAG, IDENTITY = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
WEB, WITH_SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"

Context = dict[str, ContextValue]


class Use(NamedTuple):
    """
    A call of STS for a role.
    """

    caller: Caller
    context: Context
    gets_in: bool
    actions: tuple[str, ...] = (ASSUME,)


def with_mfa(arn: str, age: str = "60") -> Use:
    """A user who passes an MFA code, who gets in."""
    keys: Context = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": age}
    return Use(Caller(USER_SESSION_MFA, arn), keys, True)


def provider(host: str) -> str:
    """The ARN of an OpenID Connect provider."""
    return f"arn:aws:iam::{OWN}:oidc-provider/{host}"


def token(host: str, gets_in: bool, actions: tuple[str, ...] = (WEB,), **claims: ContextValue) -> Use:
    """A token of an OpenID Connect provider, with its claims."""
    keys: Context = {f"{host}:{claim}": value for claim, value in claims.items()}
    built_in = host in ("accounts.google.com", "graph.facebook.com", "www.amazon.com", "cognito-identity.amazonaws.com")
    return Use(Caller(WEB_IDENTITY, host if built_in else provider(host)), keys, gets_in, actions)


def workflow(gets_in: bool, sub: str, aud: str = "sts.amazonaws.com") -> Use:
    """A workflow of GitHub Actions."""
    return token(GITHUB, gets_in, aud=aud, sub=sub)


def assertion(gets_in: bool, arn: str = CORPORATE, *, actions: tuple[str, ...] = (WITH_SAML,), **keys: Any) -> Use:
    """A SAML assertion; keys with ``__`` for the colon, or ``_tag_NAME`` for a session tag."""
    context = {key.replace("__", ":"): value for key, value in keys.items()}
    return Use(Caller(SAML, arn), context, gets_in, actions)


def pod(gets_in: bool, **keys: str) -> Use:
    """A pod of a cluster, for which EKS Pod Identity calls."""
    told = {"account": OWN, "cluster": CLUSTER, "namespace": "payments", "service_account": "ledger", **keys}
    tags = {
        "aws:RequestTag/eks-cluster-arn": told["cluster"],
        "aws:RequestTag/kubernetes-namespace": told["namespace"],
        "aws:RequestTag/kubernetes-service-account": told["service_account"],
    }
    context: Context = {"aws:SourceAccount": told["account"], "aws:SourceArn": told["cluster"], **tags}
    return Use(Caller(SERVICE, "pods.eks.amazonaws.com"), context, gets_in, (ASSUME, TAG))


def machine(gets_in: bool, anchor: str = ANCHOR, **attributes: str) -> Use:
    """A machine with a certificate, for which Roles Anywhere calls."""
    tags: Context = {f"aws:PrincipalTag/x509Subject/{name}": value for name, value in attributes.items()}
    context: Context = {"aws:SourceArn": anchor, "aws:SourceAccount": OWN, **tags}
    return Use(Caller(SERVICE, "rolesanywhere.amazonaws.com"), context, gets_in, (ASSUME, IDENTITY, TAG))


def service(gets_in: bool, name: str, account: str = OWN) -> Use:
    """A service that says for whom it calls."""
    arn = f"arn:aws:states:eu-central-1:{account}:stateMachine:orders"
    context: Context = {"aws:SourceAccount": account, "aws:SourceArn": arn}
    return Use(Caller(SERVICE, name), context, gets_in)


def vendor(gets_in: bool, account: str = VENDOR, **context: str) -> Use:
    """A machine of a vendor."""
    arn = f"arn:aws:iam::{account}:role/Collector"
    return Use(Caller(ROLE_SESSION, arn, session="collect"), {f"sts:{key}": v for key, v in context.items()}, gets_in)


def denied(use: Use, **context: str) -> Use:
    """The same with other keys, which does not get in."""
    return use._replace(context={**use.context, **{k.replace("__", ":"): v for k, v in context.items()}}, gets_in=False)


def emergency(stack: cdk.Stack) -> iam.Role:
    """The emergency role of two users."""
    topic = sns.Topic(stack, "Topic")
    return BreakGlassRole(stack, "It", users=[ALICE, BOB], alarm_topic=topic, regions=["eu-central-1"])


def hardened(stack: cdk.Stack) -> iam.Role:
    """A role of another library."""
    role = iam.Role(stack, "It", assumed_by=iam.AccountPrincipal(HUB))
    require_mfa(role)
    return role


def demanding(stack: cdk.Stack) -> iam.Role:
    """A role that demands tags and a source identity beside MFA."""
    return CrossAccountRole(
        stack,
        "It",
        trusted=Trusted.accounts(HUB),
        max_mfa_age=cdk.Duration.minutes(15),
        session_name_is_user_name=True,
        source_identities=["${aws:username}"],
        session_tags={"ticket": ["*"], "team": ["red", "blue"]},
        source_ips=["198.51.100.0/24"],
    )


DEMANDED: Context = {
    "aws:MultiFactorAuthPresent": "true",
    "aws:MultiFactorAuthAge": "60",
    "sts:RoleSessionName": "alice",
    "sts:SourceIdentity": "alice",
    "aws:RequestTag/ticket": "T-1",
    "aws:RequestTag/team": "red",
    "aws:TagKeys": ("team", "ticket"),
    "aws:SourceIp": "198.51.100.7",
}
EVERYTHING = Use(Caller(USER_KEY_MFA, ALICE), DEMANDED, True, (ASSUME, IDENTITY, TAG))
HERE = {"aws:RequestedRegion": "eu-central-1"}
IN_EMERGENCY = with_mfa(ALICE)._replace(context={**with_mfa(ALICE).context, **HERE})

TAGGED = "aws:PrincipalTag/trustproof-approval"
NOON: Context = {"aws:CurrentTime": "2027-06-01T12:00:00Z", TAGGED: "INC-42"}
APPROVED = with_mfa(ALICE)._replace(context={**with_mfa(ALICE).context, **NOON})

USES: dict[str, tuple[Callable[[cdk.Stack], Any], list[Use]]] = {
    "CrossAccountRole": (
        lambda stack: CrossAccountRole(stack, "It", trusted=Trusted.accounts(HUB)),
        [
            with_mfa(ALICE),
            Use(Caller(USER_KEY_MFA, ALICE), {"aws:MultiFactorAuthPresent": "true"}, True),
            Use(Caller(USER_KEY, ALICE), {}, False),
            Use(Caller(USER_SESSION, ALICE), {"aws:MultiFactorAuthPresent": "false"}, False),
            Use(Caller(ROLE_SESSION, ENTRY, session="s"), {}, False),
            Use(Caller(ROOT, f"arn:aws:iam::{HUB}:root"), {}, False),
            with_mfa(ALICE.replace(HUB, VENDOR))._replace(gets_in=False),
        ],
    ),
    "CrossAccountRole with demands": (
        demanding,
        [
            EVERYTHING,
            denied(EVERYTHING, aws__MultiFactorAuthAge="901"),
            denied(EVERYTHING, sts__RoleSessionName="bob"),
            denied(EVERYTHING, sts__SourceIdentity="bob"),
            denied(EVERYTHING, aws__SourceIp="203.0.113.7"),
            EVERYTHING._replace(context={**DEMANDED, "aws:RequestTag/team": "green"}, gets_in=False),
            EVERYTHING._replace(context={**DEMANDED, "aws:TagKeys": ("team", "ticket", "more")}, gets_in=False),
        ],
    ),
    "CrossAccountRole of permission sets": (
        lambda stack: CrossAccountRole(
            stack, "It", trusted=Trusted.permission_sets("Audit", accounts=[HUB]), mfa=False
        ),
        [
            Use(Caller(IDENTITY_CENTER, SET, session="alice@example.com"), {}, True),
            Use(Caller(IDENTITY_CENTER, SET.replace("Audit", "Admin"), session="alice@example.com"), {}, False),
            Use(Caller(IDENTITY_CENTER, SET.replace(HUB, VENDOR), session="alice@example.com"), {}, False),
            Use(Caller(ROLE_SESSION, ENTRY, session="s"), {}, False),
            with_mfa(ALICE)._replace(gets_in=False),
        ],
    ),
    "ThirdPartyRole": (
        lambda stack: ThirdPartyRole(
            stack, "It", vendor="Vendor", trusted=Trusted.accounts(VENDOR), external_ids=["dev-42", "prod-42"]
        ),
        [
            vendor(True, ExternalId="dev-42"),
            vendor(True, ExternalId="prod-42"),
            vendor(False, ExternalId="other"),
            vendor(False),
            vendor(False, HUB, ExternalId="dev-42"),
        ],
    ),
    "BreakGlassRole": (
        emergency,
        [
            IN_EMERGENCY,
            IN_EMERGENCY._replace(caller=Caller(USER_SESSION_MFA, BOB)),
            denied(IN_EMERGENCY, aws__MultiFactorAuthAge="901"),
            denied(IN_EMERGENCY, aws__RequestedRegion="us-west-2"),
            IN_EMERGENCY._replace(caller=Caller(USER_SESSION_MFA, f"arn:aws:iam::{HUB}:user/carol"), gets_in=False),
            Use(Caller(USER_KEY, ALICE), {**HERE}, False),
        ],
    ),
    "JustInTimeRole": (
        lambda stack: JustInTimeRole(
            stack,
            "It",
            users=[ALICE],
            approval="INC-42",
            valid_from=datetime(2027, 6, 1, 8, tzinfo=UTC),
            valid_until=datetime(2027, 6, 1, 18, tzinfo=UTC),
        ),
        [
            APPROVED,
            APPROVED._replace(context={**APPROVED.context, TAGGED: "INC-41"}, gets_in=False),
            APPROVED._replace(context={k: v for k, v in APPROVED.context.items() if k != TAGGED}, gets_in=False),
            denied(APPROVED, aws__CurrentTime="2027-06-01T07:59:59Z"),
            denied(APPROVED, aws__CurrentTime="2027-06-01T18:00:00Z"),
            denied(APPROVED, aws__MultiFactorAuthAge="901"),
            APPROVED._replace(caller=Caller(USER_SESSION_MFA, BOB), gets_in=False),
        ],
    ),
    "ServiceRole": (
        lambda stack: ServiceRole(stack, "It", service="states.amazonaws.com"),
        [
            service(True, "states.amazonaws.com"),
            service(False, "states.amazonaws.com", HUB),
            service(False, "lambda.amazonaws.com"),
        ],
    ),
    "ServiceRole of a silent service": (
        lambda stack: ServiceRole(stack, "It", service="lambda.amazonaws.com"),
        [Use(Caller(SERVICE, "lambda.amazonaws.com"), {}, True), Use(Caller(SERVICE, "ec2.amazonaws.com"), {}, False)],
    ),
    "RolesAnywhereRole": (
        lambda stack: RolesAnywhereRole(
            stack,
            "It",
            trust_anchors=[ANCHOR],
            certificate={"x509Subject/CN": ["build-1", "build-2"], "x509Subject/OU": ["Engineering"]},
        ),
        [
            machine(True, CN="build-1", OU="Engineering"),
            machine(False, CN="build-3", OU="Engineering"),
            machine(False, CN="build-1"),
            machine(False, ANCHOR.replace("1111-2222", "1111-9999"), CN="build-1", OU="Engineering"),
        ],
    ),
    "RoleChain": (
        lambda stack: RoleChain(stack, "It", entry=ENTRY, carries_source_identity=True, carries_session_tags=True),
        [
            Use(Caller(ROLE_SESSION, ENTRY, session="alice"), {}, True),
            Use(Caller(ROLE_SESSION, ENTRY, session="alice"), {}, True, (ASSUME, IDENTITY, TAG)),
            Use(Caller(ROLE_SESSION, f"{ENTRY}2", session="alice"), {}, False),
            with_mfa(ALICE)._replace(gets_in=False),
        ],
    ),
    "SamlRole": (
        lambda stack: SamlRole(
            stack,
            "It",
            provider=CORPORATE,
            attributes={"eduPersonAffiliation": ["staff", "faculty"]},
            session_tags={"mfa": ["hardware", "totp"]},
        ),
        [
            Use(Caller(SAML, CORPORATE), context, gets_in, (WITH_SAML, TAG))
            for context, gets_in in (
                ({"SAML:aud": SIGN_IN, "SAML:eduPersonAffiliation": ("staff", "alumni"), **tags}, gets_in)
                for tags, gets_in in (
                    ({"aws:RequestTag/mfa": "totp", "aws:TagKeys": ("mfa",)}, True),
                    ({"aws:RequestTag/mfa": "sms", "aws:TagKeys": ("mfa",)}, False),
                    ({}, False),
                )
            )
        ]
        + [
            assertion(False, SAML__aud=SIGN_IN, SAML__eduPersonAffiliation=("alumni",)),
            assertion(False, SAML__aud="https://other.example.com/saml", SAML__eduPersonAffiliation=("staff",)),
            assertion(False, CORPORATE.replace("Corporate", "Other"), SAML__aud=SIGN_IN),
        ],
    ),
    "SamlRole of everybody": (
        lambda stack: SamlRole(stack, "It", provider=CORPORATE),
        [assertion(True, SAML__aud=SIGN_IN), assertion(False, SAML__aud="https://other.example.com/saml")],
    ),
    "WebIdentityRole": (
        lambda stack: WebIdentityRole(
            stack, "It", issuer="https://idp.example.com/tenant", audiences=["aws"], subjects=["job:nightly"]
        ),
        [
            token("idp.example.com/tenant", True, aud="aws", sub="job:nightly"),
            token("idp.example.com/tenant", False, aud="aws", sub="job:nightly2"),
            token("idp.example.com/tenant", False, aud="other", sub="job:nightly"),
            token("idp.example.com/tenant", False, sub="job:nightly"),
            token("idp.example.com/other", False, aud="aws", sub="job:nightly"),
        ],
    ),
    "GitHubActionsRole": (
        lambda stack: GitHubActionsRole(
            stack,
            "It",
            organization="acme",
            repository="shop",
            branches=["main", "release/*"],
            environments=["production"],
        ),
        [
            workflow(True, "repo:acme/shop:ref:refs/heads/main"),
            workflow(True, "repo:acme/shop:ref:refs/heads/release/7"),
            workflow(True, "repo:acme/shop:environment:production"),
            workflow(False, "repo:acme/shop:ref:refs/heads/main2"),
            workflow(False, "repo:acme/shop:pull_request"),
            workflow(False, "repo:acme/shop2:ref:refs/heads/main"),
            workflow(False, "repo:evil/shop:ref:refs/heads/main"),
            workflow(False, "repo:acme/shop:ref:refs/heads/main", aud="other"),
        ],
    ),
    "GitLabRole": (
        lambda stack: GitLabRole(stack, "It", group="acme/network", project="routes", branches=["main"]),
        [
            token("gitlab.com", gets_in, aud="https://gitlab.com", sub=f"project_path:{path}:ref_type:{kind}:ref:{ref}")
            for path, kind, ref, gets_in in (
                ("acme/network/routes", "branch", "main", True),
                ("acme/network/routes", "branch", "dev", False),
                ("acme/network/routes", "tag", "main", False),
                ("evil/network/routes", "branch", "main", False),
            )
        ],
    ),
    "TerraformCloudRole": (
        lambda stack: TerraformCloudRole(
            stack, "It", organization="acme", project="Network", workspace="dns-*", run_phases=["apply"]
        ),
        [
            token(
                "app.terraform.io",
                gets_in,
                aud="aws.workload.identity",
                sub=f"organization:{organization}:project:Network:workspace:{workspace}:run_phase:{phase}",
            )
            for organization, workspace, phase, gets_in in (
                ("acme", "dns-prod", "apply", True),
                ("acme", "dns-prod", "plan", False),
                ("acme", "mail", "apply", False),
                ("evil", "dns-prod", "apply", False),
            )
        ],
    ),
    "EksPodIdentityRole": (
        lambda stack: EksPodIdentityRole(
            stack, "It", namespace="payments", service_account="ledger", clusters=[CLUSTER]
        ),
        [
            pod(True),
            pod(False, namespace="default"),
            pod(False, service_account="reports"),
            pod(False, cluster=f"{CLUSTER}2"),
            pod(False, account=HUB),
        ],
    ),
    "EksServiceAccountRole": (
        lambda stack: EksServiceAccountRole(
            stack, "It", issuer=f"https://{EKS}", namespace="payments", service_account="reports"
        ),
        [
            token(EKS, True, aud="sts.amazonaws.com", sub="system:serviceaccount:payments:reports"),
            token(EKS, False, aud="sts.amazonaws.com", sub="system:serviceaccount:payments:ledger"),
            token(EKS, False, aud="sts.amazonaws.com", sub="system:serviceaccount:default:reports"),
            token(f"{EKS}0", False, aud="sts.amazonaws.com", sub="system:serviceaccount:payments:reports"),
        ],
    ),
    "CognitoIdentityPoolRole": (
        lambda stack: CognitoIdentityPoolRole(stack, "It", identity_pool_id=POOL, authenticated=True),
        [
            token("cognito-identity.amazonaws.com", gets_in, aud=pool, amr=methods)
            for pool, methods, gets_in in (
                (POOL, ("authenticated", "login.provider.example.com"), True),
                (POOL, ("unauthenticated",), False),
                (POOL.replace("1111", "9999"), ("authenticated",), False),
            )
        ],
    ),
    "GoogleRole": (
        lambda stack: GoogleRole(stack, "It", client_ids=["123-abc.apps.googleusercontent.com"], subjects=["108"]),
        [
            token("accounts.google.com", True, aud="123-abc.apps.googleusercontent.com", sub="108"),
            token("accounts.google.com", False, aud="123-abc.apps.googleusercontent.com", sub="109"),
            token("accounts.google.com", False, aud="evil.apps.googleusercontent.com", sub="108"),
        ],
    ),
    "FacebookRole": (
        lambda stack: FacebookRole(stack, "It", app_ids=["123456789"], user_ids=["1"]),
        [
            token("graph.facebook.com", True, app_id="123456789", id="1"),
            token("graph.facebook.com", False, app_id="123456789", id="2"),
            token("graph.facebook.com", False, app_id="987654321", id="1"),
            token("www.amazon.com", False, app_id="123456789", user_id="1"),
        ],
    ),
    "AmazonRole": (
        lambda stack: AmazonRole(stack, "It", app_ids=["amzn1.application-oa2-123456"]),
        [
            token("www.amazon.com", True, app_id="amzn1.application-oa2-123456", user_id="1"),
            token("www.amazon.com", True, app_id="amzn1.application-oa2-123456", user_id="2"),
            token("www.amazon.com", False, app_id="amzn1.application-oa2-654321", user_id="1"),
            token("graph.facebook.com", False, app_id="amzn1.application-oa2-123456", id="1"),
        ],
    ),
    "require_mfa": (hardened, [with_mfa(ALICE), Use(Caller(USER_KEY, ALICE), {}, False)]),
}

CASES = [
    pytest.param(make, use, id=f"{name}-{index}")
    for name, (make, uses) in USES.items()
    for index, use in enumerate(uses)
]


@pytest.mark.parametrize(("make", "use"), CASES)
def test_use(app: cdk.App, make: Callable[[cdk.Stack], Any], use: Use) -> None:
    """All that is a part of the call is allowed, or the call is not."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=OWN, region="eu-central-1"))
    resource = make(stack).node.default_child
    assert isinstance(resource, iam.CfnRole)
    document = policy(concrete(stack.resolve(resource.assume_role_policy_document), OWN))
    # What a caller has whatever it does: its name, its account and the like.
    context = {**principal_keys(use.caller), **{key.lower(): value for key, value in use.context.items()}}
    decisions = {action: decide(document, Request(use.caller, action, ROLE, context)).allowed for action in use.actions}
    assert all(decisions.values()) is use.gets_in, decisions


def test_each_construct_lets_somebody_in_and_somebody_out() -> None:
    """Nobody adds a role and forgets its use, or only the half of it."""
    roles = {
        name
        for name in trustproof_cdk.__all__
        if isinstance(found := getattr(trustproof_cdk, name), type) and issubclass(found, iam.Role)
    }
    assert roles - USES.keys() == set()
    assert {name for name, (_, uses) in USES.items() if {use.gets_in for use in uses} != {True, False}} == set()
