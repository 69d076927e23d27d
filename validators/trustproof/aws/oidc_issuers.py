"""
Issuers of web identity tokens: which claims STS makes condition keys of, and which of them say whose token it is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.aws.oidc_subjects import DIGITS, LOGIN, REPOSITORIES, some
from trustproof.sets.patterns import Pattern, Wildcard, exact, join

#: Web identity providers that AWS knows by itself; every AWS customer shares them.
BUILT_IN_PROVIDERS = (
    "accounts.google.com",
    "cognito-identity-us-gov.amazonaws.com",
    "cognito-identity.amazonaws.com",
    "cognito-identity.cn-north-1.amazonaws.com.cn",
    "cognito-identity.us-gov-east-1.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
)


class Tenancy(NamedTuple):
    """
    How the tokens of a provider say to whom they belong.
    """

    #: What a person calls the provider.
    name: str
    #: Parts of ``sub`` that name a tenant, each with the character that ends the name.
    subject_parts: tuple[tuple[str, str], ...] = ()
    #: What a subject looks like; empty where that is not known.
    subjects: tuple[Pattern, ...] = ()
    #: Claims, or keys of STS itself, whose whole value names a tenant (or a person of it).
    whole_claims: tuple[str, ...] = ()
    #: Claims that begin with the tenant's name, which ends at a slash or with the claim.
    prefix_claims: tuple[str, ...] = ()
    #: Claims of which any test is believed that asks for more than wildcards.
    loose_claims: tuple[str, ...] = ()
    #: What further claims look like; of one that is not here, nothing is known.
    shapes: tuple[tuple[str, Pattern], ...] = ()
    #: A subject of somebody else, for the counterexample; ``{}`` is a name that nobody has been given.
    outsider: str = ""
    #: The same of other claims.
    outsiders: tuple[tuple[str, str], ...] = ()
    #: What a wildcard in a claim may stand for, for the counterexample.
    fills: tuple[str, ...] = ("evil", "-evil", "evil/app", "-evil/app", "99998888")
    #: Claims that speak of one thing, the subject among them: ``{0}`` is the tenant's name, ``{1}`` that of a project.
    linked: tuple[tuple[str, str], ...] = ()
    #: What to test instead, for the remedy: operator, key and value.
    remedy: tuple[str, str, str] = ("", "", "")
    #: Claims whose whole value names somebody who has a token from each application that they sign in to. They are
    #: enough together with the next claim only.
    person_claims: tuple[str, ...] = ()
    #: The audience that the bearer of a token has asked for: anybody may ask for it.
    requested: str = ""
    #: What an audience consists of that is no application: the number of an account of a program, whose tokens have it
    #: whoever asks for them. It says who, as a person's claim does.
    numbered: str = ""
    #: Whether the provider is believed to belong to one customer.
    own: bool = False

    def demand(self, host: str) -> tuple[str, str, tuple[str, ...]]:
        """Operator, key and values of the condition to test instead, for a provider."""
        operator, key, value = self.remedy
        return operator, key.replace("HOST", host), (value,)


#: No provider puts a wildcard into a subject.
_PLAIN = "*?"
_REST = Wildcard(_PLAIN, True, True)
#: A name up to the next slash or colon.
_FIELD = some(_PLAIN + "/:", negated=True)
#: Claims that a customised subject can be put together from, ``repo`` aside. A colon in a value is written ``%3A``.
_GITHUB_CLAIMS = (
    "actor actor_id base_ref enterprise enterprise_id environment event_name head_ref job_workflow_ref "
    "job_workflow_sha ref ref_protected ref_type repository repository_id repository_owner repository_owner_id "
    "repository_visibility run_attempt run_id run_number runner_environment sha workflow workflow_ref workflow_sha"
).split()
_WORKFLOW = join(LOGIN, "/", LOGIN, "/", _REST, "@", _REST)
_GITHUB_SHAPES: dict[str, Pattern] = {
    "repository": join(LOGIN, "/", LOGIN),
    "repository_owner": LOGIN,
    "job_workflow_ref": _WORKFLOW,
    "workflow_ref": _WORKFLOW,
    **dict.fromkeys(("actor_id", "enterprise_id", "repository_id", "repository_owner_id", "run_id"), DIGITS),
}
_GITHUB_SUBJECTS = (
    *REPOSITORIES,
    *(join(repository, ":", _REST) for repository in REPOSITORIES),
    *(join(f"{claim}:", _REST) for claim in _GITHUB_CLAIMS if claim not in _GITHUB_SHAPES),
    *(join(f"{claim}:", shape, *end) for claim, shape in _GITHUB_SHAPES.items() for end in ((), (":", _REST))),
    exact("pull_request"),
)
_DEPLOY = "{}/app/.github/workflows/deploy.yml@refs/heads/main"

GITHUB = Tenancy(
    "GitHub Actions",
    (
        ("repo", "/"),
        ("repository", "/"),
        ("job_workflow_ref", "/"),
        ("workflow_ref", "/"),
        ("repository_owner", ":"),
        ("repository_owner_id", ":"),
        ("repository_id", ":"),
        ("enterprise", ":"),
        ("enterprise_id", ":"),
    ),
    _GITHUB_SUBJECTS,
    ("repository_owner_id", "repository_id", "enterprise_id"),
    ("repository", "job_workflow_ref"),
    shapes=tuple(_GITHUB_SHAPES.items()),
    outsider="repo:{}/app:ref:refs/heads/main",
    outsiders=(
        ("repository", "{}/app"),
        ("job_workflow_ref", _DEPLOY),
        *((claim, "99998888") for claim in ("repository_owner_id", "repository_id", "enterprise_id")),
    ),
    fills=("evil", "-evil", "evil/app", "-evil/app", "99998888", _DEPLOY.format("evil"), _DEPLOY.format("-evil")),
    linked=(
        ("sub", "repo:{0}/{1}"),
        ("sub", "repo:{0}/{1}:*"),
        ("repository", "{0}/{1}"),
    ),
    remedy=("StringLike", "HOST:sub", "repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main"),
)
GITLAB = Tenancy(
    "GitLab",
    (("project_path", "/"),),
    (join("project_path:", _FIELD, "/", _REST),),
    ("namespace_id", "project_id", "user_id", "user_email"),
    shapes=tuple((claim, DIGITS) for claim in ("namespace_id", "project_id", "user_id")),
    outsider="project_path:{}/app:ref_type:branch:ref:main",
    outsiders=tuple((claim, "99998888") for claim in ("namespace_id", "project_id", "user_id")),
    remedy=("StringLike", "HOST:sub", "project_path:GROUP/PROJECT:ref_type:branch:ref:main"),
)
ORGANIZATIONS = Tenancy(
    "Terraform Cloud",
    (("organization", ":"),),
    (join("organization:", _FIELD, ":", _REST),),
    outsider="organization:{}:project:default:workspace:app:run_phase:apply",
    remedy=("StringLike", "HOST:sub", "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:*"),
)
_PIPELINE = "0184990a-477b-4fa8-9968-999999999999"
BUILDKITE = Tenancy(
    "Buildkite",
    (("organization", ":"),),
    (join("organization:", _FIELD, ":", _REST),),
    # Ids are nobody else's; the name of a pipeline, of a cluster or of a branch anybody may use.
    ("organization_slug", "organization_id", "pipeline_id", "cluster_id"),
    outsider="organization:{}:pipeline:app:ref:refs/heads/main:commit:0:step:deploy",
    outsiders=(
        ("organization_slug", "{}"),
        *((claim, _PIPELINE) for claim in ("organization_id", "pipeline_id", "cluster_id")),
    ),
    fills=("evil", "-evil", _PIPELINE),
    linked=(
        ("sub", "organization:{0}:pipeline:{1}:*"),
        ("organization_slug", "{0}"),
        ("pipeline_slug", "{1}"),
    ),
    remedy=("StringLike", "HOST:sub", "organization:ORGANIZATION:pipeline:PIPELINE:*"),
)
EKS = Tenancy(
    "EKS",
    (("system:serviceaccount", ":"),),
    (join("system:serviceaccount:", _FIELD, ":", _FIELD),),
    outsider="system:serviceaccount:{}:default",
    remedy=("StringEquals", "HOST:sub", "system:serviceaccount:NAMESPACE:NAME"),
)
_POOL = "99999999-8888-7777-6666-555555555555"
COGNITO = Tenancy(
    "Cognito",
    whole_claims=("aud", "sub"),
    outsiders=(("aud", f"us-east-1:{_POOL}"), ("sub", f"us-east-1:{_POOL}")),
    fills=(_POOL, f"us-east-1:{_POOL}", "-evil"),
    remedy=("StringEquals", "HOST:aud", "REGION:POOL-ID"),
)
_CLIENT = "999988887777-evil"
GOOGLE = Tenancy(
    "Google",
    # ``aud`` is the authorized party where the token has one.
    whole_claims=("aud", "google/organization_number"),
    person_claims=("sub", "email"),
    requested="oaud",
    # The audience of the token of a service account is the account's unique id, unless ``oaud`` is asked for:
    # https://cloud.google.com/docs/authentication/token-types#id
    numbered="0123456789",
    outsiders=(
        ("aud", f"{_CLIENT}.apps.googleusercontent.com"),
        ("oaud", f"{_CLIENT}.apps.googleusercontent.com"),
        ("sub", "110169484474386270000"),
        ("email", "somebody@example.com"),
    ),
    fills=(_CLIENT, "evil", "99998888"),
    remedy=("StringEquals", "HOST:aud", "CLIENT-ID"),
)
FACEBOOK = Tenancy(
    "Facebook",
    whole_claims=("app_id",),
    person_claims=("id", "sub"),
    outsiders=(("app_id", "999988887777"), ("id", "10200000000000000"), ("sub", "10200000000000000")),
    fills=("99998888",),
    remedy=("StringEquals", "HOST:app_id", "APP-ID"),
)
AMAZON = FACEBOOK._replace(
    name="Login with Amazon",
    person_claims=("user_id", "sub"),
    outsiders=(
        ("app_id", "amzn1.application-oa2-client.99998888777766665555444433332222"),
        ("user_id", "amzn1.account.SOMEBODY"),
        ("sub", "amzn1.account.SOMEBODY"),
    ),
    fills=("99998888777766665555444433332222",),
)
PULUMI = Tenancy(
    "Pulumi Cloud",
    (("org", ":"),),
    whole_claims=("aud",),
    outsiders=(("aud", "aws:{}"),),
    remedy=("StringEquals", "HOST:aud", "aws:ORGANIZATION"),
)
VERCEL = Tenancy(
    "Vercel",
    (("owner", ":"),),
    whole_claims=("aud",),
    outsider="owner:{}:project:app:environment:production",
    outsiders=(("aud", "https://vercel.com/{}"),),
    remedy=("StringEquals", "HOST:aud", "https://vercel.com/TEAM"),
)
SANDBOXES = Tenancy(
    "sandboxes.cloud",
    whole_claims=("aud",),
    outsiders=(("aud", "{}"),),
    remedy=("StringEquals", "HOST:aud", "ORGANIZATION"),
)
CODEFRESH = Tenancy(
    "Codefresh",
    (("account", ":"),),
    outsider="account:{}:pipeline:app",
    remedy=("StringLike", "HOST:sub", "account:ACCOUNT:pipeline:PIPELINE:*"),
)
SCALR = CODEFRESH._replace(
    name="Scalr",
    outsider="account:{}:environment:default:workspace:app",
    remedy=("StringLike", "HOST:sub", "account:ACCOUNT:environment:ENVIRONMENT:workspace:WORKSPACE"),
)
DVC = Tenancy(
    "DVC Studio",
    (("credentials", "/"),),
    outsider="credentials:{}/app",
    remedy=("StringEquals", "HOST:sub", "credentials:TEAM/SCOPE"),
)
UPBOUND = Tenancy(
    "Upbound",
    (("mcp", "/"),),
    outsider="mcp:{}/app:provider:provider-aws",
    remedy=("StringEquals", "HOST:sub", "mcp:ORGANIZATION/CONTROL-PLANE:provider:provider-aws"),
)
AUDIT_LOG = Tenancy(
    "GitHub's audit log",
    whole_claims=("sub",),
    outsider="https://github.com/{}",
    remedy=("StringEquals", "HOST:sub", "https://github.com/ENTERPRISE"),
)
#: The namespace is the customer's.
TURBONOMIC = EKS._replace(name="IBM Turbonomic")
MODAL = Tenancy(
    "Modal",
    (("workspace_id", ":"),),
    outsider="modal:workspace_id:{}:environment_name:main:app_name:app:function_name:f",
    remedy=("StringLike", "HOST:sub", "modal:workspace_id:WORKSPACE:*"),
)
CIRRUS = Tenancy(
    "Cirrus CI",
    (("repo:github", "/"),),
    outsider="repo:github:{}/app",
    remedy=("StringLike", "HOST:sub", "repo:github:ORGANIZATION/REPOSITORY"),
)
#: Microsoft signs for all of its customers as itself, and says in the name of the session for whom it comes.
SENTINEL = Tenancy(
    "Microsoft Sentinel",
    whole_claims=("sts:RoleSessionName",),
    outsiders=(("sts:RoleSessionName", "MicrosoftSentinel_99999999-8888-7777-6666-555555555555"),),
    fills=("99999999-8888-7777-6666-555555555555",),
    remedy=("StringEquals", "sts:RoleSessionName", "MicrosoftSentinel_WORKSPACE-ID"),
)
#: A shared provider of whose subjects nothing is known but that they name the tenant.
BY_SUBJECT = Tenancy(
    "the provider", loose_claims=("sub",), outsider="somebody", remedy=("StringEquals", "HOST:sub", "...")
)
#: A provider that belongs to one customer.
OWN = Tenancy(
    "",
    loose_claims=("aud", "oaud", "sub", "email", "oidc.circleci.com/project-id", "rpst_id"),
    outsider="somebody",
    outsiders=(("aud", "another-app"), ("oaud", "another-app"), ("email", "bob@example.com")),
    fills=("another-app",),
    remedy=("StringEquals", "HOST:aud", "..."),
    own=True,
)

_TURBONOMIC_ON_ROSA = (
    "22ejnvnnturfmt6km08idd0nt4hekbn7",
    "23e3sd27sju1hoou6ohfs68vbno607tr",
    "23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "24jrf12m5dj7ljlfb4ta2frhrcoadm26",
)
_TURBONOMIC_ON_OPENSHIFT = ("2f785sojlpb85i7402pk3qogugim5nfb", "2c51blsaqa9gkjt0o9rt11mle8mmropu")
#: GitHub where it signs for one enterprise: every organization there is one's own.
OWN_GITHUB = OWN._replace(
    loose_claims=(*OWN.loose_claims, *GITHUB.whole_claims, *GITHUB.prefix_claims),
    outsider="repo:another-team/app:ref:refs/heads/main",
    own=False,
)

#: Providers that many customers share, by host (and path): those for which IAM itself asks for a claim, and others.
SHARED: dict[str, Tenancy] = {
    "token.actions.githubusercontent.com": GITHUB,
    "vstoken.actions.githubusercontent.com": GITHUB,
    "oidc-configuration.audit-log.githubusercontent.com": AUDIT_LOG,
    "gitlab.com": GITLAB,
    "app.terraform.io": ORGANIZATIONS,
    "app.eu.terraform.io": ORGANIZATIONS,
    "agent.buildkite.com": BUILDKITE,
    "api.pulumi.com/oidc": PULUMI,
    "oidc.vercel.com": VERCEL,
    "sandboxes.cloud": SANDBOXES,
    "oidc.codefresh.io": CODEFRESH,
    "scalr.io": SCALR,
    "studio.datachain.ai/api": DVC,
    "proidc.upbound.io": UPBOUND,
    "tokens.cloud.shisho.dev": BY_SUBJECT._replace(name="Shisho Cloud"),
    "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": SENTINEL,
    **dict.fromkeys((f"rh-oidc.s3.us-east-1.amazonaws.com/{cluster}" for cluster in _TURBONOMIC_ON_ROSA), TURBONOMIC),
    **dict.fromkeys((f"oidc.op1.openshiftapps.com/{cluster}" for cluster in _TURBONOMIC_ON_OPENSHIFT), TURBONOMIC),
    "oidc.modal.com": MODAL,
    "oidc.cirrus-ci.com": CIRRUS,
    **dict.fromkeys((host for host in BUILT_IN_PROVIDERS if host.startswith("cognito-identity")), COGNITO),
    "accounts.google.com": GOOGLE,
    "graph.facebook.com": FACEBOOK,
    "www.amazon.com": AMAZON,
}

#: Values of conditions that a person has to fill in, where a remedy shows them.
TO_FILL_IN = frozenset(one.remedy[2] for one in (*SHARED.values(), OWN, OWN_GITHUB, EKS, BY_SUBJECT))


def tenancy(host: str) -> Tenancy:
    """How the tokens of a provider name their tenant."""
    lowered = host.lower()
    if lowered in SHARED:
        return SHARED[lowered]
    if lowered.startswith(("token.actions.githubusercontent.com/", "github.com/enterprises/")) or lowered.endswith(
        (".ghe.com", "/_services/token")
    ):
        return OWN_GITHUB
    if lowered.startswith("oidc.eks."):
        return EKS
    return OWN
