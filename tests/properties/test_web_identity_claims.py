"""
Which claim of which provider names a tenant: more hard pairs.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
BUILT_IN = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")
GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.com"
TERRAFORM = "app.terraform.io"
BUILDKITE = "agent.buildkite.com"
STEP = "ref:refs/heads/main:commit:0:step:deploy"
EKS = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
COGNITO, GOOGLE, FACEBOOK, AMAZON = ("cognito-identity.amazonaws.com", "accounts.google.com", *BUILT_IN[2:])
CIRCLECI = "oidc.circleci.com/org/11111111-2222-3333-4444-555555555555"
OKTA = "dev-12345.okta.com/oauth2/default"
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
TURBONOMIC = (
    "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
    "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
    "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
    "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
    "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
)
SENTINEL = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
POOL = {"aud": "us-east-1:11111111-2222-3333-4444-555555555555"}


def allow(host: str, conditions: Json, action: object = "sts:AssumeRoleWithWebIdentity") -> Json:
    """An Allow for a provider; the conditions test its claims."""
    found = {
        operator: {f"{host}:{claim}": value for claim, value in claims.items()}  # type: ignore[attr-defined]
        for operator, claims in conditions.items()
    }
    provider = host if host in BUILT_IN else f"arn:aws:iam::111122223333:oidc-provider/{host}"
    return {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action, "Condition": found}


def like(**claims: object) -> Json:
    """A test of claims by pattern."""
    return {"StringLike": claims}


def equals(**claims: object) -> Json:
    """A test of claims for exact values."""
    return {"StringEquals": claims}


GITHUB_CASES: list[tuple[Json, str]] = [
    (like(sub="repo:org/?*"), "proved"),
    (like(sub="repo:org/*:environment:prod"), "proved"),
    (like(sub=["repo:org/*", "repo:other-org/app:*"]), "proved"),
    (like(sub=["repo:org/*", "repo:*/app:*"]), "refuted"),
    (like(sub="repo:o*g/app:*"), "refuted"),
    (like(sub="repo:????/app:*"), "refuted"),
    (like(sub="*/app:ref:refs/heads/main"), "refuted"),
    (like(sub="*org/*"), "refuted"),
    # Nothing else begins so that it could hold this.
    (like(sub="*repo:org/*"), "proved"),
    # Names differ in more than letter case.
    ({"StringEqualsIgnoreCase": {"sub": "repo:Org/App:ref:refs/heads/main"}}, "proved"),
    ({"StringEqualsIgnoreCase": {"sub": "Repo:ORG/App:REF:refs/heads/Main"}}, "proved"),
    ({"StringEqualsIgnoreCase": {"repository": "ORG/App"}}, "proved"),
    # A web identity has no tags, so the default stands there; whether that may have wildcards is not documented.
    (like(sub="repo:${aws:PrincipalTag/org, 'org'}/*"), "proved"),
    (like(sub="repo:${aws:PrincipalTag/org, 'org'}*"), "refuted"),
    (like(sub="repo:${aws:PrincipalTag/org, '*'}/*"), "unknown"),
    (like(sub="repo:${aws:PrincipalTag/org}/*"), "proved"),
    # Nobody may pass session tags here.
    (like(sub="${aws:RequestTag/org, 'repo:org/app'}:*"), "proved"),
    (like(sub="repo:${aws:FederatedProvider, 'org'}/*"), "unknown"),
    # No subject looks like this.
    (like(sub="org/app:*"), "proved"),
    (like(sub="Repo:org*"), "proved"),
    # Names with ids: either is as good as the other.
    (like(sub="repo:org@123/app@456:*"), "proved"),
    (like(sub="repo:org@*/app@*:*"), "proved"),
    (like(sub="repo:*@123/app@*:*"), "refuted"),
    (like(sub="repo:org*@123/app@456:*"), "refuted"),
    # Subjects put together from other claims.
    (like(sub="repository_owner:org:*"), "proved"),
    (like(sub="repository_owner:org*"), "refuted"),
    (like(sub="repository_owner_id:123:repository_id:*"), "proved"),
    (like(sub="repository_id:456:*"), "proved"),
    (like(sub="environment:prod:repository_owner:org"), "proved"),
    (like(sub="environment:prod:*"), "refuted"),
    (like(sub="ref:refs/heads/main:repo:org/*"), "proved"),
    (like(sub="job_workflow_ref:org/flows/.github/workflows/deploy.yml@*"), "proved"),
    (like(sub="job_workflow_ref:*/.github/workflows/deploy.yml@refs/heads/main"), "refuted"),
    # Claims beside the subject.
    (equals(repository="org/app"), "proved"),
    (like(repository="org/*"), "proved"),
    (like(repository="org*"), "refuted"),
    (equals(repository_id="456"), "proved"),
    # STS makes no key of this claim, so that nobody has it.
    (equals(repository_owner="org"), "proved"),
    (like(repository_owner="org*"), "proved"),
    ({"StringEqualsIfExists": {"repository_owner": "org"}}, "refuted"),
    ({"ForAllValues:StringEquals": {"repository_owner": "org"}}, "refuted"),
    ({"ForAnyValue:StringEquals": {"repository_owner": "org"}}, "proved"),
    (like(job_workflow_ref="org/flows/.github/workflows/deploy.yml@*"), "proved"),
    (like(job_workflow_ref="*/deploy.yml@refs/heads/main"), "refuted"),
    (equals(enterprise="acme"), "proved"),
    (equals(environment="prod"), "refuted"),
    (equals(ref="refs/heads/main"), "refuted"),
    (equals(workflow="deploy"), "refuted"),
    (equals(actor="alice"), "refuted"),
    (equals(actor_id="123"), "refuted"),
    ({**like(sub="repo:*"), **equals(repository_owner="org")}, "proved"),
    ({"StringLikeIfExists": {"sub": "repo:org/*"}, "Null": {"sub": "false"}}, "proved"),
    ({"ForAllValues:StringLike": {"sub": "repo:org/*"}, "Null": {"sub": "false"}}, "proved"),
    ({"Null": {"sub": "false"}}, "refuted"),
    ({"StringNotLike": {"sub": "repo:evil/*"}, **like(sub="repo:org/*")}, "proved"),
]

CASES: list[tuple[str, Json, str]] = [
    *((GITHUB, conditions, expected) for conditions, expected in GITHUB_CASES),
    # An issuer of one enterprise: all who get tokens there are one's own.
    *(
        (issuer, conditions, expected)
        for issuer in (f"{GITHUB}/acme", "github.example.com/_services/token", "token.actions.acme.ghe.com")
        for conditions, expected in (
            (equals(aud="sts.amazonaws.com"), "proved"),
            (like(sub="repo:acme/*"), "proved"),
            (like(sub="repo:acme*"), "proved"),
            (equals(repository_id="123"), "proved"),
            (like(aud="*"), "refuted"),
            (equals(actor="octocat"), "refuted"),
            ({"StringEqualsIfExists": {"aud": "sts.amazonaws.com"}}, "refuted"),
        )
    ),
    (GITLAB, like(sub="project_path:group/*"), "proved"),
    (GITLAB, like(sub="project_path:group/team/*:ref_type:branch:ref:main"), "proved"),
    (GITLAB, like(sub="project_path:*:ref_type:branch:ref:main"), "refuted"),
    (GITLAB, like(sub="*:ref_type:branch:ref:main"), "refuted"),
    (GITLAB, equals(namespace_id="12"), "proved"),
    (GITLAB, equals(namespace_path="group"), "proved"),
    (GITLAB, like(namespace_path="group/*"), "proved"),
    (GITLAB, like(namespace_path="group*"), "proved"),
    (GITLAB, {"StringLikeIfExists": {"namespace_path": "group*"}}, "refuted"),
    (GITLAB, equals(project_path="group/app"), "proved"),
    (GITLAB, equals(ref_protected="true"), "refuted"),
    # A server of one's own: everybody there is one's own, and something must be asked.
    ("gitlab.example.com", like(sub="project_path:group/*"), "proved"),
    ("gitlab.example.com", like(sub="project_path:group*"), "proved"),
    ("gitlab.example.com", equals(aud="https://aws.example.com"), "proved"),
    ("gitlab.example.com", equals(project_id="12"), "proved"),
    ("gitlab.example.com", like(sub="*"), "refuted"),
    ("gitlab.example.com", {"StringLikeIfExists": {"sub": "project_path:group/*"}}, "refuted"),
    ("gitlab.example.com", equals(ref_protected="true"), "proved"),
    ("gitlab.example.com", {}, "refuted"),
    (TERRAFORM, like(sub="organization:foo:*"), "proved"),
    (TERRAFORM, equals(sub="organization:foo:project:app:workspace:prod:run_phase:apply"), "proved"),
    (TERRAFORM, like(sub="organization:*"), "refuted"),
    (TERRAFORM, like(sub="organization:foo-?:project:*"), "refuted"),
    (TERRAFORM, like(sub="*:project:prod:*"), "refuted"),
    (TERRAFORM, equals(terraform_organization_id="org-1"), "proved"),
    ("tfe.example.com", equals(aud="aws.workload.identity"), "proved"),
    (EKS, like(sub="system:serviceaccount:apps:web*"), "proved"),
    (EKS, equals(sub=["system:serviceaccount:apps:web", "system:serviceaccount:jobs:run"]), "proved"),
    (EKS, like(sub="system:serviceaccount:*"), "refuted"),
    (EKS, like(sub="system:serviceaccount:apps*"), "refuted"),
    (EKS, {"StringEqualsIfExists": {"sub": "system:serviceaccount:apps:web"}}, "refuted"),
    (COGNITO, {**like(aud="us-east-1:*"), "ForAnyValue:StringLike": {"amr": "authenticated"}}, "refuted"),
    (COGNITO, {**equals(**POOL), "ForAnyValue:StringLike": {"amr": "graph.facebook.com"}}, "proved"),
    (COGNITO, {**equals(**POOL), "ForAnyValue:StringLike": {"amr": "*authenticated"}}, "refuted"),
    (COGNITO, {**equals(**POOL), "ForAnyValue:StringNotEquals": {"amr": "unauthenticated"}}, "proved"),
    (COGNITO, {"StringEqualsIfExists": POOL, "ForAnyValue:StringLike": {"amr": "authenticated"}}, "refuted"),
    # Every token of Cognito says how its bearer has signed in.
    (COGNITO, {**equals(**POOL), "ForAllValues:StringLike": {"amr": "authenticated"}}, "proved"),
    (COGNITO, {**equals(**POOL), "ForAllValues:StringNotEquals": {"amr": "unauthenticated"}}, "proved"),
    (COGNITO, {**equals(**POOL), "ForAnyValue:StringNotEqualsIfExists": {"amr": "unauthenticated"}}, "proved"),
    (COGNITO, {**equals(**POOL), "ForAllValues:StringLike": {"amr": "*authenticated"}}, "refuted"),
    (COGNITO, {**equals(**POOL), "Null": {"amr": "true"}}, "proved"),
    (COGNITO, {**equals(**POOL), "Null": {"amr": "false"}}, "refuted"),
    (
        COGNITO,
        {**equals(**POOL), "ForAllValues:StringLike": {"amr": "authenticated"}, "Null": {"amr": "false"}},
        "proved",
    ),
    # Whether an operator without set operator meets a claim with several values is not documented: none of them that
    # it does not match.
    (COGNITO, equals(**POOL, amr="authenticated"), "proved"),
    (COGNITO, like(**POOL, amr="*authenticated"), "unknown"),
    # Whoever asks for a token chooses its audience; the application is the authorized party.
    (GOOGLE, equals(oaud="client"), "refuted"),
    (GOOGLE, equals(oaud="client", aud="client"), "proved"),
    (GOOGLE, equals(azp="client"), "proved"),
    # Whoever signs in to an application of somebody else leaves a token there.
    (GOOGLE, equals(email="somebody@example.com"), "refuted"),
    (GOOGLE, equals(sub="110169484474386276334"), "refuted"),
    (GOOGLE, equals(hd="example.com"), "proved"),
    (GOOGLE, {**equals(sub="110169484474386276334"), **like(aud="*")}, "refuted"),
    (GOOGLE, equals(sub="110169484474386276334", aud="client"), "proved"),
    (GOOGLE, equals(email="somebody@example.com", aud="client"), "proved"),
    # The audience of a service account's token is the account, whoever the token is for.
    (GOOGLE, equals(aud="110169484474386276334"), "refuted"),
    (GOOGLE, equals(sub="110169484474386276334", aud="110169484474386276334"), "refuted"),
    (GOOGLE, equals(aud=["110169484474386276334", "client"]), "refuted"),
    (GOOGLE, equals(aud="110169484474386276334", oaud="aws"), "proved"),
    (GOOGLE, equals(sub="110169484474386276334", aud="110169484474386276334", oaud="aws"), "proved"),
    (GOOGLE, equals(sub="110169484474386276334", oaud="aws"), "proved"),
    (GOOGLE, equals(email="somebody@example.com", oaud="aws"), "proved"),
    (GOOGLE, {**equals(sub="110169484474386276334"), **like(oaud="*")}, "refuted"),
    (GOOGLE, {**equals(oaud="aws"), **like(sub="*")}, "refuted"),
    (GOOGLE, {**equals(sub="110169484474386276334"), "StringEqualsIfExists": {"oaud": "aws"}}, "refuted"),
    (GOOGLE, {"NumericEquals": {"google/organization_number": "123"}}, "proved"),
    (GOOGLE, {"NumericGreaterThan": {"google/organization_number": "1"}}, "refuted"),
    (GOOGLE, like(aud="*.apps.googleusercontent.com"), "refuted"),
    (GOOGLE, {"ForAllValues:StringEquals": {"aud": "client"}}, "refuted"),
    (FACEBOOK, equals(id="1"), "refuted"),
    (FACEBOOK, equals(id="1", app_id="2"), "proved"),
    (FACEBOOK, like(app_id="*"), "refuted"),
    (AMAZON, equals(user_id="amzn1.account.1"), "refuted"),
    (AMAZON, equals(app_id="amzn1.application-oa2-client.1"), "proved"),
    (AMAZON, like(app_id="amzn1.application-oa2-client.*"), "refuted"),
    (CIRCLECI, equals(aud="11111111-2222-3333-4444-555555555555"), "proved"),
    (CIRCLECI, {**equals(**{"oidc.circleci.com/project-id": "1"})}, "proved"),
    (CIRCLECI, {"StringLikeIfExists": {"sub": "org/1/project/2/*"}}, "refuted"),
    (OKTA, equals(aud=["app", "other-app"]), "proved"),
    (OKTA, like(aud="*"), "refuted"),
    (OKTA, {"StringNotEquals": {"aud": "app"}}, "refuted"),
    (OKTA, {"StringEqualsIfExists": {"aud": "app"}}, "refuted"),
    (BUILDKITE, like(sub="organization:acme:pipeline:*"), "proved"),
    (BUILDKITE, like(sub="organization:acme*"), "refuted"),
    # AWS's own example.
    (BUILDKITE, equals(organization_slug="acme", pipeline_slug="app", build_branch="main"), "proved"),
    (BUILDKITE, like(organization_slug="acme*"), "refuted"),
    (BUILDKITE, equals(organization_id="0184990a-477b-4fa8-9968-000000000001"), "proved"),
    (BUILDKITE, equals(pipeline_id="0184990a-477b-4fa8-9968-000000000001"), "proved"),
    (BUILDKITE, equals(cluster_id="0184990a-477b-4fa8-9968-000000000001"), "proved"),
    (BUILDKITE, {"StringEqualsIfExists": {"pipeline_id": "0184990a-477b-4fa8-9968-000000000001"}}, "refuted"),
    (BUILDKITE, equals(pipeline_slug="app"), "refuted"),
    (BUILDKITE, equals(cluster_name="ours", build_branch="main"), "refuted"),
    ("api.pulumi.com/oidc", equals(aud="aws:acme"), "proved"),
    ("api.pulumi.com/oidc", like(aud="aws:*"), "refuted"),
    ("oidc.vercel.com", equals(aud="https://vercel.com/acme"), "proved"),
    ("oidc.vercel.com", like(sub="owner:*:project:app:environment:production"), "refuted"),
    ("oidc.vercel.com/acme", equals(aud="https://vercel.com/acme"), "proved"),
    ("oidc.codefresh.io", like(sub="account:1234:*"), "proved"),
    ("oidc.codefresh.io", like(sub="account:*:pipeline:1234"), "refuted"),
    ("scalr.io", equals(aud="aws.scalr-run-workload"), "refuted"),
    ("scalr.io", like(sub="account:acme:*"), "proved"),
    ("studio.datachain.ai/api", like(sub="credentials:team/*"), "proved"),
    ("studio.datachain.ai/api", like(sub="credentials:team*"), "refuted"),
    ("proidc.upbound.io", like(sub="mcp:acme/*"), "proved"),
    ("proidc.upbound.io", like(sub="mcp:*:provider:provider-aws"), "refuted"),
    ("oidc-configuration.audit-log.githubusercontent.com", equals(sub="https://github.com/acme"), "proved"),
    ("oidc-configuration.audit-log.githubusercontent.com", like(sub="https://github.com/*"), "refuted"),
    ("tokens.cloud.shisho.dev", equals(aud="sts.amazonaws.com"), "refuted"),
    *((host, equals(aud="sts.amazonaws.com"), "refuted") for host in TURBONOMIC),
    *((host, equals(sub="system:serviceaccount:abc123:t8c-operator"), "proved") for host in TURBONOMIC),
    *((host, like(sub="system:serviceaccount:*:t8c-operator"), "refuted") for host in TURBONOMIC),
    ("app.eu.terraform.io", equals(aud="aws.workload.identity"), "refuted"),
    ("app.eu.terraform.io", like(sub="organization:acme:*"), "proved"),
    ("oidc.modal.com", equals(aud="oidc.modal.com"), "refuted"),
    ("oidc.modal.com", like(sub="modal:workspace_id:ac-12345abcd:*"), "proved"),
    ("oidc.modal.com", like(sub="modal:workspace_id:ac-1*"), "refuted"),
    ("oidc.cirrus-ci.com", equals(aud="sts.amazonaws.com"), "refuted"),
    ("oidc.cirrus-ci.com", like(sub="repo:github:org/*"), "proved"),
    ("oidc.cirrus-ci.com", like(sub="repo:github:org*"), "refuted"),
]


@pytest.mark.parametrize(("host", "conditions", "expected"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_claims(host: str, conditions: Json, expected: str) -> None:
    """A tenant is named by the claim that the provider fills with it, in full."""
    assert verdict(allow(host, conditions)) == expected


@pytest.mark.parametrize(
    ("operator", "name", "expected"),
    [
        (None, None, "refuted"),
        ("StringEquals", "MicrosoftSentinel_11111111-2222-3333-4444-555555555555", "proved"),
        ("StringEqualsIfExists", "MicrosoftSentinel_11111111-2222-3333-4444-555555555555", "proved"),
        ("StringLike", "MicrosoftSentinel_*", "refuted"),
        ("StringLike", "*", "refuted"),
        ("StringNotEquals", "MicrosoftSentinel_11111111-2222-3333-4444-555555555555", "refuted"),
    ],
)
def test_the_session_says_for_whom_microsoft_comes(operator: str | None, name: str | None, expected: str) -> None:
    """Of Microsoft Sentinel the name of the session tells the customers apart, and every call has one."""
    statement = allow(SENTINEL, equals(aud="api://1462b192-27f7-4cb9-8523-0f4ecb54b47e"))
    if operator is not None:
        tested = {"sts:RoleSessionName": name}
        statement["Condition"] = {**statement["Condition"], operator: tested}  # type: ignore[dict-item]
        if operator == "StringEquals":
            statement["Condition"] = {operator: {f"{SENTINEL}:aud": "api://1462b192", **tested}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333")
    assert found.verdict == expected
    if expected == "refuted":
        assert 'a token of Microsoft Sentinel for the session "MicrosoftSentinel_9999' in found.message
        assert "sts:RoleSessionName has the form MicrosoftSentinel_WORKSPACE-ID" in str(found.remedy)


@pytest.mark.parametrize(
    ("host", "conditions", "rests"),
    [
        (OKTA, equals(aud="sts.amazonaws.com"), True),
        ("login.example.com", equals(aud="https://login.example.com"), True),
        ("login.example.com", equals(aud="0oa1b2c3"), False),
        ("login.example.com", equals(aud="sts.amazonaws.com", sub="00u123"), False),
        (GITHUB, like(aud="sts.amazonaws.com", sub="repo:org/*"), False),
    ],
)
def test_an_audience_for_everybody_rests_on_the_issuer(host: str, conditions: Json, rests: bool) -> None:
    """Where only an audience is asked that every customer has, the proof says that the issuer must be private."""
    policy = {"Version": "2012-10-17", "Statement": [allow(host, conditions)]}
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333")
    assert found.verdict == "proved"
    assert bool(found.reasons) is rests
    assert not rests or f"{host} signing for nobody else" in found.reasons[0]


@pytest.mark.parametrize(("operator", "expected"), [("StringLike", "proved"), ("StringLikeIfExists", "refuted")])
def test_a_url_is_no_condition_key(operator: str, expected: str) -> None:
    """A claim is named by the host of the issuer; with ``https://`` no token has it."""
    statement = {**allow(GITHUB, {}), "Condition": {operator: {f"https://{GITHUB}:sub": "repo:org/*"}}}
    assert verdict(statement) == expected


