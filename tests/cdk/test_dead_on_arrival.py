"""
What would let nobody in, or not be deployed at all: refused in the constructor, with what to say instead.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof import managed_policy_names
from trustproof_cdk import (
    AmazonRole,
    AssumeRoleGrant,
    CognitoIdentityPoolRole,
    CrossAccountRole,
    EksPodIdentityRole,
    EksServiceAccountRole,
    FacebookRole,
    GitHubActionsRole,
    GitLabRole,
    GoogleRole,
    OrganizationRole,
    PermissionSet,
    RequireMfaGuardrail,
    RoleChain,
    RolesAnywhereRole,
    SamlRole,
    ServiceRole,
    TerraformCloudRole,
    ThirdPartyRole,
    Trusted,
    WebIdentityRole,
)

OWN, OTHER = "222233334444", "333344445555"
HUB = Trusted.accounts("111122223333")
GITHUB = {"organization": "acme", "repository": "shop"}
PROVIDER = f"arn:aws:iam::{OWN}:saml-provider/Corporate"
POD = {"namespace": "a", "service_account": "b"}
ID = "11111111-2222-3333-4444-555555555555"
LOGIN = "amzn1.application-oa2-123456"
DOMAIN = "amazonaws.com"
ISOLATED = ("c2s.ic.gov", "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov")


@pytest.fixture
def known(app: cdk.App) -> cdk.Stack:
    """A stack whose account and Region are known."""
    return cdk.Stack(app, "Known", env=cdk.Environment(account=OWN, region="eu-central-1"))


def anchor(account: str, region: str = "eu-central-1") -> str:
    """The ARN of a trust anchor."""
    return f"arn:aws:rolesanywhere:{region}:{account}:trust-anchor/{ID}"


def cluster(account: str, region: str = "eu-central-1") -> str:
    """The ARN of a cluster."""
    return f"arn:aws:eks:{region}:{account}:cluster/prod"


def schedule(account: str, region: str = "eu-central-1") -> str:
    """The ARN of a group of schedules."""
    return f"arn:aws:scheduler:{region}:{account}:schedule-group/default"


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    # construct, arguments, what the message says
    (GitHubActionsRole, {**GITHUB, "branches": ["refs/heads/main"]}, "got 'refs/heads/main': say 'main'"),
    (GitHubActionsRole, {**GITHUB, "tags": ["refs/tags/v*"]}, "got 'refs/tags/v*': say 'v*'"),
    (GitLabRole, {"group": "a", "project": "b", "branches": ["refs/heads/x"]}, "got 'refs/heads/x': say 'x'"),
    (GitHubActionsRole, {**GITHUB, "branches": ["release/"]}, "with '/' there; 'release/*' is all below it"),
    (GitHubActionsRole, {**GITHUB, "branches": ["/main"]}, "git takes none with '/' there"),
    (GitHubActionsRole, {**GITHUB, "tags": ["v1..v2"]}, "git takes none with '..' there"),
    (GitLabRole, {"group": "a", "project": "b", "tags": ["*.lock"]}, "git takes none with '.lock' there"),
    (ServiceRole, {"service": f"pods.eks.{DOMAIN}"}, "use EksPodIdentityRole"),
    (ServiceRole, {"service": f"rolesanywhere.{DOMAIN}"}, "use RolesAnywhereRole"),
    (ServiceRole, {"service": f"lamda.{DOMAIN}"}, f"got 'lamda.{DOMAIN}'; did you mean 'lambda.{DOMAIN}'?"),
    (ServiceRole, {"service": "lambda"}, f"got 'lambda'; did you mean 'lambda.{DOMAIN}'?"),
    (ServiceRole, {"service": f"Lambda.{DOMAIN}"}, f"got 'Lambda.{DOMAIN}'; did you mean 'lambda.{DOMAIN}'?"),
    (ServiceRole, {"service": "lambda.c2s.ic.gov"}, "got 'lambda.c2s.ic.gov' (or say allow_unknown_service=True)"),
    (ServiceRole, {"service": f"qxzzy.{DOMAIN}"}, "(or say allow_unknown_service=True)"),
    (ServiceRole, {"service": f"states.eu-centrall-1.{DOMAIN}"}, "did you mean 'eu-central-1'?"),
    (ServiceRole, {"service": f"ec2.{DOMAIN}.cn"}, f"service must be 'ec2.{DOMAIN}' outside of the partition aws-cn"),
    (
        WebIdentityRole,
        {"issuer": "https://idp.example.com/a/.well-known/openid-configuration", "audiences": ["b"], "subjects": ["c"]},
        "issuer must be what tokens have as their iss",
    ),
    (
        ServiceRole,
        {"service": f"scheduler.{DOMAIN}", "source_arns": [schedule(OTHER)]},
        f"source_arns must be of account {OWN}",
    ),
    (
        ServiceRole,
        {"service": f"scheduler.{DOMAIN}", "source_account": OTHER},
        f"source_account must be {OWN}, the account of the stack",
    ),
    (
        ServiceRole,
        {"service": f"scheduler.{DOMAIN}", "source_arns": [schedule(OWN, "eu-centrall-1")]},
        "which is none that this version of aws-cdk-lib knows; did you mean 'eu-central-1'?",
    ),
    (EksPodIdentityRole, {**POD, "clusters": [cluster(OTHER)]}, f"clusters must be of account {OWN}"),
    (EksPodIdentityRole, {**POD, "clusters": [cluster(OWN, "eu-centrall-1")]}, "did you mean 'eu-central-1'?"),
    (EksPodIdentityRole, {**POD, "clusters": [cluster(OWN, "eucentral-1")]}, "got 'eucentral-1'; did you mean 'eu-c"),
    (
        EksServiceAccountRole,
        {**POD, "issuer": f"https://oidc.eks.eu-centrall-1.{DOMAIN}/id/AB"},
        "did you mean 'eu-central-1'?",
    ),
    (
        EksServiceAccountRole,
        {**POD, "issuer": f"https://oidc.eks.eusc-de-east-1.{DOMAIN}/id/AB"},
        f"issuer must end with 'amazonaws.eu' in eusc-de-east-1, as hosts of the partition aws-eusc do, got '{DOMAIN}'",
    ),
    (
        WebIdentityRole,
        {
            "provider": f"arn:aws:iam::{OWN}:oidc-provider/oidc.eks.eu-central-1.{DOMAIN}.cn/id/AB",
            "audiences": ["a"],
            "subjects": ["b"],
        },
        f"provider must end with '{DOMAIN}' in eu-central-1, as hosts of the partition aws do, got '{DOMAIN}.cn'",
    ),
    *(
        (
            EksServiceAccountRole,
            {**POD, argument: given},
            (
                f"{argument} must be in a Region of partition aws, that of the stack in eu-central-1, got one in "
                f"{region}, which is of {partition}; where its pods are meant to take roles of another partition"
            ),
        )
        for argument, given, region, partition in (
            ("issuer", "oidc.eks.eusc-de-east-1.amazonaws.eu/id/A", "eusc-de-east-1", "aws-eusc"),
            ("clusters", [f"oidc.eks.us-gov-west-1.{DOMAIN}/id/A"], "us-gov-west-1", "aws-us-gov"),
            (
                "provider",
                f"arn:aws:iam::{OWN}:oidc-provider/oidc.eks.cn-north-1.{DOMAIN}.cn/id/A",
                "cn-north-1",
                "aws-cn",
            ),
        )
    ),
    (
        EksPodIdentityRole,
        {**POD, "clusters": [cluster(OWN, "eusc-de-east-1")]},
        "clusters must be of partition aws-eusc, which eusc-de-east-1 is in",
    ),
    (
        CognitoIdentityPoolRole,
        {"identity_pool_id": f"cn-north-1:{ID}", "authenticated": True},
        "identity_pool_id must be in a Region of partition aws, that of the stack in eu-central-1",
    ),
    (
        ServiceRole,
        {"service": f"states.cn-north-1.{DOMAIN}.cn"},
        "service must be in a Region of partition aws, that of the stack in eu-central-1",
    ),
    (
        RolesAnywhereRole,
        {"trust_anchors": [anchor(OTHER)], "certificate": {"x509Subject/CN": ["a"]}},
        f"trust_anchors must be of account {OWN}",
    ),
    (
        RolesAnywhereRole,
        {"trust_anchors": [anchor(OWN, "eu-centrall-1")], "certificate": {"x509Subject/CN": ["a"]}},
        "did you mean 'eu-central-1'?",
    ),
    (
        CognitoIdentityPoolRole,
        {"identity_pool_id": f"eu-centrall-1:{ID}", "authenticated": True},
        "did you mean 'eu-central-1'?",
    ),
    (
        SamlRole,
        {"provider": PROVIDER, "audiences": ["https://eu-centrall-1.signin.aws.amazon.com/saml"]},
        "did you mean 'eu-central-1'?",
    ),
    (
        SamlRole,
        {"provider": PROVIDER, "audiences": ["https://signin.amazonaws.cn/saml"]},
        "audiences must be endpoints of the partition of the stack, like 'https://signin.aws.amazon.com/saml'",
    ),
    (
        CrossAccountRole,
        {"trusted": HUB, "session_tags": {f"tag-{number}": ["*"] for number in range(51)}},
        "session_tags must be at most 50, which is what a call can pass, got 51",
    ),
    (
        CrossAccountRole,
        {"trusted": HUB, "source_ips": ["0.0.0.0/1", "128.0.0.0/1"]},
        "source_ips must leave some addresses out",
    ),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["::/1", "8000::/1"]}, "source_ips must leave some addresses"),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["127.0.0.1"]}, "which AWS never sees as aws:SourceIp"),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["::1"]}, "which AWS never sees as aws:SourceIp"),
    # Of IPv4 by its own name.
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["::ffff:203.0.113.5"]}, "which AWS never sees as aws:SourceIp"),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["169.254.0.0/16"]}, "which AWS never sees as aws:SourceIp"),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["0.0.0.0/8"]}, "which AWS never sees as aws:SourceIp"),
    # Python reads these as well.
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["198.51.100.0/255.255.255.0"]}, "public address or prefix"),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["198.51.100.0/0.0.0.255"]}, "public address or prefix"),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["2a00:1450::1%eth0"]}, "public address or prefix"),
    (
        CrossAccountRole,
        {"trusted": HUB, "max_session_duration": cdk.Duration.hours(8)},
        "max_session_duration of 8 hours needs a session_duration_reason",
    ),
    (
        ThirdPartyRole,
        {"vendor": "V", "trusted": Trusted.accounts(OTHER, OWN), "external_id": "0815"},
        "which is of the account of the stack: one's own callers are for CrossAccountRole",
    ),
    (
        ThirdPartyRole,
        {"vendor": "V", "trusted": Trusted.accounts(cdk.Aws.ACCOUNT_ID), "external_id": "0815"},
        "which is of the account of the stack: one's own callers are for CrossAccountRole",
    ),
    (
        CrossAccountRole,
        {"trusted": HUB, "session_duration_reason": "because"},
        "session_duration_reason is for a max_session_duration of more than 1 hour",
    ),
    # A token has the client as it is, and whose it is by a number.
    *(
        (GoogleRole, {"client_ids": [given]}, "client_ids must be the client id of an app like")
        for given in ("https://1-a.apps.googleusercontent.com", "robot@app.iam.gserviceaccount.com", "1-a", "")
    ),
    # A service account is client of all of its tokens, those for whomever it calls included.
    *(
        (
            GoogleRole,
            {"client_ids": ["1-a.apps.googleusercontent.com", "108"], **more},
            "audiences must be given for '108'",
        )
        for more in (
            {},
            {"subjects": ["108"]},
            {"conditions": {"StringNotEquals": {"accounts.google.com:oaud": "a"}}},
        )
    ),
    # A service account is client and subject of its tokens.
    (
        GoogleRole,
        {"client_ids": ["108", "109"], "subjects": ["108"]},
        "subjects must have '109' too, which client_ids has",
    ),
    # MFA demanded of who never has it.
    *(
        (
            kind,
            {**given, "conditions": {operator: {key: value}}},
            f"conditions cannot have {key}: {who} never carry MFA",
        )
        for kind, given, who in (
            (GitHubActionsRole, {**GITHUB, "branches": ["main"]}, "tokens and assertions"),
            (SamlRole, {"provider": PROVIDER}, "tokens and assertions"),
            (
                CognitoIdentityPoolRole,
                {"identity_pool_id": f"eu-central-1:{ID}", "authenticated": True},
                "tokens and assertions",
            ),
            (ServiceRole, {"service": f"states.{DOMAIN}"}, "calls of AWS services"),
            (RoleChain, {"entry": f"arn:aws:iam::{OTHER}:role/Entry"}, "sessions of roles"),
            (
                CrossAccountRole,
                {"trusted": [HUB, Trusted.permission_sets("Audit", accounts=[OTHER])], "mfa": False},
                "sessions of roles and of Identity Center",
            ),
        )
        for operator, key, value in (
            ("Bool", "aws:MultiFactorAuthPresent", "true"),
            ("BoolIfExists", "aws:multifactorauthpresent", "true"),
            ("NumericLessThan", "aws:MultiFactorAuthAge", "900"),
        )
    ),
    (FacebookRole, {"app_ids": ["1"], "user_ids": ["me"]}, "user_ids must be the id that a user has for the app"),
    *(
        (AmazonRole, {"app_ids": [LOGIN], "user_ids": [given]}, "user_ids must be the id of a user like")
        for given in ("alice@example.com", LOGIN, "amzn1.account.")
    ),
    (
        GitLabRole,
        {"group": "acme", "project": "a" * 216, "branches": ["main"]},
        "group and project must have at most 220 characters together",
    ),
    # The tokens of these products name their issuer without a slash.
    *(
        (kind, {**given, "issuer": "https://idp.example.com/"}, "say 'https://idp.example.com', got")
        for kind, given in (
            (GitLabRole, {"group": "acme", "project": "shop", "branches": ["main"]}),
            (TerraformCloudRole, {"organization": "acme", "project": "shop", "workspace": "dns"}),
            (GitHubActionsRole, {**GITHUB, "branches": ["main"]}),
        )
    ),
    (
        CrossAccountRole,
        {"trusted": HUB, "valid_until": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5)))},
        "valid_until must be in the years 1 to 9999 of UTC",
    ),
]


@pytest.mark.parametrize(("construct", "given", "message"), REFUSED)
def test_constructor_refuses(known: cdk.Stack, construct: Any, given: dict[str, Any], message: str) -> None:
    """The message says what was given, and what would work."""
    with pytest.raises(ValueError, match=re.escape(message)):
        construct(known, "It", **given)


ACCEPTED: list[tuple[Any, dict[str, Any]]] = [
    (ServiceRole, {"service": f"new-service.{DOMAIN}", "allow_unknown_service": True}),
    *((ServiceRole, {"service": f"lambda.{domain}", "allow_unknown_service": True}) for domain in ISOLATED),
    (ServiceRole, {"service": f"states.eu-central-1.{DOMAIN}"}),
    (ServiceRole, {"service": f"logs.{DOMAIN}", "source_arns": [f"arn:aws:logs:eu-central-1:{OTHER}:*"]}),
    (ServiceRole, {"service": f"scheduler.{DOMAIN}", "source_arns": [schedule(OWN, "*")]}),
    (GitHubActionsRole, {**GITHUB, "branches": ["reference/heads", "main"]}),
    (EksPodIdentityRole, {**POD, "clusters": [cluster(OWN)]}),
    (EksServiceAccountRole, {**POD, "issuer": f"https://oidc.eks.us-east-1.{DOMAIN}/id/AB"}),
    # An issuer is a public address, and STS of any partition takes its tokens.
    (
        WebIdentityRole,
        {"issuer": "oidc.eks.eusc-de-east-1.amazonaws.eu/id/AB", "audiences": ["a"], "subjects": ["b"]},
    ),
    (SamlRole, {"provider": PROVIDER, "audiences": ["https://eu-west-1.signin.aws.amazon.com/saml"]}),
    (SamlRole, {"provider": PROVIDER, "audiences": ["https://idp.example.com/saml"]}),
    (GoogleRole, {"client_ids": ["1-a.apps.googleusercontent.com", "1.apps.googleusercontent.com"]}),
    (GoogleRole, {"client_ids": ["1-a.apps.googleusercontent.com", "108"], "audiences": ["https://aws.example.com"]}),
    (GoogleRole, {"client_ids": ["108"], "subjects": ["9", "108"], "audiences": ["https://aws.example.com"]}),
    (GoogleRole, {"client_ids": ["108"], "conditions": {"StringEquals": {"accounts.google.com:oaud": "a"}}}),
    (CrossAccountRole, {"trusted": HUB, "mfa": False, "conditions": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
    (FacebookRole, {"app_ids": ["1"], "user_ids": ["9"]}),
    (AmazonRole, {"app_ids": [LOGIN], "user_ids": ["amzn1.account.AB12"]}),
    (GitLabRole, {"group": "a", "project": "b", "tags": ["v*"], "issuer": "https://example.com/gitlab"}),
    (CrossAccountRole, {"trusted": HUB, "source_ips": ["0.0.0.0/1", "198.51.100.0/24", "2001:db8::/32"]}),
    (CrossAccountRole, {"trusted": HUB, "session_tags": {f"tag-{number}": ["*"] for number in range(50)}}),
]


@pytest.mark.parametrize(("construct", "given"), ACCEPTED)
def test_constructor_accepts_what_works(known: cdk.Stack, construct: Any, given: dict[str, Any]) -> None:
    """What is near to it and right is not refused."""
    construct(known, "It", **given)


@pytest.mark.parametrize(
    ("app_id", "is_warned"),
    [("amzn1.application-oa2-client.0123abcd", True), ("amzn1.application.0123abcd", False), (LOGIN, False)],
)
def test_a_client_id_of_amazon_is_no_app_id(known: cdk.Stack, app_id: str, is_warned: bool) -> None:
    """It is what tokens have as their audience; AWS documents neither, and so it is a warning."""
    AmazonRole(known, "It", app_ids=[app_id])
    found = cdk.assertions.Annotations.from_stack(known).find_warning("*", cdk.assertions.Match.any_value())
    assert [app_id in str(one.entry.data) for one in found] == [True] * is_warned


def test_a_vendor_that_only_a_deployment_knows_is_taken(known: cdk.Stack) -> None:
    """A parameter, or what a program answers, may name any account, though it is in our stack; a role there is ours."""
    token = f"arn:aws:lambda:eu-central-1:{OWN}:function:lookup"
    account = cdk.CfnParameter(known, "Vendor").value_as_string
    answered = cdk.CustomResource(known, "Lookup", service_token=token).get_att_string("RoleArn")
    ThirdPartyRole(known, "Account", vendor="V", trusted=Trusted.accounts(account), external_id="0815")
    ThirdPartyRole(known, "Role", vendor="V", trusted=Trusted.roles(answered), external_id="0815")
    theirs = cdk.Fn.sub("arn:aws:iam::${Vendor}:role/${AWS::AccountId}", {"Vendor": account})
    ThirdPartyRole(known, "Named", vendor="V", trusted=Trusted.roles(theirs), external_id="0815")
    made = iam.CfnRole(known, "Own", assume_role_policy_document={}).attr_arn
    for own in (made, cdk.Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lookup")):
        with pytest.raises(ValueError, match="which is of the account of the stack"):
            ThirdPartyRole(known, "Ours", vendor="V", trusted=Trusted.roles(own), external_id="0815")


@pytest.mark.parametrize(
    ("region", "suffix"),
    [("eusc-de-east-1", "amazonaws.eu"), ("cn-north-1", f"{DOMAIN}.cn"), ("us-gov-east-1", DOMAIN)],
)
@pytest.mark.parametrize("own", [None, "same"])
def test_clusters_of_the_own_partition_are_taken(app: cdk.App, region: str, suffix: str, own: str | None) -> None:
    """Each partition has its clusters, and a stack without Region may be deployed to any."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region=region if own else None))
    EksServiceAccountRole(stack, "It", issuer=f"https://oidc.eks.{region}.{suffix}/id/AB", **POD)


