"""
The arguments that constructs can have, for Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from hypothesis import strategies as st

from tests.cdk.federated import ISSUER, METADATA
from trustproof_cdk import (
    AmazonRole,
    ApprovalGrant,
    AssumeRoleGrant,
    BreakGlassAlarm,
    BreakGlassRole,
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
    JustInTimeRole,
    MfaEnforcedGroup,
    MfaPolicy,
    OrganizationRole,
    PermissionSet,
    RequireMfaGuardrail,
    RoleChain,
    RolesAnywhereRole,
    SamlProvider,
    SamlRole,
    ServiceRole,
    TerraformCloudRole,
    ThirdPartyRole,
    Trusted,
    WebIdentityRole,
    allow_with_mfa,
    deny_users_without_mfa,
    require_mfa,
)
from trustproof_cdk._arguments.service_principals import SILENT_SERVICES
from trustproof_cdk._roles.role import TrustingRole
from trustproof_cdk.mfa_enforced_group import SELF_MANAGEMENT
from trustproof_cdk.service_role import SENDING_SERVICES

HUB = "111122223333"
ACCOUNT = "222233334444"
VENDOR = "444455556666"
ORGANIZATION = "o-a1b2c3d4e5"
ALICE = f"arn:aws:iam::{HUB}:user/alice"
ENTRY = f"arn:aws:iam::{HUB}:role/Entry"
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{ACCOUNT}:trust-anchor/11111111-2222-3333-4444-555555555555"
POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"
CLUSTER = f"arn:aws:eks:eu-central-1:{ACCOUNT}:cluster/prod"
INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corporate"
ENVIRONMENT = cdk.Environment(account=ACCOUNT, region="eu-central-1")
THIRD_PARTY = {"third-party": [{"name": "vendor", "accounts": [VENDOR]}]}

Arguments = dict[str, Any]

#: Whom a role can trust with MFA, and whom only without.
PEOPLE: st.SearchStrategy[Trusted] = st.sampled_from(
    [
        Trusted.accounts(HUB),
        Trusted.accounts(HUB, "333344445555"),
        Trusted.users(ALICE, f"arn:aws:iam::{HUB}:user/people/bob"),
        Trusted.organization(ORGANIZATION),
        Trusted.organizational_unit(f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"),
    ]
)
SESSIONS: st.SearchStrategy[Trusted] = st.sampled_from(
    [Trusted.roles(ENTRY), Trusted.permission_sets("Admin", "Audit", accounts=[HUB])]
)

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

#: A construct, and the arguments it can have.
FEDERATED: list[tuple[type[TrustingRole], st.SearchStrategy[Arguments]]] = [
    (
        WebIdentityRole,
        st.fixed_dictionaries(
            {"issuer": st.just(ISSUER), "audiences": st.sampled_from([["aws"], ["aws", "sts.amazonaws.com"]])},
            optional={
                "subject_patterns": st.sampled_from([["job:*"], ["job:?", "task:*:done"]]),
                "claims": st.sampled_from([{"email": "x@example.com"}, {"amr": ["mfa"]}]),
                "session_tags": st.just({"team": ["red", "blue"]}),
            },
        ).map(lambda given: given if "subject_patterns" in given else {**given, "subjects": ["job:1", "job:2"]}),
    ),
    (
        GitHubActionsRole,
        st.fixed_dictionaries(
            {"organization": st.just("acme"), "repository": st.just("shop"), "branches": st.just(["main"])},
            optional={
                "tags": st.sampled_from([["v1"], ["v*"]]),
                "environments": st.sampled_from([["prod"], ["prod-*", "a:b"]]),
                "pull_requests": st.booleans(),
                "job_workflow_refs": st.sampled_from(
                    [
                        ["acme/ci/.github/workflows/a.yml@refs/heads/main"],
                        ["acme/ci/.github/workflows/b.yaml@refs/tags/*"],
                    ]
                ),
                "claims": st.just({"actor_id": "7"}),
                "conditions": st.just({"StringEquals": {"token.actions.githubusercontent.com:actor": "octocat"}}),
            },
        ),
    ),
    (
        GitLabRole,
        st.fixed_dictionaries(
            {"group": st.just("acme/network"), "project": st.just("routes")},
            optional={"branches": st.sampled_from([["main"], ["release/*"]]), "project_id": st.just("42")},
        ).map(lambda given: {**given, "tags": ["v*"]}),
    ),
    (
        TerraformCloudRole,
        st.fixed_dictionaries(
            {
                "organization": st.just("acme"),
                "project": st.sampled_from(["*", "Network"]),
                "workspace": st.sampled_from(["dns", "dns-*"]),
            },
            optional={"run_phases": st.sampled_from([["plan"], ["apply"]])},
        ),
    ),
    (
        EksServiceAccountRole,
        st.sampled_from(
            [
                {"issuer": "oidc.eks.eu-central-1.amazonaws.com/id/AB", "namespace": "a", "service_account": "b"},
                {
                    "clusters": [f"oidc.eks.eu-central-1.amazonaws.com/id/{mark}" for mark in ("AB", "CD")],
                    "service_accounts": ["a/b", "c/d"],
                },
            ]
        ),
    ),
    (
        EksPodIdentityRole,
        st.fixed_dictionaries(
            {"namespace": st.just("payments"), "service_account": st.just("ledger")},
            optional={"clusters": st.just([CLUSTER])},
        ),
    ),
    (
        CognitoIdentityPoolRole,
        st.fixed_dictionaries(
            {"identity_pool_id": st.just(POOL), "authenticated": st.booleans()},
            optional={"session_tags": st.just({"tenant": ["*"]})},
        ),
    ),
    (
        GoogleRole,
        st.fixed_dictionaries(
            {"client_ids": st.just(["1.apps.googleusercontent.com"])},
            optional={"subjects": st.just(["108"]), "audiences": st.just(["https://api.example.com"])},
        ),
    ),
    (FacebookRole, st.just({"app_ids": ["1", "2"], "user_ids": ["9"]})),
    (AmazonRole, st.just({"app_ids": ["amzn1.application-oa2-123456"]})),
    (
        SamlRole,
        st.fixed_dictionaries(
            {"provider": st.just(SAML)},
            optional={
                "audiences": st.just(["https://eu-central-1.signin.aws.amazon.com/saml"]),
                "subject_type": st.just("persistent"),
                "subjects": st.just(["alice", "bob"]),
                "attributes": st.sampled_from(
                    [{"eduPersonAffiliation": ["staff"]}, {"eduPersonPrincipalName": "alice", "mail": "a@example.com"}]
                ),
                "session_tags": st.just({"mfa": ["hardware"]}),
                "source_identities": st.just(["a-*"]),
            },
        ),
    ),
]

#: What every role takes.
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "path": st.sampled_from(["/", "/ops/"]),
        "description": st.just("For the tests"),
        "max_session_duration": st.just(cdk.Duration.hours(1)),
        "permissions_boundary": st.builds(iam.ManagedPolicy.from_aws_managed_policy_name, st.just("PowerUserAccess")),
    },
)
#: What policies take.
NAMED = st.fixed_dictionaries({}, optional={"path": st.just("/ops/"), "description": st.just("For the tests")})
NARROWED = st.fixed_dictionaries(
    {},
    optional={
        "source_ips": st.just(["198.51.100.0/24"]),
        "conditions": st.just({"StringEquals": {"aws:PrincipalTag/team": "ops"}}),
    },
)

#: Other roles, with arguments that need nothing of the stack.
PLAIN: list[tuple[type[TrustingRole], st.SearchStrategy[Arguments]]] = [
    (CrossAccountRole, st.tuples(WITH_MFA | WITHOUT_MFA, DEMANDS).map(lambda parts: parts[0] | parts[1])),
    (
        ThirdPartyRole,
        st.tuples(
            st.fixed_dictionaries(
                {
                    "vendor": st.just("Observability Inc."),
                    "trusted": st.sampled_from(
                        [Trusted.accounts(VENDOR), Trusted.roles(f"arn:aws:iam::{VENDOR}:role/Collector")]
                    ),
                },
            ),
            st.sampled_from(
                [
                    {"external_id": "customer-42"},
                    {"external_ids": ["a/b:c=d", "customer-42"]},
                    {"external_id_salt": "0123456789abcdef"},
                ]
            ),
            NARROWED,
        ).map(lambda parts: parts[0] | parts[1] | parts[2]),
    ),
    (
        ServiceRole,
        st.sampled_from([*SENDING_SERVICES, *SILENT_SERVICES]).map(lambda service: {"service": service})
        | st.just(
            {
                "service": "states.amazonaws.com",
                "source_account": ACCOUNT,
                "source_arns": [f"arn:aws:states:*:{ACCOUNT}:stateMachine:*"],
            }
        ),
    ),
    (
        RolesAnywhereRole,
        st.fixed_dictionaries(
            {
                "trust_anchors": st.just([ANCHOR]),
                "certificate": st.sampled_from(
                    [
                        {"x509Subject/CN": ["build-1", "build-2"]},
                        {"x509Subject/OU": ["Engineering"], "x509SAN/DNS": ["*.example.com"]},
                    ]
                ),
            }
        ),
    ),
    (
        RoleChain,
        st.fixed_dictionaries(
            {"entry": st.just(ENTRY)},
            optional={"carries_source_identity": st.booleans(), "carries_session_tags": st.booleans()},
        ),
    ),
]

#: Puts a construct into a scope.
Builder = Callable[[Construct], object]


def built(construct: type[TrustingRole], arguments: st.SearchStrategy[Arguments]) -> st.SearchStrategy[Builder]:
    """A role with some of its arguments, and of what every role takes."""

    def builder(parts: tuple[Arguments, Arguments]) -> Builder:
        return lambda scope: construct(scope, "Role", **parts[0] | parts[1])

    return st.tuples(OPTIONS, arguments).map(builder)


def _emergency(arguments: Arguments) -> Builder:
    return lambda scope: BreakGlassRole(scope, "Role", alarm_topic=sns.Topic(scope, "Alarms"), **arguments)


def _alarm(arguments: Arguments) -> Builder:
    return lambda scope: BreakGlassAlarm(scope, "Alarm", alarm_topic=sns.Topic(scope, "Alarms"), **arguments)


def _approval(arguments: Arguments) -> Builder:
    return lambda scope: ApprovalGrant(scope, "Grant", groups=[iam.Group(scope, "Approvers")], **arguments)


def _permission_set(arguments: Arguments) -> Builder:
    def builder(scope: Construct) -> None:
        made = PermissionSet(scope, "Set", name="Audit", instance_arn=INSTANCE, **arguments)
        made.assign("Auditors", accounts=[ACCOUNT], principal_id="11111111-2222-3333-4444-555555555555")

    return builder


def _policy(arguments: Arguments) -> Builder:
    return lambda scope: MfaPolicy(scope, "Policy", groups=[iam.Group(scope, "Group")], **arguments)


def _group(arguments: Arguments) -> Builder:
    return lambda scope: MfaEnforcedGroup(scope, "Group", **arguments)


def _grant(arguments: Arguments) -> Builder:
    return lambda scope: AssumeRoleGrant(scope, "Grant", groups=[iam.Group(scope, "Group")], **arguments)


def _decode(mfa: bool) -> Builder:
    def builder(scope: Construct) -> None:
        machine = iam.Role(scope, "Machine", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        people = {"groups": [iam.Group(scope, "Group")]}
        DecodeAuthorizationGrant(scope, "Grant", mfa=mfa, **people if mfa else {"roles": [machine]})

    return builder


def _broker(arguments: Arguments) -> Builder:
    upload = iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::uploads/*"])
    return lambda scope: FederationBroker(
        scope, "Broker", session_permissions=[upload], groups=[iam.Group(scope, "Group")], **arguments
    )


def _guardrail(arguments: Arguments) -> Builder:
    return lambda scope: RequireMfaGuardrail(scope, "Guardrail", **arguments)


def _everywhere(arguments: Arguments) -> Builder:
    trusted = Trusted.accounts(HUB)
    return lambda scope: OrganizationRole(
        scope,
        "Everywhere",
        role=lambda stack: CrossAccountRole(stack, "Role", trusted=trusted, **arguments),
        organizational_units=["ou-ab12-11111111"],
    )


def _hardened(age: cdk.Duration | None) -> Builder:
    return lambda scope: require_mfa(iam.Role(scope, "Role", assumed_by=iam.AccountPrincipal(HUB)), max_mfa_age=age)


def _bucket(arguments: Arguments) -> Builder:
    def builder(scope: Construct) -> None:
        bucket = s3.Bucket(scope, "Bucket")
        objects = bucket.arn_for_objects("*")
        for statement in allow_with_mfa(actions=["s3:GetObject"], resources=[objects], **arguments):
            bucket.add_to_resource_policy(statement)
        age = arguments.get("max_mfa_age")
        bucket.add_to_resource_policy(deny_users_without_mfa(actions=["s3:*"], resources=[objects], max_mfa_age=age))

    return builder


def _provider(_: None) -> Builder:
    return lambda scope: SamlRole(scope, "Role", provider=SamlProvider(scope, "Provider", metadata=METADATA))


AGE = st.sampled_from([None, cdk.Duration.minutes(5), cdk.Duration.hours(36)])

#: Every construct of the package, each with the arguments it can have.
EVERY: dict[str, st.SearchStrategy[Builder]] = {
    **{construct.__name__: built(construct, arguments) for construct, arguments in [*PLAIN, *FEDERATED]},
    "BreakGlassRole": st.fixed_dictionaries(
        {"users": st.sampled_from([[ALICE], [ALICE, f"arn:aws:iam::{HUB}:user/people/bob"]])},
        optional={"max_mfa_age": st.just(cdk.Duration.minutes(5)), "source_ips": st.just(["198.51.100.0/24"])},
    ).map(_emergency),
    "BreakGlassAlarm": st.fixed_dictionaries({"roles": st.sampled_from([[ENTRY], [ENTRY, f"{ENTRY}2"]])}).map(_alarm),
    "JustInTimeRole": built(
        JustInTimeRole,
        st.fixed_dictionaries(
            {
                "users": st.just([ALICE]),
                "approval": st.just("INC-42"),
                "valid_until": st.just(datetime(2099, 1, 1, tzinfo=UTC)),
            },
            optional={"approval_tag": st.just("approved"), "source_ips": st.just(["198.51.100.0/24"])},
        ),
    ),
    "ApprovalGrant": st.fixed_dictionaries(
        {"for_users": st.just([f"arn:aws:iam::{ACCOUNT}:user/alice"])},
        optional={"approvals": st.just(["INC-42", "INC-43"]), "path": st.just("/ops/")},
    ).map(_approval),
    "PermissionSet": st.fixed_dictionaries(
        {},
        optional={
            "session_duration": st.just(cdk.Duration.hours(1)),
            "customer_managed_policies": st.just(["Deploy", "ops/Restart"]),
            "permissions_boundary": st.just("Boundary"),
        },
    ).map(_permission_set),
    "MfaPolicy": st.tuples(
        NAMED,
        st.fixed_dictionaries(
            {
                "actions": st.sampled_from([["ec2:StopInstances", "ec2:TerminateInstances"], ["s3:*"]]),
                "resources": st.just(["*"]),
                "max_mfa_age": AGE,
            }
        ),
    ).map(lambda parts: _policy(parts[0] | parts[1])),
    "MfaEnforcedGroup": st.fixed_dictionaries(
        {},
        optional={
            "path": st.just("/people/"),
            "users": st.just(["ann", "ben"]),
            "self_management": st.sampled_from([["access-keys"], SELF_MANAGEMENT]),
        },
    ).map(_group),
    "AssumeRoleGrant": st.tuples(
        NAMED,
        st.fixed_dictionaries(
            {"target_roles": st.sampled_from([[ENTRY], [ENTRY, f"arn:aws:iam::{HUB}:role/ops/Other"]])},
            optional={"session_tags": st.booleans(), "source_identity": st.booleans()},
        ),
    ).map(lambda parts: _grant(parts[0] | parts[1])),
    "DecodeAuthorizationGrant": st.booleans().map(_decode),
    "FederationBroker": st.fixed_dictionaries({"federated_users": st.sampled_from([["app"], ["up-*", "app"]])}).map(
        _broker
    ),
    "RequireMfaGuardrail": st.fixed_dictionaries(
        {"targets": st.just(["r-ab12"])},
        optional={"exempt_users": st.just([ALICE]), "exempt_actions": st.just(["iam:ChangePassword"])},
    ).map(_guardrail)
    | st.fixed_dictionaries(
        {"targets": st.just(["ou-ab12-11111111"]), "policy_type": st.just("RESOURCE_CONTROL_POLICY")},
        optional={"actions": st.just(["s3:*"])},
    ).map(_guardrail),
    "OrganizationRole": st.fixed_dictionaries(
        {"role_name": st.sampled_from(["Auditor", "Reader"])}, optional={"path": st.just("/org/"), "max_mfa_age": AGE}
    ).map(_everywhere),
    "require_mfa": AGE.map(_hardened),
    "allow_with_mfa": st.fixed_dictionaries({"trusted": PEOPLE, "max_mfa_age": AGE}).map(_bucket),
    "SamlProvider": st.none().map(_provider),
}