PROVIDER = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"}


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (PROVIDER, {"StringNotLike": {f"{GITHUB}:sub": "repo:org/*"}}, "proved"),
        (PROVIDER, {"StringNotLikeIfExists": {f"{GITHUB}:sub": "repo:org/*"}}, "proved"),
        (PROVIDER, {"StringNotLike": {f"{GITHUB}:sub": "repo:org*"}}, "refuted"),
        (PROVIDER, {"ForAnyValue:StringNotLike": {f"{GITHUB}:sub": "repo:org/*"}}, "refuted"),
        (PROVIDER, {"StringLike": {f"{GITHUB}:sub": "repo:evil/*"}}, "refuted"),
        ("*", {"StringNotLike": {f"{GITHUB}:sub": "repo:org/*"}}, "proved"),
        # That {"AWS": "*"} speaks of federated callers nobody says.
        ({"AWS": "*"}, {"StringNotLike": {f"{GITHUB}:sub": "repo:org/*"}}, "refuted"),
    ],
)
def test_deny_for_everybody_else(principal: object, condition: Json, expected: str) -> None:
    """A Deny for all other tenants is as good as an Allow for one's own."""
    denied = {"Effect": "Deny", "Principal": principal, "Action": "sts:*", "Condition": condition}
    open_ = allow(GITHUB, equals(aud="sts.amazonaws.com"))
    assert verdict(open_, denied) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # The claim is in every token: a guest's says so.
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"}}, "proved"),
        ({"ForAnyValue:StringEquals": {f"{COGNITO}:amr": "unauthenticated"}}, "proved"),
        ({"ForAnyValue:StringNotLike": {f"{COGNITO}:amr": "authenticated"}}, "proved"),
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}, "refuted"),
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "graph.facebook.com"}}, "refuted"),
    ],
)
def test_guests_are_denied(condition: Json, expected: str) -> None:
    """A Deny for guests keeps them out of an Allow that does not look at how somebody has signed in."""
    denied = {**allow(COGNITO, {}), "Effect": "Deny", "Condition": condition}
    assert verdict(allow(COGNITO, equals(**POOL)), denied) == expected