@pytest.mark.parametrize("account", [None, OWN])
def test_other_accounts_are_refused_only_where_the_own_one_is_known(app: cdk.App, account: str | None) -> None:
    """An environment-agnostic stack may be deployed to the account of the cluster."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=account))
    EksPodIdentityRole(stack, "It", clusters=[cluster(OWN)], **POD)


@pytest.mark.parametrize(("account", "is_refused"), [(OWN, False), ("333344445555", True), (None, False)])
def test_what_another_account_has_in_the_app(
    app: cdk.App, known: cdk.Stack, account: str | None, is_refused: bool
) -> None:
    """A reference says it by the stack of what it refers to, and an ARN with a partition that is not known itself."""
    env = cdk.Environment(account=account, region="eu-central-1")
    there = cdk.Stack(app, "There", env=None if account is None else env)
    network = {"subnetIds": ["subnet-1", "subnet-2"]}
    made = eks.CfnCluster(there, "C", role_arn=f"arn:aws:iam::{OWN}:role/eks", resources_vpc_config=network)
    for number, arn in enumerate(
        (made.attr_arn, f"arn:{cdk.Aws.PARTITION}:eks:eu-central-1:{there.account}:cluster/c")
    ):
        refused = pytest.raises(ValueError, match=f"clusters must be of account {OWN}, .* got one of account {account}")
        with refused if is_refused else nullcontext():
            EksPodIdentityRole(known, f"R{number}", namespace="a", service_account="b", clusters=[arn])


@pytest.mark.parametrize(
    ("service", "actions"),
    [
        (f"datazone.{DOMAIN}", ["sts:AssumeRole", "sts:TagSession"]),
        (f"access-grants.s3.{DOMAIN}", ["sts:AssumeRole", "sts:SetSourceIdentity"]),
        (f"lambda.{DOMAIN}", "sts:AssumeRole"),
    ],
)
def test_services_may_pass_what_they_pass(known: cdk.Stack, service: str, actions: object) -> None:
    """A call that passes tags fails as a whole where the role does not allow tags."""
    (statement,) = ServiceRole(known, "It", service=service).trust_policy["Statement"]
    assert statement["Action"] == actions


def test_any_service_may_be_let_pass_tags(known: cdk.Stack) -> None:
    """For services of which it is not known here."""
    role = ServiceRole(known, "It", service=f"glue.{DOMAIN}", session_tags=True, source_identity=True)
    assert role.trust_policy["Statement"][0]["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]


@pytest.mark.parametrize(
    ("construct", "given", "message"),
    [
        (
            SamlRole,
            {"provider": PROVIDER.replace("arn:aws:", "arn:aws-eusc:")},
            "audiences must be given for a stack in eusc-de-east-1",
        ),
        (
            CognitoIdentityPoolRole,
            {"identity_pool_id": f"eusc-de-east-1:{ID}", "authenticated": True},
            "identity_pool_id cannot be for a stack in eusc-de-east-1",
        ),
    ],
)
def test_endpoints_of_a_new_partition_are_not_guessed(
    app: cdk.App, construct: Any, given: dict[str, Any], message: str
) -> None:
    """What they are called is not documented."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region="eusc-de-east-1"))
    with pytest.raises(ValueError, match=re.escape(message)):
        construct(stack, "It", **given)


