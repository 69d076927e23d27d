"""
A role for pods of an EKS cluster, by the cluster's identity provider (IRSA).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import kubernetes
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk._roles.token_role import Identity, TokenRole
from trustproof_cdk._trust import issuers
from trustproof_cdk._trust.issuers import Provider
from trustproof_cdk.conditions import ConditionBlock


@construct
class EksServiceAccountRole(TokenRole):
    """
    A role that pods with certain service accounts of certain clusters may assume.

    https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html

    Where the agent of EKS Pod Identity runs, `EksPodIdentityRole` does the same without a provider for each cluster.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        issuer: the URL of the cluster's issuer, with or without ``https://``, also where only a deployment knows it.
        provider: the cluster's provider in IAM, by ARN or as an object. Issuer or provider must be given; see
            `WebIdentityRole` for what is not known before a deployment.
        clusters: several clusters instead: issuers, ARNs of providers, or providers.
        namespace: of the service account.
        service_account: its name.
        service_accounts: several instead, each with its namespace: ``payments/ledger``.
        audience: the ``aud`` of the token; another one only if the pod says so.
        claims: further claims to accepted values.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: neither issuer nor provider, a wildcard, a name that Kubernetes would refuse, or a cluster in no
            Region or in another partition than the stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        issuer: str | None = None,
        provider: Provider | None = None,
        clusters: Iterable[str | Provider] | None = None,
        namespace: str | None = None,
        service_account: str | None = None,
        service_accounts: Iterable[str] | None = None,
        audience: str = "sts.amazonaws.com",
        claims: Mapping[str, str | Iterable[str]] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        accounts = kubernetes.accounts(namespace, service_account, service_accounts)
        listed = _clusters(issuer, provider, clusters)
        for named, by in listed:
            argument = "clusters" if clusters is not None else "provider" if named is None else "issuer"
            told = issuers.issuer_of(named, by, argument)
            issuers.refuse_cluster_elsewhere(scope, told, argument)
            issuers.provider_arn(scope, told, by, argument)
        subjects = [f"system:serviceaccount:{space}:{name}" for space, name in accounts]
        super().__init__(
            scope,
            construct_id,
            identities=[
                Identity(named, by, [audience], subjects, claims=claims, conditions=conditions) for named, by in listed
            ],
            **options,
        )


def _clusters(
    issuer: str | None, provider: Provider | None, clusters: Iterable[str | Provider] | None
) -> list[tuple[str | None, Provider | None]]:
    """Issuer and provider of each cluster."""
    if clusters is None:
        return [(issuer, provider)]
    if issuer is not None or provider is not None:
        raise ValueError("clusters cannot be given with issuer or provider, which are for one cluster")
    given: object = clusters
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"clusters must be a list of issuers, ARNs of providers or providers, got {given!r}")
    listed = list(clusters)
    if not listed:
        raise ValueError("clusters must have at least one entry, got none")
    return [(one, None) if isinstance(one, str) and not one.startswith("arn:") else (None, one) for one in listed]