def test_guests_are_locked_out_by_no_diff() -> None:
    """A pool may give the role to its guests."""
    policy = {"Version": "2012-10-17", "Statement": [allow(COGNITO, equals(**POOL))]}
    found = trustproof.prove(policy, "web-identity-bound")
    assert found.verdict == trustproof.REFUTED
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "amr authenticated" in found.remedy.text


WILDCARDS: list[tuple[str, Json]] = [
    (GITHUB, equals(sub="repo:*")),
    (GITHUB, equals(repository="org*")),
    (GITHUB, equals(environment="prod-*")),
    (GITHUB, equals(aud="*")),
    (COGNITO, {**equals(aud="us-east-1:*"), "ForAnyValue:StringLike": {"amr": "authenticated"}}),
    (GOOGLE, equals(aud="*.apps.googleusercontent.com")),
    (GOOGLE, equals(aud=["*.apps.googleusercontent.com", "12.apps.googleusercontent.com"])),
    (OKTA, equals(aud="*")),
    (OKTA, equals(groups="team-?")),
    (AMAZON, equals(app_id="amzn1.application-oa2-client.*")),
]


@pytest.mark.parametrize(("host", "conditions"), WILDCARDS, ids=[f"{c[0]} {c[1]}" for c in WILDCARDS])
def test_no_claim_has_a_wildcard(host: str, conditions: Json) -> None:
    """A wildcard next to an exact operator lets nobody in, so no other tenant either."""
    assert verdict(allow(host, conditions)) == "proved"