POLICIES = [name for name in managed_policy_names() if name.endswith("ReadOnlyAccess")][:11]


def test_managed_policies_have_a_quota(app: cdk.App, stack: cdk.Stack) -> None:
    """Eleven are one too many, wherever they come from, unless AWS raised the quota."""
    eleven = [iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in POLICIES]
    with pytest.raises(ValueError, match="managed_policies must be at most 10, got 11"):
        CrossAccountRole(stack, "It", trusted=HUB, managed_policies=eleven)
    CrossAccountRole(stack, "Raised", trusted=HUB, managed_policies=eleven, max_managed_policies=20)
    app.synth()
    later = CrossAccountRole(stack, "Later", trusted=HUB)
    for policy in eleven[:10]:
        later.add_managed_policy(policy)
    with pytest.raises(ValueError, match="managed_policies must be at most 10, got 11"):
        later.add_managed_policy(eleven[10])
    app.synth(force=True)


def saml(stack: cdk.Stack) -> iam.SamlProvider:
    """A SAML provider of a stack."""
    return iam.SamlProvider(stack, "Saml", metadata_document=iam.SamlMetadataDocument.from_xml("<x/>"))


def oidc(stack: cdk.Stack) -> iam.OidcProviderNative:
    """An OpenID Connect provider of a stack."""
    return iam.OidcProviderNative(stack, "Oidc", url="https://token.actions.githubusercontent.com")


