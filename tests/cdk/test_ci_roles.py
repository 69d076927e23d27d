"""
`GitHubActionsRole`, `GitLabRole` and `TerraformCloudRole`: whose runs get in, and that nobody else's ever do.
"""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_organizations as organizations
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cdk.federated import GITHUB, lets_token_in, provider
from trustproof_cdk import GitHubActionsRole, GitLabRole, TerraformCloudRole, WebIdentityRole

SHOP: dict[str, Any] = {"organization": "acme", "repository": "shop"}
ROUTES: dict[str, Any] = {"group": "acme/network", "project": "routes"}
DNS: dict[str, Any] = {"organization": "acme", "project": "Network", "workspace": "dns"}


@pytest.fixture(scope="module")
def shared() -> cdk.App:
    """One app for many examples; it is not synthesized."""
    return cdk.App(builtin_cloud_formation_validation=False)


def scope_of(app: cdk.App) -> cdk.Stack:
    """A stack of its own for each example."""
    return cdk.Stack(app, f"Stack{len(app.node.children)}")


def subject_of(role: WebIdentityRole) -> dict[str, Any]:
    """Operator to subjects of a role of one statement."""
    (statement,) = role.trust_policy["Statement"]
    return {
        operator: value
        for operator, keys in statement["Condition"].items()
        for key, value in keys.items()
        if key.endswith(":sub")
    }


GITHUB_SUBJECTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"branches": ["main"]}, {"StringEquals": "repo:acme/shop:ref:refs/heads/main"}),
    ({"branches": ["release/*"]}, {"StringLike": "repo:acme/shop:ref:refs/heads/release/*"}),
    ({"tags": ["v1"]}, {"StringEquals": "repo:acme/shop:ref:refs/tags/v1"}),
    ({"environments": ["Prod EU"]}, {"StringEquals": "repo:acme/shop:environment:Prod EU"}),
    ({"environments": ["prod:eu"]}, {"StringEquals": "repo:acme/shop:environment:prod%3Aeu"}),
    ({"pull_requests": True}, {"StringEquals": "repo:acme/shop:pull_request"}),
    (
        {"branches": ["main"], "tags": ["v*"], "environments": ["prod"], "pull_requests": True},
        {
            "StringLike": [
                "repo:acme/shop:ref:refs/heads/main",
                "repo:acme/shop:environment:prod",
                "repo:acme/shop:pull_request",
                "repo:acme/shop:ref:refs/tags/v*",
            ]
        },
    ),
    (
        {"branches": ["main"], "organization_id": "12", "repository_id": "34"},
        {"StringEquals": "repo:acme@12/shop@34:ref:refs/heads/main"},
    ),
]


@pytest.mark.parametrize(("arguments", "subjects"), GITHUB_SUBJECTS)
def test_github_subject_is(stack: cdk.Stack, arguments: dict[str, Any], subjects: dict[str, Any]) -> None:
    """Each argument has its form of subject; wildcards are compared only where one was given."""
    assert subject_of(GitHubActionsRole(stack, "Role", **SHOP, **arguments)) == subjects


@pytest.mark.parametrize(
    ("subject", "gets_in"),
    [
        ("repo:acme/shop:ref:refs/heads/main", True),
        ("repo:acme/shop:ref:refs/heads/release/1", True),
        ("repo:acme/shop:ref:refs/heads/feature", False),
        ("repo:acme/shop:pull_request", False),
        ("repo:acme/shop:environment:main", False),
        ("repo:acme/shop-evil:ref:refs/heads/main", False),
        ("repo:acme-evil/shop:ref:refs/heads/main", False),
        ("repo:evil/acme/shop:ref:refs/heads/main", False),
    ],
)
def test_workflow_gets_in(stack: cdk.Stack, subject: str, gets_in: bool) -> None:
    """The repository's own branches, and nobody else's."""
    role = GitHubActionsRole(stack, "Role", **SHOP, branches=["main", "release/*"])
    assert lets_token_in(role.trust_policy, provider(GITHUB), {"aud": "sts.amazonaws.com", "sub": subject}) is gets_in


NAMES = st.sampled_from(["shop", "shop-x", "sho", "s.op", "xshop", "main"])
CONTEXTS = st.sampled_from(["ref:refs/heads/main", "ref:refs/tags/v1", "environment:prod", "pull_request"])