def token(host: str, conditions: Json, *more: Json) -> dict[str, object]:
    """The claims of the counterexample."""
    policy = {"Version": "2012-10-17", "Statement": [allow(host, conditions), *more]}
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333")
    assert found.counterexample is not None
    return {key.removeprefix(f"{host}:"): value for key, value in found.counterexample.context.items()}


MAIN = "app:ref:refs/heads/main"
TOKENS: list[tuple[str, Json, Json]] = [
    # Somebody else, although the pattern admits the author's own organization as well.
    (GITHUB, {**like(sub="repo:org*"), "StringNotLike": {"sub": "repo:org-evil/*"}}, {"sub": f"repo:org-other/{MAIN}"}),
    (GITHUB, {**like(sub="repo:org*"), "StringNotLike": {"sub": "repo:org-*"}}, {"sub": f"repo:orgevil/{MAIN}"}),
    (GITHUB, {**like(sub="repo:org?/*")}, {"sub": f"repo:orgx/{MAIN}"}),
    (GITHUB, like(sub="repo:o*g/app:*"), {"sub": f"repo:oevilg/{MAIN}"}),
    (GITHUB, like(sub="*my-org/*"), {"sub": f"repo:evil-my-org/{MAIN}"}),
    (GITHUB, like(sub="*my-org/app:ref:*"), {"sub": "repo:evil-my-org/app:ref:refs/heads/main"}),
    (GITLAB, like(sub="*group/*"), {"sub": "project_path:evil-group/app:ref_type:branch:ref:main"}),
    ("tokens.cloud.shisho.dev", like(sub="*"), {"sub": "somebody"}),
    (AMAZON, like(user_id="*"), {"user_id": "amzn1.account.SOMEBODY"}),
    (FACEBOOK, like(id="*"), {"id": "10200000000000000"}),
    (GOOGLE, like(email="*@example.com"), {"email": "somebody@example.com"}),
    (GITHUB, like(sub="repository_owner_id:12*"), {"sub": "repository_owner_id:1299998888"}),
    # Claims that speak of one project speak of the same one.
    (GITHUB, like(repository="org*"), {"repository": "org-evil/app", "sub": f"repo:org-evil/{MAIN}"}),
    (
        GITHUB,
        like(repository="*/infra"),
        {"repository": "evil/infra", "sub": "repo:evil/infra:ref:refs/heads/main"},
    ),
    (
        GITHUB,
        like(repository="or*/i*", sub="repo:o*"),
        {
            "repository": "or-evil/iapp",
            "sub": "repo:or-evil/iapp:ref:refs/heads/main",
        },
    ),
    (GITHUB, like(repository_owner_id="12*"), {"repository_owner_id": "1299998888", "sub": f"repo:evil/{MAIN}"}),
    (
        GITHUB,
        like(job_workflow_ref="*/.github/workflows/deploy.yml@refs/heads/main"),
        {
            "job_workflow_ref": "evil/app/.github/workflows/deploy.yml@refs/heads/main",
            "sub": f"repo:evil/{MAIN}",
        },
    ),
    (GITLAB, like(sub="project_path:group*"), {"sub": "project_path:group-evil/app:ref_type:branch:ref:main"}),
    (
        COGNITO,
        {**like(aud="eu-west-1:*"), "ForAnyValue:StringLike": {"amr": "authenticated"}},
        {"amr": ("authenticated",), "aud": "eu-west-1:99999999-8888-7777-6666-555555555555"},
    ),
    (GOOGLE, like(aud="*.apps.googleusercontent.com"), {"aud": "999988887777-evil.apps.googleusercontent.com"}),
    (GOOGLE, like(aud="*"), {"aud": "999988887777-evil.apps.googleusercontent.com"}),
    (FACEBOOK, like(app_id="*"), {"app_id": "999988887777"}),
    ("api.pulumi.com/oidc", like(aud="*"), {"aud": "aws:evil"}),
    (
        "oidc.vercel.com",
        like(aud="https://vercel.com/*"),
        {"aud": "https://vercel.com/evil", "sub": "owner:evil:project:app:environment:production"},
    ),
    (OKTA, like(aud="*"), {"aud": "another-app"}),
    (f"{GITHUB}/acme", like(aud="*"), {"aud": "another-app"}),
    (
        BUILDKITE,
        equals(pipeline_slug="infra"),
        {"pipeline_slug": "infra", "sub": f"organization:evil:pipeline:infra:{STEP}"},
    ),
    (
        BUILDKITE,
        like(organization_slug="acme*", pipeline_slug="in*"),
        {
            "organization_slug": "acme-evil",
            "pipeline_slug": "inapp",
            "sub": f"organization:acme-evil:pipeline:inapp:{STEP}",
        },
    ),
]