def github(scope: Construct) -> iam.CfnOIDCProvider:
    """A provider that stands in a template, and is referred to from there."""
    return iam.CfnOIDCProvider(scope, "GitHub", url="https://token.actions.githubusercontent.com")


PROVIDERS: list[tuple[Any, str, Any, dict[str, Any]]] = [
    # construct, argument, provider in a stack (or its ARN), further arguments
    (GitHubActionsRole, "provider", oidc, GITHUB | {"branches": ["main"]}),
    (
        GitHubActionsRole,
        "provider",
        "oidc-provider/token.actions.githubusercontent.com",
        GITHUB | {"branches": ["main"]},
    ),
    (EksServiceAccountRole, "provider", "oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A", POD),
    (EksServiceAccountRole, "clusters", ["oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A"], POD),
    (SamlRole, "provider", "saml-provider/Corporate", {}),
    (SamlRole, "providers", ["saml-provider/Corporate"], {}),
    (SamlRole, "provider", saml, {}),
    (GitHubActionsRole, "provider", lambda scope: github(scope).attr_arn, GITHUB | {"branches": ["main"]}),
    (GitHubActionsRole, "provider", lambda scope: github(scope).ref, GITHUB | {"branches": ["main"]}),
]


@pytest.mark.parametrize(("construct", "argument", "provider", "arguments"), PROVIDERS)
def test_providers_of_other_accounts(
    app: cdk.App, known: cdk.Stack, construct: Any, argument: str, provider: Any, arguments: dict[str, Any]
) -> None:
    """STS looks for an identity provider in the account of the role, so that one of another account is of no use."""

    def of(account: str) -> Any:
        if callable(provider):
            environment = cdk.Environment(account=account, region="eu-central-1")
            return provider(cdk.Stack(app, f"Of{account}", env=environment))
        arns = [f"arn:aws:iam::{account}:{one}" for one in ([provider] if isinstance(provider, str) else provider)]
        return arns[0] if isinstance(provider, str) else arns

    with pytest.raises(ValueError, match=f"must be of account {OWN}, that of the stack, since AWS STS looks"):
        construct(known, "Refused", **{argument: of(OTHER)}, **arguments)
    construct(known, "Role", **{argument: of(OWN)}, **arguments)


