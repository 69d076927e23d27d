"""
A role for pods of an EKS cluster, by the cluster's identity provider (IRSA).
"""

from __future__ import annotations

from typing import Unpack

from constructs import Construct

from trustproof_cdk import _kubernetes as kubernetes
from trustproof_cdk._constructor import construct
from trustproof_cdk._issuers import Provider
from trustproof_cdk._role import RoleOptions
from trustproof_cdk.conditions import ConditionBlock
from trustproof_cdk.web_identity_role import WebIdentityRole


@construct
class EksServiceAccountRole(WebIdentityRole):
    """
    A role that pods with one service account of one cluster may assume.

    https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html

    Where the agent of EKS Pod Identity runs, `EksPodIdentityRole` does the same without a provider for each cluster.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        issuer: the URL of the cluster's issuer, with or without ``https://``; without it where only a deployment knows.
        provider: the cluster's provider in IAM, by ARN or as an object. Issuer or provider must be given; see
            `WebIdentityRole` for what is not known before a deployment.
        namespace: of the service account.
        service_account: its name.
        audience: the ``aud`` of the token; another one only if the pod says so.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: neither issuer nor provider, a wildcard, or a name that Kubernetes would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        issuer: str | None = None,
        provider: Provider | None = None,
        namespace: str,
        service_account: str,
        audience: str = "sts.amazonaws.com",
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        kubernetes.namespace(namespace)
        kubernetes.service_account(service_account)
        super().__init__(
            scope,
            construct_id,
            issuer=issuer,
            provider=provider,
            audiences=[audience],
            subjects=[f"system:serviceaccount:{namespace}:{service_account}"],
            conditions=conditions,
            **options,
        )