@pytest.mark.parametrize(("host", "conditions", "expected"), TOKENS, ids=[f"{c[0]} {c[1]}" for c in TOKENS])
def test_counterexample_is_a_token_that_exists(host: str, conditions: Json, expected: Json) -> None:
    """Its values look as the provider writes them, name somebody else, and agree."""
    found = token(host, conditions)
    assert {claim: found[claim] for claim in expected} == expected
    assert {claim for claim, value in found.items() if "." not in claim and value is not None} == set(expected)


@pytest.mark.parametrize(
    ("host", "conditions", "claim"),
    [
        (COGNITO, {**like(aud="us-east-1:*"), "ForAnyValue:StringLike": {"amr": "authenticated"}}, "aud"),
        (COGNITO, {**equals(**POOL), "ForAllValues:StringLike": {"amr": "*authenticated"}}, "amr"),
        (COGNITO, {"ForAnyValue:StringLike": {"amr": "authenticated"}}, ""),
        (COGNITO, equals(**POOL), ""),
        (GITHUB, {**equals(environment="prod", aud="sts.amazonaws.com"), **like(sub="repo:org*")}, "sub"),
        (GITHUB, equals(environment="prod", aud="sts.amazonaws.com"), "environment"),
        (OKTA, {**like(aud="*"), "ForAnyValue:StringEquals": {"amr": "mfa"}}, "aud"),
    ],
)
def test_place_is_the_test_that_does_not_hold(host: str, conditions: Json, claim: str) -> None:
    """The finding points at the claim that should have told tenants apart, and not at one that does its work."""
    policy = {"Version": "2012-10-17", "Statement": [allow(host, conditions)]}
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333")
    assert found.path[-1] == (f"{host}:{claim}" if claim else "Principal")