COMMERCIAL = "arn:aws:iam::111122223333"
PARTITIONS: list[tuple[Any, str, Any, dict[str, Any]]] = [
    # construct, argument, what is of the partition aws, further arguments
    (CrossAccountRole, "trusted", Trusted.users(f"{COMMERCIAL}:user/alice"), {}),
    (CrossAccountRole, "trusted", Trusted.roles(f"{COMMERCIAL}:role/Entry"), {"mfa": False}),
    (RoleChain, "entry", f"{COMMERCIAL}:role/Entry", {}),
    (SamlRole, "provider", PROVIDER, {}),
    (AssumeRoleGrant, "target_roles", [f"{COMMERCIAL}:role/Reader"], {}),
    (EksPodIdentityRole, "clusters", [cluster(OWN, "eu-central-1")], POD),
    (PermissionSet, "instance_arn", "arn:aws:sso:::instance/ssoins-0123456789abcdef", {"name": "Audit"}),
]


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize(("construct", "argument", "value", "arguments"), PARTITIONS)
def test_arns_of_other_partitions(
    app: cdk.App, stack: cdk.Stack, region: str, construct: Any, argument: str, value: Any, arguments: dict[str, Any]
) -> None:
    """Nothing goes from one partition to another; a stack for any Region may be in the right one."""
    there = cdk.Stack(app, "There", env=cdk.Environment(account=OWN, region=region))
    with pytest.raises(ValueError, match=r"must be of partition aws-(cn|us-gov), that of the stack in"):
        construct(there, "Refused", **{argument: value}, **arguments)
    construct(stack, "Role", **{argument: value}, **arguments)