@settings(max_examples=60)
@given(
    organization=st.sampled_from(["acme", "acme-x"]),
    repository=NAMES,
    arguments=st.fixed_dictionaries(
        {"branches": st.lists(st.sampled_from(["*", "main", "re?ease/*"]), min_size=1)},
        optional={
            "tags": st.just(["*"]),
            "environments": st.just(["*"]),
            "pull_requests": st.booleans(),
        },
    ),
    other=st.tuples(st.sampled_from(["acme", "acme-x", "acme-y", "evil"]), NAMES, CONTEXTS),
)
def test_no_other_repository_ever_gets_in(
    shared: cdk.App, organization: str, repository: str, arguments: dict[str, Any], other: tuple[str, str, str]
) -> None:
    """Whatever wildcards the arguments take, a subject of another repository is not among those they stand for."""
    role = GitHubActionsRole(scope_of(shared), "Role", organization=organization, repository=repository, **arguments)
    owner, name, context = other
    token = {"aud": "sts.amazonaws.com", "sub": f"repo:{owner}/{name}:{context}"}
    if lets_token_in(role.trust_policy, provider(GITHUB), token):
        assert (owner, name) == (organization, repository)


def test_github_audience_and_issuer_are_those_of_the_action(stack: cdk.Stack) -> None:
    """The audience that the action asks for, and the issuer of an enterprise where there is one."""
    enterprise = f"{GITHUB}/acme"
    role = GitHubActionsRole(
        stack, "Role", **SHOP, branches=["main"], issuer=enterprise, audience="sts.amazonaws.com.cn"
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        f"{enterprise}:aud": "sts.amazonaws.com.cn",
        f"{enterprise}:sub": "repo:acme/shop:ref:refs/heads/main",
    }


GITHUB_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "branches, tags, environments or pull_requests must say what of the repository may, got none"),
    ({"branches": []}, "branches must have at least one entry, got none"),
    ({"organization": "acme*"}, "organization must be the name of one organization like 'octo-org', since a wildcard"),
    ({"organization": "*"}, "organization must be the name of one organization like 'octo-org', since a wildcard"),
    ({"organization": "acme/shop"}, "organization must be the name of one organization"),
    (
        {"repository": "*"},
        "repository must be the name of one repository like 'octo-repo', without '.git', since a wil",
    ),
    ({"repository": "sho?"}, "repository must be the name of one repository"),
    ({"repository": "shop:ref"}, "repository must be the name of one repository"),
    ({"repository": "shop.git"}, "repository must be the name of one repository like 'octo-repo', without '.git'"),
    ({"branches": ["main:x"]}, "branches must be the name of a branch or tag like 'main' or 'release/*', got 'main:x'"),
    ({"tags": ["v 1"]}, "tags must be the name of a branch or tag"),
    ({"environments": ["${aws:userid}"]}, "environments must be the name of an environment of 1 to 255 characters"),
    (
        {"branches": ["main"], "organization_id": "12"},
        "organization_id and repository_id must be given together, got organization_id='12' and repository_id=None",
    ),
    (
        {"branches": ["main"], "organization_id": "acme", "repository_id": "1"},
        "organization_id must be a number like '123456', got 'acme'",
    ),
    (
        {"branches": ["main"], "organization_id": "1", "repository_id": "012"},
        "repository_id must be a number like '123456', got '012'",
    ),
    (
        {"branches": ["main"], "conditions": {"StringEquals": {f"{GITHUB}:ref": ["refs/heads/dev"]}}},
        "conditions['ref'] must have what tokens for 'ref:refs/heads/main' have, 'refs/heads/main', or nobody gets in",
    ),
    (
        {"branches": ["main"], "conditions": {"StringEquals": {f"{GITHUB}:environment": "production"}}},
        "conditions cannot have 'environment' beside 'ref:refs/heads/main'",
    ),
    (
        {"branches": ["main", "dev"], "claims": {"ref": "refs/heads/main"}},
        "claims['ref'] must have what tokens for 'ref:refs/heads/dev' have, 'refs/heads/dev', or nobody gets in",
    ),
    (
        {"environments": ["prod"], "claims": {"environment": ["dev", "test"]}},
        "claims['environment'] must have what tokens for 'environment:prod' have, 'prod', or nobody gets in",
    ),
    (
        {"branches": ["main"], "claims": {"environment": "prod"}},
        "claims cannot have 'environment' beside 'ref:refs/heads/main': the token of a job that names no environment",
    ),
    (
        {"branches": ["main"], "claims": {"repository": "acme/other"}},
        "claims['repository'] must have what tokens for 'acme/shop' have",
    ),
    (
        {"branches": ["main"], "organization_id": "1", "repository_id": "2", "claims": {"repository_id": "3"}},
        "claims['repository_id'] must have what tokens for 'acme@1/shop@2' have, '2', or nobody gets in from there",
    ),
    (
        {"branches": ["main"], "organization_id": "1", "repository_id": "2", "claims": {"repository_owner_id": "2"}},
        "claims['repository_owner_id'] must have what tokens for 'acme@1/shop@2' have, '1'",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), GITHUB_REFUSED)