def test_two_providers_are_asked_about() -> None:
    """A condition on the claims of one provider keeps the tokens of another out, unless it is met without them."""
    both = {**allow(GITHUB, like(sub="repo:org/*"))}
    both["Principal"] = {"Federated": [PROVIDER["Federated"], "arn:aws:iam::111122223333:oidc-provider/gitlab.com"]}
    assert verdict(both) == "proved"
    both["Condition"] = {"StringLikeIfExists": {f"{GITHUB}:sub": "repo:org/*"}}
    assert verdict(both) == "refuted"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sts:TagSession", "proved"),
        ("sts:AssumeRole", "proved"),
        ("sts:*", "refuted"),
        (["sts:AssumeRoleWithWebIdentity", "sts:TagSession"], "refuted"),
    ],
)
def test_only_credentials_count(action: object, expected: str) -> None:
    """An action that gives no credentials of the role gives nobody anything."""
    assert verdict(allow(GITHUB, equals(aud="sts.amazonaws.com"), action)) == expected


def verdict(*statements: Json) -> str:
    """The verdict on a trust policy."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return trustproof.prove(policy, "web-identity-bound", account="111122223333").verdict


def test_a_token_of_somebody_who_signs_in_elsewhere_is_said_to_be_one() -> None:
    """Where a policy tests only who has signed in, the finding is about the application."""
    policy = {"Version": "2012-10-17", "Statement": [allow(GOOGLE, equals(sub="110169484474386276334"))]}
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333")
    assert found.message == "a token that another application of Google holds may get credentials of the role"
    assert found.label == "this says who has signed in, and not to which application"
    assert found.counterexample is not None
    assert found.counterexample.context[f"{GOOGLE}:sub"] == "110169484474386276334"
    assert found.remedy is not None
    assert "accounts.google.com:aud" in found.remedy.text


SERVICE_ACCOUNT = "crater@project.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("claims", "severity"),
    [
        pytest.param(equals(email=SERVICE_ACCOUNT), "note", id="address"),
        pytest.param(equals(sub={"Ref": "GcpServiceAccountId"}), "note", id="parameter"),
        pytest.param(equals(sub="110169484474386276334", aud="110169484474386276334"), "note", id="unique id"),
        pytest.param(equals(sub={"Ref": "User"}), "error", id="parameter for anybody"),
        pytest.param(like(email="*.gserviceaccount.com"), "error", id="wildcard"),
        pytest.param({"StringNotEquals": {"email": SERVICE_ACCOUNT}}, "error", id="others"),
        pytest.param({"StringEqualsIfExists": {"email": SERVICE_ACCOUNT}}, "error", id="or none"),
        pytest.param(equals(email=[SERVICE_ACCOUNT, "a@example.com"]), "error", id="a person"),
    ],
)
def test_a_service_account_signs_in_to_nothing(claims: Json, severity: str) -> None:
    """Its audience is itself, so what its tokens are asked for is to be tested, and only who acts as it has one."""
    policy = {"Version": "2012-10-17", "Statement": [allow(GOOGLE, claims)]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    names = {name: {"Type": "String"} for name in ("GcpServiceAccountId", "User")}
    template = {"Parameters": names, "Resources": {"R": role}}
    report = trustproof.check([template], config={}, properties=["web-identity-bound"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.severity == severity
    assert found.remedy is not None
    assert f"{GOOGLE}:oaud" in found.remedy.text