@pytest.fixture
def hub(app: cdk.App) -> cdk.Stack:
    """A stack of the account of the people, with a user and a role that have paths."""
    made = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    iam.User(made, "Alice", user_name="alice", path="/staff/")
    iam.Role(made, "Jump", role_name="Jump", path="/ops/", assumed_by=iam.ServicePrincipal(f"ec2.{DOMAIN}"))
    return made


def _guardrail(stack: cdk.Stack, spared: str) -> RequireMfaGuardrail:
    # Each for a unit of its own: one would take back what the other one exempts.
    unit = f"ou-ab12-{stack.node.id.lower():0<8}"
    return RequireMfaGuardrail(stack, "X", targets=[unit], exempt_users=[spared], policy_name=stack.node.id)


MISNAMED: list[tuple[str, str, Any]] = [
    # as it is written, as it is called, what it is written in
    ("user/alice", "user/staff/alice", lambda s, arn: CrossAccountRole(s, "X", trusted=Trusted.users(arn))),
    ("role/ops/jump", "role/ops/Jump", lambda s, arn: RoleChain(s, "X", entry=arn)),
    ("role/Jump", "role/ops/Jump", lambda s, arn: CrossAccountRole(s, "X", trusted=Trusted.roles(arn), mfa=False)),
    ("role/Jump", "role/ops/Jump", lambda s, arn: AssumeRoleGrant(s, "X", target_roles=[arn])),
    ("role/Jump", "role/ops/Jump", lambda s, arn: RoleChain(s, "X", entry=iam.Role.from_role_arn(s, "I", arn))),
    ("user/alice", "user/staff/alice", _guardrail),
]