def test_github_role_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """What would let another repository in, or says nothing, fails where it is given."""
    with pytest.raises(ValueError, match=re.escape(message)):
        GitHubActionsRole(stack, "Role", **{**SHOP, **arguments})


@pytest.mark.parametrize(
    "arguments",
    [
        {"branches": ["release/*"], "claims": {"ref": iter(["refs/heads/release/1"])}},
        {"environments": ["a:b"], "claims": {"Environment": "a:b", "ref": "refs/heads/main"}},
        {"pull_requests": True, "claims": {"repository": "acme/shop", "ref": "refs/pull/3/merge"}},
        {"branches": ["main"], "organization_id": "1", "repository_id": "2", "claims": {"repository": "acme/shop"}},
        {"branches": ["main"], "organization_id": "1", "repository_id": "2", "claims": {"repository_owner_id": "1"}},
        {"branches": ["main"], "claims": {"repository_owner_id": "1", "repository_id": "2"}},
        {"branches": ["main"], "claims": {"ref": cdk.Aws.STACK_NAME, "actor_id": "3"}},
        {"branches": ["main"], "conditions": {"StringEquals": {f"{GITHUB}:ref": "refs/heads/main"}}},
        {"branches": ["main"], "conditions": {"StringEquals": {f"{GITHUB}:ref": "${aws:PrincipalTag/ref}"}}},
        {"branches": ["main"], "conditions": {"StringNotEquals": {f"{GITHUB}:ref": "refs/heads/dev"}}},
        {"branches": ["main"], "organization": cdk.Aws.STACK_NAME, "claims": {"repository": "acme/shop"}},
    ],
)
def test_github_claims_may_say_what_the_subject_says(stack: cdk.Stack, arguments: dict[str, Any]) -> None:
    """Only what no token has beside the subject is refused."""
    GitHubActionsRole(stack, "Role", **{**SHOP, **arguments})


def test_github_names_may_be_tokens(stack: cdk.Stack) -> None:
    """A wildcard beside a token is still a wildcard."""
    organization = cdk.CfnParameter(stack, "Organization").value_as_string
    role = GitHubActionsRole(stack, "Role", organization=organization, repository="shop", branches=["release/*"])
    assert subject_of(role) == {
        "StringLike": {"Fn::Join": ["", ["repo:", {"Ref": "Organization"}, "/shop:ref:refs/heads/release/*"]]}
    }


@pytest.mark.parametrize(
    ("arguments", "conditions"),
    [
        (
            {"branches": ["main"]},
            {
                "StringEquals": {
                    "gitlab.com:aud": "https://gitlab.com",
                    "gitlab.com:sub": "project_path:acme/network/routes:ref_type:branch:ref:main",
                }
            },
        ),
        (
            {"tags": ["v*"], "audience": "aws", "project_id": "42"},
            {
                "StringEquals": {"gitlab.com:aud": "aws", "gitlab.com:project_id": "42"},
                "StringLike": {"gitlab.com:sub": "project_path:acme/network/routes:ref_type:tag:ref:v*"},
            },
        ),
        (
            {"branches": ["main"], "issuer": "https://git.example.com"},
            {
                "StringEquals": {
                    "git.example.com:aud": "https://git.example.com",
                    "git.example.com:sub": "project_path:acme/network/routes:ref_type:branch:ref:main",
                }
            },
        ),
    ],
)
def test_gitlab_conditions_are(stack: cdk.Stack, arguments: dict[str, Any], conditions: dict[str, Any]) -> None:
    """Project and ref are in the subject, and the audience is the issuer's URL unless the pipeline asks for another."""
    (statement,) = GitLabRole(stack, "Role", **ROUTES, **arguments).trust_policy["Statement"]
    assert statement["Condition"] == conditions


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"branches": ["main"], "project_id": "7", "claims": {"Project_Id": "8"}},
            "claims cannot have 'project_id' beside the argument of that name",
        ),
        (
            {"branches": ["main"], "conditions": {"StringEquals": {"gitlab.com:ref": "dev"}}},
            "conditions cannot have 'ref': of the tokens of gitlab.com AWS STS sees amr, aud",
        ),
        ({}, "branches or tags must say what of the project may, got none"),
        (
            {"group": "*"},
            "group must be the path of one group like 'platform/network', since a wildcard would let others",
        ),
        ({"group": "acme/"}, "group must be the path of one group"),
        (
            {"project": "r*"},
            "project must be the name of one project like 'routes', since a wildcard would let others in",
        ),
        ({"project": "a/b"}, "project must be the name of one project"),
        ({"branches": ["a:b"]}, "branches must be the name of a branch or tag"),
        ({"branches": ["main"], "project_id": "x"}, "project_id must be a number like '123456', got 'x'"),
    ],
)
def test_gitlab_role_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """What would let another project in, or says nothing, fails where it is given."""
    with pytest.raises(ValueError, match=re.escape(message)):
        GitLabRole(stack, "Role", **{**ROUTES, **arguments})


