"""
`EksServiceAccountRole` and `EksPodIdentityRole`: one service account, of our clusters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam

from tests.cdk.federated import lets_token_in, provider
from trustproof_cdk import EksPodIdentityRole, EksServiceAccountRole, WebIdentityRole

ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
LEDGER: dict[str, Any] = {"namespace": "payments", "service_account": "ledger"}
CLUSTER = "arn:aws:eks:eu-central-1:222233334444:cluster/prod"


@pytest.mark.parametrize(
    ("claims", "gets_in"),
    [
        ({"aud": "sts.amazonaws.com", "sub": "system:serviceaccount:payments:ledger"}, True),
        ({"aud": "sts.amazonaws.com", "sub": "system:serviceaccount:payments:other"}, False),
        ({"aud": "sts.amazonaws.com", "sub": "system:serviceaccount:other:ledger"}, False),
        ({"aud": "vault", "sub": "system:serviceaccount:payments:ledger"}, False),
        ({"aud": "sts.amazonaws.com"}, False),
    ],
)
def test_pod_gets_in(stack: cdk.Stack, claims: dict[str, str], gets_in: bool) -> None:
    """The service account is compared as it stands; without it every pod of the cluster would get in."""
    role = EksServiceAccountRole(stack, "Role", issuer=f"https://{ISSUER}", **LEDGER)
    assert lets_token_in(role.trust_policy, provider(ISSUER), claims) is gets_in


def test_provider_of_a_cluster_of_the_app(stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]]) -> None:
    """The provider knows its issuer only in a deployment, and no custom resource is needed for that."""
    url = cdk.CfnParameter(stack, "Url").value_as_string
    cluster = iam.OidcProviderNative(stack, "Provider", url=url, client_ids=["sts.amazonaws.com"])
    EksServiceAccountRole(stack, "Role", provider=cluster, **LEDGER)
    (properties,) = resources("AWS::IAM::Role")
    parts = properties["AssumeRolePolicyDocument"]["Fn::Join"][1]
    issuer = {"Fn::Select": [1, {"Fn::Split": [":oidc-provider/", stack.resolve(cluster.oidc_provider_arn)]}]}
    assert [parts[parts.index(issuer) + 1], parts[-1]] == [
        ':aud":"sts.amazonaws.com","',
        '"}}],"Version":"2012-10-17"}',
    ]
    assert parts.count(issuer) == 2


@pytest.mark.parametrize("construct", [EksServiceAccountRole, WebIdentityRole])
def test_the_issuer_of_a_cluster_has_no_slash_at_the_end(stack: cdk.Stack, construct: Any) -> None:
    """No token of a cluster has such an iss, so that no pod would get in."""
    pods: dict[str, Any] = {"audiences": ["sts.amazonaws.com"], "subjects": ["system:serviceaccount:payments:ledger"]}
    given = LEDGER if construct is EksServiceAccountRole else pods
    with pytest.raises(ValueError, match=r"^issuer must not end in '/'"):
        construct(stack, "Role", issuer=f"https://{ISSUER}/", **given)


@pytest.mark.parametrize("construct", [EksServiceAccountRole, WebIdentityRole])
def test_issuer_of_a_cluster_of_the_app(
    stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]], construct: Any
) -> None:
    """A cluster gives its URL with a scheme, which neither condition keys nor the ARN of the provider have."""
    subnets = eks.CfnCluster.ResourcesVpcConfigProperty(subnet_ids=["subnet-1", "subnet-2"])
    cluster = eks.CfnCluster(stack, "C", resources_vpc_config=subnets, role_arn="arn:aws:iam::222233334444:role/Eks")
    url = cluster.attr_open_id_connect_issuer_url
    mail = {"StringEquals": {f"{url}:email": "ann@example.com"}}
    pods: dict[str, Any] = {"audiences": ["sts.amazonaws.com"], "subjects": ["system:serviceaccount:payments:ledger"]}
    given = LEDGER if construct is EksServiceAccountRole else pods
    construct(stack, "Role", issuer=url, conditions=mail, **given)
    (properties,) = resources("AWS::IAM::Role")
    parts = properties["AssumeRolePolicyDocument"]["Fn::Join"][1]
    issuer = {"Fn::Join": ["", {"Fn::Split": ["https://", {"Fn::GetAtt": ["C", "OpenIdConnectIssuerUrl"]}]}]}
    assert parts.count(issuer) == 4
    assert [parts[n + 1].partition('"')[0] for n, part in enumerate(parts) if part == issuer] == [
        ":aud",
        ":sub",
        ":email",
        "",
    ]
    assert {"Fn::GetAtt": ["C", "OpenIdConnectIssuerUrl"]} not in parts


def test_pod_identity_is_for_our_account_and_one_service_account(stack: cdk.Stack) -> None:
    """Who calls says for which account, and the session tags say for whom."""
    (statement,) = EksPodIdentityRole(stack, "Role", **LEDGER, clusters=[CLUSTER]).trust_policy["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": {"Ref": "AWS::AccountId"},
                "aws:RequestTag/kubernetes-namespace": "payments",
                "aws:RequestTag/kubernetes-service-account": "ledger",
                "aws:RequestTag/eks-cluster-arn": CLUSTER,
            }
        },
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"namespace": "*"}, "namespace must be the name of one namespace like 'payments', got '*'"),
        ({"namespace": "Payments"}, "namespace must be the name of one namespace"),
        ({"namespace": "a:b"}, "namespace must be the name of one namespace"),
        ({"service_account": "ledger*"}, "service_account must be the name of one service account like 'ledger', got"),
        ({"service_account": "a" * 300}, "service_account must be the name of one service account"),
    ],
)
def test_names_are_those_of_one_service_account(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A wildcard would let other pods in."""
    with pytest.raises(ValueError, match=re.escape(message)):
        EksServiceAccountRole(stack, "ByProvider", issuer=ISSUER, **{**LEDGER, **arguments})
    with pytest.raises(ValueError, match=re.escape(message)):
        EksPodIdentityRole(stack, "ByAgent", **{**LEDGER, **arguments})


def test_an_issuer_among_several_clusters_is_refused_by_the_argument_that_was_given(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match=r"^clusters must be the URL of an OpenID Connect provider"):
        EksServiceAccountRole(stack, "Role", **LEDGER, clusters=["cluster/prod"])
    with pytest.raises(ValueError, match=r"^issuer must be the URL of an OpenID Connect provider"):
        EksServiceAccountRole(stack, "One", **LEDGER, issuer="cluster/prod")


def test_clusters_are_given_by_arn(stack: cdk.Stack) -> None:
    """A name alone does not say in which account the cluster is."""
    with pytest.raises(ValueError, match="clusters must be the ARN of a cluster like"):
        EksPodIdentityRole(stack, "Role", **LEDGER, clusters=["prod"])