@pytest.mark.parametrize(("written", "called", "make"), MISNAMED)
def test_an_arn_of_nobody(app: cdk.App, hub: cdk.Stack, known: cdk.Stack, written: str, called: str, make: Any) -> None:
    """IAM takes a name once, so that a user or role of the app has it under another path, or in other letters."""
    start = "arn:aws:iam::111122223333:"
    make(known, f"{start}{written}")
    with pytest.raises(RuntimeError, match=re.escape(f"Known/X: {start}{written} is nobody's")) as caught:
        app.synth()
    assert f"write {start}{called}" in str(caught.value)


@pytest.mark.parametrize(("written", "called", "make"), MISNAMED)
def test_an_arn_of_somebody(
    app: cdk.App, hub: cdk.Stack, known: cdk.Stack, written: str, called: str, make: Any
) -> None:
    """So it is of the app's own, and of those that are elsewhere."""
    make(known, f"arn:aws:iam::111122223333:{called}")
    make(cdk.Stack(app, "Other", env=known_env(known)), f"arn:aws:iam::444455556666:{written}")
    app.synth()


@pytest.mark.parametrize(
    ("named", "is_warned"), [("Jump", True), ("ops/jump", True), ("ops/Jump", False), ("J", False)]
)
def test_a_name_of_roles_under_another_path(app: cdk.App, hub: cdk.Stack, named: str, is_warned: bool) -> None:
    """The ARN that a name is looked for by has the path; accounts elsewhere may have the role without one."""
    grant = AssumeRoleGrant(hub, "X", role_names=[named], organization="o-a1b2c3d4e5")
    app.synth()
    warned = [str(entry.data) for entry in grant.node.metadata if entry.type == "aws:cdk:warning"]
    assert [("Hub/Jump/Resource is 'ops/Jump'" in one) for one in warned] == [True] * is_warned


@pytest.mark.parametrize(("named", "is_warned"), [("audit/Auditor", False), ("Auditor", True), ("audit/auditor", True)])
def test_a_name_of_roles_of_a_stack_set(app: cdk.App, hub: cdk.Stack, named: str, is_warned: bool) -> None:
    """They are in accounts that have no stack of the app, and of its app all the same."""
    OrganizationRole(
        hub,
        "Wide",
        organizational_units=["ou-ab12-11111111"],
        role=lambda inner: CrossAccountRole(inner, "It", trusted=HUB, role_name="Auditor", path="/audit/"),
    )
    grant = AssumeRoleGrant(hub, "X", role_names=[named], organization="o-a1b2c3d4e5")
    app.synth()
    warned = [str(entry.data) for entry in grant.node.metadata if entry.type == "aws:cdk:warning"]
    assert [("that of Hub/Wide is 'audit/Auditor'" in one) for one in warned] == [True] * is_warned


def known_env(stack: cdk.Stack) -> cdk.Environment:
    """The environment of a stack."""
    return cdk.Environment(account=stack.account, region=stack.region)