RUN = "organization:acme:project:Network:workspace:dns:run_phase"


@pytest.mark.parametrize(
    ("arguments", "subjects"),
    [
        ({}, {"StringEquals": [f"{RUN}:plan", f"{RUN}:apply"]}),
        ({"run_phases": ["apply"]}, {"StringEquals": f"{RUN}:apply"}),
        (
            {"project": "*", "workspace": "dns-*", "run_phases": ["plan"]},
            {"StringLike": "organization:acme:project:*:workspace:dns-*:run_phase:plan"},
        ),
    ],
)
def test_terraform_subject_is(stack: cdk.Stack, arguments: dict[str, Any], subjects: dict[str, Any]) -> None:
    """Both phases are named, and wildcards are compared only where one was given."""
    assert subject_of(TerraformCloudRole(stack, "Role", **{**DNS, **arguments})) == subjects


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"organization": "*"},
            "organization must be the name of one organization like 'acme', since a wildcard would",
        ),
        ({"organization": "acme:project"}, "organization must be the name of one organization"),
        ({"project": "a:b"}, "project must be the name of a project like 'Network' or 'prod-*', got 'a:b'"),
        ({"workspace": "a b"}, "workspace must be the name of a workspace like 'dns' or 'dns-*', got 'a b'"),
        ({"run_phases": ["destroy"]}, "run_phases must be one of 'plan', 'apply', got 'destroy'"),
        ({"run_phases": []}, "run_phases must have at least one entry, got none"),
    ],
)
def test_terraform_role_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """What would let another organization in fails where it is given."""
    with pytest.raises(ValueError, match=re.escape(message)):
        TerraformCloudRole(stack, "Role", **{**DNS, **arguments})


def test_numbers_of_several_repositories_need_that_of_the_organization(stack: cdk.Stack) -> None:
    """The message names the argument that the numbers came from."""
    with pytest.raises(ValueError, match=r"got organization_id=None and .* the numbers in repositories"):
        GitHubActionsRole(stack, "Role", organization="acme", repositories={"shop": "10"}, branches=["main"])


SUBJECT = "token.actions.githubusercontent.com:sub"


def tenants(*subjects: str) -> dict[str, Any]:
    """The condition of a Deny for tokens of GitHub that are for nobody of ours."""
    return {"StringNotLikeIfExists": {SUBJECT: list(subjects)}, "Null": {SUBJECT: "false"}}


@pytest.mark.parametrize(
    ("changed", "is_denied"),
    [
        ({"Condition": tenants("repo:acme-labs/*")}, True),
        ({"Condition": tenants("repo:acme-labs/*", "repo:acme/*")}, False),
        ({"Condition": tenants("repo:acme/shop:ref:refs/heads/release/1.*")}, False),
        ({"Condition": tenants("repo:acme/shop:environment:production")}, True),
        ({"Condition": tenants("repo:acme-labs/*"), "Action": "sts:AssumeRole"}, False),
        # Who comes with a token is of no organization, and no service of AWS.
        ({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, True),
        ({"Condition": {"Null": {"aws:PrincipalOrgID": "false"}}}, False),
        ({"Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}, False),
        ({"Condition": {"StringLike": {SUBJECT: "repo:acme/*"}}}, False),
        # Whoever has one token has none of another issuer.
        ({"Condition": {"Null": {"gitlab.com:sub": "true"}}}, True),
        ({"Condition": {"Null": {"gitlab.com:sub": "true", SUBJECT: "true"}}}, False),
        ({"Condition": {"Null": {"gitlab.com:sub": "false"}}}, False),
        ({"Condition": {"Null": {"s3:TlsVersion": "true"}}}, False),
    ],
)
def test_tokens_that_a_resource_control_policy_denies_are_warned_of(
    app: cdk.App, changed: dict[str, Any], is_denied: bool
) -> None:
    """Where it surely denies all of them: of what a wildcard matches it may let some pass."""
    action = "sts:AssumeRoleWithWebIdentity"
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", **changed}
    hub = cdk.Stack(app, "Organization", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    organizations.CfnPolicy(
        hub,
        "Ours",
        name="Ours",
        type="RESOURCE_CONTROL_POLICY",
        target_ids=["r-ab12"],
        content={"Version": "2012-10-17", "Statement": [statement]},
    )
    own = cdk.Stack(app, "Own", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    GitHubActionsRole(own, "Role", organization="acme", repository="shop", branches=["main", "release/*"])
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Own").messages]
    assert is_denied == any("that Own/Role is for are denied it by Organization/Ours" in one for one in messages)
