"""
Several of a kind in one role: repositories, clusters, service accounts, providers. Each gets in, and no mixture of two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.federated import GITHUB, lets_assertion_in, lets_token_in, provider
from tests.cdk.policies import policy
from trustproof.model.request import SERVICE, Caller, Request
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import decide
from trustproof_cdk import (
    EksPodIdentityRole,
    EksServiceAccountRole,
    GitHubActionsRole,
    GitLabRole,
    MfaEnforcedGroup,
    SamlRole,
    TerraformCloudRole,
    WebIdentityRole,
)

ACCOUNT = "111122223333"
AUDIENCE = "sts.amazonaws.com"
ONE, TWO = (f"oidc.eks.eu-central-1.amazonaws.com/id/{mark * 32}" for mark in "AB")
CORPORATE, PARTNER = (f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}" for name in ("Corporate", "Partner"))
DEPLOY = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"


def workflow(role: iam.Role, repository: str, **claims: str) -> bool:
    """Whether a workflow of the main branch gets in."""
    told = {"aud": AUDIENCE, "sub": f"repo:{repository}:ref:refs/heads/main", **claims}
    return lets_token_in(role.trust_policy, provider(GITHUB), told)  # type: ignore[attr-defined]


def test_several_repositories(stack: cdk.Stack) -> None:
    """Each of them, and no other of the organization."""
    role = GitHubActionsRole(stack, "It", organization="acme", repositories=["shop", "api"], branches=["main"])
    assert workflow(role, "acme/shop")
    assert workflow(role, "acme/api")
    assert not workflow(role, "acme/other")
    assert not workflow(role, "evil/shop")


def test_both_formats_of_subjects(stack: cdk.Stack) -> None:
    """Repositories with numbers in their subject, and while they move there, those without."""
    given: dict[str, Any] = {"organization": "acme", "organization_id": "1", "branches": ["main"]}
    numbers = {"shop": "10", "api": "20"}
    strict = GitHubActionsRole(stack, "Strict", repositories=numbers, **given)
    both = GitHubActionsRole(stack, "Both", repositories=numbers, accept_names=True, **given)
    for name, number in numbers.items():
        assert workflow(strict, f"acme@1/{name}@{number}")
        assert not workflow(strict, f"acme/{name}")
        assert workflow(both, f"acme@1/{name}@{number}")
        assert workflow(both, f"acme/{name}")
    assert not workflow(both, "acme@1/shop@20")
    assert not workflow(both, "acme@2/shop@10")


def test_reusable_workflow(stack: cdk.Stack) -> None:
    """The job must be in the workflow that everybody agreed on, and its other claims are as demanded."""
    given: dict[str, Any] = {"organization": "acme", "repository": "shop", "branches": ["main"]}
    role = GitHubActionsRole(stack, "Exact", job_workflow_refs=[DEPLOY], claims={"actor_id": ["7", "8"]}, **given)
    assert workflow(role, "acme/shop", job_workflow_ref=DEPLOY, actor_id="7")
    assert not workflow(role, "acme/shop", job_workflow_ref=DEPLOY, actor_id="9")
    assert not workflow(role, "acme/shop", job_workflow_ref=f"{DEPLOY}2", actor_id="7")
    assert not workflow(role, "acme/shop", actor_id="7")
    tags = GitHubActionsRole(stack, "Tags", job_workflow_refs=[DEPLOY.replace("heads/main", "tags/v*")], **given)
    assert workflow(tags, "acme/shop", job_workflow_ref=DEPLOY.replace("heads/main", "tags/v1"))
    assert not workflow(tags, "acme/shop", job_workflow_ref=DEPLOY)
    release = DEPLOY.replace("deploy.yml@refs/heads/main", "release.yml@refs/tags/v*")
    both = GitHubActionsRole(stack, "Both", job_workflow_refs=[DEPLOY, release], **given)
    assert workflow(both, "acme/shop", job_workflow_ref=DEPLOY)
    assert workflow(both, "acme/shop", job_workflow_ref=release.replace("*", "1"))
    assert not workflow(both, "acme/shop", job_workflow_ref=f"{DEPLOY}2")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "repository or repositories must be given, and not both"),
        ({"repository": "a", "repositories": ["b"]}, "repository or repositories must be given, and not both"),
        ({"repositories": []}, "repositories must have at least one entry, got none"),
        ({"repositories": ["*"]}, "since a wildcard would let others in, got '*'"),
        ({"repositories": {}}, "repositories must have at least one entry, got none"),
        ({"repositories": {"a": "x"}}, "repositories['a'] must be a number like '123456', got 'x'"),
        ({"repositories": ["a"], "repository_id": "1"}, "repository_id is for one repository"),
        ({"repositories": ["a"], "organization_id": "1"}, "organization_id and repository_id must be given together"),
        ({"repository": "a", "accept_names": True}, "accept_names is for subjects with numbers"),
        ({"repository": "a", "job_workflow_refs": ["deploy.yml"]}, "job_workflow_refs must be a workflow like"),
        # GitHub finds no workflow elsewhere.
        (
            {"repository": "a", "job_workflow_refs": [DEPLOY.replace(".github/workflows/", "")]},
            "job_workflow_refs must be a workflow like",
        ),
        (
            {"repository": "a", "job_workflow_refs": ["*/ci/x.yml@refs/heads/main"]},
            "with wildcards after it only, got",
        ),
        (
            {"repository": "a", "job_workflow_refs": [DEPLOY], "claims": {"job_workflow_ref": DEPLOY}},
            "claims cannot have 'job_workflow_ref' beside job_workflow_refs",
        ),
        (
            {"repository": "a", "claims": {"repository_visibility": "private"}},
            "claims cannot have 'repository_visibility': of the tokens of token.actions.githubusercontent.com AWS STS",
        ),
        ({"repository": "a", "claims": {"sub": "x"}}, "claims cannot have 'sub', which has an argument of its own"),
    ],
)
def test_github_refuses(stack: cdk.Stack, given: dict[str, Any], message: str) -> None:
    """What is not clear, or lets others in."""
    with pytest.raises(ValueError, match=re.escape(message)):
        GitHubActionsRole(stack, "It", organization="acme", branches=["main"], **given)


@pytest.mark.parametrize(
    ("made", "host", "claims"),
    [
        (
            lambda stack: GitLabRole(
                stack, "It", group="a", project="b", branches=["main"], claims={"user_login": "ann"}
            ),
            "gitlab.com",
            {"aud": "https://gitlab.com", "sub": "project_path:a/b:ref_type:branch:ref:main", "user_login": "ann"},
        ),
        (
            lambda stack: TerraformCloudRole(
                stack, "It", organization="a", project="b", workspace="c", claim_patterns={"email": "ops-*@example.com"}
            ),
            "app.terraform.io",
            {
                "aud": "aws.workload.identity",
                "sub": "organization:a:project:b:workspace:c:run_phase:plan",
                "email": "ops-1@example.com",
            },
        ),
        (
            lambda stack: WebIdentityRole(
                stack,
                "It",
                issuer="idp.example.com",
                audiences=["aws"],
                subjects=["job"],
                claim_patterns={"email": "ops-*@example.com"},
            ),
            "idp.example.com",
            {"aud": "aws", "sub": "job", "email": "ops-1@example.com"},
        ),
    ],
)
def test_any_claim_may_be_demanded(
    stack: cdk.Stack, made: Callable[[cdk.Stack], Any], host: str, claims: dict[str, str]
) -> None:
    """Beside audience and subject; a token with another value, or without, stays out."""
    document = made(stack).trust_policy
    last = list(claims)[-1]
    assert lets_token_in(document, provider(host), claims)
    assert not lets_token_in(document, provider(host), {**claims, last: "other"})
    assert not lets_token_in(document, provider(host), {name: claims[name] for name in claims if name != last})


def test_several_clusters_and_service_accounts(stack: cdk.Stack) -> None:
    """Each service account in each cluster; the provider of one cluster vouches for itself only."""
    role = EksServiceAccountRole(
        stack, "It", clusters=[f"https://{ONE}", provider(TWO)], service_accounts=["payments/ledger", "web/shop"]
    )
    for cluster in (ONE, TWO):
        for subject, gets_in in (("payments:ledger", True), ("web:shop", True), ("web:ledger", False)):
            claims = {"aud": AUDIENCE, "sub": f"system:serviceaccount:{subject}"}
            assert lets_token_in(role.trust_policy, provider(cluster), claims) is gets_in
    other = f"{ONE[:-1]}C"
    claims = {"aud": AUDIENCE, "sub": "system:serviceaccount:web:shop"}
    assert not lets_token_in(role.trust_policy, provider(other), claims)


def test_several_clusters_that_only_a_deployment_knows(app: cdk.App) -> None:
    """Each statement has the issuer of its own provider in its keys."""
    clusters, pods = cdk.Stack(app, "Clusters"), cdk.Stack(app, "Pods")
    made: list[Any] = [
        iam.OidcProviderNative(
            clusters, name, url=cdk.CfnParameter(clusters, f"{name}Url").value_as_string, client_ids=[AUDIENCE]
        )
        for name in ("One", "Two")
    ]
    EksServiceAccountRole(pods, "It", clusters=[*made, ONE], namespace="a", service_account="b")
    resources = app.synth().get_stack_artifact(pods.artifact_id).template["Resources"]
    (role,) = resources.values()
    parts = role["Properties"]["AssumeRolePolicyDocument"]["Fn::Join"][1]

    def shown(part: Any) -> str:
        text = part if isinstance(part, str) else json.dumps(part)
        return text if isinstance(part, str) else (re.findall(r"Ref(One|Two)", text) or ["known"])[0]

    document = json.loads("".join(map(shown, parts)))
    found = {
        statement["Principal"]["Federated"]: sorted(statement["Condition"]["StringEquals"])
        for statement in document["Statement"]
    }
    assert found["One"] == ["One:aud", "One:sub"]
    assert found["Two"] == ["Two:aud", "Two:sub"]
    assert [f"{ONE}:aud", f"{ONE}:sub"] in found.values()


def test_pods_of_several_namespaces_are_not_mixed(stack: cdk.Stack) -> None:
    """A service account of one namespace is not one of the other."""
    accounts = ["payments/ledger", "web/shop", "web/cart"]
    document = policy(EksPodIdentityRole(stack, "It", service_accounts=accounts).trust_policy)
    caller = Caller(SERVICE, "pods.eks.amazonaws.com")
    for space, name, gets_in in (
        ("payments", "ledger", True),
        ("web", "shop", True),
        ("web", "cart", True),
        ("web", "ledger", False),
        ("payments", "shop", False),
    ):
        context = {
            **principal_keys(caller),
            "aws:sourceaccount": ACCOUNT,
            "aws:requesttag/kubernetes-namespace": space,
            "aws:requesttag/kubernetes-service-account": name,
        }
        request = Request(caller, "sts:AssumeRole", "arn:aws:iam::111122223333:role/It", context)
        assert decide(document, request).allowed is gets_in


@pytest.mark.parametrize("construct", [EksServiceAccountRole, EksPodIdentityRole])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "namespace and service_account, or service_accounts, must be given"),
        ({"namespace": "a"}, "namespace and service_account, or service_accounts, must be given"),
        ({"namespace": "a", "service_accounts": ["a/b"]}, "service_accounts cannot be given with namespace"),
        ({"service_accounts": ["b"]}, "service_accounts must be service accounts with their namespace like"),
        ({"service_accounts": ["a/*"]}, "service_accounts must be the name of one service account like"),
        ({"service_accounts": []}, "service_accounts must have at least one entry, got none"),
    ],
)
def test_pods_need_a_service_account(stack: cdk.Stack, construct: Any, given: dict[str, Any], message: str) -> None:
    """One, or several with their namespaces."""
    issuer = {"issuer": ONE} if construct is EksServiceAccountRole else {}
    with pytest.raises(ValueError, match=re.escape(message)):
        construct(stack, "It", **issuer, **given)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"clusters": []}, ValueError, "clusters must have at least one entry, got none"),
        ({"clusters": ONE}, TypeError, "clusters must be a list of issuers, ARNs of providers or providers, got"),
        ({"clusters": [ONE], "issuer": TWO}, ValueError, "clusters cannot be given with issuer or provider"),
    ],
)
def test_clusters_are_refused(stack: cdk.Stack, given: dict[str, Any], error: type[Exception], message: str) -> None:
    """One way to say it."""
    with pytest.raises(error, match=re.escape(message)):
        EksServiceAccountRole(stack, "It", namespace="a", service_account="b", **given)


def test_several_saml_providers(stack: cdk.Stack) -> None:
    """People of each."""
    role = SamlRole(stack, "It", providers=[CORPORATE, PARTNER], audiences=["https://signin.aws.amazon.com/saml"])
    keys = {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    assert lets_assertion_in(role.trust_policy, CORPORATE, keys)
    assert lets_assertion_in(role.trust_policy, PARTNER, keys)
    assert not lets_assertion_in(role.trust_policy, f"{PARTNER}2", keys)
    with pytest.raises(ValueError, match="provider and providers cannot be given together"):
        SamlRole(stack, "Both", provider=CORPORATE, providers=[PARTNER])
    with pytest.raises(ValueError, match="providers must have at least one entry, got none"):
        SamlRole(stack, "None", providers=[])
    with pytest.raises(TypeError, match="providers must be a list of ARNs or providers, got 'arn:"):
        SamlRole(stack, "Text", providers=CORPORATE)


def test_what_is_named_twice_is_there_once(stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]]) -> None:
    """CloudFormation refuses a member that is named twice, and a provider that stands twice says nothing more."""
    provider = "arn:aws:iam::222233334444:saml-provider/Corporate"
    MfaEnforcedGroup(stack, "People", users=["alice", "bob", "alice"])
    SamlRole(stack, "Corporate", providers=[provider, provider])
    (members,) = resources("AWS::IAM::UserToGroupAddition")
    (role,) = resources("AWS::IAM::Role")
    assert members["Users"] == ["alice", "bob"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Federated": provider}
